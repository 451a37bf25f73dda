"""WeChat's quota: what may not be sent is not sent, and whoever meant it is told."""

from tests.eventually import eventually
from tests.journeys.handoff.conftest import Talk, restarted

FIVE = ("一", "二", "三", "四", "五")


async def test_the_sixth_message_is_not_sent_and_the_adviser_is_told(talk: Talk) -> None:
    await talk.customer.says("人工")
    for text in FIVE:
        talk.loop.clock.advance(seconds=1)
        await talk.adviser.says(text)
    talk.loop.clock.advance(seconds=1)

    assert "已用完" in await talk.adviser.says("六")
    calls = await talk.loop.calls("oa:message/custom/send")
    assert calls == {"0": 5}

    talk.loop.clock.advance(seconds=1)
    await talk.customer.says("在听")
    await talk.adviser.says("七")
    assert (await talk.last_heard()).endswith("七")


async def test_after_two_days_of_silence_the_adviser_is_asked_to_call(talk: Talk) -> None:
    await talk.customer.says("探岳多少钱")
    await talk.loop.pass_time(hours=49)
    assert "48 小时" in await talk.adviser.says(f"@{talk.lead} 考虑得怎么样了")
    assert "45015" not in await talk.loop.calls("oa:message/custom/send")


async def test_with_a_template_the_customer_is_reached_all_the_same(talk: Talk) -> None:
    await talk.customer.says("你好")
    await talk.loop.pass_time(hours=49)
    async with restarted(talk.loop, oa_template_id="reply-waiting"):
        assert "模板消息" in await talk.adviser.says(f"@{talk.lead} 考虑得怎么样了")
        shown = (await talk.customer.phone())[-1]
        assert shown["kind"] == "template"
        assert "考虑得怎么样了" in shown["content"]["data"]["thing1"]["value"]


async def test_a_template_is_not_repeated_when_wechat_has_forgotten_it(talk: Talk) -> None:
    """It knows one again for ten minutes; its answers get lost for longer."""
    await talk.customer.says("你好")
    await talk.loop.pass_time(hours=49)
    async with restarted(talk.loop, oa_template_id="reply-waiting"):
        await talk.loop.fault("oa:message/template/send", "lost_answer")
        await talk.adviser.says(f"@{talk.lead} 考虑得怎么样了")
        await talk.loop.pass_time(minutes=40)
        kinds = [shown["kind"] for shown in await talk.customer.phone()]
        assert kinds.count("template") == 1
        assert any("不确定是否送达" in text for text in await talk.adviser.texts())


async def test_each_subscription_allows_one_message(talk: Talk) -> None:
    template = "drive-reminder"
    async with restarted(talk.loop, oa_subscription_id=template):
        await talk.customer.does("decide_template", template_id=template)
        await talk.loop.pass_time(hours=49)
        assert "模板消息" in await talk.adviser.says(f"@{talk.lead} 周六见")
        shown = (await talk.customer.phone())[-1]
        assert (shown["kind"], shown["channel"]) == ("template", "subscribe")
        assert "48 小时" in await talk.adviser.says(f"@{talk.lead} 周六见哦")
        assert await talk.loop.calls("oa:message/subscribe/bizsend") == {"0": 1}

        await talk.customer.does("decide_template", template_id=template)
        await talk.customer.does("decide_template", template_id=template, accept=False)
        assert "48 小时" in await talk.adviser.says(f"@{talk.lead} 还来吗")
        assert await talk.loop.calls("oa:message/subscribe/bizsend") == {"0": 1}


async def test_wechat_knows_best_what_was_subscribed_to(talk: Talk) -> None:
    async with restarted(talk.loop, oa_subscription_id="another"):
        await talk.customer.does("decide_template", template_id="drive-reminder")
        await talk.loop.pass_time(hours=49)
        for _ in range(2):
            assert "48 小时" in await talk.adviser.says(f"@{talk.lead} 周六见")
            talk.loop.clock.advance(seconds=1)
        assert await talk.loop.calls("oa:message/subscribe/bizsend") == {"43101": 1}


async def test_wechat_is_believed_when_it_counts_otherwise(talk: Talk) -> None:
    await talk.customer.says("人工")
    await talk.loop.fault("oa:message/custom/send", "errcode", errcode=45047, times=1)
    assert "已用完" in await talk.adviser.says("您好")
    assert "没有送达" in await talk.adviser.says("在吗")
    assert (await talk.loop.calls("oa:message/custom/send")) == {"45047": 1}

    talk.loop.clock.advance(seconds=1)
    await talk.customer.says("我在")
    await talk.adviser.says("好的")
    assert (await talk.last_heard()).endswith("好的")


async def test_an_unknown_outcome_is_told_and_not_repeated(talk: Talk) -> None:
    await talk.customer.says("人工")
    await talk.loop.fault("oa:message/custom/send", "lost_answer", seconds=0.01, times=1)
    assert "不确定是否送达" in await talk.adviser.says("您好")
    assert sum(text.endswith("：您好") for text in await talk.heard()) == 1


async def test_what_a_dead_worker_may_have_sent_is_told_and_not_repeated(talk: Talk) -> None:
    """WeChat knows no repetition of a customer-service message: it would come twice."""
    loop, customer, adviser = talk.loop, talk.customer, talk.adviser
    await customer.says("人工")
    await loop.fault("oa:message/custom/send", "delay", seconds=1, times=1)
    await loop.sandbox("POST", f"staff/{adviser.userid}/text", {"content": "您好"})

    async def is_with_wechat() -> bool:
        return not await loop.sandbox("GET", "faults")

    await eventually(is_with_wechat)
    loop.clock.advance(seconds=31)  # its lease is over: as if that worker were no more
    await loop.settle()
    assert "不确定是否送达" in await adviser.last_text()
    assert sum(text.endswith("：您好") for text in await talk.heard()) == 1

    (dead,) = (await loop.api("GET", "queues/urgent/failed"))["items"]
    await loop.api("POST", f"queues/urgent/failed/{dead['id']}/retry")
    await loop.settle()
    assert sum(text.endswith("：您好") for text in await talk.heard()) == 2, "a person decided"


async def test_quiet_hours_do_not_silence_a_conversation(talk: Talk) -> None:
    await talk.loop.api(
        "PUT", "policies/brand", {"contact": {"quiet_hours": {"start": "00:00", "end": "23:59"}}}
    )
    await talk.customer.says("人工")
    await talk.adviser.says("您好")
    assert (await talk.last_heard()).endswith("您好")
