"""Where a talk ends, the customer may ask to hear of new cars and offers; nobody is pressed."""

import pytest

from tests.journeys.customer.conftest import PHONE, Visitor

ASKED = "回复“订阅”"


async def consents(visitor: Visitor) -> set[str]:
    customer = (await visitor.lead())["customer_id"]
    held = (await visitor.loop.api("GET", f"customers/{customer}"))["consents"]
    return {consent["purpose"] for consent in held if consent["withdrawn_at"] is None}


async def leaves_a_number(visitor: Visitor) -> str:
    await visitor.says(f"让顾问联系我，{PHONE}", "同意请回复“同意”")
    await visitor.says("同意", "您在哪个城市")
    return await visitor.says("沈阳", "销售顾问会尽快联系您")


async def test_who_left_a_number_is_asked_and_says_yes(visitor: Visitor) -> None:
    assert ASKED in await leaves_a_number(visitor)
    assert "marketing" not in await consents(visitor)
    await visitor.says("订阅", "订阅好了", "退订")
    assert {"contact", "share_with_dealer", "marketing"} <= await consents(visitor)
    assert ASKED not in await visitor.says("谢谢", "不客气")


async def test_who_says_nothing_to_it_is_not_asked_again_and_gets_nothing(
    visitor: Visitor,
) -> None:
    await leaves_a_number(visitor)
    assert ASKED not in await visitor.says("谢谢", "不客气")
    assert "marketing" not in await consents(visitor)


async def test_who_only_asked_something_is_asked_with_the_thanks(visitor: Visitor) -> None:
    await visitor.says("探岳多少钱")
    await visitor.says("谢谢", "不客气", ASKED)


async def test_who_wants_silence_is_not_asked(visitor: Visitor) -> None:
    await visitor.says("退订", "已为您退订")
    assert ASKED not in await visitor.says("谢谢", "不客气")


@pytest.mark.parametrize("again", ["恢复订阅", "订阅"])
async def test_coming_back_is_not_the_same_as_coming(visitor: Visitor, again: str) -> None:
    await visitor.says("退订")
    await visitor.says(again, "已恢复")
