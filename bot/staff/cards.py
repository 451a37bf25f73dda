"""The present face of every card an adviser or manager may hold, from the facts of this moment."""

from collections.abc import Awaitable, Callable
from typing import Any

from bot.staff.link_notices import story_on_card
from bot.staff.look import Look
from bot.staff.words import headline, lead_name, local_day
from bot.wecom.cards import Button, Choice, interactive
from db.models import Card, Defeat, FollowUp, Staff
from db.queries.faces import (
    AssignmentFace,
    LeadFace,
    assignment_face,
    lead_face,
    lead_faces,
)
from texts import staff as words
from texts.labels import defeat_reason_text, reason_text, reason_texts, source_text

DEFEAT_CHOICES = (
    "price",
    "competitor",
    "bought_elsewhere",
    "product",
    "finance",
    "stock",
    "distance",
    "family",
    "no_need",
    "refuses_contact",
)
"""The reasons offered on a card: WeCom shows ten; the others can be written."""

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


async def _defeat_card(card: Card, look: Look) -> dict[str, Any] | None:
    defeat = await Defeat.get_or_none(id=card.defeat_id)
    lead = await lead_face(card.lead_id)
    if defeat is None or lead is None:
        return None
    evidence = [reason_text(r, look.now, look.tz) for r in _suspicions(defeat)]
    return interactive(
        task_id=card.task_id,
        source=words.card("defeat_title"),
        title=headline(lead),
        subtitle=" · ".join(e for e in evidence if e),
        lines=[
            (words.card("number"), f"#{lead.id}"),
            (words.card("asked_by"), await name_of(defeat.requested_by)),
            (words.card("reason"), defeat_reason_text(defeat.reason)),
            (words.card("competitor"), defeat.competitor),
            (words.card("attempts"), await _attempts(defeat, look)),
            (words.card("note"), defeat.note),
        ],
        buttons=[
            Button(words.card("approve"), "approve"),
            Button(words.card("reject"), "reject", 4),
        ],
        url=look.page(lead.id),
        done=await _decision(defeat),
    )


def _suspicions(defeat: Defeat) -> list[dict[str, Any]]:
    reasons = defeat.suspicion.get("reasons", [])
    return reasons if isinstance(reasons, list) else []


async def _attempts(defeat: Defeat, look: Look) -> str:
    logged = FollowUp.filter(lead_id=defeat.lead_id, undone_at__isnull=True)
    times = [row.occurred_at for row in await logged.exclude(result="note")]
    days = {local_day(at, look.tz) for at in times}
    return words.card("attempts_value", times=len(times), days=len(days))


async def _decision(defeat: Defeat) -> str:
    if defeat.state == "requested":
        return ""
    return words.card(defeat.state, name=await name_of(defeat.reviewed_by or ""))


async def _transfer_card(card: Card, look: Look) -> dict[str, Any] | None:
    lead = await lead_face(card.lead_id)
    if lead is None:
        return None
    people = _listed(card, "people")
    return interactive(
        task_id=card.task_id,
        title=words.card("transfer_title"),
        subtitle=headline(lead),
        lines=[(words.card("number"), f"#{lead.id}")],
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
    options = [(code, defeat_reason_text(code)) for code in DEFEAT_CHOICES]
    return interactive(
        task_id=card.task_id,
        title=words.card("reason_title"),
        subtitle=f"{headline(lead)}\n{words.card('reason_hint')}",
        lines=[(words.card("number"), f"#{lead.id}")],
        choice=Choice("reason", words.card("reason_title"), options),
        buttons=[
            Button(words.card("submit"), "submit"),
            Button(words.card("cancel"), "cancel", 2),
        ],
        done=card.outcome,
    )


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
    "defeat": _defeat_card,
    "transfer": _transfer_card,
    "reason": _reason_card,
    "pick": _pick_card,
}


def _listed(card: Card, name: str) -> list[Any]:
    offered = card.data.get(name)
    return offered if isinstance(offered, list) else []


async def name_of(actor: str) -> str:
    """What colleagues call whoever is behind `staff:USERID`; other actors as they are."""
    kind, _, userid = actor.partition(":")
    if kind != "staff":
        return actor
    found = await Staff.get_or_none(userid=userid)
    return found.name if found else userid
