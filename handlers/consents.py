"""Receipts of consent: kept, checked and withdrawn. Withdrawing is one message and total."""

from db.models import Consent, Customer
from db.queries.consents import forget_purposes, purposes_in_force
from domain.commands import ConsentGiven, SetConsent
from domain.events import ConsentChanged
from handlers import customers, windows
from handlers.tx import Tx


async def give(
    tx: Tx, customer: Customer, given: ConsentGiven, dealer_code: str | None
) -> frozenset[str]:
    """Keep the receipts of a form or conversation; returns every purpose now in force."""
    await Consent.bulk_create(
        [
            Consent(
                customer_id=customer.id,
                purpose=purpose,
                version=given.version,
                channel=given.channel,
                dealer_code=dealer_code,
                obtained_at=given.obtained_at,
            )
            for purpose in given.purposes
        ]
    )
    forget_purposes()
    if given.purposes:
        _end_opt_out(customer, given)
        tx.note(
            "consent",
            "customer",
            customer_id=customer.id,
            purposes=list(given.purposes),
            version=given.version,
            channel=given.channel,
        )
    return await purposes_of(customer)


def _end_opt_out(customer: Customer, given: ConsentGiven) -> None:
    """Agreeing anew after an opt-out is the person coming back by themself."""
    if customer.opted_out_at and given.obtained_at > customer.opted_out_at:
        customer.opted_out_at = None


async def purposes_of(customer: Customer) -> frozenset[str]:
    """The purposes in force: receipts neither withdrawn nor overruled by an opt-out."""
    return await purposes_in_force(customer.id, customer.opted_out_at)


async def withdraw_all(tx: Tx, customer: Customer) -> None:
    """Stop everything for a customer at once, everywhere."""
    customer.opted_out_at = tx.now
    await Consent.filter(customer_id=customer.id, withdrawn_at__isnull=True).update(
        withdrawn_at=tx.now
    )
    forget_purposes()
    tx.emit(ConsentChanged(customer.id))


async def withdraw(tx: Tx, customer: Customer, purposes: list[str]) -> None:
    """Take back the receipts of some purposes."""
    running = Consent.filter(customer_id=customer.id, withdrawn_at__isnull=True)
    await running.filter(purpose__in=purposes).update(withdrawn_at=tx.now)
    forget_purposes()
    tx.emit(ConsentChanged(customer.id))


async def set_consent(command: SetConsent, tx: Tx) -> int:
    """A customer says stop, or welcome again, on the official account."""
    customer = await customers.by_openid(tx, command.openid)
    tx.note("message_in", "customer", customer_id=customer.id, text=command.text, form="text")
    customer.last_message_at = tx.now
    await windows.opened(tx, customer.id, "message")
    if command.wanted:
        customer.opted_out_at = None
        given = ConsentGiven(("contact", "marketing"), "chat", "official_account", tx.now)
        await give(tx, customer, given, None)
        tx.emit(ConsentChanged(customer.id))
    else:
        await withdraw_all(tx, customer)
        tx.note("opted_out", "customer", customer_id=customer.id)
    return int(customer.id)
