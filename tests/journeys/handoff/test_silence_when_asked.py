"""退订 in the middle of everything: at once, everywhere, confirmed once."""

import pytest

from tests.journeys.handoff.conftest import Talk


async def test_opting_out_ends_the_conversation_and_stops_what_was_on_its_way(
    talk: Talk,
) -> None:
    await talk.customer.says("人工")
    await talk.adviser.says("您好")
    await talk.loop.api("POST", "queues/urgent/pause")
    await talk.loop.sandbox("POST", f"staff/{talk.adviser.userid}/text", {"content": "还在考虑吗"})
    await talk.loop.settle()
    talk.loop.clock.advance(seconds=1)

    assert "退订" in await talk.customer.says("别再联系我了")
    await talk.loop.api("POST", "queues/urgent/resume")
    await talk.loop.pass_time(seconds=30)

    heard = await talk.heard()
    assert not any("还在考虑吗" in text for text in heard)
    assert sum("退订" in text for text in heard) == 1
    told = "".join(await talk.adviser.texts())
    assert "要求不再联系，会话已结束" in told
    assert "没有发给" in told
    assert "不能再发" in await talk.adviser.says(f"@{talk.lead} 您好")
    assert await talk.loop.holder(talk.lead) is None


async def test_who_comes_back_is_answered_again(talk: Talk) -> None:
    await talk.customer.says("TD")
    assert "万元" in await talk.customer.says("探岳多少钱")
    assert "恢复" in await talk.customer.says("恢复订阅")
    assert "接通" in await talk.customer.says("人工")


async def test_unfollowing_ends_it_and_forgets_the_words(talk: Talk) -> None:
    await talk.customer.says("人工")
    await talk.customer.says("我住净月大街")
    await talk.customer.does("unfollow")

    assert "取消关注" in await talk.adviser.last_text()
    assert all("text" not in line["data"] for line in await talk.told("message_in"))
    assert (await talk.loop.lead(talk.lead))["state"] == "accepted"
    assert "没有关注" in await talk.adviser.says(f"@{talk.lead} 您好")

    talk.loop.clock.advance(minutes=5)
    await talk.customer.does("follow")
    assert "接通" in await talk.customer.says("人工")
    assert f"@{talk.lead}" in await talk.adviser.last_text()


@pytest.mark.parametrize("event", ["user_authorization_cancellation", "user_authorization_revoke"])
async def test_a_closed_wechat_account_erases_the_person(talk: Talk, event: str) -> None:
    await talk.customer.does("raw", MsgType="event", Event=event, OpenID=talk.customer.openid)
    lead = await talk.loop.lead(talk.lead)
    assert lead["state"] == "lapsed"
    assert lead["customer"]["name"] == ""
    assert "erased" in await talk.loop.kinds(talk.lead)
    assert lead["level"]


async def test_a_changed_profile_of_which_nothing_is_kept_changes_nothing(talk: Talk) -> None:
    openid = talk.customer.openid
    await talk.customer.does("raw", MsgType="event", Event="user_info_modified", OpenID=openid)
    assert (await talk.loop.lead(talk.lead))["state"] == "accepted"
    assert "万元" in await talk.customer.says("探岳多少钱")
