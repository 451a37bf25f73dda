"""Who gets the lead: somebody on duty with room, in turn, and never nobody for long."""

from collections import Counter
from typing import Any

from tests.journeys.loop import Loop, at


async def _staff(loop: Loop, userid: str, **changes: Any) -> None:
    """Change a member of staff, as the HR system would."""
    names = {"wangfang": "王芳", "liqiang": "李强", "zhoujie": "周杰"}
    dealer = "CC02" if userid == "zhoujie" else "CC01"
    body = {"name": names[userid], "role": "adviser", "dealer_code": dealer, **changes}
    await loop.api("PUT", f"staff/{userid}", body)
    await loop.settle()


async def _send(loop: Loop, number: int, **intent: Any) -> str:
    phone = f"139001390{number:02}"
    taken = await loop.send(f"x-{number}", customer={"phone": phone}, intent=intent)
    return str(taken["lead_id"])


async def test_advisers_take_turns(loop: Loop) -> None:
    held = Counter([await loop.holder(await _send(loop, i)) for i in range(6)])
    assert held == {"wangfang": 3, "liqiang": 3}


async def test_whoever_has_less_to_do_is_next(loop: Loop) -> None:
    await _staff(loop, "wangfang", on_duty=False)
    for i in range(3):
        assert await loop.holder(await _send(loop, i)) == "liqiang"
    await _staff(loop, "wangfang", on_duty=True)
    assert [await loop.holder(await _send(loop, i)) for i in (3, 4, 5)] == ["wangfang"] * 3


async def test_every_choice_records_why(loop: Loop) -> None:
    lead_id = await _send(loop, 1)
    line = next(x for x in await loop.timeline(lead_id) if x["kind"] == "dispatched")
    assert line["data"]["why"]["code"] in {"round_robin", "least_loaded"}
    assert line["text"]


async def test_the_previous_adviser_is_preferred(loop: Loop) -> None:
    lead_id = await _send(loop, 1)
    known = await loop.holder(lead_id)
    await loop.follow_up(lead_id, "dormant")
    for i in (2, 3, 4):
        await _send(loop, i)
    loop.clock.advance(days=1)
    again = await loop.send("x-again", customer={"phone": "13900139001"})
    assert again["lead_id"] == lead_id
    assert await loop.holder(lead_id) == known


async def test_full_is_full_and_the_oldest_goes_first_when_a_place_is_free(loop: Loop) -> None:
    for userid in ("wangfang", "liqiang"):
        await _staff(loop, userid, capacity=1)
    first, second = [await _send(loop, i) for i in (1, 2)]
    waiting = []
    for i in (3, 4):
        loop.clock.advance(minutes=1)
        waiting.append(await _send(loop, i))
    for lead_id in waiting:
        assert (await loop.lead(lead_id))["state"] == "waiting"
        assert "waiting" in await loop.kinds(lead_id)
    await loop.follow_up(second, "dormant")
    assert [(await loop.lead(i))["state"] for i in waiting] == ["assigned", "waiting"]
    await loop.follow_up(first, "dormant")
    assert [(await loop.lead(i))["state"] for i in waiting] == ["assigned", "assigned"]


async def test_a_burst_does_not_exceed_anybodys_capacity(any_loop: Loop) -> None:
    loop = any_loop
    for userid in ("wangfang", "liqiang"):
        await _staff(loop, userid, capacity=5)
    people = [{"phone": f"139001390{i:02}"} for i in range(20)]
    await loop.send_all(*({"external_id": f"x-{i}", "customer": p} for i, p in enumerate(people)))
    found = (await loop.api("GET", "leads", dealer_code="CC01"))["items"]
    held = Counter(lead["assignment"]["userid"] for lead in found if lead["assignment"])
    assert held == {"wangfang": 5, "liqiang": 5}
    assert Counter(lead["state"] for lead in found) == {"assigned": 10, "waiting": 10}


async def test_leads_wait_until_somebody_comes_on_duty(loop: Loop) -> None:
    await _staff(loop, "zhoujie", on_duty=False)
    waiting = []
    for i in range(3):
        loop.clock.advance(minutes=1)
        waiting.append(await _send(loop, i, dealer_code="CC02"))
    assert {(await loop.lead(i))["state"] for i in waiting} == {"waiting"}
    assert "上岗" in await loop.member("zhoujie").says("上岗")
    cards = await loop.member("zhoujie").cards("lead")
    assert [card.text.partition("#")[2].partition("\n")[0] for card in cards] == waiting
    assert {await loop.holder(i) for i in waiting} == {"zhoujie"}


async def test_who_takes_a_rest_gets_nothing_new(loop: Loop) -> None:
    await loop.member("wangfang").says("休息")
    assert {await loop.holder(await _send(loop, i)) for i in range(3)} == {"liqiang"}


async def test_leave_and_shifts_are_kept(loop: Loop) -> None:
    await _staff(loop, "wangfang", leave=[["2026-11-24", "2026-11-24"]])
    await _staff(loop, "liqiang", shifts={"tue": [["13:00", "18:00"]]})
    early = await _send(loop, 1)
    assert (await loop.lead(early))["state"] == "waiting"
    await loop.until(at("12:59"))
    assert (await loop.lead(early))["state"] == "waiting"
    await loop.until(at("13:00"))
    assert await loop.holder(early) == "liqiang"
    await loop.until(at("18:00"))
    late = await _send(loop, 2)
    assert (await loop.lead(late))["state"] == "waiting"
    await loop.until(at("00:00", day=25))
    assert await loop.holder(late) == "wangfang", "back from leave"


async def test_a_colleague_who_left_leaves_no_lead_behind(loop: Loop) -> None:
    leads = [await _send(loop, i) for i in range(4)]
    await _staff(loop, "wangfang", active=False)
    assert [await loop.holder(i) for i in leads] == ["liqiang"] * 4
    for card in await loop.member("wangfang").cards("lead"):
        assert card.replaced
    assert "开通" in await loop.member("wangfang").says("待办")


async def test_what_was_reached_survives_a_change_of_adviser(loop: Loop) -> None:
    ordered, asked = [await _send(loop, i) for i in (1, 2)]
    await _staff(loop, "liqiang", on_duty=False)
    for lead_id in (ordered, asked):
        if await loop.holder(lead_id) != "wangfang":
            body = {"userid": "wangfang", "reason": "x"}
            await loop.api("POST", f"leads/{lead_id}/transfer", body)
    await loop.settle()
    await loop.follow_up(ordered, "ordered")
    await loop.api("POST", f"leads/{asked}/defeat", {"reason": "invalid"})
    await loop.settle()

    await _staff(loop, "wangfang", active=False)
    assert (await loop.lead(ordered))["state"] == "ordered"
    assert (await loop.lead(asked))["state"] == "defeat_requested"
    await _staff(loop, "liqiang", on_duty=True)
    for lead_id in (ordered, asked):
        assert await loop.holder(lead_id) == "liqiang"
    assert (await loop.lead(ordered))["state"] == "ordered"
    for card in await loop.member("liqiang").cards("lead"):
        if not card.replaced:
            await card.press("接单")
    assert (await loop.lead(ordered))["state"] == "ordered"
    await (await loop.member("sunli").card("defeat")).press("同意")
    assert (await loop.lead(asked))["state"] == "invalid"


async def test_no_dealer_named_means_the_best_one_of_the_city(loop: Loop) -> None:
    taken = await loop.send(customer={"city": "沈阳市"}, intent={"dealer_code": None})
    assert taken["dealer_code"] == "SY01"
    nowhere = await loop.send(
        "x-2", customer={"phone": "13900139000", "city": "拉萨"}, intent={"dealer_code": None}
    )
    assert nowhere["dealer_code"] is None
    lead = await loop.lead(nowhere["lead_id"])
    assert (lead["state"], lead["hold_reason"]["code"]) == ("held", "no_dealer_in_city")
    await loop.api(
        "POST", f"leads/{nowhere['lead_id']}/transfer", {"dealer_code": "CD01", "reason": "近"}
    )
    await loop.settle()
    assert await loop.holder(nowhere["lead_id"]) == "chenchen"


async def test_a_lead_moves_to_a_colleague_and_to_another_dealer(loop: Loop) -> None:
    lead_id = await _send(loop, 1)
    holder = await loop.holder(lead_id)
    other = "liqiang" if holder == "wangfang" else "wangfang"
    path = f"leads/{lead_id}/transfer"
    await loop.api("POST", path, {"userid": holder, "reason": "x"}, status=422)
    moved = await loop.api("POST", path, {"userid": other, "reason": "休假"})
    assert moved["assignment"]["userid"] == other
    moved = await loop.api("POST", path, {"dealer_code": "CC02", "reason": "更近"})
    assert (moved["dealer_code"], moved["assignment"]["userid"]) == ("CC02", "zhoujie")
    await loop.settle()
    assert (await loop.kinds(lead_id)).count("transferred") == 2
    assert len(await loop.member("zhoujie").cards("lead")) == 1
    taken = await loop.send("x-here", customer={"phone": "13900139001"})
    assert taken["outcome"] == "created", "the old dealer has no lead of this customer any more"
    await loop.api("POST", path, {"dealer_code": "CC01", "reason": "x"}, status=409)
