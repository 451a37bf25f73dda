"""Buttons of cards: each press is one order, and the card then shows what became of it."""

from collections.abc import Awaitable, Callable

from bot.conversation import Turn
from bot.refusals import refusal_text
from bot.staff import sentences
from bot.staff.approving import (
    ask_for_rest,
    ask_who_goes_on,
    asked_further,
    chosen,
    free_colleagues,
    hand_on,
    pass_on,
    review,
    shown,
)
from bot.staff.asking import ask_reason, policy_of
from bot.staff.correcting import ask_what, tapped, together
from bot.staff.recording import confirmed, understand
from bot.staff.words import lead_name
from bot.understanding.result import Understanding
from bot.wecom.parse import CardClicked
from db.models import Card, FollowUp, Staff
from db.queries.faces import assignment_face, lead_face
from domain.card_commands import ShowCard
from domain.commands import (
    AcceptLead,
    FocusLead,
    LogFollowUp,
    RequestDefeat,
    SaveSession,
    UndoFollowUp,
)
from domain.errors import AssignmentOver, DomainError
from texts import staff as words
from texts.labels import result_text

Press = Callable[[CardClicked, Card, Staff, Turn], Awaitable[None]]


async def pressed(event: CardClicked, staff: Staff, turn: Turn) -> None:
    """Find the card and do what its button says; a refusal also refreshes the card."""
    card = await Card.get_or_none(task_id=event.task_id)
    if card is None:
        await turn.tell(words.refused("not_found"))
        return
    press = _BUTTONS.get((card.kind, event.event_key.partition(":")[0]))
    if press is None or card.outcome:
        await _already(event, card, turn)
        return
    try:
        await _check_running(card)
        await press(event, card, staff, turn)
    except DomainError as refusal:
        text = refusal_text(refusal, turn.userid, turn.now, turn.tz)
        await turn.do(shown(event, card), then=lambda _: text)


async def _check_running(card: Card) -> None:
    """An old card is no way back to a lead that went on."""
    face = await assignment_face(card.assignment_id) if card.assignment_id else None
    if face and face.ended_at:
        raise AssignmentOver(f"assignment {face.id} has ended", state=face.lead.state)


async def _already(event: CardClicked, card: Card, turn: Turn) -> None:
    """A second press: nothing happens but being told what already did."""
    text = card.outcome or words.refused("refused")
    await turn.do(shown(event, card), then=lambda _: text)


# ── the lead's card ──────────────────────────────────────────────────────────────────────────


async def _accept(event: CardClicked, card: Card, staff: Staff, turn: Turn) -> None:
    by = f"staff:{staff.userid}"
    accept = AcceptLead(card.lead_id, staff.userid, by, card.assignment_id)
    await turn.do(accept, shown(event, card))


async def _transfer(event: CardClicked, card: Card, staff: Staff, turn: Turn) -> None:
    """Ask whom to; with nobody on duty say so."""
    people = await free_colleagues(card.lead_id, turn)
    lead = await lead_face(card.lead_id)
    name = lead_name(lead) if lead else ""
    if not people:
        text = words.say("nobody_to_take", lead=name)
        await turn.do(asked_further(event, card), then=lambda _: text)
        return
    ask = ShowCard(
        "transfer",
        staff.userid,
        card.lead_id,
        f"transfer_card:{turn.row.id}",
        {"people": people, "reasons": list((await policy_of(staff)).transfer.reasons)},
        card.assignment_id,
    )
    await turn.do(asked_further(event, card), ask)


async def _invalid(event: CardClicked, card: Card, staff: Staff, turn: Turn) -> None:
    lead = await lead_face(card.lead_id)
    ask = RequestDefeat(card.lead_id, f"staff:{staff.userid}", "invalid")
    text = words.say("invalid_requested", lead=lead_name(lead) if lead else "")
    await turn.do(ask, shown(event, card), then=lambda _: text)


# ── the follow-up card ───────────────────────────────────────────────────────────────────────


async def _log_result(event: CardClicked, card: Card, staff: Staff, turn: Turn) -> None:
    """One tap is the record; what else may be said is on the card that repeats it."""
    done = words.card("recorded", result=result_text(event.event_key))
    log = confirmed(_called(card, staff, turn, event.event_key), turn)
    await turn.do(log, FocusLead(staff.userid, card.lead_id), shown(event, card, done))


async def _ask_appointment(event: CardClicked, card: Card, staff: Staff, turn: Turn) -> None:
    lead = await lead_face(card.lead_id)
    done = words.card("recorded", result=result_text("appointment"))
    wait = SaveSession("wecom", staff.userid, {"awaits": "appointment", "lead_id": card.lead_id})
    focus = FocusLead(staff.userid, card.lead_id)
    text = words.say("ask_appointment", lead=lead_name(lead) if lead else "")
    log = _called(card, staff, turn, "appointment")
    await turn.do(log, wait, focus, shown(event, card, done), then=lambda _: text)


def _called(card: Card, staff: Staff, turn: Turn, result: str) -> LogFollowUp:
    return LogFollowUp(
        lead_id=card.lead_id,
        by=f"staff:{staff.userid}",
        result=result,
        way="phone",
        occurred_at=turn.now,
        userid=staff.userid,
    )


async def _ask_reason(event: CardClicked, card: Card, staff: Staff, turn: Turn) -> None:
    ask = ask_reason(turn, staff, card.lead_id, card.assignment_id)
    await turn.do(asked_further(event, card), ask)


async def _submit_reason(event: CardClicked, card: Card, staff: Staff, turn: Turn) -> None:
    reason = chosen(event)
    if not reason:
        await turn.do(asked_further(event, card), then=lambda _: words.say("choose_reason"))
        return
    text = str(card.data.get("text", ""))
    await sentences.give_up(
        turn,
        staff,
        card.lead_id,
        reason,
        Understanding("defeat", {**understand(text, turn).slots, "defeat_reason": reason}),
        text,
        also=[shown(event, card, words.card("submitted"))],
        refused=[shown(event, card, words.card("recorded", result=result_text("defeat")))],
    )


# ── questions and corrections ───────────────────────────────────────────────────────────────────


async def _cancel(event: CardClicked, card: Card, staff: Staff, turn: Turn) -> None:
    await turn.do(shown(event, card, words.card("cancelled")))


async def _pick(event: CardClicked, card: Card, staff: Staff, turn: Turn) -> None:
    """The adviser says which lead their sentence was about."""
    text = str(card.data.get("text", ""))
    lead_id = int(event.event_key.partition(":")[2])
    picked = shown(event, card, words.card("picked"))
    await sentences.record_on(turn, staff, lead_id, text, also=[picked])


async def _correct(event: CardClicked, card: Card, staff: Staff, turn: Turn) -> None:
    """The record is changed, and its card shows it as it now stands."""
    order = tapped(event.event_key, card.follow_up_id or 0, staff, turn)
    await turn.do(order, shown(event, card), FocusLead(staff.userid, card.lead_id))


async def _amend(event: CardClicked, card: Card, staff: Staff, turn: Turn) -> None:
    """Whatever was picked from the lists; nothing picked changes nothing."""
    picked = {key: chosen(event, key) for key in ("result", "level", "next")}
    changes = [f"{key}:{value}" for key, value in picked.items() if value]
    if not changes:
        await turn.do(asked_further(event, card), then=lambda _: words.say("choose_change"))
        return
    orders = [tapped(key, card.follow_up_id or 0, staff, turn) for key in changes]
    await turn.do(together(orders), shown(event, card, words.card("amended")))


async def _ask_change(event: CardClicked, card: Card, staff: Staff, turn: Turn) -> None:
    record = await FollowUp.get_or_none(id=card.follow_up_id)
    asked = [ask_what(turn, staff, record)] if record else []
    await turn.do(asked_further(event, card), *asked)


async def _undo(event: CardClicked, card: Card, staff: Staff, turn: Turn) -> None:
    order = UndoFollowUp(card.follow_up_id or 0, f"staff:{staff.userid}")
    await turn.do(order, shown(event, card))


_BUTTONS: dict[tuple[str, str], Press] = {
    ("lead", "accept"): _accept,
    ("lead", "transfer"): _transfer,
    ("lead", "invalid"): _invalid,
    ("follow_up", "connected"): _log_result,
    ("follow_up", "unreachable"): _log_result,
    ("follow_up", "appointment"): _ask_appointment,
    ("follow_up", "defeat"): _ask_reason,
    ("transfer", "to"): hand_on,
    ("transfer", "cancel"): _cancel,
    ("reason", "submit"): _submit_reason,
    ("reason", "cancel"): _cancel,
    ("rest", "submit"): ask_for_rest,
    ("rest", "cancel"): _cancel,
    ("defeat", "approve"): review,
    ("defeat", "reject"): review,
    ("defeat", "pass"): ask_who_goes_on,
    ("approval", "approve"): review,
    ("approval", "reject"): review,
    ("approval", "pass"): ask_who_goes_on,
    ("reassign", "to"): pass_on,
    ("reassign", "cancel"): _cancel,
    ("pick", "lead"): _pick,
    ("confirm", "result"): _correct,
    ("confirm", "level"): _correct,
    ("confirm", "next"): _correct,
    ("confirm", "more"): _ask_change,
    ("confirm", "undo"): _undo,
    ("amend", "amend"): _amend,
}
"""(card kind, button key before the colon) → what it does."""
