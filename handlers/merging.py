"""Two customers become one: everything of the other moves, and the record of it can undo it."""

from collections.abc import Iterable
from typing import Any

from tortoise.models import Model

from db.models import (
    Appointment,
    Consent,
    Customer,
    CustomerAct,
    CustomerMerge,
    HandOver,
    Identity,
    Lead,
    OutboxJob,
    Outcome,
    TimelineEvent,
    Touch,
    TrialRecipient,
)
from db.queries.consents import forget_purposes
from domain import merging as rule
from domain.errors import CannotMerge
from domain.events import CustomersMerged
from handlers import campaign_rows, lapsing, pools, service_rows
from handlers.open_leads import sync_open_key
from handlers.snapshots import Snapshot, snapshot
from handlers.tx import Tx

OWNED: tuple[type[Model], ...] = (
    Identity,
    Consent,
    TimelineEvent,
    Appointment,
    OutboxJob,
    CustomerAct,
    HandOver,
    Touch,
    Outcome,
    TrialRecipient,
)
"""Rows that only change hands. Leads, talks, tickets and parts in campaigns may be in each
other's way."""
BLANKS = ("name", "city", "scene", "lat", "lng")
FILLED = (*BLANKS, "opted_out_at", "last_message_at")
"""What the survivor may take over from the other."""


async def merge(
    tx: Tx, survivor: Customer, other: Customer, by: str, reason: str = ""
) -> CustomerMerge:
    """Make `other` part of `survivor`; both are locked. Raises `CannotMerge`."""
    _check(survivor, other)
    leads = {lead.id: lead for lead in await _leads_of(tx, survivor, other)}
    theirs = [lead for lead in leads.values() if lead.customer_id == other.id]
    ours = [lead for lead in leads.values() if lead.customer_id == survivor.id]
    found = rule.conflicts(_open(ours), _open(theirs))
    stories = [await lapsing.give_way(tx, leads[c.lapsed.id], leads[c.kept.id]) for c in found]
    record = CustomerMerge(
        survivor_id=survivor.id,
        other_id=other.id,
        at=tx.now,
        by=by,
        reason=reason,
        moved={Lead._meta.db_table: [lead.id for lead in theirs]},
        before={"survivor": snapshot(survivor, FILLED)},
        conflicts=[_named(conflict) for conflict in found],
    )
    await _move(tx, record, theirs)
    for story, conflict in zip(stories, found, strict=True):
        lapsed, kept = leads[conflict.lapsed.id], leads[conflict.kept.id]
        story.update(await lapsing.taken_in(tx, lapsed, kept, by))
    _fill(survivor, other)
    other.merged_into_id = survivor.id
    await pools.end_stay(tx, other)
    record.before |= {"lapsed": stories, "filled": snapshot(survivor, FILLED)}
    tx.note("merged", by, customer_id=survivor.id, other=other.id, reason=reason)
    tx.emit(CustomersMerged(survivor.id, other.id))
    return await tx.add(record)


def _check(survivor: Customer, other: Customer) -> None:
    if survivor.id == other.id:
        raise CannotMerge("a customer cannot be merged with themself", why="same")
    for customer in (survivor, other):
        if customer.merged_into_id:
            raise CannotMerge(f"customer {customer.id} is part of another", why="merged")
        if customer.erased_at:
            raise CannotMerge(f"customer {customer.id} was erased", why="erased")


async def _leads_of(tx: Tx, *customers: Customer) -> list[Lead]:
    owners = [customer.id for customer in customers]
    rows = Lead.filter(customer_id__in=owners).order_by("id")
    return [await tx.get(Lead, i) for i in await rows.values_list("id", flat=True)]


def _open(leads: Iterable[Lead]) -> list[rule.OpenLead]:
    return [
        rule.OpenLead(lead.id, lead.dealer_id, lead.state, lead.opened_at)
        for lead in leads
        if lead.open_key is not None
    ]


def _named(conflict: rule.Conflict) -> Snapshot:
    return {
        "dealer_code": conflict.kept.dealer_code,
        "kept": conflict.kept.id,
        "lapsed": conflict.lapsed.id,
    }


async def _move(tx: Tx, record: CustomerMerge, leads: Iterable[Lead]) -> None:
    """Change hands. Written at once: what follows in this transaction asks the database."""
    survivor_id, other_id = record.survivor_id, record.other_id
    for model in OWNED:
        rows: Any = model.filter(customer_id=other_id)
        record.moved[model._meta.db_table] = [
            int(i) for i in await rows.values_list("id", flat=True)
        ]
        await rows.update(customer_id=survivor_id)
    forget_purposes()
    for lead in leads:
        lead.customer_id = survivor_id
        sync_open_key(lead)
        await Lead.filter(id=lead.id).update(customer_id=survivor_id, open_key=lead.open_key)
    for rows_of in (service_rows, campaign_rows):
        moved, before = await rows_of.move(tx, other_id, survivor_id)
        record.moved |= moved
        record.before |= before


def _fill(survivor: Customer, other: Customer) -> None:
    """Blanks are filled; who of the two wants silence has it; the last word is the last word."""
    for name in BLANKS:
        setattr(survivor, name, getattr(survivor, name) or getattr(other, name))
    survivor.opted_out_at = survivor.opted_out_at or other.opted_out_at
    heard = [at for at in (survivor.last_message_at, other.last_message_at) if at]
    survivor.last_message_at = max(heard, default=None)
