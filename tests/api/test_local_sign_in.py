"""Signing in with an account of our own: who may, who learns nothing, how often it is tried."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from api.local_sign_in import HALF_WAY, HALF_WAY_S
from api.passwords import DECOY
from api.sessions import COOKIE
from api.sign_in_limits import PER_ACCOUNT, PER_ADDRESS, WINDOW_MS
from db.models import Account, AuditEntry, Staff
from domain.account_commands import CloseAccount
from domain.commands import PutStaff
from domain.totp import code_at, step_at
from tests.api.conftest import PAGE_HEADER, Api, running, signed_in
from tests.clock import FakeClock

OWN = "my very own words"
PASSWORDS = PER_ACCOUNT["password"]


@dataclass
class Desktop:
    """A browser at the sign-in page: keeps cookies, and comes from an address."""

    api: Api
    address: str = "203.0.113.9"
    cookies: dict[str, str] = field(default_factory=dict)

    async def call(
        self, method: str, path: str, body: object = None, **headers: str
    ) -> tuple[int, dict]:
        sent = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "X-Forwarded-For": self.address,
            PAGE_HEADER: "console",
            **headers,
        }
        sent = {name: value for name, value in sent.items() if value}
        async with self.api.http.request(
            method, f"/api/v1/{path}", json=body, headers=sent
        ) as response:
            for name, morsel in response.cookies.items():
                self.cookies[name] = morsel.value
            self.retry_after = response.headers.get("Retry-After")
            text = await response.text()
            return response.status, await response.json(content_type=None) if text else {}

    async def sign_in(self, userid: str, password: str) -> tuple[int, str]:
        status, told = await self.call("POST", "sign-in", {"userid": userid, "password": password})
        return status, told.get("next") or told["code"]

    async def code(self, code: str) -> tuple[int, str]:
        status, told = await self.call("POST", "sign-in/code", {"code": code})
        return status, told.get("next") or told["code"]

    async def is_in(self) -> bool:
        return (await self.call("GET", "me"))[0] == 200


async def opened(api: Api, userid: str = "wangwei", role: str = "ops") -> str:
    """An account; returns the password it begins with."""
    status, told = await api.post(
        "/api/v1/accounts", {"userid": userid, "name": "王伟", "role": role}
    )
    assert status == 201, told
    return told["password"]


async def with_own_password(api: Api, userid: str = "wangwei") -> Desktop:
    """Signed in, with a password of one's own."""
    desktop = Desktop(api)
    first = await opened(api, userid)
    assert await desktop.sign_in(userid, first) == (200, "password")
    status, told = await desktop.call("POST", "me/password", {"current": first, "new": OWN})
    assert status == 204, told
    return desktop


async def with_app(api: Api) -> tuple[Desktop, bytes, list[str]]:
    """The same with an authenticator app; its secret and the recovery codes."""
    desktop = await with_own_password(api)
    _, setup = await desktop.call("POST", "me/totp", {"password": OWN})
    account = await Account.get(userid="wangwei")
    secret = api.bus._given.phones.open(account.totp_next)
    assert setup["picture"].startswith("data:image/svg+xml")
    code = code_at(secret, step_at(api.clock()))
    status, told = await desktop.call("POST", "me/totp/confirm", {"code": code})
    assert status == 200, told
    api.clock.advance(minutes=1)
    return desktop, secret, told["codes"]


async def recorded(action: str) -> list[AuditEntry]:
    return await AuditEntry.filter(action=action).order_by("id")


# ── the way in ───────────────────────────────────────────────────────────────────────────────


async def test_the_first_password_opens_nothing_but_the_choice_of_another(api: Api) -> None:
    first = await opened(api)
    desktop = Desktop(api)

    assert await desktop.sign_in("wangwei", first) == (200, "password")
    assert (await desktop.call("GET", "ops/wall"))[0] == 403
    assert (await desktop.call("GET", "accounts"))[0] == 403
    assert (await desktop.call("GET", "me/account"))[1]["must_change"]

    for new, loc in (("short", "new"), (first, "new"), ("wangwei wangwei", "new")):
        status, told = await desktop.call("POST", "me/password", {"current": first, "new": new})
        assert (status, told["errors"][0]["loc"]) == (422, loc)
    status, _ = await desktop.call("POST", "me/password", {"current": first, "new": OWN})
    assert status == 204

    assert (await desktop.call("GET", "ops/wall"))[0] == 200
    assert (await Desktop(api).sign_in("wangwei", first))[0] == 401
    assert await Desktop(api).sign_in("wangwei", OWN) == (200, "done")


async def test_the_record_says_who_came_in_by_which_way_from_where(api: Api) -> None:
    await with_own_password(api)

    (entry,) = await recorded("sign_in")
    assert (entry.actor, entry.target, entry.data) == (
        "staff:wangwei",
        "wangwei",
        {"way": "password"},
    )
    assert entry.address == "203.0.113.9"
    assert [e.actor for e in await recorded("open_account")] == ["api:bootstrap"]
    assert [e.actor for e in await recorded("change_password")] == ["staff:wangwei"]


async def test_no_password_stands_anywhere(api_on_sqlite: Api) -> None:
    first = await opened(api_on_sqlite)
    account = await Account.get(userid="wangwei")

    assert account.password_hash.startswith("$argon2id$")
    entries = [str(entry.data) + entry.target for entry in await AuditEntry.all()]
    assert first not in account.password_hash + "".join(entries)


async def test_another_password_signs_out_everywhere_else(api_on_sqlite: Api) -> None:
    here = await with_own_password(api_on_sqlite)
    there = Desktop(api_on_sqlite)
    await there.sign_in("wangwei", OWN)

    new = {"current": OWN, "new": "other words entirely"}
    assert (await here.call("POST", "me/password", new))[0] == 204

    assert await here.is_in()
    assert not await there.is_in()


async def test_who_left_is_out_and_their_password_is_nothing(api: Api) -> None:
    desktop = await with_own_password(api)
    await api.bus.execute(PutStaff("wangwei", "王伟", "ops", active=False))

    assert not await desktop.is_in()
    assert await Desktop(api).sign_in("wangwei", OWN) == (401, "wrong_password")
    assert [e.data["why"] for e in await recorded("sign_in_refused")] == ["inactive"]

    await api.bus.execute(PutStaff("wangwei", "王伟", "ops"))
    assert not await desktop.is_in()


async def test_a_lower_role_counts_from_the_next_request_on(api_on_sqlite: Api) -> None:
    desktop = await with_own_password(api_on_sqlite)
    await api_on_sqlite.bus.execute(PutStaff("wangwei", "王伟", "brand_ops"))

    assert (await desktop.call("GET", "accounts"))[0] == 403
    assert await desktop.is_in()


async def test_a_closed_account_is_out_at_once(api: Api) -> None:
    desktop = await with_own_password(api)

    await api.bus.execute(CloseAccount("wangwei"))

    assert not await desktop.is_in()
    assert (await Desktop(api).sign_in("wangwei", OWN))[0] == 401


async def test_only_staff_of_the_console_get_an_account(api_on_sqlite: Api) -> None:
    for body, loc in (
        ({"userid": "wangfang"}, "userid"),
        ({"userid": "new", "name": "新", "role": "adviser"}, "role"),
        ({"userid": "new", "role": "ops"}, "name"),
        ({"userid": "new"}, "role"),
    ):
        status, told = await api_on_sqlite.post("/api/v1/accounts", body)
        assert (status, told["errors"][0]["loc"]) == (422, loc)
    status, _ = await api_on_sqlite.post("/api/v1/accounts", {"userid": "manager"})
    assert status == 201
    status, _ = await api_on_sqlite.post("/api/v1/accounts", {"userid": "manager"})
    assert status == 422


async def test_who_is_not_in_wecom_is_not_written_to(api_on_sqlite: Api) -> None:
    await opened(api_on_sqlite)
    staff = await Staff.get(userid="wangwei")

    assert (staff.wecom, staff.on_duty) == (False, False)


async def test_who_joins_wecom_later_may_have_any_role(api_on_sqlite: Api) -> None:
    await opened(api_on_sqlite)
    body = {"name": "王伟", "role": "store_manager", "dealer_code": "CC01"}
    status, told = await api_on_sqlite.put("/api/v1/staff/wangwei", body)
    assert (status, told["errors"][0]["loc"]) == (422, "role")

    status, _ = await api_on_sqlite.put("/api/v1/staff/wangwei", {**body, "wecom": True})

    assert status == 200
    _, page = await api_on_sqlite.get("/api/v1/staff", q="wangwei")
    assert page["items"][0]["wecom"]


@pytest.mark.parametrize(
    ("userid", "role"), [("brand", "ops"), ("wangwei", "brand_ops"), ("newcomer", "ops")]
)
async def test_brand_operations_make_nobody_ops_and_leave_ops_alone(
    desk_on_sqlite: Api, userid: str, role: str
) -> None:
    await opened(desk_on_sqlite)
    await desk_on_sqlite.bus.execute(PutStaff("brand", "品牌", "brand_ops"))
    page = await signed_in(desk_on_sqlite, "brand")

    status, told = await page.call("PUT", f"staff/{userid}", {"name": "某人", "role": role})

    assert (status, told["code"]) == (403, "not_allowed")
    assert (await page.call("PUT", "staff/x", {"name": "某人", "role": "brand_ops"}))[0] == 200


# ── who learns nothing ───────────────────────────────────────────────────────────────────────


async def test_unknown_account_and_wrong_password_are_one_answer(api: Api) -> None:
    await opened(api)
    answers = []
    for userid in ("wangwei", "nobody-here", "wangfang"):
        body = {"userid": userid, "password": "not the password"}
        status, told = await Desktop(api).call("POST", "sign-in", body)
        answers.append((status, {k: v for k, v in told.items() if k != "instance"}))

    assert answers[0][0] == 401
    assert answers[0] == answers[1] == answers[2]
    refused = await recorded("sign_in_refused")
    assert [(e.target, e.data["why"]) for e in refused] == [
        ("wangwei", "wrong_password"),
        ("", "no_account"),
        ("wangfang", "no_account"),
    ]


async def test_unknown_accounts_cost_the_same_work(api_on_sqlite: Api, monkeypatch) -> None:
    """Not measured in milliseconds, which a busy machine makes up, but in what is computed."""
    await opened(api_on_sqlite)
    verified: list[str] = []
    real = PasswordHasher.verify

    def verify(self: PasswordHasher, hashed: str, password: bytes) -> bool:
        verified.append(hashed)
        return real(self, hashed, password)

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    for userid in ("wangwei", "nobody-here"):
        await Desktop(api_on_sqlite).sign_in(userid, "not the password")

    assert verified == [(await Account.get()).password_hash, DECOY]


def test_the_decoy_is_as_strong_as_a_real_hash() -> None:
    assert not PasswordHasher().check_needs_rehash(DECOY)


@pytest.mark.parametrize(
    "headers",
    [
        {PAGE_HEADER: ""},
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "none"},
    ],
)
async def test_no_other_site_signs_anybody_in(api_on_sqlite: Api, headers: dict[str, str]) -> None:
    first = await opened(api_on_sqlite)
    desktop = Desktop(api_on_sqlite)
    body = {"userid": "wangwei", "password": first}

    for path, sent in (("sign-in", body), ("sign-in/code", {"code": "123456"})):
        status, told = await desktop.call("POST", path, sent, **headers)
        assert (status, told["code"]) == (403, "foreign_page")
    assert COOKIE not in desktop.cookies


async def test_a_session_changes_nothing_from_another_site(api_on_sqlite: Api) -> None:
    desktop = await with_own_password(api_on_sqlite)

    for path, body in (
        ("me/password", {"current": OWN, "new": "some other words"}),
        ("me/totp", {"password": OWN}),
        ("me/sessions/end-others", None),
        ("accounts/wangwei/password", None),
    ):
        status, told = await desktop.call("POST", path, body, Origin="https://evil.example")
        assert (status, told["code"]) == (403, "foreign_page")


# ── how often ────────────────────────────────────────────────────────────────────────────────


async def test_an_account_is_tried_ten_times_from_wherever(api: Api) -> None:
    first = await opened(api)
    for n in range(PASSWORDS):
        desktop = Desktop(api, f"203.0.113.{n}")
        assert await desktop.sign_in("wangwei", f"guess number {n}") == (401, "wrong_password")

    late = Desktop(api, "198.51.100.1")
    assert await late.sign_in("wangwei", first) == (429, "too_often")
    assert 0 < int(late.retry_after or 0) <= WINDOW_MS / 1000
    refused = await recorded("sign_in_refused")
    assert [e.data.get("blocked", False) for e in refused] == [False] * 9 + [True]

    api.clock.advance(seconds=WINDOW_MS / 1000)
    assert (await late.sign_in("wangwei", first))[0] == 200


async def test_accounts_that_do_not_exist_are_counted_the_same(api_on_sqlite: Api) -> None:
    answers = [
        (await Desktop(api_on_sqlite, f"203.0.113.{n}").sign_in("nobody-here", "guess"))[0]
        for n in range(PASSWORDS + 1)
    ]

    assert answers == [401] * PASSWORDS + [429]


async def test_many_tries_at_once_are_no_more_than_one_after_another(api: Api) -> None:
    await opened(api)
    tries = [Desktop(api, f"203.0.113.{n}").sign_in("wangwei", "guess") for n in range(25)]

    answers = [status for status, _ in await asyncio.gather(*tries)]

    assert answers.count(401) <= PASSWORDS
    assert set(answers) <= {401, 429}


@pytest.mark.parametrize(
    ("addresses", "shared"),
    [(["203.0.113.9"], True), ([f"2001:db8::{n:x}" for n in range(PER_ADDRESS + 1)], True)],
)
async def test_an_address_may_try_fifty_accounts(
    api_on_sqlite: Api, monkeypatch, addresses: list[str], shared: bool
) -> None:
    async def never(*_: object) -> bool:
        return False

    monkeypatch.setattr("api.passwords.Passwords.matches", never)
    answers = [
        (await Desktop(api_on_sqlite, addresses[n % len(addresses)]).sign_in(f"u{n}", "x"))[0]
        for n in range(PER_ADDRESS + 1)
    ]

    assert answers == [401] * PER_ADDRESS + [429]
    assert (await Desktop(api_on_sqlite, "198.51.100.7").sign_in("u", "x"))[0] == 401


async def test_good_tries_do_not_use_up_an_office(api_on_sqlite: Api, monkeypatch) -> None:
    await with_own_password(api_on_sqlite)

    async def always(*_: object) -> bool:
        return True

    monkeypatch.setattr("api.passwords.Passwords.matches", always)
    for _ in range(PER_ADDRESS + 5):
        assert await Desktop(api_on_sqlite).sign_in("wangwei", "x") == (200, "done")


async def test_a_reset_lets_its_owner_try_at_once(api_on_sqlite: Api) -> None:
    await opened(api_on_sqlite)
    for n in range(PASSWORDS + 1):
        await Desktop(api_on_sqlite, f"203.0.113.{n}").sign_in("wangwei", "guess")

    _, told = await api_on_sqlite.post("/api/v1/accounts/wangwei/password")

    answer = await Desktop(api_on_sqlite).sign_in("wangwei", told["password"])
    assert answer == (200, "password")


async def test_everything_works_without_redis(organised: str, clock: FakeClock) -> None:
    async with running(organised, clock, redis=None) as api:
        desktop = await with_own_password(api)
        assert await desktop.is_in()
        for n in range(PASSWORDS):
            await Desktop(api, f"203.0.113.{n}").sign_in("wangwei", "guess")
        assert (await Desktop(api).sign_in("wangwei", OWN))[0] == 429


# ── the second factor ────────────────────────────────────────────────────────────────────────


async def test_with_an_app_the_password_is_half_the_way(api: Api) -> None:
    _, secret, _ = await with_app(api)
    desktop = Desktop(api)

    assert await desktop.sign_in("wangwei", OWN) == (200, "code")
    assert not await desktop.is_in()
    assert await desktop.code("000000") == (401, "wrong_code")
    assert await desktop.code(code_at(secret, step_at(api.clock()))) == (200, "done")

    assert await desktop.is_in()
    assert (await recorded("sign_in"))[-1].data == {"way": "password", "second": "totp"}
    assert [e.data["why"] for e in await recorded("sign_in_refused")] == ["wrong_code"]


async def test_a_code_counts_once(api: Api) -> None:
    _, secret, _ = await with_app(api)
    code = code_at(secret, step_at(api.clock()))
    first, second = Desktop(api), Desktop(api)
    for desktop in (first, second):
        await desktop.sign_in("wangwei", OWN)

    answers = await asyncio.gather(first.code(code), second.code(code))

    assert sorted(answers) == [(200, "done"), (401, "wrong_code")]


async def test_the_code_that_set_the_app_up_does_not_sign_in(api_on_sqlite: Api) -> None:
    _, secret, _ = await with_app(api_on_sqlite)
    api_on_sqlite.clock.now -= timedelta(minutes=1)
    desktop = Desktop(api_on_sqlite)
    await desktop.sign_in("wangwei", OWN)

    answer = await desktop.code(code_at(secret, step_at(api_on_sqlite.clock())))

    assert answer == (401, "wrong_code")


async def test_a_recovery_code_signs_in_once(api: Api) -> None:
    _, _, codes = await with_app(api)
    assert len(set(codes)) == 10
    assert codes[0] not in str((await Account.get(userid="wangwei")).recovery)
    typed = codes[0].upper().replace("-", " ")

    answers = []
    for _ in range(2):
        desktop = Desktop(api)
        await desktop.sign_in("wangwei", OWN)
        answers.append(await desktop.code(typed))

    assert answers == [(200, "done"), (401, "wrong_code")]


async def test_codes_are_not_guessed(api_on_sqlite: Api) -> None:
    _, secret, _ = await with_app(api_on_sqlite)
    answers = []
    for n in range(PER_ACCOUNT["code"] + 1):
        desktop = Desktop(api_on_sqlite, f"203.0.113.{n}")
        await desktop.sign_in("wangwei", OWN)
        answers.append((await desktop.code("000000"))[0])
    assert answers == [401] * PER_ACCOUNT["code"] + [429]

    desktop = Desktop(api_on_sqlite)
    await desktop.sign_in("wangwei", OWN)
    code = code_at(secret, step_at(api_on_sqlite.clock()))
    assert (await desktop.code(code))[0] == 429


@pytest.mark.parametrize("spoil", ["none", "forged", "late", "other password", "switched off"])
async def test_half_the_way_is_only_gone_on_with_by_who_went_it(
    api_on_sqlite: Api, spoil: str
) -> None:
    api = api_on_sqlite
    signed_in, secret, _ = await with_app(api)
    desktop = Desktop(api)
    await desktop.sign_in("wangwei", OWN)
    if spoil == "none":
        desktop.cookies.pop(HALF_WAY)
    elif spoil == "forged":
        desktop.cookies[HALF_WAY] = "x" + desktop.cookies[HALF_WAY]
    elif spoil == "late":
        api.clock.advance(seconds=HALF_WAY_S)
    elif spoil == "other password":
        new = {"current": OWN, "new": "other words entirely"}
        assert (await signed_in.call("POST", "me/password", new))[0] == 204
    else:
        await api.bus.execute(PutStaff("wangwei", "王伟", "ops", active=False))

    answer = await desktop.code(code_at(secret, step_at(api.clock())))

    assert answer == (401, "start_again")
    assert not await desktop.is_in()


async def test_the_app_is_set_up_and_removed_only_with_the_password(api_on_sqlite: Api) -> None:
    desktop, _, _ = await with_app(api_on_sqlite)
    for path in ("me/totp", "me/totp/remove"):
        status, told = await desktop.call("POST", path, {"password": "not the password"})
        assert (status, told["errors"][0]["loc"]) == (422, "password")

    assert (await desktop.call("POST", "me/totp/remove", {"password": OWN}))[0] == 204
    assert await Desktop(api_on_sqlite).sign_in("wangwei", OWN) == (200, "done")
    assert len(await recorded("set_up_totp")) == len(await recorded("remove_totp")) == 1


async def test_setting_up_another_app_leaves_the_first_until_it_is_confirmed(
    api_on_sqlite: Api,
) -> None:
    desktop, secret, _ = await with_app(api_on_sqlite)
    await desktop.call("POST", "me/totp", {"password": OWN})
    assert (await desktop.call("POST", "me/totp/confirm", {"code": "000000"}))[0] == 422

    again = Desktop(api_on_sqlite)
    await again.sign_in("wangwei", OWN)
    assert (await again.code(code_at(secret, step_at(api_on_sqlite.clock()))))[0] == 200


async def test_ops_take_a_lost_app_away(api_on_sqlite: Api) -> None:
    await with_app(api_on_sqlite)
    url = "/api/v1/accounts/wangwei/totp"
    async with api_on_sqlite.http.delete(url, headers=api_on_sqlite.auth()) as response:
        assert response.status == 204

    assert await Desktop(api_on_sqlite).sign_in("wangwei", OWN) == (200, "done")


async def test_secrets_of_apps_are_sealed(api_on_sqlite: Api) -> None:
    _, secret, _ = await with_app(api_on_sqlite)

    assert secret not in (await Account.get(userid="wangwei")).totp_secret
