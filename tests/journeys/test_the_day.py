"""Morning to-do, evening summary, a manager's day, on and off duty: one message each."""

from __future__ import annotations

import pytest

from domain import commands as order
from tests.journeys.loop import Loop, Member, at

MOST_BYTES = 2048
MINE = {"intent": {"dealer_code": "CC02"}}
"""At CC02 there is one adviser, 周杰, and one manager, 吴昊; it is always open."""


@pytest.fixture
def zhoujie(loop: Loop) -> Member:
    return loop.member("zhoujie")


@pytest.fixture
def wuhao(loop: Loop) -> Member:
    return loop.member("wuhao")


async def _lead(loop: Loop, number: int, name: str = "", **changes: object) -> str:
    customer = {"name": name or f"客户{number}", "phone": f"138001380{number:02}"}
    taken = await loop.send(f"d-{number}", customer=customer, **{**MINE, **changes})
    return str(taken["lead_id"])


async def _summaries(loop: Loop) -> None:
    """What the clock asks for now is written, and has arrived."""
    await loop.leadloop.duties.write_digests()
    await loop.pass_time(minutes=2)


async def test_the_morning_says_whom_to_call_and_who_comes(loop: Loop, zhoujie: Member) -> None:
    late, comes = await _lead(loop, 1, "韩梅梅"), await _lead(loop, 2, "李雷")
    await loop.api("POST", f"leads/{late}/accept", {"userid": "zhoujie"})
    await zhoujie.says(f"#{comes} 约了明天下午三点到店看探岳")
    await loop.until(at("8:51", day=25))

    await _summaries(loop)

    told = next(text for text in await zhoujie.texts() if text.startswith("早上好"))
    assert f"【超时】#{late} 韩梅梅 探岳 首次联系" in told
    assert f"今天到店 1 位：\n· 15:00 #{comes} 李雷 探岳" in told


async def test_nobody_is_written_to_on_leave_off_duty_or_without_anything_to_do(
    loop: Loop, zhoujie: Member
) -> None:
    await loop.until(at("8:51"))
    await _summaries(loop)
    assert await zhoujie.texts() == []
    await _lead(loop, 1)
    leave = (("2026-11-25", "2026-11-25"),)
    bus = loop.leadloop.bus
    await bus.execute(order.PutStaff("zhoujie", "周杰", "adviser", "CC02", leave=leave))
    await loop.until(at("8:51", day=25))
    await _summaries(loop)
    await zhoujie.says("休息")
    await loop.until(at("8:51", day=26))
    await _summaries(loop)

    assert not [text for text in await zhoujie.texts() if text.startswith("早上好")]


async def test_the_evening_says_how_it_went_and_who_comes_tomorrow(
    loop: Loop, zhoujie: Member
) -> None:
    await loop.until(at("17:30"))
    comes, left = await _lead(loop, 1, "李雷"), await _lead(loop, 2)
    await zhoujie.says(f"#{comes} 约了明天下午三点到店看探岳")
    await zhoujie.says(f"#{comes} 改到明天下午四点")
    await loop.until(at("18:11"))

    await _summaries(loop)
    await _summaries(loop)

    told = [text for text in await zhoujie.texts() if text.startswith("辛苦了")]
    assert len(told) == 1, "once a day"
    assert "新线索 2 条" in told[0]
    assert "还有待办 1 条，1 条已超时" in told[0], left
    assert f"明天到店 1 位：\n· 16:00 #{comes} 李雷" in told[0]


async def test_a_manager_hears_what_is_late_unaccepted_and_doubtful_and_who_is_first(
    loop: Loop, zhoujie: Member, wuhao: Member
) -> None:
    await loop.until(at("9:30"))
    doubtful = await _lead(loop, 1, "韩梅梅")
    for _ in range(2):
        await loop.follow_up(doubtful, "unreachable")
    await loop.pass_time(days=1)
    await loop.follow_up(doubtful, "unreachable")
    await zhoujie.says(f"#{doubtful} 战败 嫌贵")
    late = await _lead(loop, 2, "李雷")
    await loop.until(at("18:05", day=25))
    fresh = await _lead(loop, 3, "王五")
    await zhoujie.says(f"#{late} 刚联系上，再考虑")
    again = await _lead(loop, 4, "赵六", occurred_at="2026-11-25T09:00:00+08:00")
    await loop.until(at("18:11", day=25))

    await _summaries(loop)

    told = (await wuhao.texts())[-1]
    assert told.startswith("长春绿园店 今日：")
    assert "■ 未接单" in told
    assert f"· #{fresh} 王五 探岳，周杰，应于" in told
    assert f"#{again} 赵六" in told
    doubt = f"· #{doubtful} 韩梅梅，周杰 报“价格谈不拢”：客户近期想试驾，从没报过价（待审批）"
    assert f"■ 可疑战败 1 条\n{doubt}" in told
    assert "■ 今日排名\n1. 周杰：" in told
    assert "/m/approvals" in told


async def test_the_longest_day_of_a_manager_fits_one_message(loop: Loop, wuhao: Member) -> None:
    name = "欧阳阿依古丽·买买提江·阿卜杜热合曼"
    await loop.until(at("16:00"))
    for number in range(12):
        person = order.PutStaff(f"adviser{number}", f"{name}{number}", "adviser", "CC02")
        await loop.leadloop.bus.execute(person)
        await _lead(loop, number, f"{name}{number}")
    await loop.until(at("18:11"))

    await _summaries(loop)

    told = (await wuhao.texts())[-1]
    assert "■ 超时未联系 12 条" in told
    assert "■ 今日排名" in told
    assert len(told.encode()) <= MOST_BYTES
    assert told == await wuhao.says("今日")


async def test_on_and_off_duty_say_what_follows(loop: Loop, zhoujie: Member) -> None:
    lead = await _lead(loop, 1)
    assert await zhoujie.says("休息") == (
        "已休息，暂不派新线索，上班后请发“上岗”。手上还有待办 1 条，发“待办”查看。"
    )
    waiting = await _lead(loop, 2)
    assert (await loop.lead(waiting))["state"] == "waiting"

    assert (await zhoujie.says("上岗")).startswith("已上岗，新线索会派给您。")

    assert await loop.holder(lead) == await loop.holder(waiting) == "zhoujie"


async def test_who_comes_on_duty_before_the_shift_is_told_when_leads_come(loop: Loop) -> None:
    shifts = {day: [["13:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
    person = order.PutStaff("zhoujie", "周杰", "adviser", "CC02", on_duty=False, shifts=shifts)
    await loop.leadloop.bus.execute(person)
    await loop.until(at("9:30"))

    assert "到您的班次时间开始派" in await loop.member("zhoujie").says("上岗")
    assert "不再转给您" in await loop.member("wuhao").says("休息")
    assert "不参与派单" in await loop.member("ops").says("休息")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("inactive_alert", "将于 11月30日（周一）10:00 停用"),
        ("close_inactive_agent", "已停用"),
        ("active_restored", "限制已解除"),
    ],
)
async def test_ops_hear_what_wecom_is_about_to_do_to_the_app(
    loop: Loop, change: str, told: str
) -> None:
    fields = {"FromUserName": "sys", "Event": change, "EffectTime": str(1_796_004_000)}

    await loop.sandbox("POST", "staff/ops/raw", fields)
    await loop.settle()

    assert told in await loop.member("ops").last_text()
