"""Every documented route × every role: what is not theirs is refused, what is not there for them
is not found, and nothing depends on guessing ids."""

from __future__ import annotations

import pytest

from api.app import all_routes
from api.routing import Route
from db.models import CallTask
from domain.commands import PutStaff
from tests.api.conftest import PAGE_HEADER, Api, a_lead, signed_in

LOOK = {"leads:read", "desk", "account"}
PEOPLE = {"people", "roster", "policies"}
MAY: dict[str, set[str]] = {
    "adviser": {*LOOK, "leads:work"},
    "dcc": {*LOOK, "leads:work"},
    "store_manager": {*LOOK, "leads:work", "console", "roster"},
    "region_manager": {*LOOK, "leads:work", "console", "roster", "policies"},
    "brand_ops": {*LOOK, "leads:work", "leads:write", "org:write", "console", *PEOPLE},
    "ops": {*LOOK, "leads:work", "org:write", "ops", "console", "keys", "accounts", *PEOPLE},
}
SEE_ALL = {"brand_ops", "ops"}
NOT_OF_ONE_DEALER = {"/api/v1/models/{code}", "/api/v1/staff/{userid}"}
BODIES: dict[str, object] = {
    "log_follow_up": {"result": "connected"},
    "accept_lead": {},
    "transfer_lead": {"userid": "zhouwei", "reason": "x"},
    "request_defeat": {"reason": "invalid"},
    "reopen_lead": {"reason": "x"},
    "review_approval": {"approve": True},
    "take_lead": a_lead("matrix"),
    "set_duty": {"on_duty": True},
    "check_phone": {"phone": "13900139000"},
    "put_region": {"name": "x"},
    "put_dealer": {"name": "x"},
    "put_staff": {"name": "x", "role": "ops"},
    "put_model": {"name": "x"},
    "merge_customers": {"other_id": "1", "reason": "同一人"},
    "record_call": {"outcome": "not_now"},
    "undo_merge": {"reason": "认错人了"},
    "withdraw_consent": {"reason": "来电要求"},
    "check_policy": {"overrides": {}},
    "put_policy_sheet": {"overrides": {}, "version": 0},
    "restore_policy": {"version": 0},
    "create_webhook": {"name": "x", "url": "https://crm.example.com/"},
    "put_webhook": {"name": "x", "url": "https://crm.example.com/"},
    "replay_webhook": {"since": "2026-11-24T10:00:00+08:00"},
    "take_walk_in": {
        "request_id": "matrix-1",
        "name": "韩梅",
        "phone": "13900139000",
        "consent": True,
    },
}
ROUTES = [route for route in all_routes() if route.scope is not None]
LAST = [r for r in ROUTES if r.endpoint.__name__ == "sign_out"]


async def status_of(api: Api, cookie: str, route: Route, path: str) -> int:
    """Only the status: a stream's body never ends."""
    headers = {PAGE_HEADER: "1"}
    body = BODIES.get(route.endpoint.__name__, {}) if route.body else None
    params = {"from": "2026-11-23"} if path.endswith("calendar") else {}
    async with api.http.request(
        route.method,
        path,
        json=body,
        params=params,
        headers=headers,
        cookies={"leadloop_session": cookie},
    ) as response:
        return response.status


async def a_foreign_defeat(api: Api) -> dict[str, str]:
    """A lead in Chengdu, and the ids that belong to it."""
    chengdu = {"intent": {"dealer_code": "CD01"}, "customer": {"phone": "13700137000"}}
    _, lead = await api.post("/api/v1/leads", a_lead("far", **chengdu))
    path = f"/api/v1/leads/{lead['lead_id']}"
    _, logged = await api.post(f"{path}/follow-ups", {"result": "wrong_number"})
    await api.post(f"{path}/defeat", {"reason": "wrong_number"})
    task = await CallTask.create(
        dealer_code="CD01",
        day="2026-11-24",
        customer_id=int(lead["customer_id"]),
        lead_id=int(lead["lead_id"]),
        staff_id="zhouwei",
        points=1,
        created_at=api.clock.now,
    )
    return {
        "lead_id": lead["lead_id"],
        "customer_id": lead["customer_id"],
        "follow_up_id": logged["id"],
        "kind": "defeat",
        "approval_id": "1",
        "call_id": str(task.id),
        "name": "urgent",
        "row_id": "outbox-1",
        "merge_id": "1",
        "scope": "dealer:CD01",
        "number": "1",
        "key_id": "1",
        "session_id": "999999",
        "webhook_id": "1",
        "delivery_id": "1",
        "trial_id": "1",
    }


def path_to(route: Route, foreign: dict[str, str]) -> str:
    code = "SW" if "region" in route.path else "CD01"
    return route.path.format(**foreign, code=code, userid="zhouwei")


def expected(route: Route, role: str) -> str:
    if route.scope not in MAY[role]:
        return "forbidden"
    one_row = "{" in route.path and not route.path.startswith("/api/v1/queues")
    if one_row and role not in SEE_ALL and route.path not in NOT_OF_ONE_DEALER:
        return "hidden"
    return "open"


@pytest.mark.parametrize("role", MAY)
async def test_a_role_gets_its_own_rows_and_its_own_orders(desk_on_sqlite: Api, role: str) -> None:
    api = desk_on_sqlite
    foreign = await a_foreign_defeat(api)
    where = {"region_code": "NE"} if role == "region_manager" else {}
    if role in ("adviser", "dcc", "store_manager"):
        where = {"dealer_code": "CC01"}
    await api.bus.execute(PutStaff("somebody", "某人", role, **where))
    found = {}
    for route in [*(r for r in ROUTES if r not in LAST), *LAST]:
        page = await signed_in(api, "somebody")
        path = path_to(route, foreign)
        status = await status_of(api, page.cookie, route, path)
        wanted = expected(route, role)
        if wanted == "forbidden":
            good = status == 403
        elif wanted == "hidden":
            good = status == 404 or (status == 403 and "approvals" in path)
        else:
            good = status < 500 and status != 401
        if not good:
            found[f"{route.method} {path}"] = (wanted, status)

    assert found == {}


async def test_without_a_session_there_is_nothing(desk_on_sqlite: Api) -> None:
    foreign = await a_foreign_defeat(desk_on_sqlite)
    for route in ROUTES:
        path = path_to(route, foreign)
        assert await status_of(desk_on_sqlite, "", route, path) == 401, path


@pytest.mark.parametrize(
    ("userid", "seen"), [("hanmei", False), ("clerk", True), ("manager", True)]
)
async def test_of_colleagues_leads_only_leaders_see_anything(
    desk_on_sqlite: Api, userid: str, seen: bool
) -> None:
    api = desk_on_sqlite
    _, lead = await api.post("/api/v1/leads", a_lead())
    assert (await api.get(f"/api/v1/leads/{lead['lead_id']}"))[1]["assignment"]
    await api.bus.execute(PutStaff("hanmei", "韩梅", "adviser", dealer_code="CC01"))
    await api.bus.execute(PutStaff("clerk", "赵敏", "dcc", dealer_code="CC01"))
    page = await signed_in(api, userid)

    for path in ("leads/{}", "leads/{}/timeline", "me/leads/{}"):
        status, _ = await page.get(path.format(lead["lead_id"]))
        assert status == (200 if seen else 404), path
    assert bool((await page.get("leads"))[1]["items"]) == seen
    assert (await page.get("stats/funnel"))[1]["leads"] == int(seen)
    assert bool((await page.get("me/search?q=李雷"))[1]["items"]) == seen
    status, _ = await page.get(f"customers/{lead['customer_id']}")
    assert status == (200 if seen else 404)


async def test_an_advisers_figures_are_their_own(desk_on_sqlite: Api) -> None:
    page = await signed_in(desk_on_sqlite, "wangfang")

    assert (await page.get("stats/funnel?staff=lina"))[0] == 404
    assert (await page.get("stats/funnel?staff=wangfang"))[0] == 200
