"""A customer's word decides: without consent nothing leaves the brand, and a no is a no."""

import pytest

from tests.journeys.loop import Loop

NOTHING = {"purposes": [], "version": "2026-01"}


async def test_without_consent_a_lead_is_kept_and_graded_but_goes_nowhere(loop: Loop) -> None:
    taken = await loop.send(consent=NOTHING)
    lead = await loop.lead(taken["lead_id"])
    assert (taken["level"], lead["state"], lead["assignment"]) == ("H", "held", None)
    assert lead["hold_reason"]["code"] == "no_consent"
    assert taken["pool"] == "traffic"
    for userid in ("wangfang", "liqiang"):
        assert await loop.member(userid).phone() == []
    assert "held" in await loop.kinds(taken["lead_id"])


async def test_sharing_with_the_dealer_has_to_be_agreed_to(loop: Loop) -> None:
    taken = await loop.send(consent={"purposes": ["contact", "marketing"]})
    assert (await loop.lead(taken["lead_id"]))["hold_reason"]["code"] == "no_consent"


async def test_with_consent_given_later_the_lead_goes_out(loop: Loop) -> None:
    taken = await loop.send(consent=NOTHING)
    loop.clock.advance(hours=1)
    again = await loop.send("dcd-2")
    assert (again["outcome"], again["pool"]) == ("merged", "prospects")
    holder = await loop.holder(taken["lead_id"])
    assert holder
    assert len(await loop.member(holder).cards("lead")) == 1


async def test_consent_given_with_one_lead_frees_the_others(loop: Loop) -> None:
    held = await loop.send(consent=NOTHING)
    loop.clock.advance(hours=1)
    await loop.send("dcd-2", intent={"dealer_code": "CC02"})
    assert await loop.holder(held["lead_id"])


@pytest.mark.parametrize("words", ["退订", "TD", "别再联系我了", "不要再发了"])
async def test_an_opt_out_stops_everything_at_once(loop: Loop, words: str) -> None:
    lead_id = (await loop.send(customer={"openid": "oLiLei"}))["lead_id"]
    other_id = (await loop.send("dcd-2", intent={"dealer_code": "CC02"}))["lead_id"]
    holder = loop.member(await loop.holder(lead_id))
    customer = loop.customer()
    await customer.does("follow")
    reply = await customer.says(words)
    assert "退订" in reply or "不再" in reply
    for stopped in (lead_id, other_id):
        lead = await loop.lead(stopped)
        assert (lead["state"], lead["assignment"]) == ("held", None)
        assert lead["hold_reason"]["code"] == "opted_out"
        assert lead["pool"] == "out"
    assert (await holder.card("lead")).replaced == "客户已退订，请勿联系"
    before = len(await holder.phone())
    await loop.pass_time(days=3)
    assert len(await holder.phone()) == before, "no reminders of a lead that is stopped"
    assert "opted_out" in await loop.kinds(lead_id)


async def test_a_stopped_lead_cannot_be_handed_on(loop: Loop) -> None:
    lead_id = (await loop.send(customer={"openid": "oLiLei"}))["lead_id"]
    await loop.customer().does("follow")
    await loop.customer().says("退订")
    for target in ({"userid": "zhoujie"}, {"dealer_code": "CC02"}):
        await loop.api("POST", f"leads/{lead_id}/transfer", {**target, "reason": "x"}, status=409)
    assert (await loop.lead(lead_id))["state"] == "held"


async def test_an_opt_out_settles_what_the_manager_was_asked(loop: Loop) -> None:
    lead_id = (await loop.send(customer={"openid": "oLiLei"}))["lead_id"]
    await loop.customer().does("follow")
    await (await loop.member(await loop.holder(lead_id)).card("lead")).press("无效")
    await loop.customer().says("退订")
    assert (await loop.lead(lead_id))["state"] == "held"
    card = await loop.member("sunli").card("defeat")
    assert card.replaced


async def test_a_form_filled_in_before_the_opt_out_is_no_consent(loop: Loop) -> None:
    await loop.send(customer={"openid": "oLiLei"})
    await loop.customer().does("follow")
    loop.clock.advance(hours=1)
    await loop.customer().says("退订")
    before = (loop.clock.now.replace(minute=0)).isoformat()
    loop.clock.advance(hours=1)
    late = await loop.send("dcd-2", consent={"obtained_at": before}, occurred_at=before)
    assert (await loop.lead(late["lead_id"]))["state"] == "held"
    fresh = await loop.send("dcd-3")
    assert (await loop.lead(fresh["lead_id"]))["state"] == "assigned", "they came back themselves"


async def test_an_ordered_car_is_still_delivered_after_an_opt_out(loop: Loop) -> None:
    lead_id = (await loop.send(customer={"openid": "oLiLei"}))["lead_id"]
    await loop.follow_up(lead_id, "ordered")
    await loop.customer().does("follow")
    await loop.customer().says("退订")
    lead = await loop.lead(lead_id)
    assert lead["state"] == "ordered"
    assert lead["assignment"]
