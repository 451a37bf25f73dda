"""Regions and dealers change the rules, and the next lead goes by them."""

from datetime import timedelta

from tests.journeys.loop import Loop, at, when


async def _due_in(loop: Loop, number: int, dealer: str) -> timedelta:
    phone = f"139001390{number:02}"
    taken = await loop.send(
        f"x-{number}", customer={"phone": phone}, intent={"dealer_code": dealer}
    )
    held = (await loop.lead(taken["lead_id"]))["assignment"]
    return when(held["first_response_due_at"]) - when(held["assigned_at"])


async def test_the_nearest_rule_wins_and_minutes_may_be_fractions(loop: Loop) -> None:
    assert await _due_in(loop, 1, "CC02") == timedelta(minutes=15)
    by_level = "first_response_minutes_by_level"
    await loop.api("PUT", "policies/brand", {"sla": {by_level: {"H": 12}}})
    await loop.api("PUT", "policies/region/NE", {"sla": {by_level: {"H": 0.5}}})
    await loop.api("PUT", "policies/dealer/CC02", {"sla": {by_level: {"H": 0.05}}})
    assert await _due_in(loop, 2, "CC02") == timedelta(seconds=3)
    assert await _due_in(loop, 3, "CC01") == timedelta(seconds=30)
    assert await _due_in(loop, 4, "CD01") == timedelta(minutes=12)


async def test_clocks_of_seconds_run(loop: Loop) -> None:
    rules = {"sla": {"first_response_minutes_by_level": {"H": 0.1}, "unaccepted_minutes": 0.5}}
    await loop.api("PUT", "policies/dealer/CC02", rules)
    lead_id = (await loop.send(intent={"dealer_code": "CC02"}))["lead_id"]
    await loop.pass_time(seconds=3)
    assert "reminded" in await loop.kinds(lead_id)
    await loop.pass_time(seconds=3)
    assert "escalated" in await loop.kinds(lead_id)
    await loop.pass_time(seconds=24)
    assert (await loop.lead(lead_id))["state"] == "sea"


async def test_a_running_clock_keeps_the_rule_it_started_with(loop: Loop) -> None:
    lead_id = (await loop.send(intent={"dealer_code": "CC02"}))["lead_id"]
    rules = {"sla": {"first_response_minutes_by_level": {"H": 1}}}
    await loop.api("PUT", "policies/dealer/CC02", rules)
    due = when((await loop.lead(lead_id))["assignment"]["first_response_due_at"])
    assert due == at("10:15")


async def test_taking_an_override_back_brings_the_wider_rule_back(loop: Loop) -> None:
    rules = {"sla": {"first_response_minutes_by_level": {"H": 1}}}
    await loop.api("PUT", "policies/dealer/CC02", rules)
    await loop.api("PUT", "policies/dealer/CC02", {})
    assert await _due_in(loop, 1, "CC02") == timedelta(minutes=15)
    document = await loop.api("GET", "policies/dealer/CC02")
    assert document["sla"]["first_response_minutes_by_level"]["H"] == 15


async def test_nonsense_is_refused_and_changes_nothing(loop: Loop) -> None:
    for nonsense in (
        {"sla": {"first_response_minutes": "soon"}},
        {"sla": {"first_response_minutes": -1}},
        {"slaa": {}},
    ):
        await loop.api("PUT", "policies/brand", nonsense, status=422)
    assert await _due_in(loop, 1, "CC02") == timedelta(minutes=15)


async def test_levels_are_the_dealers_data(loop: Loop) -> None:
    await loop.api("PUT", "policies/dealer/CC02", {"levels": {"H": {"window_days": 3}}})
    taken = await loop.send(intent={"dealer_code": "CC02", "message": ""})
    assert taken["level"] == "A", "seven days are not hot here"
    other = await loop.send("x", customer={"phone": "13900139000"}, intent={"message": ""})
    assert other["level"] == "H"


async def test_undo_minutes_and_approval_are_rules_too(loop: Loop) -> None:
    await loop.api("PUT", "policies/dealer/CC02", {"bot": {"undo_minutes": 0.5}})
    await loop.send(intent={"dealer_code": "CC02"})
    zhoujie = loop.member("zhoujie")
    assert "0.5 分钟" in await zhoujie.says("没接通")
    loop.clock.advance(seconds=31)
    assert "不能撤销" in await zhoujie.says("撤销")
