"""Every night each customer's pool is worked out again: a difference is a defect, and is said.

The same pure function over the same facts must give what is kept. Where it does not, the customer
is put right under their lock, with a line on the timeline and a row that stays; ops are told once.
"""

from dataclasses import dataclass

from db.models import Customer, PoolCheck, PoolDifference, PoolMove
from db.queries.pool_facts import facts_of, stays_of
from domain.commands import AlertOps, ComparePools
from domain.pools import PoolDecision, pool_of
from handlers import policies, pools, pushes
from handlers.tx import SYSTEM, Tx


@dataclass(frozen=True, slots=True)
class Compared:
    """What one batch found: how many were looked at, whose pool was wrong, whether it was the
    last."""

    checked: int
    wrong: tuple[int, ...]
    finished: bool


async def compare_pools(command: ComparePools, tx: Tx) -> Compared:
    """Compare the next customers of the day's round. A batch is a transaction."""
    if not await PoolCheck.exists(day=command.day):
        await tx.add(PoolCheck(day=command.day, started_at=tx.now))
    check = await tx.get(PoolCheck, command.day)
    if check.finished_at:
        return Compared(0, (), finished=True)
    after = Customer.filter(id__gt=check.last_id).order_by("id")
    batch = await after.limit(command.limit)
    wrong = await _differing([row for row in batch if row.merged_into_id is None])
    wrong = [customer_id for customer_id in wrong if await _put_right(tx, customer_id)]
    check.checked += len(batch)
    check.differences += len(wrong)
    check.last_id = batch[-1].id if batch else check.last_id
    if len(batch) < command.limit:
        await _finish(tx, check)
    return Compared(len(batch), tuple(wrong), check.finished_at is not None)


async def _differing(customers: list[Customer]) -> list[int]:
    policy = await policies.policy_for(None)
    facts, stays = await facts_of(customers, policy), await stays_of(customers)
    return [
        customer.id
        for customer in customers
        if not _agrees(customer, pool_of(facts[customer.id], policy.levels))
        or stays.get(customer.id) != customer.pool
    ]


def _agrees(customer: Customer, decision: PoolDecision) -> bool:
    return (customer.pool, customer.link) == (decision.pool, decision.link)


async def _put_right(tx: Tx, customer_id: int) -> bool:
    """Look again with the customer locked: only what differs now is a defect."""
    customer = await tx.get(Customer, customer_id)
    if customer.merged_into_id is not None:
        return False
    was, was_link = customer.pool, customer.link
    stay = await PoolMove.get_or_none(open_customer_id=customer.id)
    await pools.repool(tx, customer, pools.CHECK)
    kept = stay.pool if stay else ""
    if (kept, was, was_link) == (customer.pool, customer.pool, customer.link):
        return False
    tx.append(
        PoolDifference(
            customer_id=customer.id,
            kept=was if was != customer.pool else kept,
            kept_link=was_link,
            pool=customer.pool,
            link=customer.link,
            reason=customer.pool_reason,
            at=tx.now,
        )
    )
    tx.note("pool_corrected", SYSTEM, customer_id=customer.id, before=was, pool=customer.pool)
    return True


async def _finish(tx: Tx, check: PoolCheck) -> None:
    check.finished_at = tx.now
    if check.differences:
        data: dict[str, object] = {"day": check.day, "count": check.differences}
        alarm = AlertOps("pools_differ", f"pools_differ:{check.day}", data)
        await pushes.alert_ops(alarm, tx)
