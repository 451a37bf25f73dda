"""Li Lei follows the account, has a lead, and his adviser has taken it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from bootstrap import build
from tests.journeys.loop import Customer, Loop, Member

OPENID = "oLiLei"


@dataclass(frozen=True, slots=True)
class Talk:
    """A customer, the adviser who holds his lead, and the lead's number."""

    loop: Loop
    customer: Customer
    adviser: Member
    colleague: Member
    lead: str

    async def heard(self) -> list[str]:
        """Every text on the customer's phone since he followed, oldest first."""
        return [
            m["content"]["content"] for m in await self.customer.phone() if m["kind"] == "text"
        ]

    async def last_heard(self) -> str:
        return ([""] + await self.heard())[-1]

    async def told(self, kind: str) -> list[dict]:
        """Lines of a kind on the lead's timeline."""
        return [line for line in await self.loop.timeline(self.lead) if line["kind"] == kind]


@asynccontextmanager
async def restarted(loop: Loop, **settings: str) -> AsyncIterator[None]:
    """The system stops and starts again on what it has stored, with other settings if given."""
    await loop.leadloop.stop()
    changed = loop.leadloop.settings.model_copy(update=settings)
    loop.leadloop = await build(changed, loop.clock)
    try:
        await loop.leadloop.start_http()
        await loop.leadloop.start_worker(sole=True)
        yield
    finally:
        await loop.leadloop.stop()


@pytest.fixture
async def talk(loop: Loop) -> Talk:
    return await begin(loop)


@pytest.fixture
async def any_talk(any_loop: Loop) -> Talk:
    """On each kind of database."""
    return await begin(any_loop)


async def begin(loop: Loop) -> Talk:
    customer = loop.customer(OPENID)
    await customer.does("follow")
    taken = await loop.send(customer={"openid": OPENID})
    adviser = loop.member(await loop.holder(taken["lead_id"]))
    await (await adviser.card("lead")).press("接单")
    others = {"wangfang": "liqiang", "liqiang": "wangfang"}
    colleague = loop.member(others[adviser.userid])
    loop.clock.advance(minutes=2)  # what following opened is over
    return Talk(loop, customer, adviser, colleague, taken["lead_id"])
