"""Two customers who are one person: looked at, brought together, taken apart again."""

from collections.abc import Callable
from typing import Any

from aiohttp import web

from api.audited import ordered
from api.fields import Body, Query, Reason, View, iso
from api.names import actor_names
from api.roles import PEOPLE
from api.routing import Call, Routes, RowId, answer
from api.scoping import scope_of
from db.queries import merges as stored
from db.queries.customers import find_customer
from domain import merging as rule
from domain.errors import CannotMerge, NotFound
from domain.people_commands import MergeCustomers, UnmergeCustomers

routes = Routes("customers")


class MergeIn(Body):
    """Who becomes part of the customer in the address, and why they are one person."""

    other_id: RowId
    reason: Reason


class UndoIn(Body):
    """Why they were two after all."""

    reason: Reason


class PreviewQuery(Query):
    """With whom."""

    other: RowId


class ConflictView(View):
    """Both have an open lead at this dealer: `kept_lead_id` goes on, the other lapses into it."""

    dealer_code: str | None
    kept_lead_id: str
    lapsed_lead_id: str


class MergePreview(View):
    """What a merge would move, and which open leads are in each other's way."""

    customer_id: str
    name: str
    other_id: str
    other_name: str
    moves: dict[str, int]
    conflicts: list[ConflictView]


class MergeView(View):
    """One merge. `moved` counts rows by kind; `can_undo`: it is the newest that still stands."""

    id: str
    customer_id: str
    name: str
    other_id: str
    other_name: str
    at: str
    by: str
    by_name: str
    reason: str
    moved: dict[str, int]
    conflicts: list[ConflictView]
    undone_at: str | None
    undone_by_name: str
    can_undo: bool


class MergeList(View):
    """Merges a customer had a part in, newest first."""

    items: list[MergeView]


class UnmergeView(View):
    """What became of an undo: leads opened since stay; one whose place is taken stays closed."""

    customer_id: str
    other_id: str
    stayed_lead_ids: list[str]
    not_reopened_lead_ids: list[str]


@routes.get("/customers/{customer_id}/merges", scope="leads:read", answers={200: MergeList})
async def list_merges(call: Call, customer_id: RowId) -> web.StreamResponse:
    """Who became part of this customer, or whose part they became."""
    await _check_visible(call, customer_id)
    return answer(MergeList(items=await merge_views(await stored.merges_of(customer_id))))


@routes.get("/customers/{customer_id}/merges/preview", scope=PEOPLE, answers={200: MergePreview})
async def preview_merge(call: Call, customer_id: RowId, query: PreviewQuery) -> web.StreamResponse:
    """What a merge with `other` would do. Nothing is changed."""
    survivor = await _row(call, customer_id)
    other = await _row(call, query.other)
    _check_two(survivor, other)
    ours, theirs = await _open(survivor["id"]), await _open(other["id"])
    return answer(
        MergePreview(
            customer_id=str(survivor["id"]),
            name=survivor["name"],
            other_id=str(other["id"]),
            other_name=other["name"],
            moves=await stored.belongings(other["id"]),
            conflicts=[
                _conflict(found.kept.dealer_code, found.kept.id, found.lapsed.id)
                for found in rule.conflicts(ours, theirs)
            ],
        )
    )


@routes.post("/customers/{customer_id}/merges", scope=PEOPLE, answers={201: MergeView})
async def merge_customers(call: Call, customer_id: RowId, body: MergeIn) -> web.StreamResponse:
    """Make `other_id` part of this customer. It can be undone exactly.

    Identities, consents, leads, appointments, talks and the timeline move. Of two open leads at
    one dealer the further one goes on, and the adviser hears that the customer came again.
    """
    for wanted in (customer_id, body.other_id):
        await _check_visible(call, wanted)
    command = MergeCustomers(customer_id, body.other_id, call.caller.name, body.reason)
    merge_id = await ordered(
        call,
        command,
        "merge_customers",
        str(customer_id),
        other=str(body.other_id),
        reason=body.reason,
    )
    return answer(await _view(merge_id), 201)


@routes.post(
    "/customers/{customer_id}/merges/{merge_id}/undo", scope=PEOPLE, answers={200: UnmergeView}
)
async def undo_merge(
    call: Call, customer_id: RowId, merge_id: RowId, body: UndoIn
) -> web.StreamResponse:
    """Take a merge back: what it moved and changed is as before. The newest one first."""
    await _check_visible(call, customer_id)
    record = await stored.find_merge(merge_id)
    if record is None or customer_id not in (record["survivor_id"], record["other_id"]):
        raise NotFound("no such merge of this customer")
    apart = await ordered(
        call,
        UnmergeCustomers(merge_id, call.caller.name, body.reason),
        "unmerge_customers",
        str(record["survivor_id"]),
        other=str(record["other_id"]),
        reason=body.reason,
    )
    return answer(
        UnmergeView(
            customer_id=str(apart.survivor_id),
            other_id=str(apart.other_id),
            stayed_lead_ids=[str(i) for i in apart.stayed],
            not_reopened_lead_ids=[str(i) for i in apart.not_reopened],
        )
    )


async def _row(call: Call, customer_id: int) -> dict[str, Any]:
    row = await find_customer(customer_id, await scope_of(call))
    if row is None:
        raise NotFound("no such customer")
    return row


async def _check_visible(call: Call, customer_id: int) -> None:
    await _row(call, customer_id)


def _check_two(survivor: dict[str, Any], other: dict[str, Any]) -> None:
    if survivor["id"] == other["id"]:
        raise CannotMerge("they are one customer already", why="same")
    for row in (survivor, other):
        if row["erased_at"]:
            raise CannotMerge(f"customer {row['id']} was erased", why="erased")


async def _open(customer_id: int) -> list[rule.OpenLead]:
    return [
        rule.OpenLead(row["id"], row["dealer_id"], row["state"], row["opened_at"])
        for row in await stored.open_leads(customer_id)
    ]


async def _view(merge_id: int) -> MergeView:
    record = await stored.find_merge(merge_id)
    if record is None:
        raise NotFound("no such merge")
    return (await merge_views([record]))[0]


async def merge_views(records: list[dict[str, Any]]) -> list[MergeView]:
    """Merges with the names of who they are about and who made them."""
    customers = {record[name] for record in records for name in ("survivor_id", "other_id")}
    called = await stored.names(customers)
    acted = await actor_names(record[name] for record in records for name in ("by", "undone_by"))
    newest = {i: await stored.newest_standing(i) for i in {r["survivor_id"] for r in records}}
    return [_merge(record, called, acted, newest[record["survivor_id"]]) for record in records]


def _merge(
    record: dict[str, Any],
    called: dict[int, str],
    acted: Callable[[str | None], str],
    newest: int | None,
) -> MergeView:
    return MergeView(
        id=str(record["id"]),
        customer_id=str(record["survivor_id"]),
        name=called.get(record["survivor_id"], ""),
        other_id=str(record["other_id"]),
        other_name=called.get(record["other_id"], ""),
        at=iso(record["at"]),
        by=record["by"],
        by_name=acted(record["by"]),
        reason=record["reason"],
        moved={table: len(ids) for table, ids in record["moved"].items() if ids},
        conflicts=[
            _conflict(each["dealer_code"], each["kept"], each["lapsed"])
            for each in record["conflicts"]
        ],
        undone_at=iso(record["undone_at"]) if record["undone_at"] else None,
        undone_by_name=acted(record["undone_by"]),
        can_undo=bool(record["moved"]) and newest == record["id"],
    )


def _conflict(dealer_code: str | None, kept: int, lapsed: int) -> ConflictView:
    return ConflictView(
        dealer_code=dealer_code, kept_lead_id=str(kept), lapsed_lead_id=str(lapsed)
    )
