"""Organisation, catalogue and rules over HTTP."""

from __future__ import annotations

import pytest

from db.models import CarModel, Dealer, Staff
from tests.api.conftest import Api, Taker

HOURS = {"mon": [["09:00", "12:00"], ["13:00", "18:00"]], "sat": [["09:00", "18:00"]]}


async def test_the_organisation_is_created_and_replaced_by_put(api: Api) -> None:
    dealer = {
        "name": "沈阳浑南店",
        "region": "NE",
        "city": "沈阳",
        "address": "示范大街 3 号",
        "lat": 41.7,
        "lng": 123.4,
        "phone": "024-00000003",
        "hours": HOURS,
        "models": ["探岳"],
        "open": True,
    }
    staff = {"name": "孙丽", "dealer_code": "SY01", "role": "adviser", "capacity": 5}
    model = {"name": "速腾", "aliases": ["sagitar"], "guide_price": [128000, 180000]}

    for path, body in (
        ("regions/NE-LN", {"name": "辽宁", "parent": "NE"}),
        ("models/sagitar", {**model, "energy": "ice", "on_sale": True, "highlights": ["大"]}),
        ("dealers/SY01", dealer),
        ("dealers/SY01", {**dealer, "name": "沈阳店"}),
        ("staff/sunli", {**staff, "on_duty": False, "leave": [["2026-12-01", "2026-12-03"]]}),
    ):
        status, answer = await api.put(f"/api/v1/{path}", body)
        assert (status, answer["code"]) == (200, path.partition("/")[2])

    stored = await Dealer.get(code="SY01")
    assert (stored.name, stored.hours, stored.models) == ("沈阳店", HOURS, ["tayron"])
    assert (await CarModel.get(code="sagitar")).price_high == 180000
    sunli = await Staff.get(userid="sunli")
    assert (sunli.on_duty, sunli.leave) == (False, [["2026-12-01", "2026-12-03"]])


@pytest.mark.parametrize(
    ("path", "body", "loc"),
    [
        ("dealers/SY01", {"city": "沈阳"}, "name"),
        ("dealers/SY01", {"name": "店", "region": "XX"}, "region"),
        ("dealers/SY01", {"name": "店", "models": ["model-y"]}, "models.0"),
        ("dealers/SY01", {"name": "店", "lat": 91}, "lat"),
        ("dealers/SY01", {"name": "店", "hours": {"mon": [["18:00", "09:00"]]}}, None),
        ("dealers/SY01", {"name": "店", "hours": 5}, None),
        ("dealers/SY01", {"name": "店", "hours": {"mon": "x", "1": [[1, 2, 3]]}}, None),
        ("staff/sunli", {"name": "孙丽", "role": "boss"}, "role"),
        ("staff/sunli", {"name": "孙丽", "role": "adviser"}, "dealer_code"),
        ("staff/sunli", {"name": "孙丽", "role": "adviser", "dealer_code": "X1"}, "dealer_code"),
        (
            "staff/sunli",
            {"name": "孙丽", "role": "adviser", "dealer_code": "CC01", "leave": [["a", "b"]]},
            "leave.0.0",
        ),
        ("models/sagitar", {"name": "速腾", "guide_price": [1]}, "guide_price.1"),
        ("regions/NE-LN", {"name": "辽宁", "parent": "XX"}, None),
        ("regions/a%20b", {"name": "辽宁"}, "code"),
    ],
)
async def test_what_makes_no_sense_is_refused(
    api_on_sqlite: Api, path: str, body: dict, loc: str | None
) -> None:
    status, problem = await api_on_sqlite.put(f"/api/v1/{path}", body)

    assert status == 422, problem
    assert problem["errors"]
    assert loc is None or loc in [error["loc"] for error in problem["errors"]]


# ── policies ─────────────────────────────────────────────────────────────────────────────────


async def test_the_nearest_scope_wins(api: Api, take: Taker) -> None:
    for scope, minutes in (("brand", 60), ("region/NE", 50), ("dealer/CC01", 7.5)):
        by_level = {"first_response_minutes_by_level": {"H": minutes}}
        status, document = await api.put(f"/api/v1/policies/{scope}", {"sla": by_level})
        assert status == 200
        assert document["sla"]["first_response_minutes_by_level"]["H"] == minutes

    for scope, minutes in (
        ("dealer/CC01", 7.5),
        ("dealer/CC02", 50),
        ("dealer/CD01", 60),
        ("region/SW", 60),
    ):
        _, document = await api.get(f"/api/v1/policies/{scope}")
        assert document["sla"]["first_response_minutes_by_level"]["H"] == minutes
        assert document["merge_days"] == 180

    taken = await take()
    _, lead = await api.get(f"/api/v1/leads/{taken['lead_id']}")
    assert lead["assignment"]["first_response_due_at"] == "2026-11-24T02:07:30+00:00"


async def test_overrides_are_replaced_not_added_up(api_on_sqlite: Api) -> None:
    await api_on_sqlite.put("/api/v1/policies/brand", {"merge_days": 90})
    await api_on_sqlite.put("/api/v1/policies/brand", {"bot": {"undo_minutes": 5}})

    _, document = await api_on_sqlite.get("/api/v1/policies/brand")

    assert (document["merge_days"], document["bot"]["undo_minutes"]) == (180, 5)


@pytest.mark.parametrize(
    ("overrides", "loc"),
    [
        ({"sla": {"first_response_minutes": -1}}, "sla.first_response_minutes"),
        ({"sla": {"first_response_minuten": 5}}, "sla.first_response_minuten"),
        ({"nonsense": 1}, "nonsense"),
        ({"levels": {"H": {"window_days": 400}}}, "levels.H.window_days"),
        ({"defeat": {"needs_approval": "yes"}}, "defeat.needs_approval"),
        ({"contact": {"quiet_hours": {"start": "25:00"}}}, "contact.quiet_hours.start"),
    ],
)
async def test_an_override_that_makes_no_sense_is_refused(
    api_on_sqlite: Api, overrides: dict, loc: str
) -> None:
    status, problem = await api_on_sqlite.put("/api/v1/policies/brand", overrides)

    assert status == 422
    assert [error["loc"] for error in problem["errors"]] == [loc]


@pytest.mark.parametrize("scope", ["dealer/XX99", "region/XX"])
async def test_a_scope_that_is_not_there_has_no_policy(api_on_sqlite: Api, scope: str) -> None:
    assert (await api_on_sqlite.get(f"/api/v1/policies/{scope}"))[0] == 404
    assert (await api_on_sqlite.put(f"/api/v1/policies/{scope}", {}))[0] == 404
