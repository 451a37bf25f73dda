"""Pictures and voices go both ways, each with who sent it."""

from tests.journeys.handoff.conftest import Talk


async def test_a_picture_of_the_customer_reaches_the_adviser(talk: Talk) -> None:
    await talk.customer.says("人工")
    await talk.customer.does("image")
    phone = await talk.adviser.phone()
    assert [m["kind"] for m in phone[-2:]] == ["text", "image"]
    assert phone[-2]["content"]["content"] == f"@{talk.lead} 客户李雷：[图片]"


async def test_a_voice_arrives_with_what_was_said(talk: Talk) -> None:
    await talk.customer.says("人工")
    await talk.customer.does("voice", recognition="周六能去吗")
    phone = await talk.adviser.phone()
    assert phone[-2]["content"]["content"].endswith("[语音] 周六能去吗")
    assert phone[-1]["kind"] == "voice"


async def test_what_the_bot_cannot_read_is_heard_all_the_same(talk: Talk) -> None:
    await talk.customer.does("link", url="http://x/car", title="这台怎么样")
    await talk.customer.says("人工")
    await talk.customer.does("link", url="http://x/bus", title="那台呢")
    await talk.customer.does("raw", MsgType="video", MediaId="m", ThumbMediaId="t", MsgId=991)

    told = "".join(await talk.adviser.texts())
    assert "[链接] 那台呢 http://x/bus" in told
    assert "[视频]" in told
    assert [line["data"]["form"] for line in await talk.told("message_in")] == [
        "link",
        "text",
        "link",
        "video",
    ]


async def test_a_voice_of_the_adviser_follows_his_name(talk: Talk) -> None:
    await talk.customer.says("人工")
    await talk.loop.sandbox("POST", f"staff/{talk.adviser.userid}/voice", {})
    await talk.loop.settle()
    assert [m["kind"] for m in (await talk.customer.phone())[-2:]] == ["text", "voice"]
    assert (await talk.last_heard()).endswith("：[语音]")

    talk.loop.clock.advance(seconds=1)
    await talk.loop.sandbox("POST", f"staff/{talk.adviser.userid}/voice", {})
    await talk.loop.settle()
    assert [m["kind"] for m in (await talk.customer.phone())[-2:]] == ["voice", "voice"]


async def test_a_lost_picture_of_the_adviser_is_spoken_of(talk: Talk) -> None:
    await talk.customer.says("人工")
    await talk.adviser.says("看下实车")
    await talk.loop.sandbox(
        "POST",
        f"staff/{talk.adviser.userid}/raw",
        {"MsgType": "image", "PicUrl": "http://x/1.jpg", "MediaId": "gone", "MsgId": 77},
    )
    await talk.loop.settle()
    assert (await talk.last_heard()).endswith("：[图片]")


async def test_a_lost_file_is_still_spoken_of(talk: Talk) -> None:
    await talk.customer.says("人工")
    await talk.loop.fault("oa:media/get", "errcode", errcode=40007)
    await talk.customer.does("image")
    assert (await talk.adviser.last_text()).endswith("[图片]")
