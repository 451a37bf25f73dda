"""SQL that is remembered is the SQL that Tortoise would have written, with the values of today."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import pytest
from tortoise.expressions import Q
from tortoise.models import Model
from tortoise.queryset import QuerySet

from db import remembered
from db.engine import Database
from db.models import Dealer, PolicyVersion, Region, Staff

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


class Code(StrEnum):
    ONE = "D1"
    TWO = "D2"


LISTS = (["D1", "D2"], ["D2", "D3"], ["D1"], [], {"D1"}, [Code.ONE], [Code.TWO], ["D1", Code.TWO])
CITIES = ("长春", "吉林")
Question = tuple[type[Model], Callable[[Any, Any], Any], tuple[Any, ...]]
QUESTIONS: dict[str, Question] = {
    "by key": (Dealer, lambda q, v: q.get_or_none(pk=v), ("D1", "D3")),
    "one of many": (Dealer, lambda q, v: q.filter(city=v).first(), CITIES),
    "of a list": (Dealer, lambda q, v: q.filter(code__in=v).order_by("-code"), LISTS),
    "not in": (Dealer, lambda q, v: q.exclude(code__in=[v]), ("D1", "*", "D2")),
    "is null": (Dealer, lambda q, v: q.filter(region_id__isnull=v, open=not v), (True, False)),
    "nothing": (Dealer, lambda q, v: q.filter(region_id=v), (None, "R1", None)),
    "either": (Dealer, lambda q, v: q.filter(~Q(code=v) & (Q(city=v) | Q(open=True))), CITIES),
    "times": (
        Dealer,
        lambda q, v: q.filter(updated_at__gt=NOW - timedelta(v), updated_at__lte=NOW),
        (1, 9),
    ),
    "like": (Dealer, lambda q, v: q.filter(name__contains=v), ("1", "2")),
    "pages": (Dealer, lambda q, v: q.order_by("code").limit(v).offset(v - 1), (1, 2)),
    "locked": (
        Dealer,
        lambda q, v: q.filter(code=v).select_for_update(no_key=True).first(),
        ("D1", "D2"),
    ),
    "joined": (Staff, lambda q, v: q.filter(dealer__city=v), CITIES),
    "and theirs": (
        Staff,
        lambda q, v: q.get_or_none(userid=v).select_related("dealer"),
        ("a", "b"),
    ),
    "columns": (
        Dealer,
        lambda q, v: q.filter(city=v).order_by("code").values_list("code", "open"),
        CITIES,
    ),
    "a column": (
        Dealer,
        lambda q, v: q.distinct().limit(v).values_list("city", flat=True),
        (1, 9),
    ),
    "whether": (Dealer, lambda q, v: q.filter(code=v).exists(), ("D1", "D9")),
    "documents": (PolicyVersion, lambda q, v: q.filter(version__gte=v), (1, 2)),
    "changed": (
        Dealer,
        lambda q, v: q.filter(code=v).update(name=v, region_id=None),
        ("D1", "D2"),
    ),
}


@pytest.fixture
async def stores(database: Database) -> None:
    await Region.create(code="R1", name="R1")
    for number, city in enumerate(("长春", "长春", "吉林"), 1):
        await Dealer.create(
            code=f"D{number}",
            name=f"store {number}",
            city=city,
            region_id="R1" if number > 1 else None,
            updated_at=NOW - timedelta(days=number),
        )
    for userid, dealer in (("a", "D1"), ("b", "D3")):
        await Staff.create(userid=userid, name=userid, role="adviser", dealer_id=dealer)
    for version in (1, 2):
        await PolicyVersion.create(
            scope="brand",
            version=version,
            overrides={"n": version},
            created_at=NOW,
            created_by="t",
        )


async def test_it_is_what_tortoise_writes(stores: None) -> None:
    """Twice over, so that each is asked when its shape is new and when it is known."""
    remembered.forget()
    for name, (model, ask, values) in QUESTIONS.items():
        for value in values * 2:
            here, theirs = ask(model.all(), value), ask(QuerySet(model), value)
            assert _told(await here) == _told(await theirs), name
            written = [one.query.get_parameterized_sql() for one in (here, theirs)]
            assert written[0] == written[1], name


def _told(found: Any) -> Any:
    if isinstance(found, list):
        return [_told(one) for one in found]
    return dict(found) if hasattr(found, "_meta") else found


async def test_a_known_shape_is_not_written_again(
    stores: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await Dealer.get_or_none(code="D1")
    monkeypatch.setattr(remembered, "COMPARED", 0)
    monkeypatch.setattr(QuerySet, "_make_query", None)

    found = await Dealer.get_or_none(code="D2")

    assert found is not None
    assert found.name == "store 2"


async def test_one_remembered_wrongly_is_found_when_compared(
    stores: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    remembered.forget()
    monkeypatch.setattr(remembered, "COMPARED", 1)
    await Dealer.get_or_none(code="D1")
    shape = next(shape for shape, sql in remembered._sql_of.items() if sql)
    monkeypatch.setitem(remembered._sql_of, shape, "SELECT 1")

    with pytest.raises(AssertionError, match="remembered wrongly"):
        await Dealer.get_or_none(code="D2")


async def test_what_grows_from_one_question_does_not_change_it(stores: None) -> None:
    every = Dealer.all()
    some = every.filter(city="吉林")
    few = some.order_by("-code").limit(0)

    assert [len(await every), len(await some), len(await few)] == [3, 1, 0]
    held = Dealer.filter(open=True)
    assert [len(await held.filter(city="长春")), len(await held)] == [2, 3]
