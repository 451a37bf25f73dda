"""One person, one open lead at one dealer: however often and however fast they come."""

import asyncio
from collections import Counter

import pytest

from tests.journeys.loop import Loop, a_lead


async def test_the_same_lead_sent_three_times_is_one(loop: Loop) -> None:
    first = await loop.send()
    again = [await loop.send(), await loop.send(customer={"name": "别人"})]
    assert [taken["outcome"] for taken in again] == ["duplicate"] * 2
    assert all({**taken, "outcome": "created"} == first for taken in again)
    assert (await loop.kinds(first["lead_id"])).count("captured") == 1
    holder = loop.member(await loop.holder(first["lead_id"]))
    assert len(await holder.cards("lead")) == 1


async def test_the_same_lead_fifty_times_at_once_is_one(any_loop: Loop) -> None:
    loop = any_loop
    taken = await loop.send_all(*[{}] * 50)
    assert Counter(t["outcome"] for t in taken) == {"created": 1, "duplicate": 49}
    assert len({t["lead_id"] for t in taken}) == 1
    lead = await loop.lead(taken[0]["lead_id"])
    assert len(lead["touchpoints"]) == 1
    assert len(await loop.member(lead["assignment"]["userid"]).cards("lead")) == 1


async def test_one_new_phone_in_thirty_leads_at_once_is_one_open_lead(any_loop: Loop) -> None:
    loop = any_loop
    taken = await loop.send_all(*({"external_id": f"x-{i}"} for i in range(30)))
    assert Counter(t["outcome"] for t in taken) == {"created": 1, "merged": 29}
    found = (await loop.api("GET", "leads", phone="13800138000"))["items"]
    assert len(found) == 1
    assert len(found[0]["touchpoints"]) == 30
    assert len({t["customer_id"] for t in taken}) == 1


async def test_thirty_strangers_at_once_are_thirty_leads(any_loop: Loop) -> None:
    """Nobody waits for ever, nobody is refused, and the advisers share them evenly."""
    loop = any_loop
    people = [{"phone": f"139001390{i:02}", "name": f"客户{i}"} for i in range(30)]
    taken = await loop.send_all(
        *({"external_id": f"x-{i}", "customer": p} for i, p in enumerate(people))
    )
    assert Counter(t["outcome"] for t in taken) == {"created": 30}
    held = Counter([await loop.holder(t["lead_id"]) for t in taken])
    assert held == {"wangfang": 15, "liqiang": 15}


async def test_two_batches_with_the_same_people_at_once(any_loop: Loop) -> None:
    loop = any_loop
    people = [{"phone": f"139001390{i:02}"} for i in range(40)]
    dealers = ("CC01", "CC02")
    there = [
        a_lead(f"a-{i}", customer=p, intent={"dealer_code": dealers[i % 2]})
        for i, p in enumerate(people)
    ]
    back = [{**body, "external_id": f"b-{i}"} for i, body in enumerate(reversed(there))]
    answers = await asyncio.gather(loop.batch(there), loop.batch(back))
    outcomes = Counter(line.get("outcome") for answer in answers for line in answer)
    assert outcomes == {"created": 40, "merged": 40}


async def test_who_comes_again_is_merged_and_the_adviser_hears_of_it(loop: Loop) -> None:
    first = await loop.send(intent={"model": None, "message": ""}, customer={"name": ""})
    again = await loop.send(
        "ah-1", source="autohome", customer={"name": "李雷"}, intent={"message": "现在有优惠吗"}
    )
    assert (again["outcome"], again["lead_id"]) == ("merged", first["lead_id"])
    lead = await loop.lead(first["lead_id"])
    assert (lead["model"], lead["customer"]["name"]) == ("tayron", "李雷")
    assert [t["source"] for t in lead["touchpoints"]] == ["dongchedi", "autohome"]
    holder = loop.member(lead["assignment"]["userid"])
    assert len(await holder.cards("lead")) == 1, "no new task"
    told = await holder.last_text()
    assert "客户又来了" in told
    assert "现在有优惠吗" in told


async def test_another_dealer_is_another_lead_of_the_same_customer(loop: Loop) -> None:
    one = await loop.send()
    two = await loop.send("dcd-2", intent={"dealer_code": "CC02"})
    assert two["outcome"] == "created"
    assert two["lead_id"] != one["lead_id"]
    assert two["customer_id"] == one["customer_id"]
    customer = await loop.api("GET", f"customers/{one['customer_id']}")
    assert len(customer["leads"]) == 2


@pytest.mark.parametrize(
    ("closed_by", "attribution"), [("defeat", "won_back"), ("dormant", "converted")]
)
async def test_who_comes_back_is_reactivated_at_level_a(
    loop: Loop, closed_by: str, attribution: str
) -> None:
    first = await loop.send(intent={"purchase_window_days": None, "message": ""})
    lead_id = first["lead_id"]
    holder = await loop.holder(lead_id)
    if closed_by == "defeat":
        await loop.follow_up(lead_id, "connected")
        await loop.give_up(lead_id, "price")
    else:
        await loop.follow_up(lead_id, "dormant")
    assert (await loop.lead(lead_id))["assignment"] is None
    await loop.pass_time(days=10)
    back = await loop.send("dcd-2", intent={"purchase_window_days": None, "message": ""})
    assert (back["outcome"], back["lead_id"]) == ("reactivated", lead_id)
    assert (back["level"], back["attribution"]) == ("A", attribution)
    assert await loop.holder(lead_id) == holder, "the adviser who knows them"
    assert len(await loop.member(holder).cards("lead")) == 2
    assert "reactivated" in await loop.kinds(lead_id)


async def test_who_comes_back_thirty_times_at_once_is_reactivated_once(any_loop: Loop) -> None:
    loop = any_loop
    lead_id = (await loop.send())["lead_id"]
    await loop.follow_up(lead_id, "dormant")
    await loop.pass_time(days=1)
    taken = await loop.send_all(*({"external_id": f"x-{i}"} for i in range(30)))
    assert Counter(t["outcome"] for t in taken) == {"reactivated": 1, "merged": 29}
    assert {t["lead_id"] for t in taken} == {lead_id}
    assert (await loop.kinds(lead_id)).count("dispatched") == 2


async def test_two_strangers_turn_out_to_be_one_person(loop: Loop) -> None:
    """A phone and an openid, each with an open lead at the same dealer, meet in a third lead."""
    by_phone = await loop.send()
    by_openid = await loop.send("mini-1", customer={"phone": None, "openid": "oLiLei"})
    assert by_openid["customer_id"] != by_phone["customer_id"]
    both = await loop.send("dcd-2", customer={"openid": "oLiLei"})
    assert both["customer_id"] == by_phone["customer_id"]
    customer = await loop.api("GET", f"customers/{by_openid['customer_id']}")
    assert customer["id"] == by_phone["customer_id"]
    states = Counter(lead["state"] for lead in customer["leads"])
    assert states == {"assigned": 1, "lapsed": 1}


async def test_merging_takes_the_second_lead_from_its_adviser(loop: Loop) -> None:
    one = await loop.send()
    two = await loop.send("dcd-2", customer={"phone": "13900139000"})
    taker = await loop.holder(two["lead_id"])
    await loop.send("dcd-3", customer={"openid": "oLiLei"})
    await loop.send("dcd-4", customer={"phone": "13900139000", "openid": "oLiLei"})
    lapsed = await loop.lead(two["lead_id"])
    assert (lapsed["state"], lapsed["assignment"]) == ("lapsed", None)
    assert (await loop.lead(one["lead_id"]))["state"] == "assigned"
    card = next(c for c in await loop.member(taker).cards(f"lead-{two['lead_id']}"))
    assert card.replaced
    await loop.pass_time(hours=3)
    assert "escalated" not in await loop.kinds(two["lead_id"])
