"""One customer behind many phones and openids: find, add identities, bring together.

Identities are unique in the database, so two transactions that meet the same new person collide
there; the loser is run again by `run_tx` and then finds the customer.
"""

from dataclasses import dataclass

from tortoise.expressions import Q

from db import sql
from db.errors import TransactionConflict
from db.models import Customer, Identity
from domain.commands import MeetCustomer, Person
from domain.events import ConsentChanged, CustomerActed
from handlers import consents, merging, pools, windows
from handlers.tx import SYSTEM, Tx

_BY_OPENID = "SELECT customer_id FROM identity WHERE kind = 'openid' AND value = $1"

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
    if known := await sql.rows(_BY_OPENID, openid):
        return await _survivor(tx, [known[0]["customer_id"]])
    customer = await resolve(tx, Person(openid=openid))
    await pools.repool(tx, customer, "message")
    return customer


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
    await pools.repool(tx, customer, command.happened)
    if act:
        tx.emit(CustomerActed(customer.id, command.happened))
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
        await merging.merge(tx, oldest, other, SYSTEM)
    if others and oldest.opted_out_at:
        tx.emit(ConsentChanged(oldest.id))
    return oldest
