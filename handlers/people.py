"""Who is who, and what they agreed to: orders of the people who look after customers' data."""

from db.models import Customer, CustomerMerge
from domain.consent import PURPOSES
from domain.errors import InvalidInput
from domain.events import ConsentChanged
from domain.people_commands import MergeCustomers, UnmergeCustomers, WithdrawConsent
from domain.phone import mask_in_text
from handlers import consents, merging, unmerging
from handlers.tx import Tx
from handlers.unmerging import Unmerged


async def merge_customers(command: MergeCustomers, tx: Tx) -> int:
    """Two customers are one person. Returns the merge's id."""
    for customer_id in sorted({command.customer_id, command.other_id}):
        await tx.get(Customer, customer_id)
    survivor = await tx.get(Customer, command.customer_id)
    other = await tx.get(Customer, command.other_id)
    record = await merging.merge(tx, survivor, other, command.by, mask_in_text(command.reason))
    tx.emit(ConsentChanged(survivor.id))
    return int(record.id)


async def unmerge_customers(command: UnmergeCustomers, tx: Tx) -> Unmerged:
    """They were two after all."""
    seen = await tx.see(CustomerMerge, command.merge_id)
    for customer_id in sorted((seen.survivor_id, seen.other_id)):
        await tx.get(Customer, customer_id)
    record = await tx.get(CustomerMerge, command.merge_id)
    apart = await unmerging.unmerge(tx, record, command.by, mask_in_text(command.reason))
    for customer_id in (apart.survivor_id, apart.other_id):
        tx.emit(ConsentChanged(customer_id))
    return apart


async def withdraw_consent(command: WithdrawConsent, tx: Tx) -> int:
    """Agreement is taken back: all of it is an opt-out. Returns the customer's id."""
    customer = await tx.get(Customer, command.customer_id)
    if unknown := sorted(set(command.purposes) - PURPOSES):
        raise InvalidInput([("purposes", f"no such purpose: {', '.join(unknown)}")])
    purposes = sorted(command.purposes or PURPOSES)
    tx.note(
        "consent_withdrawn",
        command.by,
        customer_id=customer.id,
        purposes=purposes,
        reason=mask_in_text(command.reason),
    )
    if set(purposes) == PURPOSES:
        await consents.withdraw_all(tx, customer)
    else:
        await consents.withdraw(tx, customer, purposes)
    return int(customer.id)
