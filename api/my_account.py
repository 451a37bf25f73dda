"""What people look after themselves: their password, their second factor, where they are
signed in."""

from typing import Annotated

import segno
from aiohttp import web
from pydantic import Field, RootModel, StringConstraints

from api.app_parts import LIMITS
from api.audited import ordered
from api.desk import member_of
from api.fields import Body, View, iso
from api.local_sign_in import Typed
from api.origin import origin_of
from api.roles import ACCOUNT
from api.routing import Call, Routes, RowId, answer
from api.sessions import PASSWORD
from api.sign_in_record import note_refusal
from db.models import Account
from db.queries import sessions
from db.queries.accounts import find_account
from domain import totp
from domain.account_commands import (
    BeginTotp,
    ConfirmTotp,
    EndSessions,
    RemoveTotp,
    SetPassword,
)
from domain.errors import InvalidInput, NotFound
from domain.password import fault_of, normal
from texts import labels

routes = Routes("account")


class MyAccount(View):
    """Who is signed in, and how well their account is looked after."""

    userid: str
    name: str
    role_text: str
    has_password: bool = Field(description="May sign in without WeCom.")
    must_change: bool
    password_at: str | None
    totp_at: str | None
    recovery_left: int


class PasswordBody(Body):
    """The password now, and the one to come."""

    current: Typed
    new: Typed


class ProofBody(Body):
    """The password once more."""

    password: Typed


class TotpCode(Body):
    """What the app shows."""

    code: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9]{6}$")]


class TotpSetup(View):
    """For the app: as a picture (`data:` address), or to be typed."""

    secret: str
    address: str
    picture: str


class RecoveryCodes(View):
    """Each signs in once when the phone is lost. They are shown now and never again."""

    codes: list[str]


class SessionView(View):
    """Somewhere somebody is signed in. `way`: wecom, qr or password."""

    id: str
    userid: str
    name: str
    way: str
    started_at: str
    seen_at: str
    expires_at: str
    address: str
    agent: str
    current: bool


class SessionList(RootModel[list[SessionView]]):
    """Running sessions, the newest first."""


class Ended(View):
    """How many sessions ended."""

    ended: int


@routes.get("/me/account", scope=ACCOUNT, answers={200: MyAccount})
async def get_my_account(call: Call) -> web.StreamResponse:
    """One's own account."""
    member = member_of(call)
    account = await find_account(member.userid)
    return answer(
        MyAccount(
            userid=member.userid,
            name=member.name,
            role_text=labels.role_text(member.role),
            has_password=account is not None,
            must_change=bool(account and account.must_change),
            password_at=iso(account.password_at) if account else None,
            totp_at=iso(account.totp_at) if account and account.totp_at else None,
            recovery_left=len(account.recovery) if account else 0,
        )
    )


@routes.post("/me/password", scope=ACCOUNT, answers={204: None})
async def change_password(call: Call, body: PasswordBody) -> web.StreamResponse:
    """Choose another password. Everywhere else one is signed out."""
    account = await _proved(call, body.current, "current")
    new = normal(body.new)
    if fault := fault_of(new, account.userid):
        raise InvalidInput([("new", fault)])
    if new == normal(body.current):
        raise InvalidInput([("new", "must be another one")])
    hashed = await call.deps.passwords.hash(new)
    mine = member_of(call).session_id
    command = SetPassword(account.userid, hashed, temporary=False, keep_session=mine)
    await ordered(call, command, "change_password", account.userid)
    return answer(status=204)


@routes.post("/me/totp", scope=ACCOUNT, answers={200: TotpSetup})
async def begin_totp(call: Call, body: ProofBody) -> web.StreamResponse:
    """Begin to set up an authenticator app; it counts once a code was shown."""
    account = await _proved(call, body.password, "password")
    secret: bytes = await call.deps.bus.execute(BeginTotp(account.userid))
    address = totp.address_of(secret, account.userid)
    picture = segno.make(address, error="m").svg_data_uri(border=4, dark="#000", light="#fff")
    return answer(TotpSetup(secret=totp.in_base32(secret), address=address, picture=picture))


@routes.post("/me/totp/confirm", scope=ACCOUNT, answers={200: RecoveryCodes})
async def confirm_totp(call: Call, body: TotpCode) -> web.StreamResponse:
    """Show a code: from now on signing in needs one. Answers with the recovery codes."""
    userid = member_of(call).userid
    address = origin_of(call.request).address
    await call.request.app[LIMITS].count("code", userid, address)
    codes = await ordered(call, ConfirmTotp(userid, body.code), "set_up_totp", userid)
    await call.request.app[LIMITS].passed("code", userid, address)
    return answer(RecoveryCodes(codes=codes))


@routes.post("/me/totp/remove", scope=ACCOUNT, answers={204: None})
async def remove_totp(call: Call, body: ProofBody) -> web.StreamResponse:
    """Sign in with the password alone again."""
    account = await _proved(call, body.password, "password")
    await ordered(call, RemoveTotp(account.userid), "remove_totp", account.userid)
    return answer(status=204)


@routes.get("/me/sessions", scope=ACCOUNT, answers={200: SessionList})
async def list_my_sessions(call: Call) -> web.StreamResponse:
    """Where one is signed in."""
    member = member_of(call)
    rows = await sessions.running(call.now, member.userid)
    names = {member.userid: member.name}
    return answer(SessionList([session_view(row, names, member.session_id) for row in rows]))


@routes.delete("/me/sessions/{session_id}", scope=ACCOUNT, answers={204: None})
async def end_my_session(call: Call, session_id: RowId) -> web.StreamResponse:
    """Sign out there."""
    userid = member_of(call).userid
    if await sessions.owner(session_id, call.now) != userid:
        raise NotFound("no such session")
    await ordered(call, EndSessions(userid, session_id), "end_session", userid)
    return answer(status=204)


@routes.post("/me/sessions/end-others", scope=ACCOUNT, answers={200: Ended})
async def end_my_other_sessions(call: Call) -> web.StreamResponse:
    """Sign out everywhere but here."""
    member = member_of(call)
    command = EndSessions(member.userid, but=member.session_id)
    ended = await ordered(call, command, "end_sessions", member.userid)
    return answer(Ended(ended=ended))


def session_view(row: dict[str, object], names: dict[str, str], current: int) -> SessionView:
    """A stored session in words."""
    userid = str(row["userid"])
    times = {name: iso(row[name]) for name in ("started_at", "seen_at", "expires_at")}  # type: ignore[arg-type]
    return SessionView(
        id=str(row["id"]),
        userid=userid,
        name=names.get(userid, userid),
        way=str(row["way"]),
        address=str(row["address"]),
        agent=str(row["agent"]),
        current=row["id"] == current,
        **times,
    )


async def _proved(call: Call, password: str, field: str) -> Account:
    """The account of whoever asks, if this is its password. Raises `InvalidInput`, `NotFound`."""
    userid, address = member_of(call).userid, origin_of(call.request).address
    account = await find_account(userid)
    if account is None:
        raise NotFound("you sign in with WeCom only")
    limits = call.request.app[LIMITS]
    await limits.count("password", userid, address)
    if not await call.deps.passwords.matches(account.password_hash, password):
        await note_refusal(call.request, PASSWORD, "wrong_password", userid)
        raise InvalidInput([(field, "is not your password")])
    await limits.passed("password", userid, address)
    return account
