"""Before customers read a step, whoever wrote it has it on their own phone."""

from __future__ import annotations

from typing import Any

import pytest

from tests.journeys.campaigns import OFFER, OPENID, a_campaign, heard, lost, report, running
from tests.journeys.loop import Loop, at

PHONE = "13800138000"
LIST = "campaigns/trial-recipients"


async def listed(loop: Loop) -> str:
    """Somebody of ours on the list, who has just written to the account; their id."""
    await lost(loop)
    await loop.until(at("12:00", day=25))
    await loop.customer(OPENID).says("在吗")
    (one,) = (await loop.api("POST", LIST, {"openid": OPENID}))["items"]
    assert (one["name"], one["follows"], one["subscribed"]) == ("李*", True, False)
    assert one["window_until"] is not None
    return str(one["customer_id"])


async def tried(loop: Loop, customer_id: str, code: str = "price", **more: Any) -> dict[str, Any]:
    """A trial of the first step, and what became of it."""
    body = {"step": 1, "customer_id": customer_id} | more
    sent = await loop.api("POST", f"campaigns/{code}/trials", body, status=202)
    assert sent["state"] == "sending"
    await loop.settle()
    found: dict[str, Any] = await loop.api("GET", f"campaigns/{code}/trials/{sent['id']}")
    return found


async def refused(loop: Loop, customer_id: str, **more: Any) -> dict[str, str]:
    body = {"step": 1, "customer_id": customer_id} | more
    problem = await loop.api("POST", "campaigns/price/trials", body, status=409)
    assert problem["code"] == "not_reachable"
    facts: dict[str, str] = problem["facts"]
    return facts


async def test_a_draft_is_read_on_ones_own_phone_and_counts_for_nothing(loop: Loop) -> None:
    customer_id = await listed(loop)
    await loop.api("PUT", "campaigns/price", a_campaign())
    for _ in range(2):
        assert (await tried(loop, customer_id))["state"] == "sent"
    texts = await heard(loop.customer(OPENID))
    assert texts[-2:] == ["【试发】您好，李雷，探岳这个月有新优惠"] * 2
    found = await report(loop)
    assert (found["touched"]["people"], found["sent"]) == (0, [])
    (line, _) = await loop.lines("1", "trial")
    assert line["text"] == f"试发（嫌贵的客户）：【试发】您好，李雷，探岳{OFFER}"
    acts = (await loop.api("GET", "ops/audit"))["items"]
    assert [act["action"] for act in acts[:2]] == ["send_trial", "send_trial"]
    assert acts[0]["data"] == {"step": 1, "customer_id": customer_id}

    # the real one comes nevertheless in the same week, and its answer is its own
    everybody = {"on": "segment", "segment": {"field": "pool", "op": "eq", "value": "nurture"}}
    steps = [{"by": ["message"], "text": OFFER}]
    await running(loop, "real", audience=everybody, steps=steps)
    await loop.until(at("13:00", day=25))
    assert (await heard(loop.customer(OPENID)))[-1] == OFFER
    assert (await loop.kinds("1")).count("touch") == 1


async def test_a_template_is_marked_where_there_is_room(loop: Loop) -> None:
    customer_id = await listed(loop)
    fields = {"time1": "2026年12月1日", "thing2": "{model}本月优惠，置换另有补贴到店详谈"}
    steps = [
        {"by": ["message", "template"], "text": OFFER, "template": {"id": "T", "fields": fields}}
    ]
    await loop.api("PUT", "campaigns/price", a_campaign(steps=steps))
    assert (await tried(loop, customer_id, channel="template"))["state"] == "sent"
    shown = (await loop.customer(OPENID).phone())[-1]["content"]
    assert shown["template_id"] == "T"
    said = {name: value["value"] for name, value in shown["data"].items()}
    assert said == {"time1": "2026年12月1日", "thing2": "【试发】探岳本月优惠，置换另有补贴到店详"}
    assert len(said["thing2"]) == 20


async def test_what_wechat_refuses_is_told(loop: Loop) -> None:
    customer_id = await listed(loop)
    template = {"id": "T", "fields": {"thing1": "优惠"}}
    await loop.api(
        "PUT", "campaigns/price", a_campaign(steps=[{"by": ["template"], "template": template}])
    )
    await loop.fault("oa:message/template/send", "errcode", errcode=40037)
    found = await tried(loop, customer_id)
    assert found["state"] == "unsent"
    assert "错误码 40037" in found["text"]
    await loop.api("PUT", "campaigns/price", a_campaign())
    await loop.fault("oa:message/custom/send", "errcode", errcode=45015)
    found = await tried(loop, customer_id)
    assert (found["state"], "窗口已关闭" in found["text"]) == ("unsent", True)
    assert (await refused(loop, customer_id))["reason"] == "window_closed"
    await loop.sandbox("DELETE", "faults")
    await loop.customer(OPENID).says("在吗")
    await loop.fault("oa:message/custom/send", "lost_answer", seconds=0.01, times=1)
    assert (await tried(loop, customer_id))["state"] == "unknown"


async def test_a_trial_that_cannot_reach_anybody_is_refused_politely(loop: Loop) -> None:
    customer_id = await listed(loop)
    await loop.api("PUT", "campaigns/price", a_campaign())
    assert (await refused(loop, "999"))["reason"] == "not_listed"
    await loop.until(at("21:00", day=25))
    assert (await refused(loop, customer_id))["reason"] == "quiet_hours"
    await loop.until(at("12:01", day=27))
    facts = await refused(loop, customer_id)
    assert facts["reason"] == "window_closed"
    assert "给公众号发一句话" in facts["text"]
    await loop.api("POST", "campaigns/price/trials", {"step": 2, "customer_id": "1"}, status=422)
    await loop.api("DELETE", f"{LIST}/{customer_id}", status=204)
    assert (await refused(loop, customer_id))["reason"] == "not_listed"
    await loop.api("DELETE", f"{LIST}/{customer_id}", status=404)


async def test_who_takes_agreement_back_in_between_hears_nothing(loop: Loop) -> None:
    customer_id = await listed(loop)
    await loop.api("PUT", "campaigns/price", a_campaign())
    await loop.api("POST", "queues/urgent/pause")
    body = {"step": 1, "customer_id": customer_id}
    sent = await loop.api("POST", "campaigns/price/trials", body, status=202)
    await loop.customer(OPENID).says("TD")
    before = await heard(loop.customer(OPENID))
    await loop.api("POST", "queues/urgent/resume")
    await loop.settle()
    assert await heard(loop.customer(OPENID)) == before
    found = await loop.api("GET", f"campaigns/price/trials/{sent['id']}")
    assert (found["state"], found["text"]) == ("unsent", "这位客户已退订，不能试发。")
    await loop.api("DELETE", f"{LIST}/{customer_id}", status=204)
    problem = await loop.api("POST", LIST, {"phone": PHONE}, status=409)
    assert problem["facts"]["reason"] == "opted_out"


async def test_the_list_follows_the_person(loop: Loop) -> None:
    """Known by the whole number only; two who become one stand there once; an erased one not."""
    await loop.send(customer={"phone": PHONE})
    await loop.send("dcd-2", customer={"name": "韩梅", "phone": "13900139000"})
    for phone in (PHONE, "13900139000", PHONE):
        both = (await loop.api("POST", LIST, {"phone": phone}))["items"]
    assert [one["phone"] for one in both] == ["139****9000", "138****8000"]
    problem = await loop.api("POST", LIST, {"phone": "13700137000"}, status=409)
    assert problem["facts"]["reason"] == "no_customer"
    for body in ({}, {"phone": PHONE, "openid": OPENID}, {"phone": "138"}):
        await loop.api("POST", LIST, body, status=422)

    survivor, other = both[1]["customer_id"], both[0]["customer_id"]
    merge = {"other_id": other, "reason": "同一人"}
    done = await loop.api("POST", f"customers/{survivor}/merges", merge)
    assert [one["customer_id"] for one in (await loop.api("GET", LIST))["items"]] == [survivor]
    await loop.api(
        "POST", f"customers/{survivor}/merges/{done['id']}/undo", {"reason": "认错人了"}
    )
    assert len((await loop.api("GET", LIST))["items"]) == 2
    await loop.api("POST", f"customers/{survivor}/erase")
    assert [one["customer_id"] for one in (await loop.api("GET", LIST))["items"]] == [other]
    await loop.api("POST", "campaigns/none/trials", {"step": 1, "customer_id": other}, status=404)


@pytest.mark.parametrize("errcode", [45011])
async def test_a_trial_nobody_waits_for_any_longer_is_dropped(loop: Loop, errcode: int) -> None:
    customer_id = await listed(loop)
    await loop.api("PUT", "campaigns/price", a_campaign())
    await loop.fault("oa:message/custom/send", "errcode", errcode=errcode)
    sent = await tried(loop, customer_id)
    assert sent["state"] == "sending"
    await loop.sandbox("DELETE", "faults")
    loop.clock.advance(minutes=11)
    await loop.settle()
    found = await loop.api("GET", f"campaigns/price/trials/{sent['id']}")
    assert (found["state"], "再试一次" in found["text"]) == ("unsent", True)
    assert not any("【试发】" in text for text in await heard(loop.customer(OPENID)))
