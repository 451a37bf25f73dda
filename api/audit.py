"""Who did what, to which thing, from where; what it was before and after."""

from collections.abc import Callable
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field, RootModel, StringConstraints

from api import cursors
from api.errors import Refused
from api.fields import PageSize, Query, QueryMoment, View, Word, iso
from api.names import actor_names
from api.roles import CONSOLE
from api.routing import Call, Routes, answer
from db.queries import audit as stored
from texts import console

routes = Routes("ops")

Exact = Annotated[str, StringConstraints(max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")]


class AuditQuery(Query):
    """Which entries, and which page of them."""

    actor: Exact | None = Field(default=None, description="`staff:USERID` or `api:KEYNAME`.")
    action: Word | None = None
    target: Exact | None = None
    since: QueryMoment | None = None
    until: QueryMoment | None = None
    limit: PageSize = 50
    cursor: str | None = None


class AuditView(View):
    """One act. `actor` is `staff:USERID` or `api:KEYNAME`, `name` what people call them.

    Where it changed something, `data` has `before` and `after` with what differs.
    """

    at: str
    actor: str
    name: str
    action: str
    action_text: str
    target: str
    target_text: str
    kind_text: str
    data: dict[str, Any]
    address: str
    agent: str


class AuditPage(View):
    """Acts, newest first."""

    items: list[AuditView]
    next_cursor: str | None


class ActionView(View):
    """A kind of act."""

    action: str
    text: str


class ActionList(RootModel[list[ActionView]]):
    """Every kind of act that is recorded."""


@routes.get("/ops/audit", scope=CONSOLE, answers={200: AuditPage})
async def list_audit(call: Call, query: AuditQuery) -> web.StreamResponse:
    """Everything done at the console or with a key; for who sees every dealer."""
    _check_sees_all(call)
    wanted = stored.Wanted(query.actor, query.action, query.target, query.since, query.until)
    rows = await stored.entries(wanted, cursors.moment_and_id(query.cursor), query.limit + 1)
    page = rows[: query.limit]
    named = await actor_names(row["actor"] for row in page)
    last = page[-1] if len(rows) > query.limit else None
    more = cursors.encode(last["at"], last["id"]) if last else None
    return answer(AuditPage(items=[_view(row, named) for row in page], next_cursor=more))


@routes.get("/ops/audit/actions", scope=CONSOLE, answers={200: ActionList})
async def list_audit_actions(call: Call) -> web.StreamResponse:
    """The kinds of acts, to filter by."""
    _check_sees_all(call)
    words = console.words("action")
    return answer(ActionList([ActionView(action=code, text=text) for code, text in words.items()]))


def _check_sees_all(call: Call) -> None:
    if not call.caller.sees_everything:
        raise Refused(403, "not_allowed", "this is for who sees every dealer")


def _view(row: dict[str, Any], named: Callable[[str | None], str]) -> AuditView:
    return AuditView(
        at=iso(row["at"]),
        actor=row["actor"],
        name=named(row["actor"]),
        action=row["action"],
        action_text=console.word("action", row["action"]),
        target=row["target"],
        target_text=_target(row["target"]),
        kind_text=console.word("job", str(row["data"].get("kind", ""))),
        data=row["data"],
        address=row["address"],
        agent=row["agent"],
    )


def _target(target: str) -> str:
    """What was acted on, in words where it is a queue or a scope of rules."""
    kind, colon, code = target.partition(":")
    if colon:
        return f"{console.word('scope', kind)} {code}"
    return console.word("scope", console.word("queue", target))
