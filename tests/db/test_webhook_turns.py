"""Deliveries are claimed webhook by webhook: whoever has much waiting keeps nobody waiting."""

from __future__ import annotations

import pytest

from db import queue_rows
from db.engine import Database
from db.models import WebhookDelivery
from db.models.queues import RowState
from domain.webhooks import AT_ONCE
from tests.clock import FakeClock
from tests.jobs import a_webhook

pytestmark = pytest.mark.usefixtures("database")


async def claimed(clock: FakeClock, room: int = 40) -> dict[int, list[str]]:
    refs = await queue_rows.claim_due("webhooks", clock.ms(), room, 30_000)
    found: dict[int, list[str]] = {}
    for row in await WebhookDelivery.filter(id__in=[ref.id for ref in refs]).order_by("id"):
        found.setdefault(row.webhook_id, []).append(row.event_uid)
    return found


async def test_everybody_gets_a_few_at_a_time_oldest_first(clock: FakeClock) -> None:
    busy, quiet = await a_webhook(clock, 50), await a_webhook(clock, 1)

    assert await claimed(clock) == {
        busy.id: [f"evt_{n}" for n in range(AT_ONCE)],
        quiet.id: ["evt_0"],
    }
    assert await claimed(clock) == {}


async def test_one_that_ends_makes_room_for_one(clock: FakeClock, database: Database) -> None:
    webhook = await a_webhook(clock, 50)
    refs = await queue_rows.claim_due("webhooks", clock.ms(), 40, 30_000)
    assert await queue_rows.begin(refs[0], clock.ms(), 30_000)
    row = await WebhookDelivery.get(id=refs[0].id)
    ref = queue_rows.RowRef("webhook_delivery", row.id, row.lease_until_ms)
    await database.run_tx(lambda: queue_rows.finish(ref, clock.ms()))

    assert await claimed(clock) == {webhook.id: [f"evt_{AT_ONCE}"]}


async def test_a_failing_receiver_is_left_alone_until_its_time(clock: FakeClock) -> None:
    webhook = await a_webhook(clock, 2, held_until_ms=clock.ms() + 1000)

    assert await claimed(clock) == {}
    clock.advance(1)
    assert await claimed(clock) == {webhook.id: ["evt_0", "evt_1"]}


async def test_what_a_dead_worker_held_is_sent_by_another(clock: FakeClock) -> None:
    webhook = await a_webhook(clock, 1)
    assert await claimed(clock)
    clock.advance(31)

    assert await claimed(clock) == {webhook.id: ["evt_0"]}
    assert await WebhookDelivery.filter(state=RowState.LEASED).count() == 1
