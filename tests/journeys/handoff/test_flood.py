"""One phone writes without end: the others are answered as if nothing were."""

import asyncio

from db.models import InboxMessage
from tests.journeys.loop import Loop

MESSAGES = 80
AT_ONCE = 30


async def test_a_flood_waits_in_its_own_queue(loop: Loop) -> None:
    flooder, other = loop.customer("oFlood"), loop.customer("oOther")
    for customer in (flooder, other):
        await customer.does("follow")
    texts = [{"content": f"在吗{number}"} for number in range(MESSAGES)]
    path = f"customers/{flooder.openid}/text"
    await asyncio.gather(*(loop.sandbox("POST", path, text) for text in texts))

    assert await other.says("人工")
    waiting = await InboxMessage.filter(sender=flooder.openid, due_at_ms__gt=loop.clock.ms())
    assert len([row for row in waiting if row.state == 0]) >= MESSAGES - AT_ONCE

    await loop.pass_time(minutes=2)
    done = await InboxMessage.filter(sender=flooder.openid, state=2).count()
    assert done == MESSAGES + 1
