"""Putting right what was just recorded: a tap on its card, or "不对，…" in words."""

from dataclasses import replace
from datetime import timedelta

from bot.conversation import Turn
from bot.customer.replies import reply_key
from bot.staff import desk
from bot.staff.recording import first_time, log_of, understand
from bot.understanding.adviser_leads import is_called
from db.models import FollowUp, Staff
from db.queries.faces import leads_meant
from domain import correction
from domain.card_commands import ShowCard
from domain.commands import FocusLead
from domain.correction_commands import CorrectFollowUp
from texts import staff as words

GIVEN_UP = "defeat"
"""A lead is given up by a request, not by a correction."""


async def takes(text: str, staff: Staff, turn: Turn) -> bool:
    """Answer a message that takes up the last record. False: it is about something else."""
    begun = words.begins_correction(text)
    last = await desk.last_follow_up(staff.userid) if begun else None
    if begun is None or last is None or not may_undo_in(last, turn):
        return False
    rest = words.without_particles(text[len(begun) :])
    if understand(rest, turn).label == GIVEN_UP:
        return False
    if not rest:
        await turn.do(ask_what(turn, staff, last))
        return True
    order = await _correction(rest, last, staff, turn)
    if order is None:
        await turn.tell(words.say("corrected_nothing"))
        return True
    await turn.do(order, FocusLead(staff.userid, order.lead_id or last.lead_id))
    return True


def tapped(key: str, record_id: int, staff: Staff, turn: Turn) -> CorrectFollowUp:
    """The order behind one offer on a card: `result:…`, `level:…` or `next:…`."""
    kind, _, value = key.partition(":")
    next_at = correction.day_at(int(value), turn.now, turn.tz) if kind == "next" else None
    return CorrectFollowUp(
        record_id,
        staff.userid,
        result=value if kind == "result" else None,
        level=value if kind == "level" else None,
        next_follow_up_at=next_at,
    )


def together(orders: list[CorrectFollowUp]) -> CorrectFollowUp:
    """Several changes of one record as one order."""
    first, *others = orders
    for order in others:
        first = replace(
            first,
            result=first.result or order.result,
            level=first.level or order.level,
            next_follow_up_at=first.next_follow_up_at or order.next_follow_up_at,
        )
    return first


def ask_what(turn: Turn, staff: Staff, record: FollowUp) -> ShowCard:
    """The card with everything that can be changed."""
    key = f"amend_card:{turn.row.id}"
    return ShowCard("amend", staff.userid, record.lead_id, key, follow_up_id=record.id)


def may_undo_in(record: FollowUp, turn: Turn) -> bool:
    """Whether the record may still be changed."""
    return turn.now <= record.logged_at + timedelta(minutes=turn.undo_minutes)


async def _correction(
    text: str, last: FollowUp, staff: Staff, turn: Turn
) -> CorrectFollowUp | None:
    """What the rest of the message changes; None when it names nothing."""
    understood = understand(text, turn)
    log = log_of(turn, staff, last.lead_id, text, understood)
    at = None if log.appointment_at or log.next_follow_up_at else first_time(text, turn)
    visits = last.appointment_at is not None or log.result == "appointment"
    order = CorrectFollowUp(
        last.id,
        staff.userid,
        result=log.result if log.result != "note" else None,
        level=log.level,
        next_follow_up_at=log.next_follow_up_at or (None if visits else at),
        appointment_at=log.appointment_at or (at if visits else None),
        model=log.model,
        deposit=log.deposit,
        lead_id=await _other_lead(text, str(understood.slots.get("lead_ref", "")), last, staff),
        confirm_key=reply_key(turn.row.id),
    )
    return order if _changes_something(order) else None


async def _other_lead(text: str, reference: str, last: FollowUp, staff: Staff) -> int | None:
    """The lead it was about instead; None for the same, or when it is not clear which."""
    if not reference:
        return None
    meant = await leads_meant(staff.userid, text, reference, None, is_called)
    return meant[0] if len(meant) == 1 and meant[0] != last.lead_id else None


def _changes_something(order: CorrectFollowUp) -> bool:
    changed = (
        order.result,
        order.level,
        order.next_follow_up_at,
        order.appointment_at,
        order.model,
        order.deposit,
        order.lead_id,
    )
    return any(value is not None for value in changed)
