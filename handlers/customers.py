"""One customer behind many phones and openids: find, add identities, merge.

Identities are unique in the database, so two transactions that meet the same new person collide
there; the loser is run again by `run_tx` and then finds the customer.
"""

from dataclasses import dataclass

from tortoise.expressions import Q

from db.errors import TransactionConflict
from db.models import Appointment, Consent, Customer, Identity, Lead, OutboxJob, TimelineEvent
from domain.commands import MeetCustomer, Person
from domain.events import ConsentChanged, LeadClosed
from domain.lead import CLOSED, LeadState
from handlers import consents, pools, service_rows, windows
from handlers.tx import SYSTEM, Tx

PHONE = "phone"
OPENID = "openid"
UNIONID = "unionid"
ACTS = {"followed": "subscribe", "scanned": "scan"}
"""What somebody did at the door → the window of messages it opens."""


@dataclass(frozen=True, slots=True)
class _Known:
    """An identity as given: how it is stored, and under which values it may be found."""

    kind: str
    values: list[str]
    cipher: str | None = None
    last_four: str | None = None


async def resolve(tx: Tx, person: Person) -> Customer:
    """The customer behind these identities: found, merged from several, or new."""
    given = _given(tx, person)
    found = await Identity.filter(
        Q(*(Q(kind=known.kind, value__in=known.values) for known in given), join_type=Q.OR)
    )
    held = {(i.kind, i.value): i for i in found}
    owners = sorted({i.customer_id for i in found if (i.kind, i.value) in _pairs(given)})
    customer = await _survivor(tx, owners) if owners else await _new(tx, person)
    for known in given:
        if not any((known.kind, value) in held for value in known.values):
            await _add_identity(tx, customer, known)
    customer.name = customer.name or person.name
    customer.city = customer.city or person.city
    return customer


async def by_openid(tx: Tx, openid: str) -> Customer:
    """The customer who writes from this openid; new ones start in the traffic pool."""
    return await resolve(tx, Person(openid=openid))


async def has_phone(customer: Customer) -> bool:
    return await Identity.exists(customer_id=customer.id, kind=PHONE)


async def meet_customer(command: MeetCustomer, tx: Tx) -> int:
    """Note a follow, scan or departure on the official account. Returns the customer's id."""
    act = ACTS.get(command.happened)
    if act:
        await _recognise(tx, command.openid)
    customer = await resolve(tx, Person(openid=command.openid, unionid=command.unionid))
    if act:
        await windows.opened(tx, customer.id, act)
    here = act is not None
    await Identity.filter(kind=OPENID, value=command.openid).update(subscribed=here)
    customer.scene = command.scene or customer.scene
    if command.happened == "revoked":
        await consents.withdraw_all(tx, customer)
    tx.note(command.happened, "customer", customer_id=customer.id, scene=command.scene)
    await pools.repool(tx, customer)
    return int(customer.id)


async def _recognise(tx: Tx, openid: str) -> None:
    """Somebody who left before takes the place of the hash that was kept of them."""
    if not await Identity.exists(kind=OPENID, value=openid):
        buried = Identity.filter(kind=OPENID, value__in=tx.phones.hashes(openid))
        await buried.update(value=openid)


def _given(tx: Tx, person: Person) -> list[_Known]:
    given = []
    if person.phone:
        hashes = tx.phones.hashes(person.phone)
        cipher = tx.phones.encrypt(person.phone)
        given.append(_Known(PHONE, hashes, cipher, person.phone[-4:]))
    if person.openid:
        given.append(_Known(OPENID, [person.openid]))
    if person.unionid:
        given.append(_Known(UNIONID, [person.unionid]))
    return given


def _pairs(given: list[_Known]) -> set[tuple[str, str]]:
    return {(known.kind, value) for known in given for value in known.values}


async def _new(tx: Tx, person: Person) -> Customer:
    return await tx.add(
        Customer(name=person.name, city=person.city, created_at=tx.now, updated_at=tx.now)
    )


async def _add_identity(tx: Tx, customer: Customer, known: _Known) -> None:
    await Identity.create(
        customer_id=customer.id,
        kind=known.kind,
        value=known.values[0],
        cipher=known.cipher,
        last_four=known.last_four,
        created_at=tx.now,
    )


async def _survivor(tx: Tx, owners: list[int]) -> Customer:
    """The oldest customer; the others become part of it."""
    oldest, *others = [await tx.get(Customer, owner) for owner in owners]
    if any(customer.merged_into_id for customer in (oldest, *others)):
        raise TransactionConflict("somebody merged these customers meanwhile")
    for other in others:
        await _merge(tx, oldest, other)
    if others and oldest.opted_out_at:
        tx.emit(ConsentChanged(oldest.id))
    return oldest


async def _merge(tx: Tx, survivor: Customer, other: Customer) -> None:
    moved = await Identity.filter(customer_id=other.id).values_list("id", flat=True)
    await Identity.filter(customer_id=other.id).update(customer_id=survivor.id)
    await Consent.filter(customer_id=other.id).update(customer_id=survivor.id)
    await TimelineEvent.filter(customer_id=other.id).update(customer_id=survivor.id)
    await Appointment.filter(customer_id=other.id).update(customer_id=survivor.id)
    await OutboxJob.filter(customer_id=other.id).update(customer_id=survivor.id)
    await service_rows.move(tx, other.id, survivor.id)
    for lead_id in await Lead.filter(customer_id=other.id).values_list("id", flat=True):
        await _move_lead(tx, await tx.get(Lead, lead_id), survivor)
    survivor.name = survivor.name or other.name
    survivor.city = survivor.city or other.city
    survivor.opted_out_at = survivor.opted_out_at or other.opted_out_at
    survivor.last_message_at = survivor.last_message_at or other.last_message_at
    other.merged_into_id = survivor.id
    tx.note(
        "merged", SYSTEM, customer_id=survivor.id, other=other.id, identities=list(map(str, moved))
    )


async def _move_lead(tx: Tx, lead: Lead, survivor: Customer) -> None:
    lead.customer_id = survivor.id
    if lead.open_key is None:
        return
    key = open_key(survivor.id, lead.dealer_id)
    if await Lead.exists(open_key=key):
        lead.open_key, lead.closed_at, lead.state = None, tx.now, LeadState.LAPSED
        lead.waiting_since = None
        tx.note("lapsed", SYSTEM, lead=lead)
        tx.emit(LeadClosed(lead.id, LeadState.LAPSED))
    else:
        lead.open_key = key


def open_key(customer_id: int, dealer_code: str | None) -> str:
    """What no two open leads share: one person (a phone is one person) at one dealer."""
    return f"{customer_id}|{dealer_code or '-'}"


def sync_open_key(lead: Lead) -> None:
    """Bring `open_key` in line with the lead's state, customer and dealer."""
    closed = lead.state in CLOSED
    lead.open_key = None if closed else open_key(lead.customer_id, lead.dealer_id)
