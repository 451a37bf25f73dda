"""A merge is taken back: what moved goes back, what it changed is as before.

What came since the merge belongs to whoever has the lead or, said on the official account, to
whoever of the two has an account; the rest stays with the survivor. Silence asked for since
counts for both.
"""

from dataclasses import dataclass
from typing import Any

from tortoise.models import Model

from db.models import (
    Appointment,
    Customer,
    CustomerAct,
    CustomerMerge,
    Handoff,
    Identity,
    Lead,
    OutboxJob,
    Ticket,
    TimelineEvent,
)
from db.queries.consents import forget_purposes
from domain.errors import CannotUnmerge
from domain.events import CustomersParted
from handlers import campaign_rows, merging, returning, service_rows
from handlers.open_leads import sync_open_key
from handlers.snapshots import Snapshot, bring_back, plain
from handlers.tx import Tx

AT_ONCE = 5000
"""Ids in one statement: below what either database binds."""
OF_A_LEAD: tuple[type[Model], ...] = (TimelineEvent, OutboxJob, Appointment)
TALK = ("message_in", "message_out", "followed", "scanned", "unfollowed", "touch", "trial")
"""Lines of a timeline that belong to an account, not to a lead."""


@dataclass(frozen=True, slots=True)
class Unmerged:
    """`stayed`: leads opened since with the survivor. `not_reopened`: another took their place."""

    survivor_id: int
    other_id: int
    stayed: tuple[int, ...]
    not_reopened: tuple[int, ...]


async def unmerge(tx: Tx, record: CustomerMerge, by: str, reason: str) -> Unmerged:
    """Take the merge back; both customers are locked. Raises `CannotUnmerge`."""
    survivor = await tx.get(Customer, record.survivor_id)
    other = await tx.get(Customer, record.other_id)
    await _check(record, survivor)
    before: dict[str, Any] = record.before
    moved = await _return_leads(tx, record)
    await _return_rows(record)
    has_account = await Identity.exists(customer_id=survivor.id, kind="openid")
    talk = record.moved if has_account else await _return_talk(record)
    await service_rows.move_back(tx, talk, before, survivor.id, other.id)
    await campaign_rows.move_back(record)
    not_reopened = [
        story["lead_id"]
        for story in before["lapsed"]
        if not await returning.come_back(tx, story, record.at, by)
    ]
    other.merged_into_id = None
    _restore(survivor, other, before)
    record.undone_at, record.undone_by = tx.now, by
    tx.emit(CustomersParted(survivor.id, other.id))
    for one, another in ((survivor, other), (other, survivor)):
        tx.note("unmerged", by, customer_id=one.id, other=another.id, reason=reason)
    since = Lead.filter(customer_id=survivor.id, opened_at__gt=record.at).exclude(id__in=moved)
    stayed = [int(i) for i in await since.values_list("id", flat=True)]  # type: ignore[call-overload]
    return Unmerged(survivor.id, other.id, tuple(stayed), tuple(not_reopened))


async def _check(record: CustomerMerge, survivor: Customer) -> None:
    if record.undone_at:
        raise CannotUnmerge(f"merge {record.id} was undone before", why="undone")
    if not record.before:
        raise CannotUnmerge("the person was erased", why="erased")
    newer = CustomerMerge.filter(survivor_id=survivor.id, id__gt=record.id, undone_at__isnull=True)
    if survivor.merged_into_id or await newer.exists():
        raise CannotUnmerge("undo the newer merge first", why="built_upon")


async def _return_leads(tx: Tx, record: CustomerMerge) -> list[int]:
    """The leads that moved, by id; those of the survivor are locked with them, in order."""
    moved = record.moved[Lead._meta.db_table]
    before: dict[str, Any] = record.before
    touched = {i for story in before["lapsed"] for i in (story["lead_id"], story["kept_id"])}
    for lead_id in sorted({*moved, *touched}):
        await tx.get(Lead, lead_id)
    for lead_id in moved:
        lead = await tx.get(Lead, lead_id)
        lead.customer_id = record.other_id
        sync_open_key(lead)
        owned = {"customer_id": lead.customer_id, "open_key": lead.open_key}
        await Lead.filter(id=lead.id).update(**owned)
    return moved


async def _return_rows(record: CustomerMerge) -> None:
    survivor_id, other_id = record.survivor_id, record.other_id
    for model in merging.OWNED:
        ids = record.moved.get(model._meta.db_table, [])
        for start in range(0, len(ids), AT_ONCE):
            rows: Any = model.filter(id__in=ids[start : start + AT_ONCE], customer_id=survivor_id)
            await rows.update(customer_id=other_id)
    forget_purposes()
    leads = record.moved[Lead._meta.db_table]
    for model in OF_A_LEAD:
        rows = model.filter(lead_id__in=leads, customer_id=survivor_id)
        await rows.update(customer_id=other_id)


async def _return_talk(record: CustomerMerge) -> dict[str, list[int]]:
    """What was said since on the official account, by the one of the two who has one.

    Returns talks and tickets, those that moved and those begun since.
    """
    lines: Any = TimelineEvent.filter(kind__in=list(TALK), lead_id__isnull=True)
    for rows in (lines, CustomerAct.all()):
        since = rows.filter(at__gt=record.at, customer_id=record.survivor_id)
        await since.update(customer_id=record.other_id)
    talks: Any = Handoff.filter(customer_id=record.survivor_id, opened_at__gt=record.at)
    tickets: Any = Ticket.filter(customer_id=record.survivor_id, created_at__gt=record.at)
    return {
        "handoff": [*record.moved["handoff"], *await talks.values_list("id", flat=True)],
        "ticket": [*record.moved["ticket"], *await tickets.values_list("id", flat=True)],
    }


def _restore(survivor: Customer, other: Customer, before: dict[str, Any]) -> None:
    """Columns the merge filled are as before, unless they have changed since."""
    was: Snapshot = before["survivor"]
    filled: Snapshot = before["filled"]
    silent = survivor.opted_out_at
    for name in merging.FILLED:
        if plain(getattr(survivor, name)) == filled[name]:
            bring_back(survivor, {name: was[name]})
    if plain(silent) != filled["opted_out_at"]:
        bring_back(survivor, {"opted_out_at": was["opted_out_at"] or plain(silent)})
        other.opted_out_at = other.opted_out_at or silent
