"""What a manager decides on by card: who asks for what, why, and what speaks against it."""

from typing import Any

from bot.staff.look import Look
from bot.staff.words import headline, local_day
from bot.wecom.cards import Button, interactive
from db.models import Approval, Card, Dealer, Defeat, FollowUp, Staff
from db.queries.faces import LeadFace, lead_face
from texts import staff as words
from texts.labels import (
    defeat_reason_text,
    dormant_reason_text,
    reason_text,
    result_text,
    transfer_reason_text,
)

Lines = list[tuple[str, str]]
COLLEAGUES = 5
"""Shown as buttons, beside the one that cancels."""


async def defeat_card(card: Card, look: Look) -> dict[str, Any] | None:
    """A lead is to be given up."""
    defeat = await Defeat.get_or_none(id=card.defeat_id)
    lead = await lead_face(card.lead_id)
    if defeat is None or lead is None:
        return None
    lines = [
        (words.card("number"), f"#{lead.id}"),
        (words.card("asked_by"), await name_of(defeat.requested_by)),
        (words.card("reason"), defeat_reason_text(defeat.reason)),
        (words.card("competitor"), defeat.competitor),
        (words.card("attempts"), await _attempts(lead.id, look)),
        (words.card("note"), defeat.note),
    ]
    done = await _decision(defeat)
    return _card(card, look, lead, words.card("defeat_title"), lines, defeat.suspicion, done)


async def approval_card(card: Card, look: Look) -> dict[str, Any] | None:
    """A lead is to be handed on, or let rest."""
    asked = await Approval.get_or_none(id=card.approval_id)
    lead = await lead_face(card.lead_id)
    if asked is None or lead is None:
        return None
    say = transfer_reason_text if asked.kind == "transfer" else dormant_reason_text
    lines = [
        (words.card("number"), f"#{lead.id}"),
        (words.card("asked_by"), await name_of(asked.asked_by)),
        (words.card("hand_to"), await _target(asked)),
        (words.card("reason"), say(asked.reason)),
        (words.card("attempts"), await _attempts(lead.id, look)),
        (words.card("note"), asked.note),
    ]
    done = await _decision(asked)
    title = words.card(f"{asked.kind}_title")
    return _card(card, look, lead, title, lines, asked.suspicion, done)


async def reassign_card(card: Card, look: Look) -> dict[str, Any] | None:
    """Refused: who goes on with the lead?"""
    lead = await lead_face(card.lead_id)
    if lead is None:
        return None
    people = card.data.get("people")
    offered = people[:COLLEAGUES] if isinstance(people, list) else []
    return interactive(
        task_id=card.task_id,
        title=words.card("reassign_title"),
        subtitle=headline(lead),
        lines=[(words.card("number"), f"#{lead.id}")],
        buttons=[
            *(Button(name, f"to:{userid}", 2) for userid, name in offered),
            Button(words.card("cancel"), "cancel", 4),
        ],
        done=card.outcome,
    )


async def name_of(actor: str) -> str:
    """What colleagues call whoever is behind `staff:USERID`; other actors as they are."""
    kind, _, userid = actor.partition(":")
    if kind != "staff":
        return actor
    found = await Staff.get_or_none(userid=userid)
    return found.name if found else userid


def findings_of(suspicion: dict[str, Any], look: Look) -> list[str]:
    """What on file speaks against the stated reason, the weightiest first."""
    texts = (reason_text(one, look.now, look.tz) for one in suspicion.get("reasons", []))
    return [text for text in texts if text]


def _card(
    card: Card,
    look: Look,
    lead: LeadFace,
    source: str,
    lines: Lines,
    suspicion: dict[str, Any],
    done: str,
) -> dict[str, Any]:
    return interactive(
        task_id=card.task_id,
        source=source,
        title=headline(lead),
        subtitle=" · ".join(findings_of(suspicion, look)),
        lines=lines,
        buttons=[
            Button(words.card("approve"), "approve"),
            Button(words.card("reject"), "reject", 4),
            Button(words.card("pass_on"), "pass", 2),
        ],
        url=look.page(lead.id),
        done=done,
    )


async def _attempts(lead_id: int, look: Look) -> str:
    logged = FollowUp.filter(lead_id=lead_id, undone_at__isnull=True).exclude(result="note")
    rows = await logged.order_by("occurred_at")
    if not rows:
        return words.card("attempts_none")
    days = {local_day(row.occurred_at, look.tz) for row in rows}
    last = words.card("attempts_last", result=result_text(rows[-1].result))
    return words.card("attempts_value", times=len(rows), days=len(days)) + last


async def _target(asked: Approval) -> str:
    if asked.to_staff:
        return await name_of(f"staff:{asked.to_staff}")
    dealer = await Dealer.get_or_none(code=asked.to_dealer) if asked.to_dealer else None
    return dealer.name if dealer else asked.to_dealer or ""


async def _decision(asked: Defeat | Approval) -> str:
    if asked.state == "requested":
        return ""
    if asked.passed_to:
        return words.card("passed_on", name=await name_of(f"staff:{asked.passed_to}"))
    return words.card(asked.state, name=await name_of(asked.reviewed_by or ""))
