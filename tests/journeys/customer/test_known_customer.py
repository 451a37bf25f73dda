"""What is on file is not asked again: number, consent, car and store."""

from tests.journeys.customer.conftest import OPENID, follow
from tests.journeys.loop import Loop


async def test_a_customer_from_a_form_only_names_the_time(loop: Loop) -> None:
    taken = await loop.send(customer={"openid": OPENID})
    visitor = await follow(loop)
    await visitor.talks(
        """
        客：想试驾
        号：长春净月店可以试驾探岳
        客：周六下午3点
        号：回复“确认”就约好了
        客：确认
        号：约好了
        """
    )
    (lead,) = await visitor.leads()
    assert lead["id"] == taken["lead_id"]
    assert (await loop.kinds(lead["id"])).count("captured") == 1


async def test_a_number_already_known_joins_its_customer(loop: Loop) -> None:
    taken = await loop.send()
    visitor = await follow(loop)
    await visitor.says("探岳多少钱")
    await visitor.says("我在长春，电话13800138000", "同意")
    await visitor.says("同意", "会尽快联系您")
    (lead,) = [x for x in await visitor.leads() if x["dealer_code"] == "CC01"]
    assert lead["id"] == taken["lead_id"]
    lines = [x for x in await loop.timeline(lead["id"]) if x["kind"] == "message_in"]
    assert "探岳多少钱" in lines[0]["text"]
