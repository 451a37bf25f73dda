"""Rules as the console edits them: what is inherited, what would change, and earlier versions."""

from collections.abc import Callable
from typing import Annotated, Any

from aiohttp import web
from pydantic import Field, JsonValue, StringConstraints

from api import cursors
from api.audited import ordered
from api.fields import Body, Count, PageSize, Query, Text200, View, iso
from api.names import actor_names
from api.policies import in_force, scopes_in
from api.roles import CONSOLE, POLICIES
from api.routing import Call, Routes, answer
from db.queries import policy_versions as stored
from domain.commands import PutPolicy
from domain.errors import NotAllowed, NotFound
from domain.policy import InvalidPolicy, check_overrides, merge
from domain.policy_difference import changes
from handlers.policies import BRAND, document_for

routes = Routes("policies")

ScopeName = Annotated[
    str,
    StringConstraints(pattern=r"^(brand|(region|dealer):[0-9A-Za-z][0-9A-Za-z_.-]{0,31})$"),
]
Overrides = dict[str, JsonValue]


class Layer(View):
    """The overrides of one wider scope."""

    scope: str
    overrides: dict[str, Any]


class PolicySheet(View):
    """The rules of one scope: `inherited` from the wider ones, overridden here, in force."""

    scope: str
    version: int = Field(description="0: nothing was ever overridden here.")
    overrides: dict[str, Any]
    layers: list[Layer]
    inherited: dict[str, Any]
    in_force: dict[str, Any]
    may_edit: bool


class ChangeView(View):
    """One number that differs; null where there is none."""

    path: str
    before: Any
    after: Any


class FaultView(View):
    """What is wrong, and where."""

    loc: str
    msg: str


class PolicyCheck(View):
    """What would change if these overrides were stored; faults mean they cannot be."""

    changes: list[ChangeView]
    faults: list[FaultView]


class OverridesIn(Body):
    """Overrides to look at."""

    overrides: Overrides


class PolicyIn(OverridesIn):
    """New overrides. `version` is the one that was edited."""

    version: Count
    note: Text200 = ""


class RestoreIn(Body):
    """`version` is the one in force now."""

    version: Count
    note: Text200 = ""


class VersionsQuery(Query):
    """Which page of a history."""

    limit: PageSize = 20
    cursor: str | None = None


class VersionView(View):
    """One version; `changes` against the one before."""

    version: int
    at: str
    by: str
    by_name: str
    note: str
    overrides: dict[str, Any]
    changes: list[ChangeView]


class VersionPage(View):
    """Versions, newest first."""

    items: list[VersionView]
    next_cursor: str | None


@routes.get("/ops/policies/{scope}", scope=CONSOLE, answers={200: PolicySheet})
async def get_policy_sheet(call: Call, scope: ScopeName) -> web.StreamResponse:
    """The rules of `brand`, `region:CODE` or `dealer:CODE`, and where each comes from."""
    return answer(await _sheet(call, scope))


@routes.post("/ops/policies/{scope}/check", scope=CONSOLE, answers={200: PolicyCheck})
async def check_policy(call: Call, scope: ScopeName, body: OverridesIn) -> web.StreamResponse:
    """What storing these overrides would change. Nothing is stored."""
    scopes = await scopes_in(call, scope)
    inherited = await document_for(scopes[:-1])
    try:
        check_overrides(body.overrides, inherited)
    except InvalidPolicy as fault:
        faults = [FaultView(loc=loc, msg=msg) for loc, msg in fault.errors]
        return answer(PolicyCheck(changes=[], faults=faults))
    would = merge(inherited, body.overrides)
    return answer(PolicyCheck(changes=_changes(await document_for(scopes), would), faults=[]))


@routes.put("/ops/policies/{scope}", scope=POLICIES, answers={200: PolicySheet})
async def put_policy_sheet(call: Call, scope: ScopeName, body: PolicyIn) -> web.StreamResponse:
    """Replace the overrides of a scope, unless somebody else has done so meanwhile."""
    await _put(call, scope, dict(body.overrides), body.version, body.note)
    return answer(await _sheet(call, scope))


@routes.get("/ops/policies/{scope}/versions", scope=CONSOLE, answers={200: VersionPage})
async def list_policy_versions(
    call: Call, scope: ScopeName, query: VersionsQuery
) -> web.StreamResponse:
    """Who changed what, newest first."""
    await scopes_in(call, scope)
    before = cursors.id_before(query.cursor)
    rows = await stored.versions(scope, before, query.limit + 1)
    page = rows[: query.limit]
    older = [*rows[1:], {"overrides": {}}]
    named = await actor_names(row["created_by"] for row in page)
    items = [
        _version(row, earlier["overrides"], named)
        for row, earlier in zip(page, older, strict=False)
    ]
    more = cursors.encode(page[-1]["version"]) if len(rows) > query.limit else None
    return answer(VersionPage(items=items, next_cursor=more))


@routes.post(
    "/ops/policies/{scope}/versions/{number}/restore", scope=POLICIES, answers={200: PolicySheet}
)
async def restore_policy(
    call: Call, scope: ScopeName, number: Count, body: RestoreIn
) -> web.StreamResponse:
    """Return to an earlier version: its overrides become the newest. Number 0: none at all."""
    await scopes_in(call, scope)
    row = await stored.version(scope, number)
    if row is None and number != 0:
        raise NotFound("no such version")
    overrides = row["overrides"] if row else {}
    await _put(call, scope, overrides, body.version, body.note, restored=number)
    return answer(await _sheet(call, scope))


async def _put(
    call: Call,
    scope: str,
    overrides: dict[str, object],
    version: int,
    note: str,
    restored: int | None = None,
) -> None:
    scopes = await scopes_in(call, scope)
    if not _may_edit(call, scope):
        raise NotAllowed("these rules are not yours to change")
    await ordered(
        call,
        PutPolicy(scope, overrides, call.caller.name, version, note),
        "put_policy",
        scope,
        look=lambda: in_force(scopes),
        restored=restored,
        note=note or None,
    )


async def _sheet(call: Call, scope: str) -> PolicySheet:
    scopes = await scopes_in(call, scope)
    newest = await stored.newest(scope)
    layers = [(wider, await stored.newest(wider)) for wider in scopes[:-1]]
    return PolicySheet(
        scope=scope,
        version=newest["version"] if newest else 0,
        overrides=newest["overrides"] if newest else {},
        layers=[Layer(scope=wider, overrides=row["overrides"]) for wider, row in layers if row],
        inherited=await document_for(scopes[:-1]),
        in_force=await document_for(scopes),
        may_edit=_may_edit(call, scope),
    )


def _may_edit(call: Call, scope: str) -> bool:
    return call.caller.may(POLICIES) and (scope != BRAND or call.caller.sees_everything)


def _changes(before: dict[str, Any], after: dict[str, Any]) -> list[ChangeView]:
    return [
        ChangeView(path=change.path, before=change.before, after=change.after)
        for change in changes(before, after)
    ]


def _version(
    row: dict[str, Any], earlier: dict[str, Any], named: Callable[[str | None], str]
) -> VersionView:
    return VersionView(
        version=row["version"],
        at=iso(row["created_at"]),
        by=row["created_by"],
        by_name=named(row["created_by"]),
        note=row["note"],
        overrides=row["overrides"],
        changes=_changes(earlier, row["overrides"]),
    )
