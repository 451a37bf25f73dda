"""Test drives as calendars and conversations read them. Holds are no appointments."""

from dataclasses import dataclass
from datetime import datetime

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from db.models import Appointment, CarModel, Customer, Dealer
from domain.appointment import TAKES_A_PLACE, AppointmentState
from domain.business_hours import Span

HELD = AppointmentState.HELD


@dataclass(frozen=True, slots=True)
class AppointmentFace:
    """One test drive with everything a calendar entry shows. Times are aware UTC."""

    id: int
    customer_id: int
    lead_id: int | None
    name: str
    model: str
    model_code: str
    dealer_code: str
    dealer: str
    address: str
    phone: str
    start_at: datetime
    end_at: datetime
    state: str
    updated_at: datetime


async def find_appointment(appointment_id: int) -> AppointmentFace | None:
    """One appointment; None also for a place that is only held."""
    rows = await _faces(Appointment.filter(id=appointment_id))
    return rows[0] if rows else None


async def appointments_of_dealer(
    dealer_code: str, since: datetime, until: datetime, limit: int = 500
) -> list[AppointmentFace]:
    """Everything that starts in a span at a dealer, whatever became of it, by time."""
    rows = Appointment.filter(dealer_code=dealer_code, start_at__gte=since, start_at__lt=until)
    return await _faces(rows.order_by("start_at").limit(limit))


async def appointments_of_customer(customer_id: int, limit: int = 50) -> list[AppointmentFace]:
    """The customer's own, newest first."""
    rows = Appointment.filter(customer_id=customer_id).order_by("-start_at").limit(limit)
    return await _faces(rows)


async def next_appointment(customer_id: int, now: datetime) -> Appointment | None:
    """The test drive of this customer that comes next."""
    ahead = Appointment.filter(customer_id=customer_id, end_at__gt=now)
    return await ahead.filter(state__in=list(TAKES_A_PLACE)).order_by("start_at").first()


async def taken_spans(
    dealer_code: str, model: str, since: datetime, now: datetime, besides: int | None
) -> list[Span]:
    """Places given away from `since` on; what customer `besides` only holds is theirs to take."""
    taken = Appointment.filter(dealer_code=dealer_code, model_code=model, end_at__gt=since)
    taken = taken.filter(place_key__isnull=False)
    taken = taken.filter(Q(held_until__isnull=True) | Q(held_until__gt=now))
    rows = await taken.values_list("start_at", "end_at", "state", "customer_id")
    return [(row[0], row[1]) for row in rows if not (row[2] == HELD and row[3] == besides)]


async def _faces(rows: QuerySet[Appointment]) -> list[AppointmentFace]:
    found = [row for row in await rows if row.state != HELD]
    models = dict(await CarModel.all().values_list("code", "name")) if found else {}
    codes = {row.dealer_code for row in found}
    dealers = {d.code: d for d in await Dealer.filter(code__in=codes)} if codes else {}
    people = {row.customer_id for row in found}
    names = dict(await Customer.filter(id__in=people).values_list("id", "name")) if people else {}
    return [_face(row, dealers[row.dealer_code], models, names) for row in found]


def _face(
    row: Appointment, dealer: Dealer, models: dict[str, str], names: dict[int, str]
) -> AppointmentFace:
    code = row.model_code or ""
    return AppointmentFace(
        id=row.id,
        customer_id=row.customer_id,
        lead_id=row.lead_id,
        name=names.get(row.customer_id, ""),
        model=models.get(code, code),
        model_code=code,
        dealer_code=dealer.code,
        dealer=dealer.name,
        address=dealer.address,
        phone=dealer.phone,
        start_at=row.start_at,
        end_at=row.end_at,
        state=row.state,
        updated_at=row.updated_at,
    )
