"""Staff sessions: random, signed, soon forgotten, and over the moment somebody is switched off."""

from __future__ import annotations

import pytest

from api.app_parts import SESSIONS
from api.sessions import LIFETIME_S, SEEN_NOTED_EVERY
from api.signing import Signer
from db.models import StaffSession
from domain.commands import PutStaff
from tests.api.conftest import SESSION_SECRETS, Api, AsStaff, a_lead, running, signed_in
from tests.clock import FakeClock
from tests.redis_server import RedisServer
from worker.redis_link import connect

ME = "/api/v1/me"


async def test_a_session_is_its_member_of_staff(desk: Api) -> None:
    page = await signed_in(desk, "wangfang")

    status, me = await page.get("me")

    assert status == 200
    assert (me["userid"], me["role"], me["dealer_code"]) == ("wangfang", "adviser", "CC01")
    assert me["dealer"] == "长春净月店"
    assert not me["reviews"]


async def test_what_a_member_orders_stands_under_their_name(desk: Api) -> None:
    _, lead = await desk.post("/api/v1/leads", a_lead())
    page = await signed_in(desk, "wangfang")

    status, _ = await page.post(f"leads/{lead['lead_id']}/accept", {})

    assert status == 200
    _, timeline = await page.get(f"leads/{lead['lead_id']}/timeline")
    assert {x["kind"]: x["actor"] for x in timeline["items"]}["accepted"] == "staff:wangfang"


async def test_nobody_acts_as_somebody_else(desk_on_sqlite: Api) -> None:
    _, lead = await desk_on_sqlite.post("/api/v1/leads", a_lead())
    page = await signed_in(desk_on_sqlite, "manager")

    status, problem = await page.post(f"leads/{lead['lead_id']}/accept", {"userid": "wangfang"})

    assert (status, problem["code"]) == (403, "not_allowed")


async def test_who_is_switched_off_is_out_at_once(desk: Api) -> None:
    page = await signed_in(desk, "wangfang")
    assert (await page.get("me"))[0] == 200

    await desk.bus.execute(
        PutStaff("wangfang", "王芳", "adviser", dealer_code="CC01", active=False)
    )

    assert (await page.get("me"))[0] == 401


async def test_a_new_role_counts_from_the_next_request_on(desk_on_sqlite: Api) -> None:
    page = await signed_in(desk_on_sqlite, "wangfang")
    assert (await page.get("me/approvals"))[0] == 403

    await desk_on_sqlite.bus.execute(
        PutStaff("wangfang", "王芳", "store_manager", dealer_code="CC01")
    )

    assert (await page.get("me/approvals"))[0] == 200


@pytest.mark.parametrize(
    "spoil",
    [
        lambda cookie: "",
        lambda cookie: "x" * 43 + "." + cookie.partition(".")[2],
        lambda cookie: cookie[:-1] + ("A" if cookie[-1] != "A" else "B"),
        lambda cookie: cookie.partition(".")[0],
        lambda cookie: Signer(["another secret"], "session").sign(cookie.partition(".")[0]),
        lambda cookie: Signer(SESSION_SECRETS, "sign-in").sign(cookie.partition(".")[0]),
        lambda cookie: Signer(SESSION_SECRETS, "session").sign("never-started"),
    ],
)
async def test_no_other_cookie_opens_anything(desk_on_sqlite: Api, spoil) -> None:
    page = await signed_in(desk_on_sqlite, "wangfang")

    status, problem = await AsStaff(desk_on_sqlite, spoil(page.cookie)).get("me")

    assert (status, problem["code"]) == (401, "unauthenticated")


async def test_signing_out_ends_the_session_everywhere(desk_on_sqlite: Api) -> None:
    page = await signed_in(desk_on_sqlite, "wangfang")
    other = await signed_in(desk_on_sqlite, "wangfang")

    assert (await page.post("me/sign-out"))[0] == 204

    assert (await page.get("me"))[0] == 401
    assert (await other.get("me"))[0] == 200


async def test_the_database_holds_nothing_one_could_sign_in_with(desk_on_sqlite: Api) -> None:
    page = await signed_in(desk_on_sqlite, "wangfang")
    number = page.cookie.partition(".")[0]
    (row,) = await StaffSession.all()

    assert number not in str(dict(row))
    assert (row.expires_at - row.started_at).total_seconds() == LIFETIME_S


async def test_a_session_is_over_after_half_a_day(desk: Api) -> None:
    page = await signed_in(desk, "wangfang")
    desk.clock.advance(seconds=LIFETIME_S - 1)
    assert (await page.get("me"))[0] == 200

    desk.clock.advance(seconds=1)

    assert (await page.get("me"))[0] == 401


async def test_who_comes_back_is_not_signed_in_still(desk_on_sqlite: Api) -> None:
    page = await signed_in(desk_on_sqlite, "wangfang")
    for active in (False, True):
        await desk_on_sqlite.bus.execute(
            PutStaff("wangfang", "王芳", "adviser", dealer_code="CC01", active=active)
        )

    assert (await page.get("me"))[0] == 401


async def test_a_session_of_the_previous_secret_still_counts() -> None:
    signed = Signer(["old"], "session").sign("text")

    assert Signer(["new", "old"], "session").read(signed) == "text"
    assert Signer(["new"], "session").read(signed) is None


async def test_while_redis_is_away_staff_stay_signed_in(
    organised: str, clock: FakeClock, redis_server: RedisServer
) -> None:
    async with (
        connect(redis_server.url, timeout_s=0.1) as redis,
        running(organised, clock, redis) as api,
    ):
        page = await signed_in(api, "wangfang")
        redis_server.stop()

        assert (await page.get("me"))[0] == 200
        assert (await (await signed_in(api, "lina")).get("me"))[0] == 200


# ── which sessions there are ─────────────────────────────────────────────────────────────────


async def test_people_see_and_end_their_own_sessions_only(desk: Api) -> None:
    here, there = await signed_in(desk, "wangfang"), await signed_in(desk, "wangfang")
    other = await signed_in(desk, "lina")
    _, mine = await here.get("me/sessions")
    _, others = await other.get("me/sessions")
    assert [(s["userid"], s["current"]) for s in mine] == [
        ("wangfang", False),
        ("wangfang", True),
    ]

    assert (await here.call("DELETE", f"me/sessions/{others[0]['id']}"))[0] == 404
    assert (await here.call("DELETE", f"me/sessions/{mine[0]['id']}"))[0] == 204

    assert (await there.get("me"))[0] == 401
    assert [(await page.get("me"))[0] for page in (here, other)] == [200, 200]


async def test_everywhere_else_at_once(desk_on_sqlite: Api) -> None:
    here, *there = [await signed_in(desk_on_sqlite, "wangfang") for _ in range(4)]

    assert await here.post("me/sessions/end-others") == (200, {"ended": 3})

    assert (await here.get("me"))[0] == 200
    assert {(await page.get("me"))[0] for page in there} == {401}


async def test_ops_sign_anybody_out_and_it_is_on_record(desk: Api) -> None:
    await desk.bus.execute(PutStaff("ops", "运维", "ops"))
    ops, page = await signed_in(desk, "ops"), await signed_in(desk, "wangfang")
    again = await signed_in(desk, "wangfang")
    _, found = await ops.get("sessions?userid=wangfang&limit=1")
    assert found["next_cursor"]
    assert found["items"][0]["name"] == "王芳"

    assert (await ops.call("DELETE", f"sessions/{found['items'][0]['id']}"))[0] == 204
    assert [(await p.get("me"))[0] for p in (page, again)] == [200, 401]
    assert (await ops.call("DELETE", "staff/wangfang/sessions"))[1] == {"ended": 1}
    assert (await page.get("me"))[0] == 401

    _, record = await ops.get("ops/audit")
    assert [(e["actor"], e["action"], e["target"]) for e in record["items"]] == [
        ("staff:ops", "end_sessions", "wangfang"),
        ("staff:ops", "end_session", "wangfang"),
    ]


async def test_when_somebody_was_last_here_is_true_to_a_minute(desk_on_sqlite: Api) -> None:
    page = await signed_in(desk_on_sqlite, "wangfang")
    for passed in (SEEN_NOTED_EVERY / 2, SEEN_NOTED_EVERY):
        desk_on_sqlite.clock.now += passed
        _, (session,) = await page.get("me/sessions")
    assert session["seen_at"] == desk_on_sqlite.clock().isoformat()


# ── requests from elsewhere ──────────────────────────────────────────────────────────────────

DUTY = {"on_duty": False}


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
async def test_another_sites_page_changes_nothing(
    desk_on_sqlite: Api, headers: dict[str, str]
) -> None:
    page = await signed_in(desk_on_sqlite, "wangfang")

    status, problem = await page.call("POST", "me/duty", DUTY, **headers)

    assert (status, problem["code"]) == (403, "foreign_page")
    assert (await page.get("me"))[1]["on_duty"]


async def test_a_form_without_our_header_changes_nothing(desk_on_sqlite: Api) -> None:
    page = await signed_in(desk_on_sqlite, "wangfang")
    cookie = {"Cookie": f"leadloop_session={page.cookie}"}

    async with desk_on_sqlite.http.post(f"{ME}/duty", json=DUTY, headers=cookie) as response:
        assert response.status == 403


async def test_our_own_page_may(desk_on_sqlite: Api) -> None:
    page = await signed_in(desk_on_sqlite, "wangfang")
    ours = {"Origin": "http://127.0.0.1:8080", "Sec-Fetch-Site": "same-origin"}

    status, me = await page.call("POST", "me/duty", DUTY, **ours)

    assert (status, me["on_duty"]) == (200, False)


async def test_an_api_key_has_no_desk(api_on_sqlite: Api) -> None:
    status, problem = await api_on_sqlite.get("/api/v1/me/todo")

    assert (status, problem["code"]) == (403, "staff_only")
    assert api_on_sqlite.app[SESSIONS]
