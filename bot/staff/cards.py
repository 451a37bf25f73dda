"""The present face of every card an adviser or manager may hold, from the facts of this moment."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from bot.staff.approval_cards import approval_card, defeat_card, reassign_card
from bot.staff.asking import NOT_CHOSEN
from bot.staff.confirm_cards import amend_card, confirm_card
from bot.staff.link_notices import story_on_card
from bot.staff.look import Look
from bot.staff.words import headline, lead_name
from bot.wecom.cards import Button, Choice, interactive
from db.models import Card
from db.queries.faces import (
    AssignmentFace,
    LeadFace,
    assignment_face,
    lead_face,
    lead_faces,
)
from texts import staff as words
from texts.labels import (
    defeat_reason_text,
    dormant_reason_text,
    reason_texts,
    source_text,
    transfer_reason_text,
)

DEFEAT_CHOICES = (
    "price",
    "competitor",
    "bought_elsewhere",
    "product",
    "finance",
    "stock",
    "distance",
    "no_need",
    "refuses_contact",
)
"""The reasons offered on a card: WeCom shows ten with the question; the others can be written."""


HINT = 60
"""How much of a sentence is repeated on a card, in characters."""


async def card_face(card: Card, look: Look) -> dict[str, Any] | None:
    """The present face of any card."""
    return await _CARDS[card.kind](card, look)


async def _lead_card(card: Card, look: Look) -> dict[str, Any] | None:
    face = await assignment_face(card.assignment_id or 0)
    if face is None:
        return None
    lead = face.lead
    city = f" · {lead.city}" if lead.city else ""
    lines = [
        (words.card("number"), f"#{lead.id}"),
        (words.card("phone"), look.phone(lead, shown=_may_see_phone(face))),
        (words.card("due"), words.card("due_at", at=look.at(face.due_at))),
        (words.card("message"), lead.message),
        (words.card("dealer"), lead.dealer),
    ]
    return interactive(
        task_id=card.task_id,
        source=words.card("new_lead")
        + " · "
        + words.card("came_from", source=source_text(lead.source), city=city),
        title=headline(lead),
        subtitle=await _reasons_and_story(lead, look),
        lines=lines,
        buttons=[
            Button(words.card("accept"), "accept"),
            Button(words.card("transfer"), "transfer", 2),
            Button(words.card("invalid"), "invalid", 4),
        ],
        url=look.page(lead.id),
        done=await _lead_card_outcome(card, face, look),
    )


async def _reasons_and_story(lead: LeadFace, look: Look) -> str:
    reasons = " · ".join(reason_texts(lead.reasons, look.now, look.tz))
    story = await story_on_card(lead, look)
    return "\n".join(filter(None, (reasons or words.card("no_reason"), story)))


def _may_see_phone(face: AssignmentFace) -> bool:
    return face.accepted_at is not None and face.ended_at is None


async def _lead_card_outcome(card: Card, face: AssignmentFace, look: Look) -> str:
    if face.ended_at is not None:
        known = {"transferred", "unaccepted", "untouched", "opted_out", "handed_back"}
        reason = face.end_reason if face.end_reason in known else "other"
        return words.card(f"ended_{reason}")
    if face.lead.state == "defeat_requested":
        return words.card("defeat_pending")
    if face.accepted_at is not None:
        return words.card("accepted", name=face.adviser, at=look.at(face.accepted_at))
    return card.outcome


async def _follow_up_card(card: Card, look: Look) -> dict[str, Any] | None:
    face = await assignment_face(card.assignment_id or 0)
    if face is None:
        return None
    lead = face.lead
    ended = words.card("ended_other") if face.ended_at else ""
    return interactive(
        task_id=card.task_id,
        source=words.card("follow_up"),
        title=headline(lead),
        subtitle=words.card("follow_up_hint"),
        lines=[
            (words.card("number"), f"#{lead.id}"),
            (words.card("phone"), look.phone(lead, shown=_may_see_phone(face))),
        ],
        buttons=[
            Button(words.card("connected"), "connected"),
            Button(words.card("unreachable"), "unreachable", 2),
            Button(words.card("appointment"), "appointment", 2),
            Button(words.card("defeat"), "defeat", 4),
        ],
        url=look.page(lead.id),
        done=card.outcome or ended,
    )


async def _transfer_card(card: Card, look: Look) -> dict[str, Any] | None:
    lead = await lead_face(card.lead_id)
    if lead is None:
        return None
    people = _listed(card, "people")
    return interactive(
        task_id=card.task_id,
        title=words.card("hand_on_title"),
        subtitle=headline(lead),
        lines=[(words.card("number"), f"#{lead.id}")],
        choice=_choice("transfer_reason", _listed(card, "reasons"), transfer_reason_text),
        buttons=[
            *(Button(name, f"to:{userid}", 2) for userid, name in people[:5]),
            Button(words.card("cancel"), "cancel", 4),
        ],
        done=card.outcome,
    )


async def _reason_card(card: Card, look: Look) -> dict[str, Any] | None:
    lead = await lead_face(card.lead_id)
    if lead is None:
        return None
    return interactive(
        task_id=card.task_id,
        title=words.card("reason_title"),
        subtitle=f"{headline(lead)}\n{words.card('reason_hint')}",
        lines=[(words.card("number"), f"#{lead.id}")],
        choice=_question("reason_title", DEFEAT_CHOICES, defeat_reason_text),
        buttons=[
            Button(words.card("submit"), "submit"),
            Button(words.card("cancel"), "cancel", 2),
        ],
        done=card.outcome,
    )


async def _rest_card(card: Card, look: Look) -> dict[str, Any] | None:
    """Why a lead shall rest, when a manager must agree."""
    lead = await lead_face(card.lead_id)
    if lead is None:
        return None
    return interactive(
        task_id=card.task_id,
        title=words.card("rest_title"),
        subtitle=f"{headline(lead)}\n{words.card('rest_hint')}",
        lines=[(words.card("number"), f"#{lead.id}")],
        choice=_question("rest_reason", _listed(card, "reasons"), dormant_reason_text),
        buttons=[
            Button(words.card("submit"), "submit"),
            Button(words.card("cancel"), "cancel", 2),
        ],
        done=card.outcome,
    )


def _question(title: str, codes: Sequence[str], say: Callable[[str], str]) -> Choice:
    """A pick list that must be looked at."""
    options = [(NOT_CHOSEN, words.card("choose")), *((code, say(code)) for code in codes)]
    return Choice("reason", words.card(title), options)


def _choice(title: str, codes: list[str], say: Callable[[str], str]) -> Choice | None:
    """A pick list of reasons; none when the card was sent without."""
    options = [(code, say(code)) for code in codes]
    return Choice("reason", words.card(title), options) if options else None


async def _pick_card(card: Card, look: Look) -> dict[str, Any] | None:
    ids = [int(i) for i in _listed(card, "candidates")]
    faces = await lead_faces(ids)
    shown = [faces[i] for i in ids if i in faces]
    return interactive(
        task_id=card.task_id,
        title=words.card("pick_title"),
        subtitle=words.card("pick_hint", text=str(card.data.get("text", ""))[:HINT]),
        buttons=[Button(f"{lead_name(f)} {f.model}", f"lead:{f.id}", 2) for f in shown],
        done=card.outcome,
    )


_CARDS: dict[str, Callable[[Card, Look], Awaitable[dict[str, Any] | None]]] = {
    "lead": _lead_card,
    "follow_up": _follow_up_card,
    "defeat": defeat_card,
    "approval": approval_card,
    "reassign": reassign_card,
    "rest": _rest_card,
    "confirm": confirm_card,
    "amend": amend_card,
    "transfer": _transfer_card,
    "reason": _reason_card,
    "pick": _pick_card,
}


def _listed(card: Card, name: str) -> list[Any]:
    offered = card.data.get(name)
    return offered if isinstance(offered, list) else []
