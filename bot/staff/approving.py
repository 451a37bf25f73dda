"""A manager's buttons: agree, send back, or let somebody else go on; and the reasons asked for."""

from bot.conversation import Turn
from bot.staff.asking import KEPT, NOT_CHOSEN, asks_first
from bot.staff.recording import log_of, understand
from bot.staff.words import lead_name
from bot.understanding.result import Understanding
from bot.wecom.parse import CardClicked
from db.models import Card, Staff
from db.queries.approvals import holder_of
from db.queries.faces import lead_face
from domain.approval_commands import ReviewApproval
from domain.card_commands import CardPressed, ShowCard
from domain.commands import Command, ReviewDefeat, TransferLead
from handlers.crew import takers
from texts import staff as words
from texts.labels import dormant_reason_text

UNSAID = "transferred_by_adviser"


def shown(event: CardClicked, card: Card, outcome: str = "") -> CardPressed:
    """The press itself; `outcome` replaces the card's buttons."""
    return CardPressed(card.task_id, event.response_code, outcome)


def asked_further(event: CardClicked, card: Card) -> CardPressed:
    """A press that led to another question: the card stays as it is until that is answered."""
    return CardPressed(card.task_id, event.response_code, waits=True)


def chosen(event: CardClicked, key: str = "reason") -> str:
    """What was picked from a list; empty for its first line, which is a question."""
    picked = next(iter(event.selected.get(key, ())), "")
    return "" if picked == NOT_CHOSEN else picked


async def review(event: CardClicked, card: Card, staff: Staff, turn: Turn) -> None:
    """同意 or 驳回."""
    order = _decision(card.data | _subject(card), staff, approve=event.event_key == "approve")
    await turn.do(order, shown(event, card))


async def ask_who_goes_on(event: CardClicked, card: Card, staff: Staff, turn: Turn) -> None:
    """换人跟进: to whom? With nobody else on duty say so."""
    people = await free_colleagues(card.lead_id, turn)
    if not people:
        lead = await lead_face(card.lead_id)
        text = words.say("nobody_to_pass_to", lead=lead_name(lead) if lead else "")
        await turn.do(asked_further(event, card), then=lambda _: text)
        return
    key = f"reassign_card:{turn.row.id}"
    data: dict[str, object] = {"people": people, **_subject(card)}
    ask = ShowCard("reassign", staff.userid, card.lead_id, key, data)
    await turn.do(asked_further(event, card), ask)


async def pass_on(event: CardClicked, card: Card, staff: Staff, turn: Turn) -> None:
    """Refused, and somebody else goes on."""
    userid = event.event_key.partition(":")[2]
    taker = await Staff.get_or_none(userid=userid)
    done = words.card("passed_on", name=taker.name if taker else userid)
    order = _decision(card.data, staff, approve=False, pass_to=userid)
    await turn.do(order, shown(event, card, done))


async def hand_on(event: CardClicked, card: Card, staff: Staff, turn: Turn) -> None:
    """转派 to the colleague whose button was pressed, or ask the manager to."""
    userid = event.event_key.partition(":")[2]
    reason = chosen(event) or UNSAID
    order = TransferLead(card.lead_id, reason, f"staff:{staff.userid}", userid=userid)
    taker = await Staff.get_or_none(userid=userid)
    name = taker.name if taker else userid
    if not await asks_first("transfer", staff):
        await turn.do(order, shown(event, card, words.card("transferred", name=name)))
        return
    lead = await lead_face(card.lead_id)
    told = words.say("transfer_requested", lead=lead_name(lead) if lead else "", name=name)
    done = words.card("transfer_asked", name=name)
    await turn.do(order, shown(event, card, done), then=lambda _: told)


async def ask_for_rest(event: CardClicked, card: Card, staff: Staff, turn: Turn) -> None:
    """The reason a lead shall rest for: the record is written with it."""
    reason = chosen(event)
    if not reason:
        await turn.do(asked_further(event, card), then=lambda _: words.say("choose_reason"))
        return
    text = str(card.data.get("text", ""))[:KEPT]
    understood = Understanding("dormant", understand(text, turn).slots)
    log = log_of(turn, staff, card.lead_id, text, understood, reason)
    lead = await lead_face(card.lead_id)
    told = words.say(
        "rest_requested",
        lead=lead_name(lead) if lead else "",
        reason=dormant_reason_text(reason),
    )
    await turn.do(log, shown(event, card, words.card("submitted")), then=lambda _: told)


async def free_colleagues(lead_id: int, turn: Turn) -> list[tuple[str, str]]:
    """Advisers (with none, clerks) who could take it now, least busy first: (userid, name)."""
    holder = await holder_of(lead_id)
    if holder is None:
        return []
    found = await takers(holder.dealer_code, holder.staff_id, turn.now, turn.tz)
    free = [staff for staff, _, why in found if why is None]
    sales = [staff for staff in free if staff.role == "adviser"]
    return [(staff.userid, staff.name) for staff in sales or free]


def _subject(card: Card) -> dict[str, object]:
    """What is decided on, as another card may carry it."""
    return {"defeat_id": card.defeat_id, "approval_id": card.approval_id}


def _decision(
    subject: dict[str, object], staff: Staff, *, approve: bool, pass_to: str | None = None
) -> Command:
    by = f"staff:{staff.userid}"
    defeat_id, approval_id = subject.get("defeat_id"), subject.get("approval_id")
    if approval_id:
        return ReviewApproval(int(str(approval_id)), by, approve, pass_to)
    return ReviewDefeat(int(str(defeat_id or 0)), by, approve, pass_to)
