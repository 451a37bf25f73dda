"""Whose merit a lead is."""

import pytest

from domain.attribution import PriorLead, attribution_of
from tests.domain.rules import china

OLD, NEW = china("2026-01-01 10:00"), china("2026-06-01 10:00")
ACTIVE = PriorLead("accepted", "A")
STOCK = PriorLead("accepted", "C")


@pytest.mark.parametrize(
    ("prior", "label"),
    [
        ([], "new"),
        ([ACTIVE], "new"),
        ([PriorLead("held", "N")], "new"),
        ([STOCK], "converted"),
        ([PriorLead("defeated", "F", NEW)], "won_back"),
        ([PriorLead("invalid", "F", NEW)], "won_back"),
        ([PriorLead("dormant", "L", NEW)], "converted"),
        ([PriorLead("delivered", "O", NEW)], "converted"),
        ([PriorLead("lapsed", "F", NEW)], "new"),
        ([PriorLead("defeated", "F", NEW), PriorLead("delivered", "O", OLD)], "won_back"),
        ([PriorLead("defeated", "F", OLD), PriorLead("delivered", "O", NEW)], "converted"),
        ([PriorLead("defeated", "F", NEW), ACTIVE], "new"),
        ([PriorLead("defeated", "F"), PriorLead("dormant", "L", OLD)], "converted"),
    ],
)
def test_a_new_lead_is_judged_by_the_newest_one_before(prior: list[PriorLead], label: str) -> None:
    assert attribution_of(prior, "created") == label
    assert attribution_of(prior[::-1], "created") == label


@pytest.mark.parametrize(
    ("prior", "label"),
    [
        ([PriorLead("defeated", "F", NEW)], "won_back"),
        ([PriorLead("dormant", "L", NEW)], "converted"),
        ([PriorLead("delivered", "O", NEW)], "converted"),
        ([PriorLead("defeated", "F", NEW), ACTIVE], "won_back"),
        ([], "converted"),
    ],
)
def test_a_reactivated_lead_is_judged_by_how_it_was_closed(
    prior: list[PriorLead], label: str
) -> None:
    assert attribution_of(prior, "reactivated") == label
