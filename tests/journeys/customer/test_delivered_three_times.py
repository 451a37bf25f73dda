"""WeChat delivers every message of a booking three times; the customer has one of everything."""

from tests.journeys.customer.conftest import PHONE, Visitor


async def test_one_lead_one_booking_the_same_answer(visitor: Visitor) -> None:
    for words in ("我想周六下午3点在长春净月店试驾探岳", "同意", PHONE):
        await visitor.customer.says(words, copies=3)
    assert await visitor.drives() == [("booked", "11-28 15:00")]
    lead = await visitor.lead()
    kinds = await visitor.loop.kinds(lead["id"])
    assert kinds.count("message_in") == 3
    assert kinds.count("appointment") == 1
    answers = await visitor.customer.heard()
    assert sum("约好了" in text for text in answers) == 1
