"""Erase a person and keep the statistics; move phones to a new secret."""

from tortoise.expressions import Q

from db.models import (
    CallTask,
    Card,
    ChatSession,
    Consent,
    Customer,
    CustomerMerge,
    Defeat,
    FollowUp,
    Identity,
    InboxMessage,
    Lead,
    OutboxJob,
    TimelineEvent,
    Touchpoint,
)
from db.models.queues import RowState
from db.queries.approvals import is_sampled
from db.queries.calling import is_to_be_called
from db.queries.consents import forget_purposes
from domain.errors import AssignmentOver, NotFound
from domain.events import CustomerErased
from domain.lead import CLOSED, LeadState
from domain.privacy_commands import EraseCustomer, ReencryptPhones, RevealPhone
from handlers import calling, dispatch, followups, pools, rights, service_rows
from handlers.tx import Tx

KEPT = (
    "level",
    "before",
    "reasons",
    "result",
    "way",
    "reason",
    "pool",
    "link",
    "userid",
    "source",
)
"""What a timeline line may keep: facts of the work, nothing the person said."""


async def reveal_phone(command: RevealPhone, tx: Tx) -> str:
    """The customer's number, for whoever works on the lead once it is accepted; always noted.

    Of a sampled defeat the brand sees it too, of who is to be called again today their dealer.
    """
    lead = await tx.get(Lead, command.lead_id)
    if await is_to_be_called(lead.id, calling.today(tx)):
        await rights.check_may_act(tx, command.by, lead, None)
    elif not await _is_recalled_by(tx, command.by, lead):
        assignment = await dispatch.running_assignment(tx, lead)
        if assignment is None or assignment.accepted_at is None:
            raise AssignmentOver(f"lead {lead.id} is not accepted", state=lead.state)
        await rights.check_may_act(tx, command.by, lead, assignment)
    newest = Identity.filter(customer_id=lead.customer_id, kind="phone").order_by("-id")
    identity = await newest.first()
    if identity is None or identity.cipher is None:
        raise NotFound(f"lead {lead.id} has no phone")
    tx.note("revealed", command.by, lead=lead, userid=command.userid)
    return tx.phones.decrypt(identity.cipher)


async def _is_recalled_by(tx: Tx, by: str, lead: Lead) -> bool:
    """Brand operations call a sample of given-up customers, unless these asked for silence."""
    if lead.state != LeadState.DEFEATED or not await rights.is_brand_operations(tx, by):
        return False
    customer = await tx.see(Customer, lead.customer_id)
    return customer.opted_out_at is None and await is_sampled(lead.id)


async def erase_customer(command: EraseCustomer, tx: Tx) -> None:
    """Remove names, phones, ids and words; counts, levels and times stay. Safe to run again."""
    customer = await tx.get(Customer, command.customer_id)
    lead_ids = list(await Lead.filter(customer_id=customer.id).values_list("id", flat=True))
    await _forget_notices([int(i) for i in lead_ids])  # type: ignore[call-overload]
    await _forget_talk(customer.id)
    for lead_id in lead_ids:
        lead = await tx.get(Lead, lead_id)
        lead.message = ""
        await Touchpoint.filter(lead_id=lead.id).update(data={})
        await FollowUp.filter(lead_id=lead.id).update(note="", slots={})
        await CallTask.filter(lead_id=lead.id).update(note="")
        if lead.state not in CLOSED:
            followups.close(tx, lead, LeadState.LAPSED)
    for line in await TimelineEvent.filter(customer_id=customer.id):
        line.data = {name: value for name, value in line.data.items() if name in KEPT}
        await line.save(update_fields=["data"])
    await Identity.filter(customer_id=customer.id).delete()
    await Consent.filter(customer_id=customer.id).delete()
    forget_purposes()
    await service_rows.erase(tx, customer.id)
    await _forget_merges(customer.id)
    customer.name = customer.city = customer.scene = ""
    customer.lat = customer.lng = None
    customer.erased_at = customer.opted_out_at = tx.now
    tx.note("erased", command.by, customer_id=customer.id)
    tx.emit(CustomerErased(customer.id))
    await pools.repool(tx, customer, "erased")


async def _forget_merges(customer_id: int) -> None:
    """Those who became part of this person, and what would take them apart again."""
    people, found = {customer_id}, [customer_id]
    while found:
        rows = await Customer.filter(merged_into_id__in=found).values("id")
        found = [row["id"] for row in rows if row["id"] not in people]
        people.update(found)
    parts = Customer.filter(id__in=list(people - {customer_id}))
    await parts.update(name="", city="", scene="", lat=None, lng=None)
    merges = CustomerMerge.filter(Q(survivor_id__in=list(people)) | Q(other_id__in=list(people)))
    await merges.update(moved={}, before={}, reason="")


async def _forget_notices(lead_ids: list[int]) -> None:
    """Words on cards, in requests and in notices to staff; what was on its way is stopped."""
    await Card.filter(lead_id__in=lead_ids).update(data={})
    await Defeat.filter(lead_id__in=lead_ids).update(note="", competitor="")
    notices = OutboxJob.filter(lead_id__in=lead_ids, kind="notice")
    waiting = notices.filter(state=RowState.READY)
    await waiting.update(state=RowState.DISCARDED, result={"outcome": "erased"})
    await notices.exclude(state=RowState.LEASED).update(data={})


async def _forget_talk(customer_id: int) -> None:
    """Messages and half-finished conversations on the official account."""
    known = Identity.filter(customer_id=customer_id, kind="openid")
    openids = list(await known.values_list("value", flat=True))
    await ChatSession.filter(channel="oa", peer__in=openids).delete()
    handled = (RowState.DONE, RowState.DEAD, RowState.DISCARDED)
    await InboxMessage.filter(sender__in=openids, state__in=handled).delete()


async def reencrypt_phones(command: ReencryptPhones, tx: Tx) -> int | None:
    """Re-encrypt and re-key phones sealed with a previous secret. Returns the last id, or None."""
    phones = Identity.filter(kind="phone", id__gt=command.after_id)
    rows = await phones.order_by("id").limit(command.limit)
    for row in rows:
        if row.cipher and not tx.phones.is_current(row.cipher):
            phone = tx.phones.decrypt(row.cipher)
            row.cipher, row.value = tx.phones.encrypt(phone), tx.phones.hash(phone)
            await row.save(update_fields=["cipher", "value"])
    return rows[-1].id if rows else None
