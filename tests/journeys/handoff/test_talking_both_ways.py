"""李雷 asks for a person: his adviser and he talk, and then he has the bot again."""

from db.models import OutboxJob
from db.models.queues import RowState
from db.queue_rows import RowRef
from domain.people_commands import MergeCustomers
from tests.journeys.handoff.conftest import Talk

NAMES = {"wangfang": "王芳", "liqiang": "李强"}


async def test_both_sides_talk_and_see_who_speaks(any_talk: Talk) -> None:
    talk = any_talk
    name = NAMES[talk.adviser.userid]
    assert name in await talk.customer.says("我要人工")
    called = await talk.adviser.last_text()
    for shown in ("李雷", f"@{talk.lead}", "探岳", "我要人工"):
        assert shown in called

    await talk.adviser.says("您好，我是您的顾问")
    assert await talk.last_heard() == f"销售顾问{name}：您好，我是您的顾问"

    assert await talk.customer.says("探岳多少钱") == ""
    assert await talk.adviser.last_text() == f"@{talk.lead} 客户李雷：探岳多少钱"
    await talk.adviser.says(f"@{talk.lead} 今天有现车")
    assert await talk.last_heard() == f"销售顾问{name}：今天有现车"

    assert "结束" in await talk.customer.says("结束")
    assert "结束了会话" in await talk.adviser.last_text()
    assert "万元" in await talk.customer.says("探岳多少钱")


async def test_what_was_said_is_on_the_timeline_once(talk: Talk) -> None:
    await talk.customer.says("人工")
    await talk.customer.does("text", content="周六在吗", copies=3)
    await talk.adviser.says("在的")

    said = [line["data"]["text"] for line in await talk.told("message_in")]
    assert said == ["人工", "周六在吗"]
    out = [line for line in await talk.told("message_out") if line["actor"] != "bot"]
    assert [(line["actor"], line["data"]["text"]) for line in out] == [
        (f"staff:{talk.adviser.userid}", "在的")
    ]
    assert {"handoff_started", "handed_over"} <= set(await talk.loop.kinds(talk.lead))


async def test_the_answer_counts_as_the_first_contact(talk: Talk) -> None:
    await talk.customer.says("人工")
    await talk.adviser.says("您好")

    lead = await talk.loop.lead(talk.lead)
    assert lead["assignment"]["first_response_at"]
    assert (await talk.told("follow_up"))[0]["data"]["way"] == "chat"


async def test_commands_and_numbered_notes_stay_with_the_bot(talk: Talk) -> None:
    await talk.customer.says("人工")
    before = await talk.heard()

    await talk.adviser.says("待办")
    assert "已记录" in await talk.adviser.says(f"#{talk.lead} 约了周六下午3点到店")
    assert await talk.heard() == before


async def test_messages_arrive_in_the_order_they_were_written(talk: Talk) -> None:
    await talk.customer.says("人工")
    for text in ("一", "二", "三"):
        await talk.loop.sandbox("POST", f"staff/{talk.adviser.userid}/text", {"content": text})
    await talk.loop.settle()
    await talk.loop.pass_time(seconds=30)

    assert [text[-1] for text in (await talk.heard())[-3:]] == ["一", "二", "三"]


async def test_what_waits_its_turn_reaches_a_customer_who_is_merged_meanwhile(talk: Talk) -> None:
    """The worker has read whom it is for; then it is somebody else."""
    loop = talk.loop
    await talk.customer.says("人工")
    await loop.api("POST", "queues/urgent/pause")
    await talk.adviser.says("您好")
    job = await OutboxJob.get(name="relay_out")
    other = await loop.send("x-2", customer={"phone": "13900139002", "name": "李磊"})
    survivor = int(other["customer_id"])
    await loop.leadloop.bus.execute(MergeCustomers(survivor, job.customer_id or 0, "test"))
    ref = RowRef("outbox", job.id, loop.clock.ms() + 30_000)
    await OutboxJob.filter(id=job.id).update(state=RowState.LEASED, lease_until_ms=ref.lease)
    await loop.leadloop.messenger.carry_out(job, ref)
    assert (await talk.last_heard()).endswith("：您好")
    await loop.api("POST", "queues/urgent/resume")
    await loop.settle()
