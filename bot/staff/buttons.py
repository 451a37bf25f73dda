"""Buttons of cards: each press is one order, and the card then shows what became of it."""

from collections.abc import Awaitable, Callable

from bot.conversation import Turn
from bot.refusals import refusal_text
from bot.staff import sentences
from bot.staff.words import lead_name
from bot.wecom.parse import CardClicked
from db.models import Card, Staff
from db.queries.faces import assignment_face, colleagues_on_duty, lead_face
from domain.commands import (
    AcceptLead,
    CardPressed,
    FocusLead,
    LogFollowUp,
    RequestDefeat,
    ReviewDefeat,
    SaveSession,
    ShowCard,
    TransferLead,
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
        await turn.do(_show(event, card), then=lambda _: text)


async def _check_running(card: Card) -> None:
    """An old card is no way back to a lead that went on."""
    face = await assignment_face(card.assignment_id) if card.assignment_id else None
    if face and face.ended_at:
        raise AssignmentOver(f"assignment {face.id} has ended", state=face.lead.state)


async def _already(event: CardClicked, card: Card, turn: Turn) -> None:
    """A second press: nothing happens but being told what already did."""
    text = card.outcome or words.refused("refused")
    await turn.do(_show(event, card), then=lambda _: text)


def _show(event: CardClicked, card: Card, outcome: str = "") -> CardPressed:
    return CardPressed(card.task_id, event.response_code, outcome)


# ── the lead's card ──────────────────────────────────────────────────────────────────────────


async def _accept(event: CardClicked, card: Card, staff: Staff, turn: Turn) -> None:
    by = f"staff:{staff.userid}"
    accept = AcceptLead(card.lead_id, staff.userid, by, card.assignment_id)
    await turn.do(accept, _show(event, card))


async def _transfer(event: CardClicked, card: Card, staff: Staff, turn: Turn) -> None:
    """Ask whom to; with nobody on duty say so."""
    people = await colleagues_on_duty(staff.dealer_id or "", staff.userid)
    lead = await lead_face(card.lead_id)
    name = lead_name(lead) if lead else ""
    if not people:
        text = words.say("nobody_to_take", lead=name)
        await turn.do(_show(event, card), then=lambda _: text)
        return
    ask = ShowCard(
        "transfer",
        staff.userid,
        card.lead_id,
        f"transfer_card:{turn.row.id}",
        {"people": people},
        card.assignment_id,
    )
    await turn.do(_show(event, card), ask)


async def _transfer_to(event: CardClicked, card: Card, staff: Staff, turn: Turn) -> None:
    userid = event.event_key.partition(":")[2]
    by = f"staff:{staff.userid}"
    order = TransferLead(card.lead_id, "transferred_by_adviser", by, userid=userid)
    taker = await Staff.get_or_none(userid=userid)
    done = words.card("transferred", name=taker.name if taker else userid)
    await turn.do(order, _show(event, card, done))


async def _invalid(event: CardClicked, card: Card, staff: Staff, turn: Turn) -> None:
    lead = await lead_face(card.lead_id)
    ask = RequestDefeat(card.lead_id, f"staff:{staff.userid}", "invalid")
    text = words.say("invalid_requested", lead=lead_name(lead) if lead else "")
    await turn.do(ask, _show(event, card), then=lambda _: text)


# ── the follow-up card ───────────────────────────────────────────────────────────────────────


async def _log_result(event: CardClicked, card: Card, staff: Staff, turn: Turn) -> None:
    result = event.event_key
    lead = await lead_face(card.lead_id)
    log = LogFollowUp(
        lead_id=card.lead_id,
        by=f"staff:{staff.userid}",
        result=result,
        way="phone",
        occurred_at=turn.now,
        userid=staff.userid,
    )
    done = words.card("recorded", result=result_text(result))
    focus = FocusLead(staff.userid, card.lead_id)
    await turn.do(
        log,
        focus,
        _show(event, card, done),
        then=lambda _: sentences.recorded(lead, log, turn) if lead else "",
    )


async def _ask_appointment(event: CardClicked, card: Card, staff: Staff, turn: Turn) -> None:
    lead = await lead_face(card.lead_id)
    done = words.card("recorded", result=result_text("appointment"))
    wait = SaveSession("wecom", staff.userid, {"awaits": "appointment", "lead_id": card.lead_id})
    focus = FocusLead(staff.userid, card.lead_id)
    text = words.say("ask_appointment", lead=lead_name(lead) if lead else "")
    log = LogFollowUp(
        lead_id=card.lead_id,
        by=f"staff:{staff.userid}",
        result="appointment",
        way="phone",
        occurred_at=turn.now,
        userid=staff.userid,
    )
    await turn.do(log, wait, focus, _show(event, card, done), then=lambda _: text)


async def _ask_reason(event: CardClicked, card: Card, staff: Staff, turn: Turn) -> None:
    ask = sentences.ask_reason(turn, staff, card.lead_id, card.assignment_id)
    await turn.do(_show(event, card), ask)


async def _submit_reason(event: CardClicked, card: Card, staff: Staff, turn: Turn) -> None:
    reason = next(iter(event.selected.get("reason", ())), "other")
    submitted = _show(event, card, words.card("submitted"))
    noted = _show(event, card, words.card("recorded", result=result_text("defeat")))
    await sentences.give_up(turn, staff, card.lead_id, reason, also=[submitted], refused=[noted])


# ── approval and questions ───────────────────────────────────────────────────────────────────


async def _review(event: CardClicked, card: Card, staff: Staff, turn: Turn) -> None:
    approve = event.event_key == "approve"
    review = ReviewDefeat(card.defeat_id or 0, f"staff:{staff.userid}", approve)
    await turn.do(review, _show(event, card))


async def _cancel(event: CardClicked, card: Card, staff: Staff, turn: Turn) -> None:
    await turn.do(_show(event, card, words.card("cancelled")))


async def _pick(event: CardClicked, card: Card, staff: Staff, turn: Turn) -> None:
    """The adviser says which lead their sentence was about."""
    text = str(card.data.get("text", ""))
    lead_id = int(event.event_key.partition(":")[2])
    shown = _show(event, card, words.card("picked"))
    await sentences.record_on(turn, staff, lead_id, text, also=[shown])


_BUTTONS: dict[tuple[str, str], Press] = {
    ("lead", "accept"): _accept,
    ("lead", "transfer"): _transfer,
    ("lead", "invalid"): _invalid,
    ("follow_up", "connected"): _log_result,
    ("follow_up", "unreachable"): _log_result,
    ("follow_up", "appointment"): _ask_appointment,
    ("follow_up", "defeat"): _ask_reason,
    ("transfer", "to"): _transfer_to,
    ("transfer", "cancel"): _cancel,
    ("reason", "submit"): _submit_reason,
    ("reason", "cancel"): _cancel,
    ("defeat", "approve"): _review,
    ("defeat", "reject"): _review,
    ("pick", "lead"): _pick,
}
"""(card kind, button key before the colon) → what it does."""
