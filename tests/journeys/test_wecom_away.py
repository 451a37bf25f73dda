"""WeCom fails, forgets, answers too late or has enough of us: every card arrives, and once."""

import re
from typing import Any

import pytest

from db.models import OutboxJob
from db.models.queues import RowState
from tests.journeys.loop import Loop

SEND = "wecom:message/send"


async def _lead_at_cc02(loop: Loop, number: int = 1) -> str:
    phone = f"139001390{number:02}"
    taken = await loop.send(
        f"x-{number}", customer={"phone": phone}, intent={"dealer_code": "CC02"}
    )
    return str(taken["lead_id"])


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "http_500"},
        {"kind": "html"},
        {"kind": "timeout", "seconds": 0.05},
        {"kind": "errcode", "errcode": 40014},
        {"kind": "errcode", "errcode": 45009},
        {"kind": "errcode", "errcode": 60020},
        {"kind": "lost_answer", "times": 1},
        {"kind": "lost_answer", "times": 3},
    ],
    ids=lambda fault: "-".join(str(part) for part in fault.values()),
)
async def test_after_an_outage_the_card_arrives_exactly_once(
    loop: Loop, fault: dict[str, Any]
) -> None:
    await loop.fault(SEND, **fault)
    lead_id = await _lead_at_cc02(loop)
    assert (await loop.lead(lead_id))["state"] == "assigned", "the lead does not wait for WeCom"
    await loop.pass_time(minutes=3)
    await loop.sandbox("DELETE", "faults")
    await loop.pass_time(minutes=20)
    zhoujie = loop.member("zhoujie")
    assert len(await zhoujie.cards("lead")) == 1
    assert (await loop.kinds(lead_id)).count("pushed") == 1
    await (await zhoujie.card("lead")).press("接单")
    assert (await loop.lead(lead_id))["state"] == "accepted"
    assert (await zhoujie.card("lead")).replaced


async def test_an_ended_token_is_replaced_without_delay(loop: Loop) -> None:
    await _lead_at_cc02(loop, 1)
    await loop.sandbox("POST", "tokens/revoke", {"app": "wecom"})
    await _lead_at_cc02(loop, 2)
    assert len(await loop.member("zhoujie").cards("lead")) == 2


async def test_a_card_that_changed_while_wecom_was_away_shows_what_is_true(loop: Loop) -> None:
    await loop.fault(SEND, "http_500")
    lead_id = await _lead_at_cc02(loop)
    await loop.api("POST", f"leads/{lead_id}/accept", {"userid": "zhoujie"})
    await loop.sandbox("DELETE", "faults")
    await loop.pass_time(minutes=10)
    card = await loop.member("zhoujie").card("lead")
    assert "已接单" in (card.replaced or "")
    assert "13900139001" in card.text


async def test_the_card_of_a_lead_that_went_elsewhere_is_not_sent_any_more(loop: Loop) -> None:
    await loop.fault(SEND, "http_500")
    lead_id = await _lead_at_cc02(loop)
    body = {"dealer_code": "SY01", "reason": "更近"}
    await loop.api("POST", f"leads/{lead_id}/transfer", body)
    await loop.sandbox("DELETE", "faults")
    await loop.pass_time(minutes=10)
    assert await loop.member("zhoujie").cards() == []
    assert len(await loop.member("zhengshuang").cards("lead")) == 1


async def test_a_member_wecom_does_not_know_is_a_dead_letter_not_a_loop(loop: Loop) -> None:
    body = {"name": "新人", "role": "adviser", "dealer_code": "SY01"}
    await loop.api("PUT", "staff/zhengshuang", {**body, "active": False})
    await loop.api("PUT", "staff/ghost", body)
    await loop.send(intent={"dealer_code": "SY01"})
    dead = (await loop.api("GET", "queues/urgent/failed"))["items"]
    assert [letter["kind"] for letter in dead] == ["lead_card"]
    assert (await loop.calls(SEND)) == {"81013": 1}


def _forty() -> list[dict[str, Any]]:
    return [
        {
            "external_id": f"x-{i}",
            "customer": {"phone": f"139001390{i:02}", "name": f"客户{i}"},
            "intent": {"dealer_code": "CC02"},
        }
        for i in range(40)
    ]


async def _dropped(loop: Loop) -> list[dict[str, Any]]:
    """What WeCom kept from the phone of 周洁 without a word."""
    seen = await loop.sandbox("GET", "staff/zhoujie/messages")
    return [message for message in seen["messages"] if message["dropped"]]


async def test_forty_leads_at_once_are_not_forty_messages(loop: Loop) -> None:
    """WeCom drops what is above thirty a minute without a word."""
    taken = await loop.send_all(*_forty())
    zhoujie = loop.member("zhoujie")
    assert len(await zhoujie.phone()) <= 25
    await loop.pass_time(minutes=1, seconds=30)
    assert await _dropped(loop) == []
    cards, texts = await zhoujie.cards("lead"), await zhoujie.texts()
    assert len(cards) == 25
    assert len(texts) == 1, "the rest comes as one digest"
    assert "15 条" in texts[0]
    for lead in taken:
        kinds = await loop.kinds(lead["lead_id"])
        assert kinds.count("pushed") == 1, lead["lead_id"]


async def test_messages_whose_answers_get_lost_count_in_the_minute_too(loop: Loop) -> None:
    """They came, so WeCom counts them: the next one too many would be dropped."""
    await loop.fault(SEND, "lost_answer")
    taken = await loop.send_all(*_forty())
    await loop.pass_time(seconds=30)
    await loop.sandbox("DELETE", "faults")
    await loop.pass_time(minutes=5)
    assert await _dropped(loop) == []
    zhoujie = loop.member("zhoujie")
    told = "\n".join([card.text for card in await zhoujie.cards("lead")] + await zhoujie.texts())
    for lead, sent in zip(taken, _forty(), strict=True):
        assert (await loop.kinds(lead["lead_id"])).count("pushed") == 1
        assert len(re.findall(rf"{sent['customer']['name']}\b", told)) == 1


async def test_what_is_too_much_for_the_hour_waits_as_well(loop: Loop) -> None:
    """WeCom drops what is above a thousand an hour, however evenly it comes."""
    now_ms, minute_ms = loop.clock.ms(), 60_000
    times = [now_ms - 50 * minute_ms + n * 3000 for n in range(950)]  # the last, 2 minutes ago
    row = {"queue": "urgent", "kind": "notice", "name": "said", "staff_id": "zhoujie"}
    row |= {"state": RowState.DONE, "result": {"outcome": "delivered"}}
    await OutboxJob.bulk_create(
        OutboxJob(due_at_ms=t, created_at_ms=t, done_at_ms=t, dedupe_key=f"said {t}", **row)
        for t in times
    )
    await _lead_at_cc02(loop)
    await loop.pass_time(minutes=9, seconds=59)
    zhoujie = loop.member("zhoujie")
    assert await zhoujie.phone() == []
    await loop.pass_time(seconds=5)
    assert len(await zhoujie.phone()) == 1


async def test_words_whose_answers_get_lost_for_an_hour_come_once(loop: Loop) -> None:
    """WeCom remembers them for as long as they are tried again."""
    await loop.fault(SEND, "lost_answer")
    zhoujie = loop.member("zhoujie")
    await zhoujie.says("帮助")
    await loop.pass_time(minutes=65)
    await loop.sandbox("DELETE", "faults")
    await loop.pass_time(hours=1)
    assert len(await zhoujie.texts()) == 1


async def test_answers_are_not_lost_in_a_burst(loop: Loop) -> None:
    """What somebody asked for is said as soon as their minute allows."""
    people = [
        {
            "external_id": f"x-{i}",
            "customer": {"phone": f"139001390{i:02}"},
            "intent": {"dealer_code": "CC02"},
        }
        for i in range(26)
    ]
    await loop.send_all(*people)
    zhoujie = loop.member("zhoujie")
    await zhoujie.says("待办")
    await loop.pass_time(minutes=1, seconds=30)
    assert any("待办 26 条" in text for text in await zhoujie.texts())
