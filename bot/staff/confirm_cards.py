"""What was recorded, repeated on a card, with what may be changed by a tap."""

from datetime import datetime
from typing import Any

from bot.staff.asking import NOT_CHOSEN, policy_at
from bot.staff.look import Look
from bot.staff.words import lead_name, local_day
from bot.wecom.cards import Button, Choice, interactive, many_choices
from db.models import Card, FollowUp
from db.queries.approvals import holder_of
from db.queries.faces import LeadFace, lead_face
from domain import correction
from domain.correction import Offer, Recorded
from domain.policy import Policy
from domain.undo import may_undo
from texts import staff as words
from texts.labels import level_text, result_text

RESULTS = (
    "connected",
    "unreachable",
    "visited",
    "test_drive",
    "quoted",
    "ordered",
    "refused",
    "wrong_number",
    "note",
)
"""What a record can be changed into by a tap; an appointment needs a time, so words."""

DAYS = (1, 2, 3, 5, 7, 14, 30)


async def confirm_card(card: Card, look: Look) -> dict[str, Any] | None:
    """The record as it stands, and the lead after it."""
    record = await FollowUp.get_or_none(id=card.follow_up_id)
    lead = await lead_face(card.lead_id)
    if record is None or lead is None:
        return None
    holder = await holder_of(lead.id)
    next_at = holder.next_follow_up_at if holder else None
    policy = await policy_at(holder.dealer_code if holder else None)
    return interactive(
        task_id=card.task_id,
        title=words.card("confirm_title", lead=lead_name(lead)),
        subtitle=_facts(record, lead, next_at, look, policy),
        lines=[(words.card("heard"), record.note)],
        buttons=_buttons(Recorded(record.result, lead.level, next_at), look, policy),
        url=look.page(lead.id),
        done=_outcome(record, look, policy),
    )


async def amend_card(card: Card, look: Look) -> dict[str, Any] | None:
    """Everything about a record that can be changed, on one card."""
    record = await FollowUp.get_or_none(id=card.follow_up_id)
    lead = await lead_face(card.lead_id)
    if record is None or lead is None:
        return None
    holder = await holder_of(lead.id)
    policy = await policy_at(holder.dealer_code if holder else None)
    results = [(code, result_text(code)) for code in RESULTS]
    levels = [(code, level_text(code)) for code in policy.levels.order]
    days = [(str(n), _day(n, look)) for n in DAYS]
    return many_choices(
        task_id=card.task_id,
        title=words.card("amend_title", lead=lead_name(lead)),
        choices=[
            _choice("result", results, now=result_text(record.result)),
            _choice("level", levels, now=level_text(lead.level)),
            _choice("next", days),
        ],
        submit=Button(words.card("amend"), "amend"),
        done=card.outcome,
    )


def _facts(
    record: FollowUp, lead: LeadFace, next_at: datetime | None, look: Look, policy: Policy
) -> str:
    def told(key: str, value: object) -> list[str]:
        return [words.say(key, value=value)] if value else []

    facts = [
        result_text(record.result),
        *told("fact_appointment", record.appointment_at and look.at(record.appointment_at)),
        *told("fact_level", level_text(lead.level)),
        *told("fact_next", next_at and look.at(next_at)),
        *told("fact_deposit", record.slots.get("deposit")),
    ]
    hint = words.say("undo_hint", minutes=f"{policy.bot.undo_minutes:g}")
    return f"{words.say('list_comma').join(facts)}\n{hint}"


def _buttons(said: Recorded, look: Look, policy: Policy) -> list[Button]:
    offers = correction.offers(said, policy.levels.order, look.now, look.tz)
    return [
        *(Button(_offer_text(offer, look), offer.key, 2) for offer in offers),
        Button(words.card("change_more"), "more", 2),
        Button(words.card("undo"), "undo", 4),
    ]


def _offer_text(offer: Offer, look: Look) -> str:
    if offer.kind == "next":
        return words.card("change_next", day=_day(int(offer.value), look))
    say = result_text if offer.kind == "result" else level_text
    return words.card("change_to", value=say(offer.value))


def _day(days: int, look: Look) -> str:
    at = correction.day_at(days, look.now, look.tz)
    return words.day(at.date(), local_day(look.now, look.tz))


def _outcome(record: FollowUp, look: Look, policy: Policy) -> str:
    if record.undone_at:
        return words.card("undone")
    return "" if may_undo(record.logged_at, look.now, policy) else words.card("settled")


def _choice(key: str, options: list[tuple[str, str]], now: str = "") -> Choice:
    unchanged = words.card("unchanged", value=now) if now else words.card("unchanged_any")
    return Choice(key, words.card(key), [(NOT_CHOSEN, unchanged), *options])
