"""Who did what at the console."""

from typing import Any

from aiohttp import web

from api import cursors
from api.errors import Refused
from api.fields import PageSize, Query, View, iso
from api.roles import CONSOLE
from api.routing import Call, Routes, answer
from db.queries import audit as stored
from db.queries.organisation import staff_names
from texts import console

routes = Routes("ops")


class AuditQuery(Query):
    """Which page."""

    limit: PageSize = 50
    cursor: str | None = None


class AuditView(View):
    """One act. `actor` is `staff:USERID` or `api:KEYNAME`, `name` what people call them."""

    at: str
    actor: str
    name: str
    action: str
    action_text: str
    target: str
    target_text: str
    kind_text: str
    data: dict[str, Any]


class AuditPage(View):
    """Acts, newest first."""

    items: list[AuditView]
    next_cursor: str | None


@routes.get("/ops/audit", scope=CONSOLE, answers={200: AuditPage})
async def list_audit(call: Call, query: AuditQuery) -> web.StreamResponse:
    """Everything done at the console; for who sees every dealer."""
    if not call.caller.sees_everything:
        raise Refused(403, "not_allowed", "this is for who sees every dealer")
    rows = await stored.entries(cursors.id_before(query.cursor), query.limit + 1)
    page = rows[: query.limit]
    names = await staff_names({row["actor"].partition(":")[2] for row in page})
    more = cursors.encode(page[-1]["id"]) if len(rows) > query.limit else None
    return answer(AuditPage(items=[_view(row, names) for row in page], next_cursor=more))


def _view(row: dict[str, Any], names: dict[str, str]) -> AuditView:
    userid = row["actor"].partition(":")[2]
    return AuditView(
        at=iso(row["at"]),
        actor=row["actor"],
        name=names.get(userid, userid),
        action=row["action"],
        action_text=console.word("action", row["action"]),
        target=row["target"],
        target_text=console.word("queue", row["target"]),
        kind_text=console.word("job", str(row["data"].get("kind", ""))),
        data=row["data"],
    )
