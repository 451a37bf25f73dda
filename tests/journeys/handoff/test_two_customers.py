"""王芳 talks to two customers at once: nothing goes to the wrong one."""

from tests.journeys.handoff.conftest import Talk
from tests.journeys.loop import Customer


async def second(talk: Talk) -> tuple[Customer, str]:
    """韩梅梅, whose lead the same adviser holds."""
    customer = talk.loop.customer("oHanMeimei")
    await customer.does("follow")
    person = {"name": "韩梅梅", "phone": "13900139000", "openid": "oHanMeimei"}
    taken = await talk.loop.send("dcd-2", customer=person)
    if await talk.loop.holder(taken["lead_id"]) != talk.adviser.userid:
        order = {"userid": talk.adviser.userid, "reason": "both hers"}
        await talk.loop.api("POST", f"leads/{taken['lead_id']}/transfer", order)
    await talk.loop.settle()
    return customer, taken["lead_id"]


async def test_with_two_open_the_adviser_is_asked_which(talk: Talk) -> None:
    other, number = await second(talk)
    await talk.customer.says("人工")
    await other.says("找销售")

    before, theirs = await talk.heard(), await other.phone()
    asked = await talk.adviser.says("您好在的")
    assert f"@{talk.lead}" in asked
    assert f"@{number}" in asked
    assert (await talk.heard(), await other.phone()) == (before, theirs)

    await talk.adviser.says(f"@{number} 您好韩女士")
    assert (await other.phone())[-1]["content"]["content"].endswith("：您好韩女士")
    assert await talk.heard() == before

    assert "结束" in await talk.adviser.says(f"@{number} 结束")
    await talk.adviser.says("李先生您好")
    assert (await talk.last_heard()).endswith("：李先生您好")


async def test_a_foreign_customer_cannot_be_written_to(talk: Talk) -> None:
    stranger = talk.loop.member("zhoujie")
    before = await talk.heard()
    assert "不能操作" in await stranger.says(f"@{talk.lead} 来我们店吧")
    assert "没有找到" in await stranger.says("@999 您好")
    assert await talk.heard() == before


async def test_an_adviser_may_speak_first(talk: Talk) -> None:
    await talk.customer.says("探岳多少钱")
    await talk.adviser.says(f"@{talk.lead} 我来给您算一下落地价")
    assert (await talk.last_heard()).endswith("我来给您算一下落地价")
    assert await talk.customer.says("好的") == ""
    assert (await talk.adviser.last_text()).endswith("李雷：好的")


async def test_two_who_ask_at_once_open_one_conversation(any_talk: Talk) -> None:
    talk = any_talk
    await talk.customer.does("text", content="人工", copies=5)
    await talk.customer.says("转人工")
    connected = [line["data"].get("link") for line in await talk.told("handed_over")]
    assert connected.count("person") == 1
