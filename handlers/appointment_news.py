"""Everybody who counts on a test drive hears of it: the adviser of each step, both of its time.

What is to be said later is a job that looks again when it is due: a test drive that was moved
or cancelled meanwhile reminds nobody.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from db.models import Appointment, CarModel, Dealer, Lead
from domain.appointment import REMINDED_BEFORE, TAKES_A_PLACE, reminders
from domain.events import AppointmentChanged, AppointmentNear
from handlers import dispatch, policies
from handlers.serving import staff_to_tell
from handlers.tx import Notice, Tx, to_ms

ASK_AFTER = timedelta(minutes=30)
"""So long after its end the adviser is asked what became of a test drive."""
DATED = frozenset({"booked", "moved"})
REMINDERS = frozenset(REMINDED_BEFORE)
ADVISER_MARKS = frozenset({"soon", "over"})


async def tell_adviser(event: AppointmentChanged, tx: Tx) -> None:
    """Whoever looks after the lead sees each step."""
    lead = await tx.get(Lead, event.lead_id)
    data: dict[str, object] = {
        "appointment_id": event.appointment_id,
        "lead_id": lead.id,
        "happened": event.happened,
    }
    await _tell_holder(tx, lead, "test_drive", f"{event.happened}:{tx.mark}", data)


async def plan_reminders(event: AppointmentChanged, tx: Tx) -> None:
    """Set what is to be said at its time: two reminders, and the question how it went."""
    if event.happened not in DATED:
        return
    row = await tx.get(Appointment, event.appointment_id)
    dealer = await tx.see(Dealer, row.dealer_code)
    due = reminders(row.start_at, tx.now, await policies.policy_for(dealer), tx.tz)
    due["over"] = row.end_at + ASK_AFTER
    start_ms = to_ms(row.start_at)
    for mark, at in due.items():
        fields = {"appointment_id": row.id, "start_ms": start_ms, "mark": mark}
        data = {"event": AppointmentNear.__name__, "fields": fields}
        key = f"{remind.__name__}:{row.id}:{start_ms}:{mark}"
        tx.later(remind.__name__, key, data, hold=at - tx.now)


async def remind(event: AppointmentNear, tx: Tx) -> None:
    """Say what is due, if the test drive still stands at that time."""
    row = await tx.see(Appointment, event.appointment_id)
    start_at = datetime.fromtimestamp(event.start_ms / 1000, UTC)
    if row.state not in TAKES_A_PLACE or row.start_at != start_at:
        return
    lead = await tx.get(Lead, row.lead_id)
    if event.mark in REMINDERS:
        data = await _facts(row, tx)
        key = f"test_drive:customer:{row.id}:{event.start_ms}:{event.mark}"
        tx.notify(Notice("reminder", key, data, customer=row.customer_id, lead=lead.id))
    if event.mark in ADVISER_MARKS:
        told: dict[str, object] = {
            "appointment_id": row.id,
            "lead_id": lead.id,
            "happened": event.mark,
        }
        await _tell_holder(tx, lead, "test_drive", f"{event.start_ms}:{event.mark}", told)


async def _facts(row: Appointment, tx: Tx) -> dict[str, object]:
    """What a reminder says; when WeChat lets nothing through, the adviser is asked to call."""
    dealer = await tx.see(Dealer, row.dealer_code)
    model = await CarModel.get_or_none(code=row.model_code)
    start = row.start_at.astimezone(ZoneInfo(tx.tz))
    is_today = start.date() == tx.now.astimezone(start.tzinfo).date()
    return {
        "words": "drive_today" if is_today else "drive_tomorrow",
        "time": f"{start:%H:%M}",
        "model": model.name if model else "",
        "dealer": dealer.name,
        "address": dealer.address,
        "fallback": "call",
    }


async def _tell_holder(tx: Tx, lead: Lead, name: str, key: str, data: dict[str, object]) -> None:
    """Whoever holds the lead; while nobody does, those who look after the store."""
    assignment = await dispatch.running_assignment(tx, lead)
    if assignment:
        told = [assignment.staff_id]
    else:
        dealer = await dispatch.dealer_of(tx, lead) if lead.dealer_id else None
        told = await staff_to_tell(dealer, ("dcc", "store_manager"))
    for userid in told:
        full = f"{name}:{data['appointment_id']}:{key}:{userid}"
        tx.notify(Notice(name, full, data, staff=userid, lead=lead.id, lane="urgent"))
