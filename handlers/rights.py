"""Whose a lead is to act on."""

from db.models import Assignment, Dealer, Lead, Staff
from domain.errors import AssignmentOver, NotYours
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


async def _is_in_charge(tx: Tx, staff: Staff, lead: Lead) -> bool:
    if lead.dealer_id is None:
        return False
    if staff.role in HELPERS:
        return staff.dealer_id == lead.dealer_id
    region = (await tx.see(Dealer, lead.dealer_id)).region_id
    return staff.role == "region_manager" and region is not None and staff.region_id == region
