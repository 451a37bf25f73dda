"""The system restarts between two messages, and the customer does not notice."""

from tests.journeys.customer.conftest import PHONE, Visitor
from tests.journeys.handoff.conftest import restarted


async def test_the_talk_goes_on_where_it_was(visitor: Visitor) -> None:
    await visitor.says("我想周六下午3点在长春净月店试驾探岳", "同意请回复“同意”")
    async with restarted(visitor.loop):
        await visitor.says("同意", "手机号")
        await visitor.says(PHONE, "约好了：周六（11月28日）15:00")
