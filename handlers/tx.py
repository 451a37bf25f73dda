"""One unit of work: the rows it loaded, the facts it produced, and what must follow.

Handlers change rows in place; `flush` writes only the columns that changed, so two writers of
different columns never undo each other. The bus opens and commits; handlers never do.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from tortoise.models import Model

from db import figures, profiles
from db.errors import TransactionConflict
from db.models import Appointment, Assignment, Customer, Lead, OutboxJob, TimelineEvent
from db.models.queues import RowState
from db.phone_vault import PhoneVault
from domain.errors import NotFound
from domain.events import Event

SYSTEM = "system"
OF_NO_SEGMENT = frozenset({"pushed", "reminded", "escalated", "revealed", "message_out", "trial"})
"""Lines of a timeline after which a customer is in the same segments as before."""
OF_NO_FIGURE = (
    OF_NO_SEGMENT
    | {"message_in", "touch", "consent", "consent_withdrawn", "voice_note", "recall_due"}
    | {"ticket", "ticket_answered", "ticket_late", "handoff_started", "handoff_ended"}
)
"""Lines after which the figures of a customer's leads are as before."""
FIGURED: Mapping[type[Model], frozenset[str]] = {
    Customer: frozenset({"pool", "merged_into_id"}),
    Lead: frozenset(
        {"customer_id", "dealer_id", "state", "source", "model_code", "level", "opened_at"}
        | {"closed_at"}
    ),
    Assignment: frozenset(
        {"assigned_at", "first_response_due_at", "first_response_at", "ended_at"}
    ),
    Appointment: frozenset({"lead_id", "start_at", "state"}),
}
"""Columns that figures are counted from."""
M = TypeVar("M", bound=Model)


def to_ms(at: datetime) -> int:
    """Epoch milliseconds, the unit of queue rows."""
    return int(at.timestamp() * 1000)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell somebody. The messenger finds channel, words and the right moment.

    `data` holds ids and plain values, never a phone. The same `key` is never sent twice.
    `hold` delays it; `left` names the way of one that is given as soon as this is committed, so
    that nobody sends it.
    """

    name: str
    key: str
    data: Mapping[str, object] = field(default_factory=dict)
    staff: str | None = None
    customer: int | None = None
    lead: int | None = None
    lane: str = "normal"
    hold: timedelta = timedelta()
    left: str = ""


class Tx:
    """What a handler may use: the time, the phones, rows to change, and a place for results."""

    def __init__(self, now: datetime, phones: PhoneVault, tz: str) -> None:
        self.now = now
        self.phones = phones
        self.tz = tz
        self.mark = secrets.token_hex(6)
        """Unique for this transaction: for keys of what may happen again later."""
        self.changes_reference = False
        """Set by who writes rows that are kept in memory (`db.reference`)."""
        self.leads_taken: list[tuple[str, str]] = []
        """Source and outcome of each intake, to be counted once they are durable."""
        self._events: list[Event] = []
        self._rows: dict[tuple[type[Model], object], Model] = {}
        self._before: dict[tuple[type[Model], object], dict[str, Any]] = {}
        self._seen: dict[tuple[type[Model], object], Model] = {}
        self._records: dict[type[Model], list[Model]] = {}
        self._outbox: dict[str, OutboxJob] = {}
        self._due = False

    # rows ───────────────────────────────────────────────────────────────────────────────────

    async def get(self, model: type[M], pk: object) -> M:
        """Load a row for changing it, locked until the end. Raises `NotFound`.

        A lead comes with its customer locked before it: what happens to one person happens one
        at a time. Locks are taken in the order customer, lead, dealer, staff, card, so that
        transactions wait for each other instead of blocking each other for good.
        """
        row = self._rows.get((model, pk))
        if row is None:
            owner = await self._lock_owner(pk) if model is Lead else None
            row = await model.filter(pk=pk).select_for_update(no_key=True).first()
            if row is None:
                raise NotFound(f"no {model.__name__.lower()} {pk}")
            if isinstance(row, Lead) and row.customer_id != owner:
                raise TransactionConflict("the lead went to another customer meanwhile")
            self.watch(row)
        return row  # type: ignore[return-value]

    async def see(self, model: type[M], pk: object) -> M:
        """Read a row that will not be changed, without locking it. Raises `NotFound`."""
        row = await self.find(model, pk)
        if row is None:
            raise NotFound(f"no {model.__name__.lower()} {pk}")
        return row

    async def find(self, model: type[M], pk: object) -> M | None:
        """The same, or None; a row once read is not asked for again."""
        key = (model, pk)
        row = self._rows.get(key) or self._seen.get(key) or await model.get_or_none(pk=pk)
        if row is not None:
            self._seen[key] = row
        return row  # type: ignore[return-value]

    async def _lock_owner(self, lead_id: object) -> int | None:
        owner = await Lead.filter(id=lead_id).first().values_list("customer_id", flat=True)
        if owner is not None:
            await self.get(Customer, owner)
        return owner  # type: ignore[return-value]

    async def add(self, row: M) -> M:
        """Insert a new row now, so that it has its id, and watch it."""
        await row.save(force_create=True)
        return self.watch(row)

    def append(self, row: Model) -> None:
        """Insert a row nobody asks for in this transaction, at the end, with others like it."""
        self._records.setdefault(type(row), []).append(row)

    def watch(self, row: M) -> M:
        """Write this row's later changes at the end. Returns the row all handlers share."""
        key = (type(row), row.pk)
        known = self._rows.setdefault(key, row)
        if known is row:
            self._before[key] = _columns(row)
        return known  # type: ignore[return-value]

    # results ────────────────────────────────────────────────────────────────────────────────

    def emit(self, event: Event) -> None:
        """State a fact; its reactions run before this transaction ends, or as jobs after it."""
        self._events.append(event)

    def take_events(self) -> list[Event]:
        """The facts stated since the last call."""
        taken, self._events = self._events, []
        return taken

    def note(
        self,
        kind: str,
        actor: str,
        *,
        lead: Lead | None = None,
        customer_id: int | None = None,
        at: datetime | None = None,
        **data: object,
    ) -> None:
        """Add a line to the timeline of a lead, or of a customer (then of all their leads)."""
        owner = lead.customer_id if lead else customer_id
        if owner is None:
            raise ValueError("a timeline line needs a lead or a customer")
        self.append(
            TimelineEvent(
                lead_id=lead.id if lead else None,
                customer_id=owner,
                at=at or self.now,
                kind=kind,
                actor=actor,
                data=data,
            )
        )

    def wake(self) -> None:
        """Have due rows looked for right after the commit: one of another table was written."""
        self._due = True

    def notify(self, notice: Notice) -> OutboxJob:
        """Write a notice to the outbox, in this transaction."""
        return self._put_job("notice", notice)

    def later(
        self, name: str, key: str, data: Mapping[str, object], hold: timedelta = timedelta()
    ) -> None:
        """Write a reaction job: run after commit (`hold`: so long after), retried on its own."""
        job = Notice(name=name, key=key, data=data, lane="reactions", hold=hold)
        self._put_job("reaction", job)

    def _put_job(self, kind: str, notice: Notice) -> OutboxJob:
        return self._outbox.setdefault(
            notice.key,
            OutboxJob(
                queue=notice.lane,
                due_at_ms=to_ms(self.now + notice.hold),
                created_at_ms=to_ms(self.now),
                kind=kind,
                name=notice.name,
                dedupe_key=notice.key,
                staff_id=notice.staff,
                customer_id=notice.customer,
                lead_id=notice.lead,
                data=dict(notice.data),
            ),
        )

    # the end ────────────────────────────────────────────────────────────────────────────────

    async def flush(self) -> bool:
        """Write what changed. True when there is something to do after the commit."""
        owners, figured = set(), set()
        for key, row in self._rows.items():
            after = _columns(row)
            changed = [name for name, value in after.items() if value != self._before[key][name]]
            if changed:
                await _save(row, changed, self.now)
                owners |= _owners_of(row)
                if not FIGURED.get(type(row), frozenset()).isdisjoint(changed):
                    figured |= self._figured_by(row)
        for model, rows in self._records.items():
            await model.bulk_create(rows)
            owners = owners.union(*map(_owners_of, rows))
            figured = figured.union(*map(self._figured_by, rows))
        await profiles.draw(owners)
        await figures.draw(figured)
        if self._outbox:
            await OutboxJob.bulk_create(self._outbox.values(), ignore_conflicts=True)
        return self._due or any(job.state == RowState.READY for job in self._outbox.values())

    def _figured_by(self, row: Model) -> set[int]:
        """The customers whose leads' figures may be others now that this row is written."""
        match row:
            case Assignment():
                lead = self._rows.get((Lead, row.lead_id)) or self._seen.get((Lead, row.lead_id))
                return {lead.customer_id} if isinstance(lead, Lead) else set()
            case TimelineEvent() if row.kind in OF_NO_FIGURE:
                return set()
            case Lead() | TimelineEvent() | Appointment():
                return {row.customer_id}
            case Customer():
                return {row.id}
        return set()


def _owners_of(row: Model) -> set[int]:
    """The customer a segment may see in another light now that this row is written."""
    match row:
        case Customer():
            return {row.id}
        case TimelineEvent() if row.kind in OF_NO_SEGMENT:
            return set()
        case Lead() | TimelineEvent():
            return {row.customer_id}
    return set()


def _columns(row: Model) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row._meta.fields_db_projection}


async def _save(row: Model, changed: list[str], now: datetime) -> None:
    if isinstance(row, Lead):
        row.version += 1
        row.updated_at = now
        changed = [*changed, "version", "updated_at"]
    elif isinstance(row, Customer):
        row.updated_at = now
        changed = [*changed, "updated_at"]
    await row.save(update_fields=sorted(set(changed)))
