"""Other programs are told what happens: all they asked for, whatever breaks meanwhile."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from aiohttp import web

from db.models import WebhookDelivery, WebhookEvent
from domain.webhooks import AT_ONCE
from tests.journeys.loop import PHONE, Loop, a_lead
from tests.journeys.receiver import Receivers, answers, until

CREATED = {"types": ["lead.created"]}


async def test_the_story_of_a_lead_is_told_signed_and_without_a_phone(
    any_loop: Loop, receivers: Receivers
) -> None:
    crm = await receivers(any_loop, {})
    lead = await any_loop.send()
    lead_id, adviser = lead["lead_id"], await any_loop.holder(lead["lead_id"])
    await any_loop.api("POST", f"leads/{lead_id}/accept", {"userid": adviser})
    await any_loop.follow_up(lead_id, "connected", note=f"打了{PHONE}，周六来")
    await any_loop.settle()

    told = {event["type"]: event for event in crm.events()}
    assert told.keys() >= {
        "lead.created", "lead.graded", "lead.assigned", "lead.accepted", "follow_up.logged",
        "pool.moved",
    }  # fmt: skip
    created = told["lead.created"]
    assert created["timestamp"] == "2026-11-24T02:00:00+00:00"
    assert created["data"]["external_id"] == "dcd-1"
    assert (created["data"]["lead_id"], created["data"]["level"]) == (lead_id, lead["level"])
    assert created["data"]["phone"] == "138****8000"
    assert told["lead.assigned"]["data"]["userid"] == adviser
    assert told["follow_up.logged"]["data"]["result"] == "connected"
    assert not any(PHONE.encode() in body for _, body in crm.requests)
    assert all(crm.trusts(crm.webhook["secret"], n) for n in range(len(crm.requests)))
    assert not any("138" in str(row.data) for row in await WebhookEvent.all())
    assert set(crm.times().values()) == {1}
    assert {each["state"] for each in await crm.deliveries()} == {"delivered"}


async def test_each_receiver_gets_what_it_asked_for(loop: Loop, receivers: Receivers) -> None:
    by_type = await receivers(loop, {"types": ["lead.created", "lead.assigned"]})
    by_dealer = await receivers(loop, {"types": ["lead.created"], "dealers": ["CC02"]})
    by_region = await receivers(loop, {"types": ["lead.created"], "regions": ["SW"]})
    await loop.send("here")
    await loop.send("there", customer={"phone": "13900139000"}, intent={"dealer_code": "CD01"})

    assert sorted(by_type.kinds()) == ["lead.assigned"] * 2 + ["lead.created"] * 2
    assert by_dealer.kinds() == []
    assert [event["data"]["dealer_code"] for event in by_region.events()] == ["CD01"]


async def test_a_refused_order_tells_nobody_anything(loop: Loop, receivers: Receivers) -> None:
    lead = await loop.send()
    crm = await receivers(loop, {})

    await loop.api("POST", f"leads/{lead['lead_id']}/accept", {"userid": "nobody"}, status=409)

    assert crm.requests == []
    assert await WebhookEvent.all().count() == 0


async def test_a_receiver_that_fails_is_asked_again_for_a_day_under_the_same_id(
    loop: Loop, receivers: Receivers
) -> None:
    crm = await receivers(loop, CREATED)
    crm.behaves = answers(500)
    await loop.send()
    assert len(crm.requests) == 1
    (delivery,) = await crm.deliveries()
    assert (delivery["state"], delivery["status"]) == ("waiting", 500)

    await loop.pass_time(hours=19)

    assert 13 <= len(crm.requests) <= 17
    assert (await crm.now())["state"] == "failing"
    assert len(crm.times()) == 1
    crm.behaves = answers(200)
    await loop.pass_time(hours=5)
    assert (await crm.deliveries())[0]["state"] == "delivered"
    assert (await crm.now())["state"] == "ok"


async def test_one_that_failed_for_a_day_is_switched_off_ops_are_told_and_a_replay_mends_it(
    loop: Loop, receivers: Receivers
) -> None:
    crm = await receivers(loop, CREATED)
    crm.behaves = answers(500)
    await loop.send()
    await loop.pass_time(hours=32)

    webhook = await crm.now()
    assert (webhook["enabled"], webhook["state"], webhook["disabled_why"]) == (
        False, "disabled", "failing",
    )  # fmt: skip
    assert any("CRM" in text and "停用" in text for text in await loop.member("ops").texts())
    crm.requests.clear()
    await loop.send("while-off", customer={"phone": "13900139000"})
    assert crm.requests == []

    crm.behaves = answers(204)
    body = {"name": "CRM", "url": webhook["url"], **CREATED}
    await loop.api("PUT", f"webhooks/{crm.id}", body)
    await crm.post("replay", {"since": webhook["missed_since"]})

    assert crm.kinds() == ["lead.created"] * 2
    assert (await crm.now())["state"] == "ok"


async def test_one_that_says_gone_is_never_asked_again(loop: Loop, receivers: Receivers) -> None:
    crm = await receivers(loop, CREATED)
    crm.behaves = answers(410)
    await loop.send()
    await loop.pass_time(hours=2)

    assert len(crm.requests) == 1
    assert (await crm.now())["disabled_why"] == "gone"
    assert any("410" in text for text in await loop.member("ops").texts())


async def test_a_redirect_is_not_followed(loop: Loop, receivers: Receivers) -> None:
    other = await receivers(loop, {"types": ["customer.erased"]})
    crm = await receivers(loop, CREATED)
    crm.behaves = answers(307, Location=other.webhook["url"])
    await loop.send()

    assert other.requests == []
    assert (await crm.deliveries())[0]["status"] == 307


async def test_a_receiver_that_never_answers_keeps_nobody_waiting(
    loop: Loop, receivers: Receivers
) -> None:
    slow, quick = await receivers(loop, {}), await receivers(loop, {})
    released = asyncio.Event()

    async def never() -> web.Response:
        await released.wait()
        return web.Response(status=204)

    slow.behaves = never
    taken = [await loop.api("POST", "leads", _lead(n)) for n in range(12)]
    expected = await WebhookEvent.all().count()
    assert len(taken) == 12

    await until(lambda: len(quick.requests) == expected)

    assert len(slow.requests) == AT_ONCE
    released.set()
    await loop.settle()
    assert len(slow.requests) == expected


def _lead(number: int) -> dict:
    return a_lead(f"many-{number}", customer={"phone": f"1390013{number:04}"})


async def test_a_worker_believed_dead_sends_it_twice_under_one_id_and_it_is_done_once(
    loop: Loop, receivers: Receivers
) -> None:
    crm = await receivers(loop, CREATED)
    hung, released = asyncio.Event(), asyncio.Event()

    async def hangs_once() -> web.Response:
        if not hung.is_set():
            hung.set()
            await released.wait()
        return web.Response(status=204)

    crm.behaves = hangs_once
    await loop.api("POST", "leads", _lead(1))
    await hung.wait()
    loop.clock.advance(31)  # its lease runs out: another worker takes the row over
    loop.leadloop.wake()
    await until(lambda: len(crm.requests) == 2)
    released.set()
    await loop.settle()

    assert list(crm.times().values()) == [2]
    assert [(d["state"], d["status"]) for d in await crm.deliveries()] == [("delivered", 204)]


async def test_the_old_secret_signs_beside_the_new_one_for_a_day(
    loop: Loop, receivers: Receivers
) -> None:
    crm = await receivers(loop, {})
    old = crm.webhook["secret"]
    new = (await crm.post("rotate-secret"))["secret"]
    assert new != old

    await crm.post("ping")
    assert crm.kinds() == ["ping"]
    assert crm.trusts(old)
    assert crm.trusts(new)

    await loop.pass_time(hours=24)
    await crm.post("ping")
    assert crm.trusts(new)
    assert not crm.trusts(old)


async def test_one_delivery_is_sent_again_on_request(loop: Loop, receivers: Receivers) -> None:
    crm = await receivers(loop, CREATED)
    await loop.send()
    (delivery,) = await crm.deliveries()

    await crm.post(f"deliveries/{delivery['id']}/retry")

    assert list(crm.times().values()) == [2]
    (job,) = (await loop.api("GET", "queues/webhooks/jobs", state="done"))["items"]
    assert [told["then"] for told in job["tries"]] == ["retried", "done"]


async def test_a_replay_sends_what_was_wanted_since_then_in_order(
    loop: Loop, receivers: Receivers
) -> None:
    crm = await receivers(loop, {"types": ["lead.created"]})
    for number in range(3):
        await loop.send(f"e-{number}", customer={"phone": f"1390013900{number}"})
        await loop.pass_time(minutes=10)
    since = loop.clock.now - timedelta(minutes=25)
    crm.requests.clear()

    await crm.post("replay", {"since": since.isoformat()})

    assert [event["data"]["external_id"] for event in crm.events()] == ["e-1", "e-2"]


async def test_who_was_erased_is_told_of_and_has_no_phone_any_more(
    loop: Loop, receivers: Receivers
) -> None:
    crm = await receivers(loop, {})
    lead = await loop.send()
    await loop.api("POST", f"customers/{lead['customer_id']}/erase")
    await loop.settle()
    assert "customer.erased" in crm.kinds()
    crm.requests.clear()

    await crm.post("replay", {"since": "2026-11-24T00:00:00+08:00"})

    assert {event["data"].get("phone") for event in crm.events()} == {None}


async def test_a_deleted_webhook_is_told_nothing_more(loop: Loop, receivers: Receivers) -> None:
    crm = await receivers(loop, CREATED)
    crm.behaves = answers(500)
    await loop.send()
    await loop.api("DELETE", f"webhooks/{crm.id}")
    await loop.pass_time(hours=1)

    assert len(crm.requests) == 1
    await loop.api("GET", f"webhooks/{crm.id}", status=404)
    assert await WebhookDelivery.filter(state=0).count() == 0
