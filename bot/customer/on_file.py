"""What a conversation needs to know now: who writes, which dealers, which times are free."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.customer import places
from bot.customer.places import Place, Position
from db.models import Appointment, Dealer, Staff
from db.queries.appointments import next_appointment, taken_spans
from db.queries.callers import Caller
from db.queries.consents import purposes_in_force
from domain.appointment import Slot, nearest_slots, slots, spread_slots
from domain.consent import MARKETING, may_dispatch
from domain.conversation import Booked, Known, Talk, Task, When
from domain.scenes import scene_of
from domain.talk_tasks import MOST_CHOICES, chosen_dealer
from handlers.calendars import calendar_of
from handlers.policies import policy_for


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known, and the rows it was read from."""

    known: Known
    places: list[Place]
    near: bool


class Found(NamedTuple):
    """Dealers that come into question; whether by distance; the one of theirs that does not."""

    places: list[Place]
    near: bool = False
    lacks: str = ""


async def booked_by(caller: Caller, now: datetime) -> Booked | None:
    """The customer's next test drive."""
    row = await next_appointment(caller.id, now) if caller.id and caller.has_drive else None
    return _booked(row, now) if row else None


def _booked(row: Appointment, now: datetime) -> Booked:
    start_at = row.start_at.astimezone(now.tzinfo)
    return Booked(row.id, row.model_code or "", row.dealer_code, start_at)


async def situation(
    caller: Caller,
    talk: Talk,
    here: Position | None,
    booked: Booked | None,
    now: datetime,
    tz: str,
) -> Situation:
    """Everything `next_step` may need for the conversation as it stands."""

    found, near, lacks = await _places(caller, talk, here)
    dealer = _dealer(talk, found, booked)
    free = await _free(dealer, talk, booked, caller, now, tz) if dealer else []
    purposes = await purposes_in_force(caller.id, caller.opted_out_at) if caller.id else []
    known = Known(
        has_phone=caller.has_phone,
        may_share=may_dispatch(frozenset(purposes)),
        ask_news=MARKETING not in purposes and caller.opted_out_at is None,
        position=here is not None or caller.position is not None,
        dealers=tuple(place.dealer.code for place in found),
        slots=tuple(at.astimezone(now.tzinfo) for at in free),
        booked=booked,
        unplaced=caller.unplaced is not None,
        lacks=lacks,
    )
    return Situation(known, found, near)


# ── which dealers ────────────────────────────────────────────────────────────────────────────


async def _places(caller: Caller, talk: Talk, here: Position | None) -> Found:
    """Dealers that come into question, the best source first."""
    position, model = here or caller.position, talk.model
    if here:
        return Found(await places.nearest(here, model), near=True)
    lacks = ""
    chosen = [talk.dealer] if talk.dealer else []
    theirs = [] if talk.city else [_of_leads(caller), await _of_scene(caller)]
    for codes in filter(None, (chosen, *theirs)):
        if found := await places.by_code(codes, model, position):
            return Found(found, lacks=lacks)
        lacks = lacks or (codes[0] if await places.by_code(codes, "", None) else "")
    if talk.city:
        return Found(await places.in_city(talk.city, model, position), lacks=lacks)
    if lacks and (found := await places.in_town_of(lacks, model, position)):
        return Found(found, lacks=lacks)
    if position:
        return Found(await places.nearest(position, model), near=True, lacks=lacks)
    if caller.city:
        return Found(await places.in_city(caller.city, model, None), lacks=lacks)
    return Found([], lacks=lacks)


def _of_leads(caller: Caller) -> list[str]:
    """The dealer that already looks after the customer."""
    return [lead.dealer_id for lead in caller.leads if lead.dealer_id][:1]


async def _of_scene(caller: Caller) -> list[str]:
    scene = scene_of(caller.scene)
    if scene.kind == "dealer":
        return [scene.value]
    if scene.kind == "staff":
        member = await Staff.get_or_none(userid=scene.value, active=True)
        return [member.dealer_id] if member and member.dealer_id else []
    return []


def _dealer(talk: Talk, found: list[Place], booked: Booked | None) -> str:
    if talk.task == Task.MOVE and booked:
        return booked.dealer
    if talk.task != Task.DRIVE or not talk.model:
        return ""
    return chosen_dealer(talk, [place.dealer.code for place in found])


# ── which times ──────────────────────────────────────────────────────────────────────────────


async def _free(
    code: str, talk: Talk, booked: Booked | None, caller: Caller, now: datetime, tz: str
) -> list[datetime]:
    """Free starts at the dealer, those that fit what the customer said first."""
    dealer = await Dealer.get(code=code)
    model = booked.model if talk.task == Task.MOVE and booked else talk.model
    policy = (await policy_for(dealer)).appointment
    calendar = calendar_of(dealer, tz)
    taken = await taken_spans(code, model, now - timedelta(days=1), now, caller.id)
    moving = booked.start_at if talk.task == Task.MOVE and booked else now
    wanted = talk.when.at if talk.when else moving
    if talk.when is None and talk.task == Task.DRIVE:
        near = spread_slots(calendar, taken, now, policy, MOST_CHOICES)
    else:
        near = nearest_slots(wanted, calendar, taken, now, policy, MOST_CHOICES)
    day = slots(wanted.astimezone(calendar.zone).date(), calendar, taken, now, policy)
    fitting = _fitting([slot for slot in day if slot.free], talk.when)
    return list(dict.fromkeys(slot.start_at for slot in (*fitting, *near)))[: _most(fitting)]


def _most(fitting: list[Slot]) -> int:
    """Where something fits, nothing else is offered."""
    return len(fitting) or MOST_CHOICES


def _fitting(free: list[Slot], when: When | None) -> list[Slot]:
    """Slots inside what was said; of many a few, spread over the time."""
    if when is None:
        return []
    if when.since is None or when.until is None:
        return [slot for slot in free if slot.start_at == when.at]
    inside = [slot for slot in free if when.since <= slot.start_at < when.until]
    if len(inside) <= MOST_CHOICES:
        return inside
    return [inside[i * len(inside) // MOST_CHOICES] for i in range(MOST_CHOICES)]


def seeded(talk: Talk, caller: Caller) -> Talk:
    """The conversation with what is on file, so that it need not be asked."""
    lead = next((lead for lead in caller.leads if lead.model_code), None)
    return replace(talk, model=talk.model or (lead.model_code or "" if lead else ""))
