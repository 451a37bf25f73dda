"""Whose a lead is to act on."""

from db.models import Assignment, Dealer, Lead, Region, Staff
from domain.approval import REVIEWERS
from domain.errors import AssignmentOver, NotAllowed, NotYours
from handlers.tx import Tx

HELPERS = frozenset({"dcc", "store_manager"})
"""Roles that may act on every lead of their dealer."""


async def check_may_act(tx: Tx, by: str, lead: Lead, assignment: Assignment | None) -> None:
    """An adviser acts on what they hold; the dealer's DCC and manager and the region on all.

    Raises `AssignmentOver` or `NotYours`. Others than staff act for the brand.
    """
    kind, _, userid = by.partition(":")
    if kind != "staff" or (assignment and assignment.staff_id == userid):
        return
    staff = await tx.see(Staff, userid)
    if staff.role in {"brand_ops", "ops"} or await _is_in_charge(tx, staff, lead):
        return
    if assignment is None:
        raise AssignmentOver(f"nobody holds lead {lead.id}", state=lead.state)
    holder = await tx.see(Staff, assignment.staff_id)
    raise NotYours(f"lead {lead.id} is {holder.userid}'s", holder=holder.name)


async def is_brand_operations(tx: Tx, by: str) -> bool:
    """Whether somebody of brand operations acts."""
    kind, _, userid = by.partition(":")
    return kind == "staff" and (await tx.see(Staff, userid)).role == "brand_ops"


async def check_may_review(tx: Tx, by: str, lead: Lead) -> None:
    """The store's manager decides, or the region's for that store; API keys act for the brand.

    Raises `NotAllowed`.
    """
    kind, _, userid = by.partition(":")
    if kind != "staff":
        return
    reviewer = await tx.see(Staff, userid)
    if reviewer.role not in REVIEWERS or not await _is_in_charge(tx, reviewer, lead):
        raise NotAllowed(f"{userid} does not decide on leads of {lead.dealer_id}")


async def name_of(tx: Tx, by: str) -> str:
    """What colleagues call whoever is behind `staff:USERID`; other actors as they are."""
    kind, _, userid = by.partition(":")
    return (await tx.see(Staff, userid)).name if kind == "staff" else by


async def name_of_target(tx: Tx, userid: str | None, dealer_code: str | None) -> str | None:
    """What colleagues call where a lead goes; a name nobody has stays as it is."""
    staff = await tx.find(Staff, userid) if userid else None
    dealer = await tx.find(Dealer, dealer_code) if dealer_code else None
    found = staff or dealer
    return found.name if found else userid or dealer_code


async def _is_in_charge(tx: Tx, staff: Staff, lead: Lead) -> bool:
    if lead.dealer_id is None:
        return False
    if staff.role in HELPERS:
        return staff.dealer_id == lead.dealer_id
    region = (await tx.see(Dealer, lead.dealer_id)).region_id
    return staff.role == "region_manager" and await _is_within(tx, region, staff.region_id)


async def _is_within(tx: Tx, region: str | None, wider: str | None) -> bool:
    """Whether a region is the other one, or somewhere below it."""
    climbed = set()
    while region and region not in climbed:
        if region == wider:
            return True
        climbed.add(region)
        above = await tx.find(Region, region)
        region = above.parent_code if above else None
    return False
