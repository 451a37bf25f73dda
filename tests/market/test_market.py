"""The whole loop in a small market: nothing that must not be, twice the same, and seeing eyes."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from db import sql
from db.models import Lead
from domain.calling import OUTCOMES
from domain.commands import (
    ConsentGiven,
    IngestLead,
    Interest,
    Person,
    PutDealer,
    PutModel,
    PutRegion,
    PutStaff,
)
from domain.lead import LeadState
from market.numbers import Numbers
from market.play import Plan, Played, play
from market.product import Product, product_on
from market.seasons import ZONE
from market.watch import Watch
from tests.market.conftest import FAST, SMALL

TINY = Plan(seed=3, leads=8, days=1, tail_days=1)
NIGHT = datetime(2026, 3, 3, 22, 0, tzinfo=ZONE)


def test_a_market_goes_by_without_a_violation(small_market: tuple[Played, Path]) -> None:
    played, _ = small_market
    assert (played.violations, played.examples) == (0, ())
    assert played.figures.leads == SMALL.leads
    assert played.rate > 1000
    assert played.looks["a card is pushed once"] >= SMALL.leads * 0.9
    assert played.looks["no held lead is without a clock"] >= SMALL.days
    assert played.looks["every customer is in the pool the facts say"] > 0
    assert played.figures.first_response_median is not None
    assert played.figures.calls > 0


def test_every_customer_is_on_file_once_and_only_as_seen(
    small_market: tuple[Played, Path],
) -> None:
    import sqlite3

    with sqlite3.connect(small_market[1]) as file:
        (people,) = file.execute("SELECT COUNT(*) FROM customer").fetchone()
        leads = "".join(map(str, file.execute("SELECT * FROM lead, touchpoint").fetchall()))
    file.close()
    assert people == SMALL.leads
    assert not any(word in leads for word in ("buyer", "browser", "refuser", "undecided"))


def test_clerks_call_the_given_up_and_write_down_what_came_of_it(
    small_market: tuple[Played, Path],
) -> None:
    import sqlite3

    with sqlite3.connect(small_market[1]) as file:
        calls = file.execute(
            """SELECT t.outcome, t.done_by, s.role FROM call_task t
               JOIN staff s ON s.userid = t.staff_id WHERE t.state = 'done'"""
        ).fetchall()
    file.close()
    assert len(calls) == small_market[0].figures.calls
    assert {role for _, _, role in calls} == {"dcc"}
    assert {outcome for outcome, _, _ in calls} <= set(OUTCOMES)
    assert all(by.startswith("staff:") for _, by, _ in calls)


def test_the_same_seed_plays_the_same_market(
    sqlite_template: Path, tmp_path: Path, numbers: Numbers
) -> None:
    def again(plan: Plan, name: str) -> Played:
        shutil.copy(sqlite_template, tmp_path / name)
        return asyncio.run(play(plan, numbers, f"sqlite://{tmp_path / name}?{FAST}"))

    one, two = again(TINY, "1.db"), again(TINY, "2.db")
    assert (one.counts, one.orders, one.looks) == (two.counts, two.orders, two.looks)
    other = again(replace(TINY, without=frozenset({"sla", "remarketing"})), "3.db")
    assert other.figures.leads == one.figures.leads
    assert (other.figures.touches, other.figures.calls) == (0, 0)
    assert other.violations == 0


# the eyes ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def product(sqlite_url: str) -> AsyncIterator[Product]:
    """One store where nobody is at work, and one customer who waits there."""
    async with product_on(f"{sqlite_url}?{FAST}", NIGHT) as product:
        shifts = {"mon": [["09:00", "18:00"]], "wed": [["09:00", "18:00"]]}
        for order in (
            PutRegion("R", "R"),
            PutModel("tayron", "tayron"),
            PutDealer("S1", "S1", "R", "S1"),
            PutStaff("a", "a", "adviser", dealer_code="S1", shifts=shifts),
        ):
            await product.order(order)
        await product.order(an_interest("1", product))
        await product.settle()
        yield product


def an_interest(external_id: str, product: Product) -> IngestLead:
    now = product.clock.now
    return IngestLead(
        "site",
        external_id,
        now,
        Person("c", "+8613900000001"),
        Interest("tayron", "S1"),
        ConsentGiven(("contact", "share_with_dealer"), "1", "form", now),
        "api:site",
    )


async def test_who_waits_for_the_shift_and_comes_again_still_waits_for_a_reason(
    product: Product,
) -> None:
    before = await Lead.get()
    assert (before.state, before.hold_reason["code"]) == ("waiting", "nobody_on_duty")
    product.clock.now += timedelta(hours=1)
    await product.order(an_interest("2", product))
    after = await Lead.get()
    assert (after.state, after.hold_reason) == ("waiting", before.hold_reason)
    await seen(product)


@pytest.mark.parametrize(
    ("harm", "rule"),
    [
        ("UPDATE lead SET hold_reason = NULL", "who waits has a reason"),
        ("UPDATE lead SET state = 'accepted'", "who holds a lead is on file once"),
        ("UPDATE lead SET open_key = NULL", "open and closed are told apart"),
        ("UPDATE lead SET state = 'defeat_requested'", "a requested defeat is open"),
        ("UPDATE customer SET link = 'both'", "one link leads"),
        ("DELETE FROM pool_move", "every customer is in one pool"),
        ("UPDATE customer SET pool = 'owners'", "every customer is in one pool"),
    ],
)
async def test_the_watch_sees_what_must_not_be(product: Product, harm: str, rule: str) -> None:
    await sql.rows(harm)
    assert rule in await seen(product, harmed=True)


@pytest.mark.parametrize(
    ("harm", "rule"),
    [
        ("UPDATE timer SET state = 2", "no held lead is without a clock"),
        ("UPDATE timer SET due_at_ms = 1 WHERE kind = 'remind'", "no clock is behind"),
        ("UPDATE timer SET state = 3 WHERE kind = 'remind'", "no clock died"),
        ("UPDATE assignment SET ended_at = assigned_at", "no clock runs for nobody"),
        ("UPDATE assignment SET accepted_at = '2020-01-01'", "times are in order"),
        ("UPDATE outbox SET state = 3", "nothing is a dead letter"),
        ("UPDATE lead SET state = 'waiting'", "nobody holds what is over"),
    ],
)
async def test_the_watch_sees_broken_clocks(product: Product, harm: str, rule: str) -> None:
    product.clock.now = datetime(2026, 3, 4, 9, 5, tzinfo=ZONE)
    await product.often()
    await product.settle()
    assert (await Lead.get()).state == LeadState.ASSIGNED
    await seen(product)
    await sql.rows(harm)
    assert rule in await seen(product, harmed=True)


async def seen(product: Product, *, harmed: bool = False) -> set[str]:
    watch = Watch(product)
    await watch.at_rest()
    assert bool(watch.count) == harmed, watch.found
    return {violation.rule for violation in watch.found}
