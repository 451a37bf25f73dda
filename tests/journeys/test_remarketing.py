"""Nobody who might still buy is forgotten, or pestered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.holdout import is_held_out
from tests.journeys.campaigns import OFFER, OPENID, a_campaign, heard, lost, report, running
from tests.journeys.loop import Loop, at

BEFORE = at("10:55", day=28)
"""Five minutes before the touch of somebody who was lost as stories begin."""


async def test_a_weak_defeat_is_touched_within_the_window(loop: Loop) -> None:
    await running(loop)
    lead_id = await lost(loop)
    customer = loop.customer(OPENID)
    await loop.pass_time(days=2)
    await customer.says("在吗")
    before = await heard(customer)
    await loop.pass_time(days=1, minutes=1)

    (touch,) = (await heard(customer))[len(before) :]
    assert touch == "您好，李雷，探岳这个月有新优惠"
    (line,) = [line for line in await loop.timeline(lead_id) if line["kind"] == "touch"]
    assert OFFER in line["text"]
    found = await report(loop)
    assert found["touched"]["people"] == 1
    assert [(sent["channel"], sent["count"]) for sent in found["sent"]] == [("message", 1)]
    assert [end["code"] for end in found["endings"]] == ["finished"]


async def test_outside_of_the_window_the_adviser_is_asked(loop: Loop) -> None:
    await running(loop)
    lead_id = await lost(loop)
    before = await heard(loop.customer(OPENID))
    held = [e for e in await loop.timeline(lead_id) if e["kind"] == "dispatched"][-1]
    await loop.until(at("12:00", day=29))

    assert await heard(loop.customer(OPENID)) == before
    told = await loop.member(held["data"]["userid"]).texts()
    assert "带着新方案回访" in told[-1]
    assert f"/m/leads/{lead_id}" in told[-1]
    customer_id = (await loop.lead(lead_id))["customer_id"]
    (part,) = (await loop.api("GET", f"customers/{customer_id}/export"))["campaigns"]
    assert (part["code"], [touch["channel"] for touch in part["touches"]]) == ("price", ["task"])


async def test_from_a_lost_lead_to_a_sold_car(loop: Loop) -> None:
    """Weak defeat → touch → reply → H with the previous adviser → order, credited as won back."""
    steps = [{"wait_days": 5, "by": ["message"], "text": f"{{name}}，{OFFER}"}]
    await running(loop, steps=steps)
    lead_id = await lost(loop)
    previous = (await loop.lines(lead_id, "dispatched"))[-1]["data"]["userid"]
    customer, adviser = loop.customer(OPENID), loop.member(previous)
    assert (await loop.lead(lead_id))["pool"] == "nurture"
    await loop.until(at("10:00", day=29))
    await customer.says("在吗")
    assert (await loop.lead(lead_id))["state"] == "defeated"
    await loop.until(at("15:00", day=30))
    assert OFFER in (await heard(customer))[-1]

    assert "留好了" in await customer.says("想周六下午3点在长春净月店试驾探岳")
    loop.clock.advance(seconds=20)
    assert "约好了" in await customer.says("确认")

    lead = await loop.lead(lead_id)
    assert (lead["level"], lead["pool"], lead["attribution"]) == ("H", "prospects", "won_back")
    assert lead["assignment"]["userid"] == previous
    card = await adviser.card("lead")
    assert f"触达客户（嫌贵的客户）：李雷，{OFFER}" in card.text, "the touch is part of the story"
    await card.press("接单")
    await adviser.says(f"#{lead_id} 打通了，周六来看车")
    await loop.pass_time(days=1)
    await adviser.says(f"#{lead_id} 客户到店了")
    await adviser.says(f"#{lead_id} 客户下订了，定金5000")

    found = await report(loop)
    assert found["credited"] == {k: {"won_back": 1} for k in ("new_intent", "visit", "order")}
    assert [(sent["count"], sent["answered"]) for sent in found["sent"]] == [(1, 1)]
    assert set(found["touched"].values()) == {1}, "one person, and each outcome once"
    assert found["lifts"][-1]["verdict"] == "too_few"


async def test_an_order_taken_back_is_nobodys_merit(loop: Loop) -> None:
    await running(loop, holdout=0)
    lead_id = await lost(loop)
    await loop.api("POST", f"leads/{lead_id}/reopen", {"reason": "又来了"})
    await loop.settle()
    adviser = loop.member(await loop.holder(lead_id))
    await adviser.says(f"#{lead_id} 客户下订了，定金5000")
    assert (await report(loop))["touched"]["order"] == 1
    await adviser.says("撤销")
    found = await report(loop)
    assert (found["touched"]["order"], found["credited"]) == (0, {})
    assert found["touched"]["new_intent"] == 1, "not the merit of a campaign that never spoke"


async def test_what_happened_before_the_campaign_did_not_come_of_it(loop: Loop) -> None:
    """A visit is typed a day late; a car that was ordered before is handed over."""
    segment = {"field": "pool", "op": "ne", "value": "out"}
    await loop.customer(OPENID).does("follow")
    lead_id = (await loop.send(customer={"openid": OPENID}))["lead_id"]
    await loop.follow_up(lead_id, "ordered")
    await loop.pass_time(days=1)
    audience = {"on": "segment", "segment": segment}
    await running(loop, "all", audience=audience, steps=[{"by": ["message"], "text": OFFER}])
    await loop.pass_time(hours=1)
    earlier = (loop.clock.now - timedelta(days=1)).isoformat()
    await loop.follow_up(lead_id, "visited", occurred_at=earlier)
    assert (await report(loop, "all"))["touched"]["visit"] == 0
    await loop.follow_up(lead_id, "visited")
    await loop.follow_up(lead_id, "delivered")
    found = (await report(loop, "all"))["touched"]
    assert (found["people"], found["visit"], found["order"]) == (1, 1, 0)


async def test_whoever_is_left_alone_for_comparison_is_never_touched(loop: Loop) -> None:
    code = next(f"c{n}" for n in range(99) if is_held_out(f"c{n}", 1, 0.5))
    await running(loop, code, holdout=0.5)
    lead_id = await lost(loop)
    assert (await loop.lead(lead_id))["customer_id"] == "1"
    customer = loop.customer(OPENID)
    for _ in range(6):
        await loop.pass_time(days=1, hours=1)
        await customer.says("在吗")
    await customer.says("探岳多少钱")
    assert "touch" not in await loop.kinds(lead_id)
    found = await report(loop, code)
    assert (found["touched"]["people"], found["held_out"]["people"]) == (0, 1)
    assert (found["held_out"]["reply"], found["held_out"]["new_intent"]) == (1, 1)
    assert (found["sent"], found["credited"]) == ([], {})


async def test_what_is_on_its_way_at_nightfall_waits_for_the_morning(loop: Loop) -> None:
    """Quiet hours count when it is sent, not when it was planned."""
    await running(loop)
    lead_id = await lost(loop)
    await loop.until(BEFORE)
    await loop.customer(OPENID).says("在吗")
    before = await heard(loop.customer(OPENID))
    await loop.api("POST", "queues/campaign/pause")
    await loop.until(at("20:59", day=28))
    loop.clock.advance(minutes=1)
    await loop.api("POST", "queues/campaign/resume")
    await loop.settle()
    assert await heard(loop.customer(OPENID)) == before
    await loop.until(at("08:59", day=29))
    assert await heard(loop.customer(OPENID)) == before
    await loop.until(at("09:00", day=29))
    assert OFFER in (await heard(loop.customer(OPENID)))[-1]
    assert (await loop.kinds(lead_id)).count("touch") == 1


async def test_two_campaigns_speak_once_a_week(loop: Loop) -> None:
    await running(loop)
    await running(loop, "other", name="另一个")
    lead_id = await lost(loop)
    for days, touches in ((2, 0), (1, 1), (6, 1), (1, 2), (7, 2)):
        await loop.pass_time(days=days, minutes=1)
        assert (await loop.kinds(lead_id)).count("touch") == touches


async def test_who_asks_for_silence_hears_nothing_more(loop: Loop) -> None:
    steps = [{"wait_days": day, "by": ["message"], "text": OFFER} for day in (1, 8)]
    await running(loop, steps=steps)
    lead_id = await lost(loop)
    customer = loop.customer(OPENID)
    await customer.says("在吗")
    await loop.pass_time(days=1, minutes=1)
    assert OFFER in (await heard(customer))[-1]
    await customer.says("TD")
    await loop.pass_time(days=9)
    assert (await loop.kinds(lead_id)).count("touch") == 1
    found = await report(loop)
    assert [end["code"] for end in found["endings"]] == ["opted_out"]
    assert "touch_answered" in await loop.kinds(lead_id)


async def test_a_paused_campaign_says_nothing_and_a_stopped_one_never_again(loop: Loop) -> None:
    await running(loop)
    await lost(loop)
    customer = loop.customer(OPENID)
    await loop.api("POST", "campaigns/price/pause")
    await loop.until(at("12:00", day=28))
    await customer.says("在吗")
    before = await heard(customer)
    await loop.pass_time(minutes=5)
    assert await heard(customer) == before
    await loop.api("POST", "campaigns/price/start", {})
    await loop.pass_time(minutes=5)
    assert OFFER in (await heard(customer))[-1]
    await loop.api("POST", "campaigns/price/stop")
    refused = await loop.api("POST", "campaigns/price/start", {}, status=409)
    assert refused["facts"] == {"state": "stopped"}


async def test_while_a_person_talks_to_them_the_brand_is_silent(loop: Loop) -> None:
    await running(loop)
    lead_id = await lost(loop)
    await loop.until(BEFORE)
    await loop.customer(OPENID).says("人工")
    await loop.until(at("11:00:30", day=28))
    assert "touch" not in await loop.kinds(lead_id)
    await loop.until(at("12:00", day=29))
    assert (await loop.kinds(lead_id)).count("touch") == 1


@pytest.mark.parametrize("errcode", [45015, 45047])
async def test_where_wechat_lets_nothing_through_the_next_way_is_taken(
    loop: Loop, errcode: int
) -> None:
    await running(loop)
    lead_id = await lost(loop)
    await loop.until(BEFORE)
    await loop.customer(OPENID).says("在吗")
    await loop.fault("oa:message/custom/send", "errcode", errcode=errcode)
    await loop.until(at("12:00", day=28))
    (line,) = await loop.lines(lead_id, "touch")
    assert line["text"] == "请顾问回访（嫌贵的客户）：带着新方案回访"


async def test_nobody_knows_whether_it_arrived_so_it_is_not_sent_again(loop: Loop) -> None:
    await running(loop)
    lead_id = await lost(loop)
    await loop.until(BEFORE)
    customer = loop.customer(OPENID)
    await customer.says("在吗")
    await loop.fault("oa:message/custom/send", "lost_answer", seconds=0.01, times=1)
    await loop.pass_time(minutes=10)
    await loop.pass_time(days=3)
    assert sum(OFFER in text for text in await heard(customer)) == 1
    (line,) = await loop.lines(lead_id, "touch")
    assert line["data"]["state"] == "unknown"
    assert [sent["state"] for sent in (await report(loop))["sent"]] == ["unknown"]
    (one,) = (await loop.api("GET", "campaigns/price/touches", state="unknown"))["items"]
    assert (one["customer_id"], one["step"]) == ((await loop.lead(lead_id))["customer_id"], 1)
    assert (await loop.api("GET", "campaigns/price/touches", state="sent"))["items"] == []


async def test_who_refuses_the_accounts_messages_gets_no_other_touch(loop: Loop) -> None:
    """They switched them off in WeChat: that takes back their agreement to marketing, no more."""
    template = {"id": "offer", "fields": {"thing1": "优惠"}}
    steps = [{"wait_days": 3, "by": ["message", "template"], "text": OFFER, "template": template}]
    await running(loop, steps=steps)
    lead_id = await lost(loop)
    await loop.until(BEFORE)
    customer = loop.customer(OPENID)
    await customer.says("在吗")
    await loop.fault("oa:message/custom/send", "errcode", errcode=48002)
    before = await customer.phone()
    await loop.pass_time(minutes=10)
    assert (await loop.calls("oa:message/custom/send")) == {"48002": 1}
    await loop.sandbox("DELETE", "faults")
    await loop.pass_time(days=2)
    assert await customer.phone() == before
    assert (await report(loop))["sent"] == []
    customer_id = (await loop.lead(lead_id))["customer_id"]
    held = (await loop.api("GET", f"customers/{customer_id}"))["consents"]
    taken_back = {one["purpose"] for one in held if one["withdrawn_at"]}
    assert taken_back == {"marketing"}


async def test_a_wrong_template_pauses_the_campaign_and_loses_nobody(loop: Loop) -> None:
    def steps(template_id: str) -> list[dict[str, object]]:
        template = {"id": template_id, "fields": {"thing1": "优惠"}}
        return [{"wait_days": 3, "by": ["template"], "template": template}]

    await running(loop, steps=steps("wrong"))
    await lost(loop)
    await loop.fault("oa:message/template/send", "errcode", errcode=40037)
    await loop.until(at("12:00", day=29))
    found = await loop.api("GET", "campaigns/price")
    assert (found["state"], found["updated_by"]) == ("paused", "system:no_template")
    assert "没有这个模板" in found["updated_by_name"]
    (dead,) = (await loop.api("GET", "queues/campaign/failed"))["items"]
    assert dead["error"] == "TemplateUnknown: 40037"
    await loop.sandbox("DELETE", "faults")
    await loop.api("PUT", "campaigns/price", a_campaign(steps=steps("right")))
    await loop.api("POST", "campaigns/price/start", {})
    await loop.until(at("13:00", day=29))
    shown = (await loop.customer(OPENID).phone())[-1]
    assert (shown["kind"], shown["content"]["template_id"]) == ("template", "right")
    await loop.api("POST", f"queues/campaign/failed/{dead['id']}/retry")
    await loop.settle()
    assert (await report(loop))["touched"]["people"] == 1


async def test_an_hour_of_wechat_being_away_costs_nothing_but_time(loop: Loop) -> None:
    await running(loop)
    lead_id = await lost(loop)
    await loop.until(BEFORE)
    customer = loop.customer(OPENID)
    await customer.says("在吗")
    await loop.fault("oa:message/custom/send", "errcode", errcode=45011)
    await loop.until(at("11:30", day=28))
    await loop.sandbox("DELETE", "faults")
    await loop.until(at("13:30", day=28))
    assert sum(OFFER in text for text in await heard(customer)) == 1
    assert (await loop.kinds(lead_id)).count("touch") == 1


async def test_a_template_reaches_whoever_has_been_silent(loop: Loop) -> None:
    template = {"id": "offer", "fields": {"thing1": "{model}本月优惠"}}
    steps = [{"wait_days": 3, "by": ["message", "template"], "text": OFFER, "template": template}]
    await running(loop, steps=steps)
    await lost(loop)
    await loop.until(at("12:00", day=29))
    shown = (await loop.customer(OPENID).phone())[-1]
    assert (shown["kind"], shown["content"]["template_id"]) == ("template", "offer")
    assert shown["content"]["data"] == {"thing1": {"value": "探岳本月优惠"}}


async def test_a_subscription_is_good_for_one_notice(loop: Loop) -> None:
    """Outside of the window; and their adviser reads what the brand sent."""
    notice = {"id": "offer", "fields": {"thing1": "{model}本月优惠"}}
    steps = [
        {"wait_days": day, "by": ["notice", "task"], "task": "回访", "notice": notice}
        for day in (3, 8)
    ]
    await running(loop, steps=steps)
    lead_id = await lost(loop)
    await loop.customer(OPENID).does("decide_template", template_id="offer")
    await loop.until(at("12:00", day=29))
    shown = (await loop.customer(OPENID).phone())[-1]
    assert (shown["channel"], shown["content"]["template_id"]) == ("subscribe", "offer")
    assert shown["content"]["data"] == {"thing1": {"value": "探岳本月优惠"}}
    (line,) = await loop.lines(lead_id, "touch")
    assert line["text"] == "触达客户（嫌贵的客户）：探岳本月优惠"
    await loop.pass_time(days=9)
    sent = [(each["channel"], each["count"]) for each in (await report(loop))["sent"]]
    assert sent == [("notice", 1), ("task", 1)]


async def test_a_subscription_that_wechat_does_not_know_is_no_way(loop: Loop) -> None:
    notice = {"id": "another", "fields": {"thing1": "优惠"}}
    steps = [{"wait_days": 3, "by": ["notice", "task"], "task": "回访", "notice": notice}]
    await running(loop, steps=steps)
    await lost(loop)
    await loop.customer(OPENID).does("decide_template", template_id="offer")
    await loop.until(at("12:00", day=29))
    assert [each["channel"] for each in (await report(loop))["sent"]] == ["task"]


async def test_a_delivered_car_begins_the_life_of_an_owner(loop: Loop) -> None:
    ready = (await loop.api("GET", "campaigns/ready-made"))["items"]
    document = next(each["document"] for each in ready if each["code"] == "owner_thanks")
    await running(loop, "thanks", **(document | {"holdout": 0}))
    await loop.customer(OPENID).does("follow")
    lead_id = (await loop.send(customer={"openid": OPENID}))["lead_id"]
    await loop.follow_up(lead_id, "ordered")
    await loop.follow_up(lead_id, "delivered")
    assert (await loop.lead(lead_id))["pool"] == "owners"
    await loop.until(at("09:30", day=27))
    await loop.customer(OPENID).says("你好")
    await loop.until(at("10:30", day=27))
    assert "感谢您选择探岳" in (await heard(loop.customer(OPENID)))[-1]
