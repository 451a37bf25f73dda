"""An adviser's sentence becomes a follow-up on the lead it is about; asked, never guessed."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from bot.conversation import Turn
from bot.events import TextMessage
from bot.refusals import refusal_text
from bot.staff import desk
from bot.staff.words import lead_name, moment
from bot.understanding.adviser import understand_adviser
from bot.understanding.adviser_leads import is_called, split_by_lead
from bot.understanding.normalise import normalise
from bot.understanding.result import Understanding
from bot.understanding.times import future_times
from bot.wecom.cards import BUTTONS
from db.models import ChatSession, Staff
from db.queries.faces import LeadFace, lead_face, leads_meant
from domain.commands import (
    Command,
    FocusLead,
    LogFollowUp,
    RequestDefeat,
    SaveSession,
    SetDuty,
    ShowCard,
    UndoFollowUp,
)
from domain.errors import DefeatNotEarned
from domain.phone import mask_in_text
from texts import staff as words
from texts.labels import defeat_reason_text, level_text, result_text

NO_REASON = "other"


async def said(event: TextMessage, staff: Staff, turn: Turn) -> None:
    """Answer one text: a command, the answer to a question of ours, or a follow-up."""
    text = event.content.strip()
    command = _COMMANDS.get(words.command_of(text) or "")
    if command:
        await command(staff, turn)
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
    understood = _understand(text, turn)
    if understood.label not in {"note", "appointment"} or "lead_ref" in understood.slots:
        return None
    times = future_times(normalise(text).text, turn.now)
    return times[0].at if times else None


async def record_on(
    turn: Turn, staff: Staff, lead_id: int, text: str, also: Sequence[Command] = ()
) -> None:
    """Log what a sentence says on this lead, and repeat it."""
    understood = _understand(text, turn)
    lead = await lead_face(lead_id)
    if understood.label == "defeat" and "defeat_reason" in understood.slots:
        reason = str(understood.slots["defeat_reason"])
        await give_up(turn, staff, lead_id, reason, understood, text, also=also, refused=also)
        return
    if understood.label == "defeat":
        name = lead_name(lead) if lead else ""
        await turn.do(
            ask_reason(turn, staff, lead_id),
            FocusLead(staff.userid, lead_id),
            *also,
            then=lambda _: words.say("defeat_needs_reason", lead=name),
        )
        return
    log = _log(turn, staff, lead_id, text, understood)
    done = [SaveSession("wecom", staff.userid, {}), FocusLead(staff.userid, lead_id), *also]
    await turn.do(log, *done, then=lambda _: recorded(lead, log, turn) if lead else "")


def ask_reason(
    turn: Turn, staff: Staff, lead_id: int, assignment_id: int | None = None
) -> ShowCard:
    """The card that asks why a lead is to be given up."""
    key = f"reason_card:{turn.row.id}"
    return ShowCard("reason", staff.userid, lead_id, key, {}, assignment_id)


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
    name = lead_name(lead) if lead else ""
    competitor = str(understood.slots.get("competitor", ""))
    log = _log(turn, staff, lead_id, text, understood)
    ask = RequestDefeat(lead_id, f"staff:{staff.userid}", reason, competitor, mask_in_text(text))
    focus = FocusLead(staff.userid, lead_id)
    shown = defeat_reason_text(reason)
    try:
        await turn.do(
            log,
            ask,
            focus,
            *also,
            then=lambda _: words.say("defeat_requested", lead=name, reason=shown),
        )
    except DefeatNotEarned as refusal:
        why = refusal_text(refusal, turn.userid, turn.now, turn.tz)
        told = f"{recorded(lead, log, turn)}\n{why}" if lead else why
        await turn.do(log, focus, *refused, then=lambda _: told)


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
        understood = _understand(note, turn)
        reference = str(understood.slots.get("lead_ref", ""))
        meant = await leads_meant(staff.userid, note, reference, None, is_called)
        lead = await lead_face(meant[0]) if len(meant) == 1 else None
        if lead is None:
            await turn.tell(words.say("one_of_several", ref=reference))
            return
        log = _log(turn, staff, lead.id, note, understood)
        orders.append(log)
        told.append(recorded_line(lead, log, turn))
    hint = words.say("undo_hint", minutes=f"{turn.undo_minutes:g}")
    await turn.do(*orders, then=lambda _: "\n".join([*told, hint]))


async def _follow_up_one(turn: Turn, staff: Staff, text: str) -> None:
    understood = _understand(text, turn)
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
    slots = {**_understand(text, turn).slots, "appointment_at": at}
    slots.pop("next_follow_up_at", None)
    lead = await lead_face(lead_id)
    log = _log(turn, staff, lead_id, text, Understanding("appointment", slots))
    done = [SaveSession("wecom", staff.userid, {}), FocusLead(staff.userid, lead_id)]
    await turn.do(log, *done, then=lambda _: recorded(lead, log, turn) if lead else "")


def _understand(text: str, turn: Turn) -> Understanding:
    return understand_adviser(text, turn.now, turn.catalogue)


def _log(
    turn: Turn, staff: Staff, lead_id: int, text: str, understood: Understanding
) -> LogFollowUp:
    slots = understood.slots
    models = slots.get("models")
    level = slots.get("level")
    deposit = slots.get("deposit")
    return LogFollowUp(
        lead_id=lead_id,
        by=f"staff:{staff.userid}",
        result=understood.label,
        way="phone",
        occurred_at=turn.now,
        userid=staff.userid,
        note=mask_in_text(text),
        level=str(level) if level else None,
        next_follow_up_at=_time(slots.get("next_follow_up_at")),
        appointment_at=_time(slots.get("appointment_at")),
        model=str(models[0]) if isinstance(models, list | tuple) and models else None,
        deposit=int(str(deposit)) if deposit else None,
    )


def _time(value: object) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else value  # type: ignore[return-value]


# ── commands ─────────────────────────────────────────────────────────────────────────────────


async def _undo(staff: Staff, turn: Turn) -> None:
    last = await desk.last_follow_up(staff.userid)
    if last is None:
        await turn.tell(words.say("nothing_to_undo"))
        return
    lead = await lead_face(last.lead_id)
    text = words.say(
        "undone", lead=lead_name(lead) if lead else "", result=result_text(last.result)
    )
    await turn.do(UndoFollowUp(last.id, f"staff:{staff.userid}"), then=lambda _: text)


async def _todo(staff: Staff, turn: Turn) -> None:
    await turn.tell(await desk.todo_text(staff.userid, turn.now, turn.tz))


async def _today(staff: Staff, turn: Turn) -> None:
    await turn.tell(await desk.today_text(staff.userid, turn.now, turn.tz))


async def _mine(staff: Staff, turn: Turn) -> None:
    await turn.tell(await desk.mine_text(staff.userid, turn.now, turn.tz))


async def _help(staff: Staff, turn: Turn) -> None:
    await turn.tell(words.say("help"))


async def _go_on_duty(staff: Staff, turn: Turn) -> None:
    order = SetDuty(staff.userid, on_duty=True, by=f"staff:{staff.userid}")
    await turn.do(order, then=lambda _: words.say("on_duty"))


async def _go_off_duty(staff: Staff, turn: Turn) -> None:
    order = SetDuty(staff.userid, on_duty=False, by=f"staff:{staff.userid}")
    await turn.do(order, then=lambda _: words.say("off_duty"))


_COMMANDS: dict[str, Callable[[Staff, Turn], Awaitable[None]]] = {
    "undo": _undo,
    "todo": _todo,
    "today": _today,
    "mine": _mine,
    "help": _help,
    "on_duty": _go_on_duty,
    "off_duty": _go_off_duty,
}
