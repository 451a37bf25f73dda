"""An adviser's sentence becomes a follow-up on the lead it is about; asked, never guessed."""

from collections.abc import Sequence
from datetime import datetime

from bot.conversation import Turn
from bot.refusals import refusal_text
from bot.staff import correcting
from bot.staff.asking import (
    ask_reason,
    ask_rest_reason,
    asks_first,
    said_of_defeat,
    turned_to,
)
from bot.staff.commands import command_for
from bot.staff.recording import confirmed, first_time, log_of, understand
from bot.staff.words import lead_name, moment
from bot.understanding.adviser_leads import is_called, split_by_lead
from bot.understanding.result import Understanding
from bot.wecom.cards import BUTTONS
from db.models import ChatSession, Staff
from db.queries.faces import LeadFace, lead_face, leads_meant
from domain.card_commands import ShowCard
from domain.commands import Command, FocusLead, LogFollowUp, RequestDefeat
from domain.errors import DefeatNotEarned
from domain.phone import mask_in_text
from texts import staff as words
from texts.labels import level_text, result_text


async def said(text: str, staff: Staff, turn: Turn) -> None:
    """Answer one text: a command, the answer to a question of ours, or a follow-up."""
    if command := command_for(text):
        await command(staff, turn)
        return
    if await correcting.takes(text, staff, turn):
        return
    session = await ChatSession.get_or_none(channel="wecom", peer=staff.userid)
    awaited = session.state if session else {}
    if awaited.get("awaits") == "appointment":
        lead_id, at = int(str(awaited["lead_id"])), _time_answered(text, turn)
        if at:
            await _settle_appointment(turn, staff, lead_id, text, at)
            return
    await _follow_up(turn, staff, text)


def _time_answered(text: str, turn: Turn) -> datetime | None:
    """The time that answers our question; None when the sentence speaks of something else."""
    understood = understand(text, turn)
    if understood.label not in {"note", "appointment"} or "lead_ref" in understood.slots:
        return None
    return first_time(text, turn)


async def record_on(
    turn: Turn, staff: Staff, lead_id: int, text: str, also: Sequence[Command] = ()
) -> None:
    """Log what a sentence says on this lead, and repeat it."""
    understood = understand(text, turn)
    if understood.label == "defeat" and "defeat_reason" in understood.slots:
        reason = str(understood.slots["defeat_reason"])
        await give_up(turn, staff, lead_id, reason, understood, text, also=also, refused=also)
        return
    if understood.label == "defeat":
        ask = ask_reason(turn, staff, lead_id, text=text)
        await turn.do(ask, FocusLead(staff.userid, lead_id), *also)
        return
    if understood.label == "dormant" and await asks_first("dormant", staff):
        ask = await ask_rest_reason(turn, staff, lead_id, text)
        await turn.do(ask, *turned_to(staff, lead_id), *also)
        return
    log = log_of(turn, staff, lead_id, text, understood)
    await turn.do(confirmed(log, turn), *turned_to(staff, lead_id), *also)


async def give_up(
    turn: Turn,
    staff: Staff,
    lead_id: int,
    reason: str,
    understood: Understanding | None = None,
    text: str = "",
    also: Sequence[Command] = (),
    refused: Sequence[Command] = (),
) -> None:
    """Log the contact and ask for the defeat; one not earned yet still counts as a contact.

    `also` is done with the request, `refused` when only the contact is logged.
    """
    understood = understood or Understanding("defeat", {"defeat_reason": reason})
    lead = await lead_face(lead_id)
    competitor = str(understood.slots.get("competitor", ""))
    log = log_of(turn, staff, lead_id, text, understood)
    ask = RequestDefeat(lead_id, f"staff:{staff.userid}", reason, competitor, mask_in_text(text))
    focus = FocusLead(staff.userid, lead_id)
    told = await said_of_defeat(staff, lead, reason)
    try:
        await turn.do(log, ask, focus, *also, then=lambda _: told)
    except DefeatNotEarned as refusal:
        why = refusal_text(refusal, turn.userid, turn.now, turn.tz)
        both = f"{recorded(lead, log, turn)}\n{why}" if lead else why
        await turn.do(log, focus, *refused, then=lambda _: both)


def recorded(lead: LeadFace, log: LogFollowUp, turn: Turn) -> str:
    """What was understood, repeated, and how to take it back."""
    hint = words.say("undo_hint", minutes=f"{turn.undo_minutes:g}")
    return f"{recorded_line(lead, log, turn)}\n{hint}"


def recorded_line(lead: LeadFace, log: LogFollowUp, turn: Turn) -> str:
    """What was understood of one lead."""

    def told(key: str, value: object) -> list[str]:
        shown = moment(value, turn.now, turn.tz) if isinstance(value, datetime) else value
        return [words.say(key, value=shown)] if shown else []

    facts = [
        result_text(log.result),
        *told("fact_appointment", log.appointment_at),
        *told("fact_level", level_text(log.level) if log.level else None),
        *told("fact_next", log.next_follow_up_at),
        *told("fact_deposit", log.deposit),
    ]
    return words.say("recorded", lead=lead_name(lead), facts=words.say("list_comma").join(facts))


async def _follow_up(turn: Turn, staff: Staff, text: str) -> None:
    notes = split_by_lead(text)
    if len(notes) > 1:
        await _follow_up_several(turn, staff, notes)
    else:
        await _follow_up_one(turn, staff, text)


async def _follow_up_several(turn: Turn, staff: Staff, notes: list[str]) -> None:
    """One message about several leads: all of it is recorded, or it is said which part is not."""
    orders: list[Command] = []
    told: list[str] = []
    for note in notes:
        understood = understand(note, turn)
        reference = str(understood.slots.get("lead_ref", ""))
        meant = await leads_meant(staff.userid, note, reference, None, is_called)
        lead = await lead_face(meant[0]) if len(meant) == 1 else None
        if lead is None:
            await turn.tell(words.say("one_of_several", ref=reference))
            return
        log = log_of(turn, staff, lead.id, note, understood)
        orders.append(log)
        told.append(recorded_line(lead, log, turn))
    hint = words.say("undo_hint", minutes=f"{turn.undo_minutes:g}")
    await turn.do(*orders, then=lambda _: "\n".join([*told, hint]))


async def _follow_up_one(turn: Turn, staff: Staff, text: str) -> None:
    understood = understand(text, turn)
    reference = str(understood.slots.get("lead_ref", ""))
    meant = await leads_meant(staff.userid, text, reference, staff.focus_lead_id, is_called)
    if len(meant) == 1:
        await record_on(turn, staff, meant[0], text)
    elif not meant and reference:
        await turn.tell(words.say("no_such_lead", ref=reference))
    elif not meant:
        await turn.tell(words.say("no_lead"))
    else:
        await _ask_which(turn, staff, meant, text)


async def _ask_which(turn: Turn, staff: Staff, meant: list[int], text: str) -> None:
    if len(meant) > BUTTONS:
        await turn.tell(words.say("which_of_many", count=len(meant)))
        return
    key = f"pick_card:{turn.row.id}"
    data: dict[str, object] = {"candidates": meant, "text": mask_in_text(text)}
    await turn.do(ShowCard("pick", staff.userid, meant[0], key, data))


async def _settle_appointment(
    turn: Turn, staff: Staff, lead_id: int, text: str, at: datetime
) -> None:
    slots = {**understand(text, turn).slots, "appointment_at": at}
    slots.pop("next_follow_up_at", None)
    log = log_of(turn, staff, lead_id, text, Understanding("appointment", slots))
    await turn.do(confirmed(log, turn), *turned_to(staff, lead_id))
