"""The organisation of a market: as many stores and staff as its customers need, by commands."""

from collections.abc import Iterator
from math import ceil

from domain.campaign_commands import PutCampaign, StartCampaign
from domain.commands import Command, PutDealer, PutModel, PutPolicy, PutRegion, PutStaff
from market.advisers import Worker, hire
from market.chance import Chance
from market.numbers import Numbers
from market.world import MODELS
from texts.campaigns import ready_made

BY = "market"
NEVER_MINUTES = 200_000
"""Longer than any market goes on, in minutes of opening hours."""
WITHOUT_SLA: dict[str, object] = {
    "levels": {
        **{level: {"follow_up_days": 3000} for level in ("H", "A", "B", "C", "N", "O")},
        "missed_cycles": 100,
    },
    "sla": {
        "first_response_minutes": NEVER_MINUTES,
        "first_response_minutes_by_level": {"H": NEVER_MINUTES},
        "remind_at": 1,
        "escalate_at": 1,
        "escalate_to_manager_at": 1,
        "unaccepted_minutes": NEVER_MINUTES,
        "untouched_minutes": NEVER_MINUTES,
    },
}
"""Nobody is reminded, nothing is escalated, nothing is taken back."""
WITHOUT_CALLS: dict[str, object] = {"calling": {"calls_per_day": 0}}


def staff_of(leads: int, days: int, chance: Chance, numbers: Numbers) -> dict[str, list[Worker]]:
    """Store → who works there: advisers, a clerk, a manager. The region's staff are under ""."""
    s = numbers.staff
    advisers = max(s.advisers_per_dealer, leads / (days / 30 * s.leads_per_adviser_and_month))
    stores = {}
    for number in range(1, ceil(advisers / s.advisers_per_dealer) + 1):
        code = f"S{number:03d}"
        people = [(f"{code}-a{n}", "adviser") for n in range(1, s.advisers_per_dealer + 1)]
        people += [(f"{code}-dcc", "dcc"), (f"{code}-manager", "store_manager")]
        stores[code] = [hire(userid, role, code, chance, numbers) for userid, role in people]
    return stores


def region_manager(chance: Chance, numbers: Numbers) -> Worker:
    return hire("region-manager", "region_manager", "", chance, numbers)


def organise(
    stores: dict[str, list[Worker]], region: Worker, numbers: Numbers
) -> Iterator[Command]:
    """The orders that build it all."""
    hours = numbers.staff.hours
    always = [[f"{hours[0]:02}:00", f"{hours[1]:02}:00"]]
    week = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), always)
    yield PutRegion("R1", "R1")
    yield from (PutModel(code, code) for code in MODELS)
    yield PutStaff(region.userid, region.userid, region.role, region_code="R1")
    for code, workers in stores.items():
        yield PutDealer(code, code, "R1", code, hours={**week, "holidays": "open"})
        for worker in workers:
            yield PutStaff(
                worker.userid,
                worker.userid,
                worker.role,
                dealer_code=code,
                capacity=2 * int(numbers.staff.leads_per_adviser_and_month),
                shifts=worker.shifts(hours),
            )


def rules(without: frozenset[str]) -> Iterator[Command]:
    """What this market does without, switched off by the means an operator has."""
    overrides = WITHOUT_SLA if "sla" in without else {}
    overrides = overrides | (WITHOUT_CALLS if "remarketing" in without else {})
    if overrides:
        yield PutPolicy("brand", overrides, BY)
    if "remarketing" not in without:
        for code, document in ready_made().items():
            yield PutCampaign(code, _with_template(document), BY)
            yield StartCampaign(code, BY)


def _with_template(document: dict[str, object]) -> dict[str, object]:
    """The ready-made flow as a brand with an approved template would set it up."""
    template = {"id": "T", "fields": {"thing1": "{model}"}}
    steps = [
        {**step, "by": ["message", "template", *step["by"][1:]], "template": template}
        for step in document["steps"]  # type: ignore[attr-defined]
    ]
    return {**document, "steps": steps}
