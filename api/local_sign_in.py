"""Signing in with an account of our own: the password, then a code of the app if one is set up.

Whoever is turned away learns nothing: account unknown, password wrong, no longer here are one
answer after the same work.
"""

import base64
import hashlib
import json
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field, StringConstraints

from api.app_parts import LIMITS, SESSIONS
from api.errors import Refused
from api.fields import Body, View
from api.origin import origin_of
from api.routing import PUBLIC, Call, Routes, answer
from api.sessions import COOKIE, LIFETIME_S, PASSWORD
from api.sign_in import set_cookie
from api.sign_in_record import begin_session, note_refusal
from api.signing import Signer
from api.staff_sessions import check_own_page
from db.models import Account
from db.queries.accounts import find_account
from db.queries.organisation import find_staff
from domain.account_commands import SpendCode
from domain.errors import InvalidInput, NotFound

routes = Routes("sign-in")

HALF_WAY = "leadloop_half_way"
HALF_WAY_S = 300
_PATH = "/api/v1/sign-in"
LONGEST_PASSWORD = 256

Typed = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_PASSWORD)]


class SignInBody(Body):
    """An account and its password."""

    userid: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
    password: Typed


class CodeBody(Body):
    """Six digits of the app, or a recovery code."""

    code: Annotated[str, StringConstraints(strip_whitespace=True, min_length=6, max_length=32)]


class NextStep(View):
    """What comes next."""

    next: Literal["done", "code", "password"] = Field(
        description="`done`: signed in. `code`: send one. `password`: signed in, to choose one."
    )


@routes.post("/sign-in", scope=PUBLIC, answers={200: NextStep})
async def sign_in(call: Call, body: SignInBody) -> web.StreamResponse:
    """Sign in with an account and its password; only from a page of ours."""
    check_own_page(call.request, call.deps.public_url)
    last = await _count(call, "password", body.userid)
    account = await find_account(body.userid)
    hashed = account.password_hash if account else None
    good = await call.deps.passwords.matches(hashed, body.password)
    staff = await find_staff(body.userid)
    if not (good and account and staff and staff.active):
        why = "no_account" if account is None else "inactive" if good else "wrong_password"
        await _refuse(call, why, staff.userid if staff else "", last=last)
        raise Refused(401, "wrong_password", "account or password is wrong")
    if account.totp_secret is None:
        return await _let_in(call, account)
    await _limits_passed(call, "password", account.userid)
    half_way = answer(NextStep(next="code"))
    _set(call, half_way, HALF_WAY, _ticket(call, account), HALF_WAY_S, _PATH)
    return half_way


@routes.post("/sign-in/code", scope=PUBLIC, answers={200: NextStep})
async def sign_in_by_code(call: Call, body: CodeBody) -> web.StreamResponse:
    """The second step: a code of the authenticator app, or a recovery code. Each counts once."""
    check_own_page(call.request, call.deps.public_url)
    account = await _half_way_in(call)
    last = await _count(call, "code", account.userid)
    try:
        kind = await call.deps.bus.execute(SpendCode(account.userid, body.code))
    except (InvalidInput, NotFound):
        await _refuse(call, "wrong_code", account.userid, last=last)
        raise Refused(401, "wrong_code", "the code is wrong or was used before") from None
    await _limits_passed(call, "code", account.userid)
    return await _let_in(call, account, second=kind)


async def _let_in(call: Call, account: Account, **told: object) -> web.Response:
    """The session, instead of the one this browser had."""
    sessions = call.request.app[SESSIONS]
    if old := call.request.cookies.get(COOKIE):
        await sessions.end(old)
    cookie = await begin_session(
        call.request, sessions, account.userid, PASSWORD, limited=account.must_change, **told
    )
    await _limits_passed(call, "password", account.userid)
    done = answer(NextStep(next="password" if account.must_change else "done"))
    _set(call, done, COOKIE, cookie, LIFETIME_S, "/")
    done.del_cookie(HALF_WAY, path=_PATH)
    return done


async def _half_way_in(call: Call) -> Account:
    """Whose password was right a moment ago, and is the same still. Raises a 401 `Refused`."""
    text = _signer(call).read(call.request.cookies.get(HALF_WAY, ""))
    held = json.loads(base64.urlsafe_b64decode(text)) if text else {}
    account = await find_account(held["userid"]) if held else None
    staff = await find_staff(account.userid) if account else None
    fresh = held and call.now.timestamp() < held["until"]
    if not (fresh and account and staff and staff.active and held["mark"] == _mark(account)):
        raise Refused(401, "start_again", "begin with the password again")
    return account


def _ticket(call: Call, account: Account) -> str:
    until = call.now.timestamp() + HALF_WAY_S
    held = {"userid": account.userid, "until": until, "mark": _mark(account)}
    return _signer(call).sign(base64.urlsafe_b64encode(json.dumps(held).encode()).decode())


def _mark(account: Account) -> str:
    """Says that it is the same password still, not which."""
    return hashlib.sha256(account.password_hash.encode()).hexdigest()[:16]


def _signer(call: Call) -> Signer:
    signer = Signer(call.deps.session_secrets, "half-way")
    if not signer.can_sign:
        raise Refused(503, "not_configured", "there is no secret to sign sessions with")
    return signer


async def _count(call: Call, kind: str, userid: str) -> bool:
    return await call.request.app[LIMITS].count(kind, userid, origin_of(call.request).address)


async def _limits_passed(call: Call, kind: str, userid: str) -> None:
    await call.request.app[LIMITS].passed(kind, userid, origin_of(call.request).address)


async def _refuse(call: Call, why: str, userid: str, *, last: bool) -> None:
    """One entry of the record; the last one says that no more tries are taken for a while."""
    held = {"blocked": True} if last else {}
    await note_refusal(call.request, PASSWORD, why, userid, **held)


def _set(call: Call, to: web.Response, name: str, value: str, for_s: int, path: str) -> None:
    secure = call.deps.public_url.startswith("https:")
    set_cookie(to, name, value, for_s, secure=secure, path=path)
