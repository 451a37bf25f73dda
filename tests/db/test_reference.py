"""Dealers, models and rules in memory: fresh for who changes them, never stale for long."""

import asyncio
from datetime import UTC, datetime

import pytest

from db import reference
from db.engine import Database
from db.models import CarModel, Dealer
from db.phone_vault import PhoneVault
from domain.commands import PutModel, PutPolicy
from handlers.bus import Bus, Surroundings
from handlers.policies import policy_for


@pytest.fixture
def bus(sqlite_database: Database) -> Bus:
    given = Surroundings(
        sqlite_database, PhoneVault("k" * 32), lambda: datetime.now(UTC), "Asia/Shanghai"
    )
    return Bus(given, wake=lambda: None)


def a_model(name: str) -> PutModel:
    return PutModel("tayron", name)


async def test_what_this_process_changes_is_seen_at_once(bus: Bus):
    await bus.execute(a_model("探岳"))
    assert (await reference.models())["tayron"].name == "探岳"

    await bus.execute(a_model("探岳L"))

    assert (await reference.models())["tayron"].name == "探岳L"


async def test_rules_put_here_are_in_force_at_once(bus: Bus):
    assert (await policy_for(None)).bot.undo_minutes == 10

    await bus.execute(PutPolicy("brand", {"bot": {"undo_minutes": 3}}, "api:test"))

    assert (await policy_for(None)).bot.undo_minutes == 3


async def test_what_another_process_changes_is_seen_after_a_moment(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
):
    await Dealer.create(code="CC01", name="长春", city="长春")
    assert (await reference.dealers())["CC01"].open

    await Dealer.filter(code="CC01").update(open=False)
    assert (await reference.dealers())["CC01"].open
    monkeypatch.setattr(reference, "FRESH_S", 0.0)

    assert not (await reference.dealers())["CC01"].open


async def test_many_who_ask_at_once_read_once(sqlite_database: Database):
    await CarModel.create(code="tayron", name="探岳")

    found = await asyncio.gather(*(reference.models() for _ in range(20)))

    assert len({id(models) for models in found}) == 1
