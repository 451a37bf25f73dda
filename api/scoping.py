"""Rows a caller may see: a foreign id looks like one that does not exist."""

from api.routing import Call
from db.queries import leads
from db.queries.scope import RowScope, row_scope
from domain.errors import NotFound


async def scope_of(call: Call) -> RowScope:
    """The dealers whose rows this caller sees."""
    caller = call.caller
    userid = caller.member.userid if caller.member and caller.own_rows_only else None
    return await row_scope(caller.dealer_codes, caller.region_codes, userid)


async def owner_or_404(call: Call, lead_id: int) -> int:
    """The customer of a lead the caller may see. Raises `NotFound`."""
    customer_id = await leads.lead_owner(lead_id, await scope_of(call))
    if customer_id is None:
        raise NotFound("no such lead")
    return customer_id


async def dealer_or_404(call: Call, dealer_code: str) -> None:
    """Raise `NotFound` for a dealer outside the caller's rows."""
    if not (await scope_of(call)).covers(dealer_code):
        raise NotFound("no such dealer")


async def region_or_404(call: Call, region_code: str) -> None:
    """Raise `NotFound` for a region that is not the caller's."""
    if not call.caller.sees_everything and region_code not in (call.caller.region_codes or ()):
        raise NotFound("no such region")
