"""Test drives: held, booked, moved, cancelled, kept. A place is never given twice.

Places of one dealer are given one at a time (its row is locked), and the unique `place_key`
refuses whatever slips past. Everybody who counts on the appointment hears of each change.
"""

from datetime import datetime, timedelta

from tortoise.expressions import Q

from db.models import Appointment, Customer, Dealer, FollowUp, Lead
from domain.appointment import TAKES_A_PLACE, AppointmentState, check_move, slots, why_not
from domain.appointment_commands import (
    BookTestDrive,
    CancelTestDrive,
    GiveBackHold,
    HoldTestDrive,
    KeepTestDrive,
    MoveTestDrive,
)
from domain.business_hours import Span
from domain.commands import ConsentGiven, IngestLead, Interest, Person
from domain.errors import AlreadyBooked, NotFound, SlotTaken
from domain.events import AppointmentChanged, CustomerActed, FollowUpLogged, LeadTouched
from domain.reasons import Reason
from handlers import customers, leads, policies
from handlers.calendars import calendar_of
from handlers.open_leads import open_key
from handlers.tx import Tx

SOURCE = "official_account"
SIGNAL = "booked_test_drive"
TOOK_PLACE = frozenset({"visited", "test_drive"})
"""Results of a follow-up that say the customer came."""
EARLY = timedelta(hours=3)
"""So long before its time a test drive may already have taken place."""

_State = AppointmentState


async def hold_test_drive(command: HoldTestDrive, tx: Tx) -> int:
    """Keep a place free for a while. Returns the hold's id; raises `SlotTaken`."""
    customer = await customers.by_openid(tx, command.openid)
    dealer = await tx.get(Dealer, command.dealer_code)
    await _drop_holds(customer)
    row = await _new(tx, customer, dealer, command.model, command.start_at, "customer")
    row.held_until = command.until
    return int((await tx.add(row)).id)


async def give_back_hold(command: GiveBackHold, tx: Tx) -> None:
    """Free the place that is held for this customer, if any."""
    await _drop_holds(await customers.by_openid(tx, command.openid))


async def book_test_drive(command: BookTestDrive, tx: Tx) -> int:
    """Book. Returns the appointment's id; raises `SlotTaken` or `AlreadyBooked`."""
    customer = await _customer(tx, command)
    await _refuse_second(tx, customer, command.model)
    row = await _own_hold(tx, customer, command)
    if row is None:  # look before the work: in a rush most come too late
        seen = await tx.see(Dealer, command.dealer_code)
        await _place(tx, seen, command.model, command.start_at)
    lead = await _lead_at(tx, customer, command)
    dealer = await tx.get(Dealer, command.dealer_code)
    await _drop_holds(customer, besides=row)
    if row is None:
        row = await _new(tx, customer, dealer, command.model, command.start_at, command.by)
        await tx.add(row)
    check_move(row.state, _State.BOOKED)
    row.state, row.held_until, row.lead_id, row.updated_at = _State.BOOKED, None, lead.id, tx.now
    leads.add_signals(tx, lead, SIGNAL, wished_at=row.start_at)
    _changed(tx, row, lead, "booked", command.by)
    return int(row.id)


async def move_test_drive(command: MoveTestDrive, tx: Tx) -> int:
    """The same test drive at another time. Raises `SlotTaken` or `WrongState`."""
    row, lead = await _find(tx, command.appointment_id)
    dealer = await tx.get(Dealer, row.dealer_code)
    if row.start_at == command.start_at:
        return int(row.id)
    if row.state not in TAKES_A_PLACE:
        check_move(row.state, _State.BOOKED)
    await _free_lapsed(tx, dealer)
    span, place_key = await _place(tx, dealer, row.model_code or "", command.start_at, row.id)
    _forget_signal(lead, row)
    (row.start_at, row.end_at), row.place_key = span, place_key
    row.state, row.updated_at = _State.BOOKED, tx.now
    leads.add_signals(tx, lead, SIGNAL, wished_at=row.start_at)
    _changed(tx, row, lead, "moved", command.by)
    return int(row.id)


async def cancel_test_drive(command: CancelTestDrive, tx: Tx) -> int:
    """Free the place. Safe to run again; raises `WrongState` once it took place."""
    row, lead = await _find(tx, command.appointment_id)
    if row.state != _State.CANCELLED:
        _forget_signal(lead, row)
        _end(tx, row, lead, _State.CANCELLED, command.by)
    return int(row.id)


async def keep_test_drive(command: KeepTestDrive, tx: Tx) -> int:
    """Note that the customer came, or did not. Safe to run again."""
    row, lead = await _find(tx, command.appointment_id)
    after = _State.KEPT if command.kept else _State.MISSED
    if row.state != after:
        _end(tx, row, lead, after, command.by)
    return int(row.id)


async def keep_by_follow_up(event: FollowUpLogged, tx: Tx) -> None:
    """An adviser who records the visit has thereby said that the customer came."""
    done = await tx.see(FollowUp, event.follow_up_id)
    if done.result not in TOOK_PLACE:
        return
    due = Appointment.filter(lead_id=event.lead_id, state__in=list(TAKES_A_PLACE))
    row = await due.filter(start_at__lte=done.occurred_at + EARLY).order_by("-start_at").first()
    if row:
        await keep_test_drive(KeepTestDrive(row.id, True, f"staff:{done.staff_id}"), tx)


# ── who, and which lead ──────────────────────────────────────────────────────────────────────


async def _customer(tx: Tx, command: BookTestDrive) -> Customer:
    if command.openid:
        return await customers.by_openid(tx, command.openid)
    lead = await tx.get(Lead, command.lead_id)
    return await tx.get(Customer, lead.customer_id)


async def _refuse_second(tx: Tx, customer: Customer, model: str) -> None:
    ahead = Appointment.filter(customer_id=customer.id, model_code=model, start_at__gt=tx.now)
    row = await ahead.filter(state__in=list(TAKES_A_PLACE)).first()
    if row:
        raise AlreadyBooked(
            f"customer {customer.id} has appointment {row.id}",
            appointment_id=row.id,
            start_at=row.start_at.isoformat(),
        )


async def _lead_at(tx: Tx, customer: Customer, command: BookTestDrive) -> Lead:
    """The customer's open lead at the dealer; a new one if there is none."""
    if command.lead_id:
        return await tx.get(Lead, command.lead_id)
    key = open_key(customer.id, command.dealer_code)
    if lead := await Lead.get_or_none(open_key=key):
        return await tx.get(Lead, lead.id)
    taken = await leads.ingest_lead(
        IngestLead(
            source=SOURCE,
            external_id=f"test_drive:{command.key}",
            occurred_at=tx.now,
            person=Person(openid=command.openid),
            interest=Interest(model=command.model, dealer_code=command.dealer_code),
            consent=ConsentGiven((), "", SOURCE, tx.now),
            by=command.by,
        ),
        tx,
    )
    return await tx.get(Lead, taken.lead_id)


async def _find(tx: Tx, appointment_id: int) -> tuple[Appointment, Lead]:
    """The appointment and its lead, both to be changed. Raises `NotFound`, also for a hold."""
    seen = await tx.see(Appointment, appointment_id)
    if seen.lead_id is None:
        raise NotFound(f"no appointment {appointment_id}")
    lead = await tx.get(Lead, seen.lead_id)
    return await tx.get(Appointment, appointment_id), lead


# ── places ───────────────────────────────────────────────────────────────────────────────────


async def _drop_holds(customer: Customer, besides: Appointment | None = None) -> None:
    held = Appointment.filter(customer_id=customer.id, state=_State.HELD)
    await held.exclude(id=besides.id if besides else 0).delete()


async def _own_hold(tx: Tx, customer: Customer, command: BookTestDrive) -> Appointment | None:
    """The place held for this customer, also if the time has run out but nobody took it."""
    held = Appointment.filter(customer_id=customer.id, state=_State.HELD)
    same = held.filter(dealer_code=command.dealer_code, model_code=command.model)
    row = await same.filter(start_at=command.start_at).first()
    return tx.watch(row) if row else None


async def _free_lapsed(tx: Tx, dealer: Dealer) -> None:
    """Give back what was held too long; only while the dealer's row is locked."""
    lapsed = Appointment.filter(dealer_code=dealer.code, held_until__lte=tx.now)
    await lapsed.filter(state=_State.HELD).delete()


async def _new(
    tx: Tx, customer: Customer, dealer: Dealer, model: str, start_at: datetime, by: str
) -> Appointment:
    """A hold on the first free place of a slot, not yet saved. Raises `SlotTaken`."""
    await _free_lapsed(tx, dealer)
    (start_at, end_at), place_key = await _place(tx, dealer, model, start_at)
    return Appointment(
        customer_id=customer.id,
        dealer_code=dealer.code,
        model_code=model,
        start_at=start_at,
        end_at=end_at,
        state=_State.HELD,
        place_key=place_key,
        booked_by=by,
        created_at=tx.now,
        updated_at=tx.now,
    )


async def _place(
    tx: Tx, dealer: Dealer, model: str, start_at: datetime, moving: int = 0
) -> tuple[Span, str]:
    """The slot that starts then, and the key of its first free place. Raises `SlotTaken`."""
    policy = (await policies.policy_for(dealer)).appointment
    calendar = calendar_of(dealer, tx.tz)
    day = start_at.astimezone(calendar.zone).date()
    length = timedelta(minutes=policy.duration_minutes)
    taken = Appointment.filter(dealer_code=dealer.code, model_code=model, place_key__isnull=False)
    taken = taken.filter(Q(held_until__isnull=True) | Q(held_until__gt=tx.now))
    near = taken.filter(start_at__lt=start_at + length, end_at__gt=start_at).exclude(id=moving)
    rows = await near.values_list("start_at", "end_at", "place_key")
    spans: list[Span] = [(row[0], row[1]) for row in rows]
    slot = next(
        (s for s in slots(day, calendar, spans, tx.now, policy) if s.start_at == start_at), None
    )
    if slot is None or not slot.free or not dealer.open:
        why = why_not(start_at, calendar, spans, tx.now, policy) or Reason.of("no_slot")
        raise SlotTaken(f"no test drive at {dealer.code} then", reason=why.code)
    keys = {str(row[2]) for row in rows}
    wanted = (f"{dealer.code}|{model}|{start_at:%Y%m%dT%H%MZ}|{n}" for n in range(policy.capacity))
    return (slot.start_at, slot.end_at), next(key for key in wanted if key not in keys)


# ── what follows ─────────────────────────────────────────────────────────────────────────────


def _end(tx: Tx, row: Appointment, lead: Lead, state: AppointmentState, by: str) -> None:
    check_move(row.state, state)
    row.state, row.place_key, row.updated_at = state, None, tx.now
    _changed(tx, row, lead, state.value, by)


def _changed(tx: Tx, row: Appointment, lead: Lead, happened: str, by: str) -> None:
    lead.last_active_at = tx.now
    tx.note(
        "appointment",
        by,
        lead=lead,
        appointment_at=row.start_at.isoformat(),
        appointment_id=row.id,
        model=row.model_code,
        state=happened,
    )
    tx.emit(LeadTouched(lead.id, "appointment"))
    if by == "customer" and happened in ("booked", "moved"):
        tx.emit(CustomerActed(lead.customer_id, "booked", (SIGNAL,)))
    tx.emit(AppointmentChanged(lead.id, row.id, happened))


def _forget_signal(lead: Lead, row: Appointment) -> None:
    """A test drive that will not take place then is no sign of interest any more."""
    gone = row.start_at.isoformat()
    lead.signals = [s for s in lead.signals if not (s[0] == SIGNAL and s[2:] == [gone])]
