"""A number comes first, the town later: the lead is safe at once and finds its store then."""

from tests.journeys.customer.conftest import PHONE, Visitor


async def test_the_lead_is_taken_and_then_placed(visitor: Visitor) -> None:
    await visitor.talks(
        f"""
        客：让顾问联系我，{PHONE}
        号：同意请回复“同意”
        客：同意
        号：您在哪个城市
        """
    )
    lead = await visitor.lead()
    assert lead["dealer_code"] is None
    await visitor.says("沈阳", "沈阳浑南店的销售顾问会尽快联系您")
    lead = await visitor.lead()
    assert lead["dealer_code"] == "SY01"
    assert await visitor.loop.holder(lead["id"])
