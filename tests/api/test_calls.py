"""Given up or at rest, but worth another call: chosen once a day, told with reasons, answered."""

from __future__ import annotations

from typing import Any

import pytest

from bot.staff.desk import todo_text
from db.models import CallTask, Customer, Enrolment, Lead
from domain.calling_commands import PickCalls
from domain.commands import PutPolicy, PutStaff
from tests.api.conftest import Api, a_lead, signed_in


async def resting(api: Api, number: int = 1) -> str:
    """A customer of CC01 who wanted to buy within two months and was let rest; the lead's id."""
    customer = {"phone": f"138001380{number:02}", "name": f"客户{number}"}
    lead = a_lead(f"e-{number}", customer=customer, intent={"purchase_window_days": 60})
    status, taken = await api.post("/api/v1/leads", lead)
    assert status == 201, taken
    adviser = await signed_in(api, "wangfang")
    await adviser.post(f"leads/{taken['lead_id']}/follow-ups", {"result": "dormant"})
    assert (await Lead.get(id=int(taken["lead_id"]))).state == "dormant"
    return taken["lead_id"]


@pytest.fixture
async def clerk(desk: Api) -> Clerk:
    """The clerk of CC01 who calls; two calls a day are enough."""
    await desk.bus.execute(PutStaff("zhaomin", "赵敏", "dcc", dealer_code="CC01"))
    await desk.bus.execute(PutPolicy("brand", {"calling": {"calls_per_day": 2}}, "test"))
    return Clerk(desk)


class Clerk:
    """Somebody who signs in whenever they look: days go by in between."""

    def __init__(self, api: Api) -> None:
        self.api = api

    async def get(self, path: str) -> tuple[int, Any]:
        return await (await signed_in(self.api, "zhaomin")).get(path)

    async def post(self, path: str, body: object) -> tuple[int, Any]:
        return await (await signed_in(self.api, "zhaomin")).post(path, body)


async def picked(api: Api, days: float = 10) -> int:
    api.clock.advance(days=days)
    return await api.bus.execute(PickCalls("CC01"))


async def test_the_worthiest_are_chosen_once_a_day_within_what_can_be_called(
    desk: Api, clerk: Clerk
) -> None:
    for number in (1, 2, 3):
        await resting(desk, number)
    assert await picked(desk) == 2
    assert await desk.bus.execute(PickCalls("CC01")) == 0

    status, calls = await clerk.get("me/calls")
    assert status == 200, calls
    assert len(calls["items"]) == 2
    assert calls["items"][0]["lead"]["phone"].startswith("138****")
    assert calls["items"][0]["why"]
    told = await todo_text("zhaomin", desk.clock.now, "Asia/Shanghai")
    assert "今日回访 2 位" in told
    assert calls["items"][0]["why"][0] in told
    assert await picked(desk, days=1) == 1  # the third; who was called lately rests
    other = await signed_in(desk, "wangfang")
    assert (await other.get("me/calls?whose=all"))[1]["items"] == []


async def test_whoever_is_interested_is_back_with_an_adviser(desk: Api, clerk: Clerk) -> None:
    lead_id = await resting(desk)
    await picked(desk)
    (item,) = (await clerk.get("me/calls"))[1]["items"]
    assert (await clerk.get(f"me/leads/{lead_id}"))[1]["may"]["reveal"]
    assert (await clerk.post(f"leads/{lead_id}/phone", {}))[1] == {"phone": "13800138001"}

    status, after = await clerk.post(f"me/calls/{item['id']}", {"outcome": "interested"})

    assert (status, after["state"]) == (200, "assigned")
    lead = await Lead.get(id=int(lead_id))
    assert (lead.state, lead.level, lead.attribution) == ("assigned", "A", "converted")
    _, story = await clerk.get(f"leads/{lead_id}/timeline")
    assert {"called_again", "reactivated"} <= {line["kind"] for line in story["items"]}
    assert (await clerk.get("me/calls"))[1]["items"] == []
    assert (await clerk.post(f"leads/{lead_id}/phone", {}))[0] == 409  # an adviser's again
    again = await clerk.post(f"me/calls/{item['id']}", {"outcome": "not_now"})
    assert again[0] == 409


@pytest.mark.parametrize(
    ("outcome", "comes_back"),
    [("unreachable", True), ("not_now", True), ("bought_elsewhere", False), ("refuses", False)],
)
async def test_what_comes_of_a_call_decides_whether_there_is_another(
    desk: Api, clerk: Clerk, outcome: str, comes_back: bool
) -> None:
    await resting(desk)
    await picked(desk)
    (item,) = (await clerk.get("me/calls"))[1]["items"]
    assert (await clerk.post(f"me/calls/{item['id']}", {"outcome": outcome}))[0] == 200
    assert (await Customer.get()).pool == ("out" if outcome == "refuses" else "nurture")
    assert await picked(desk, days=29) == 0
    assert await picked(desk, days=2) == int(comes_back)


async def test_who_is_left_alone_by_a_campaign_is_called_like_the_others(
    desk: Api, clerk: Clerk
) -> None:
    """Otherwise what the calls bring would count as the merit of the campaign."""
    await resting(desk)
    customer, later = await Customer.get(), desk.clock.now.replace(year=2027)
    await Enrolment.create(
        campaign_id=1,
        customer_id=customer.id,
        version=1,
        arm="held_out",
        state="held_out",
        due_at=later,
        joined_at=desk.clock.now,
        watched_until=later,
    )
    assert await picked(desk) == 1


async def test_another_stores_call_is_not_found_and_nonsense_is_told(
    desk: Api, clerk: Clerk
) -> None:
    await resting(desk)
    await picked(desk)
    task = await CallTask.get()
    await desk.bus.execute(PutStaff("elsewhere", "别店", "dcc", dealer_code="CC02"))
    stranger = await signed_in(desk, "elsewhere")
    assert (await stranger.post(f"me/calls/{task.id}", {"outcome": "not_now"}))[0] == 404
    assert (await clerk.post("me/calls/999", {"outcome": "not_now"}))[0] == 404
    assert (await clerk.post(f"me/calls/{task.id}", {"outcome": "maybe"}))[0] == 422
