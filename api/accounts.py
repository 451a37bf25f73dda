"""Who may sign in without WeCom, and everybody who is signed in: for ops."""

from aiohttp import web
from pydantic import Field, RootModel

from api import cursors
from api.app_parts import LIMITS
from api.audited import ordered
from api.fields import Body, Name64, PageSize, Query, Userid, View, iso
from api.my_account import Ended, SessionView, session_view
from api.passwords import temporary
from api.roles import ACCOUNTS
from api.routing import Call, Routes, RowId, answer
from db.models import Account, Staff
from db.queries import accounts as stored
from db.queries import sessions
from db.queries.organisation import find_staff, staff_names
from domain.account_commands import (
    CloseAccount,
    EndSessions,
    OpenAccount,
    RemoveTotp,
    SetPassword,
)
from domain.errors import NotFound
from texts import labels

routes = Routes("accounts")


class AccountIn(Body):
    """Who gets an account. `name` and `role` for somebody who is not among the staff yet."""

    userid: Userid
    name: Name64 | None = None
    role: str | None = Field(default=None, max_length=16, description="`brand_ops` or `ops`.")


class AccountView(View):
    """An account. `active`: its member of staff still works here."""

    userid: str
    name: str
    role_text: str
    active: bool
    wecom: bool
    must_change: bool
    password_at: str
    totp_at: str | None
    created_at: str


class AccountList(RootModel[list[AccountView]]):
    """Every account, by userid."""


class NewPassword(View):
    """To be told to its owner, who has to change it. It is shown now and never again."""

    userid: str
    password: str


class SessionQuery(Query):
    """Whose sessions, and which page of them."""

    userid: Userid | None = None
    limit: PageSize = 50
    cursor: str | None = None


class SessionPage(View):
    """Running sessions, the newest first."""

    items: list[SessionView]
    next_cursor: str | None


@routes.get("/accounts", scope=ACCOUNTS, answers={200: AccountList})
async def list_accounts(call: Call) -> web.StreamResponse:
    """Who may sign in with a password."""
    rows = await stored.accounts()
    return answer(AccountList([_view(row["account"], row["staff"]) for row in rows]))


@routes.post("/accounts", scope=ACCOUNTS, answers={201: NewPassword})
async def open_account(call: Call, body: AccountIn) -> web.StreamResponse:
    """Let somebody sign in with a password, which they change at the first time."""
    password = temporary()
    hashed = await call.deps.passwords.hash(password)
    command = OpenAccount(body.userid, hashed, call.caller.name, body.name or "", body.role or "")
    await ordered(call, command, "open_account", body.userid, role=body.role)
    return answer(NewPassword(userid=body.userid, password=password), 201)


@routes.delete("/accounts/{userid}", scope=ACCOUNTS, answers={204: None})
async def close_account(call: Call, userid: Userid) -> web.StreamResponse:
    """No more signing in with a password; whoever did is out at once."""
    await ordered(call, CloseAccount(userid), "close_account", userid)
    return answer(status=204)


@routes.post("/accounts/{userid}/password", scope=ACCOUNTS, answers={200: NewPassword})
async def reset_password(call: Call, userid: Userid) -> web.StreamResponse:
    """A new password for who forgot theirs; all their sessions end, tries count anew."""
    password = temporary()
    hashed = await call.deps.passwords.hash(password)
    await ordered(call, SetPassword(userid, hashed, temporary=True), "reset_password", userid)
    await call.request.app[LIMITS].forget(userid, "password", "code")
    return answer(NewPassword(userid=userid, password=password))


@routes.delete("/accounts/{userid}/totp", scope=ACCOUNTS, answers={204: None})
async def reset_totp(call: Call, userid: Userid) -> web.StreamResponse:
    """For who lost their phone and their recovery codes: the password is enough again."""
    await ordered(call, RemoveTotp(userid), "remove_totp", userid)
    return answer(status=204)


@routes.get("/sessions", scope=ACCOUNTS, answers={200: SessionPage})
async def list_sessions(call: Call, query: SessionQuery) -> web.StreamResponse:
    """Who is signed in, where, since when."""
    before = cursors.id_before(query.cursor)
    rows = await sessions.running(call.now, query.userid, before, query.limit + 1)
    page = rows[: query.limit]
    names = await staff_names({row["userid"] for row in page})
    mine = call.caller.member.session_id if call.caller.member else 0
    more = cursors.encode(page[-1]["id"]) if len(rows) > query.limit else None
    items = [session_view(row, names, mine) for row in page]
    return answer(SessionPage(items=items, next_cursor=more))


@routes.delete("/sessions/{session_id}", scope=ACCOUNTS, answers={204: None})
async def end_session(call: Call, session_id: RowId) -> web.StreamResponse:
    """Sign somebody out in one place."""
    userid = await sessions.owner(session_id, call.now)
    if userid is None:
        raise NotFound("no such session")
    await ordered(call, EndSessions(userid, session_id), "end_session", userid)
    return answer(status=204)


@routes.delete("/staff/{userid}/sessions", scope=ACCOUNTS, answers={200: Ended})
async def end_sessions_of(call: Call, userid: Userid) -> web.StreamResponse:
    """Sign somebody out everywhere."""
    if await find_staff(userid) is None:
        raise NotFound("no such staff")
    return answer(Ended(ended=await ordered(call, EndSessions(userid), "end_sessions", userid)))


def _view(account: Account, staff: Staff | None) -> AccountView:
    return AccountView(
        userid=account.userid,
        name=staff.name if staff else account.userid,
        role_text=labels.role_text(staff.role) if staff else "",
        active=bool(staff and staff.active),
        wecom=bool(staff and staff.wecom),
        must_change=account.must_change,
        password_at=iso(account.password_at),
        totp_at=iso(account.totp_at) if account.totp_at else None,
        created_at=iso(account.created_at),
    )
