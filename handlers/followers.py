"""Those who leave the official account, and what of them stays (docs/decisions, retention)."""

from db.models import ChatSession, Customer, Identity, Lead, TimelineEvent
from domain.commands import MeetCustomer
from domain.privacy_commands import EraseCustomer
from domain.service_commands import EraseFollower, ForgetFollower
from handlers import customers, handoff_clock, privacy
from handlers.tx import Tx

WORDS = ("message_in", "message_out")
FROM_WECHAT = (customers.OPENID, customers.UNIONID)


async def forget_follower(command: ForgetFollower, tx: Tx) -> int:
    """Unfollowed: words and place go, the openid becomes a hash that only they can match.

    Whoever left neither a phone nor a lead is erased. Returns the customer's id.
    """
    left = MeetCustomer(command.openid, "unfollowed")
    customer = await tx.get(Customer, await customers.meet_customer(left, tx))
    await handoff_clock.end_of_customer(tx, customer.id, "left")
    await forget_talk(tx, customer.id, command.openid)
    if await _is_known_otherwise(customer):
        await _bury_identities(tx, customer)
        customer.lat = customer.lng = None
        customer.scene = ""
    else:
        await privacy.erase_customer(EraseCustomer(customer.id, "customer"), tx)
    return int(customer.id)


async def erase_follower(command: EraseFollower, tx: Tx) -> int | None:
    """The authorisation was withdrawn or the account closed: the person is erased."""
    found = await Identity.get_or_none(kind=customers.OPENID, value=command.openid)
    if found is None:
        return None
    customer = await tx.get(Customer, found.customer_id)
    await handoff_clock.end_of_customer(tx, customer.id, "left")
    await forget_talk(tx, customer.id, command.openid)
    await privacy.erase_customer(EraseCustomer(customer.id, "customer"), tx)
    return int(customer.id)


async def forget_talk(tx: Tx, customer_id: int, openid: str) -> None:
    """What was said on the official account, here and in what the bot still had in mind."""
    await ChatSession.filter(channel="oa", peer=openid).delete()
    for line in await TimelineEvent.filter(customer_id=customer_id, kind__in=list(WORDS)):
        line.data = {"form": line.data["form"]} if "form" in line.data else {}
        await line.save(update_fields=["data"])


async def _is_known_otherwise(customer: Customer) -> bool:
    has_lead = await Lead.exists(customer_id=customer.id)
    return has_lead or await customers.has_phone(customer)


async def _bury_identities(tx: Tx, customer: Customer) -> None:
    for identity in await Identity.filter(customer_id=customer.id, kind__in=list(FROM_WECHAT)):
        if identity.kind == customers.UNIONID:
            await identity.delete()
        else:
            identity.value, identity.subscribed = tx.phones.hash(identity.value), False
            await identity.save(update_fields=["value", "subscribed"])
