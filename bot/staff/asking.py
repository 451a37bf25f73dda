"""Orders that may have to wait for a manager, and how the answer says so."""

from bot.conversation import Turn
from bot.staff.words import lead_name
from db.models import Dealer, Staff
from db.queries.faces import LeadFace
from domain.approval import Kind
from domain.approval import asks_first as rule
from domain.card_commands import ShowCard
from domain.commands import FocusLead, SaveSession
from domain.defeat import needs_approval
from domain.phone import mask_in_text
from domain.policy import Policy
from handlers.policies import policy_for
from texts import staff as words
from texts.labels import defeat_reason_text

NOT_CHOSEN = "-"
"""The first line of a pick list, so that nothing is recorded by not looking."""

KEPT = 500
"""How much of a sentence goes along with a question, in characters."""


async def policy_of(staff: Staff) -> Policy:
    """The rules of where somebody works."""
    return await policy_at(staff.dealer_id)


async def policy_at(dealer_code: str | None) -> Policy:
    """The rules of a dealer, or the brand's own."""
    return await policy_for(await Dealer.get_or_none(code=dealer_code) if dealer_code else None)


async def asks_first(kind: Kind, staff: Staff) -> bool:
    """Whether this member's order waits for a manager."""
    return rule(kind, staff.role, await policy_of(staff))


async def said_of_defeat(staff: Staff, lead: LeadFace | None, reason: str) -> str:
    """What is answered to somebody who gives a lead up."""
    waits = needs_approval(await policy_of(staff))
    key = "defeat_requested" if waits else "defeat_final"
    name = lead_name(lead) if lead else ""
    return words.say(key, lead=name, reason=defeat_reason_text(reason))


def ask_reason(
    turn: Turn, staff: Staff, lead_id: int, assignment_id: int | None = None, text: str = ""
) -> ShowCard:
    """The card that asks why a lead is to be given up; what was said goes along."""
    key = f"reason_card:{turn.row.id}"
    data: dict[str, object] = {"text": mask_in_text(text)[:KEPT]}
    return ShowCard("reason", staff.userid, lead_id, key, data, assignment_id)


async def ask_rest_reason(turn: Turn, staff: Staff, lead_id: int, text: str = "") -> ShowCard:
    """The card that asks why a lead shall rest."""
    key = f"rest_card:{turn.row.id}"
    reasons = list((await policy_of(staff)).dormant.reasons)
    data: dict[str, object] = {"text": mask_in_text(text)[:KEPT], "reasons": reasons}
    return ShowCard("rest", staff.userid, lead_id, key, data)


def turned_to(staff: Staff, lead_id: int) -> list[SaveSession | FocusLead]:
    """The adviser speaks of this lead now; no other question is open."""
    return [SaveSession("wecom", staff.userid, {}), FocusLead(staff.userid, lead_id)]
