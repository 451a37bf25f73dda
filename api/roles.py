"""What a member of staff may do and see, by role."""

from collections.abc import Mapping

from api.auth import Caller, Member
from api.sessions import Session
from db.models import Staff

DESK = "desk"
ACCOUNT = "account"
"""To look after one's own password and sessions: all that is open before it was chosen."""
CONSOLE = "console"
"""To look at the console; to act there is `ops`."""
PEOPLE = "people"
"""To say who is who, and to do what a person asks for with their data."""
ROSTER = "roster"
"""To say when staff work, what they take."""
POLICIES = "policies"
"""To change the rules of what one looks after."""
KEYS = "keys"
ACCOUNTS = "accounts"
"""To say who signs in without WeCom, and who is signed out."""
_WORK = frozenset({DESK, ACCOUNT, "leads:read", "leads:work"})

SCOPES: Mapping[str, frozenset[str]] = {
    "adviser": _WORK,
    "dcc": _WORK,
    "store_manager": _WORK | {CONSOLE, ROSTER},
    "region_manager": _WORK | {CONSOLE, ROSTER, POLICIES},
    "brand_ops": _WORK | {CONSOLE, PEOPLE, ROSTER, POLICIES, "leads:write", "org:write"},
    "ops": _WORK | {CONSOLE, PEOPLE, ROSTER, POLICIES, KEYS, ACCOUNTS, "ops", "org:write"},
}
SEES_ALL = frozenset({"brand_ops", "ops"})
OWN_ROWS_ONLY = frozenset({"adviser"})


def caller_of(staff: Staff, session: Session | None = None) -> Caller:
    """The caller a signed-in member is, with the rows of their role."""
    dealers, regions = _rows(staff)
    limited = session is not None and session.limited
    return Caller(
        name=f"staff:{staff.userid}",
        scopes=frozenset({ACCOUNT}) if limited else SCOPES.get(staff.role, frozenset()),
        dealer_codes=dealers,
        region_codes=regions,
        member=Member(
            userid=staff.userid,
            name=staff.name,
            role=staff.role,
            dealer_code=staff.dealer_id,
            region_code=staff.region_id,
            on_duty=staff.on_duty,
            session_id=session.id if session else 0,
        ),
        own_rows_only=staff.role in OWN_ROWS_ONLY,
    )


def _rows(staff: Staff) -> tuple[frozenset[str] | None, frozenset[str] | None]:
    """Dealers and regions; somebody whose place is not known sees nothing."""
    if staff.role in SEES_ALL:
        return None, None
    if staff.role == "region_manager":
        return frozenset(), frozenset({staff.region_id} if staff.region_id else ())
    return frozenset({staff.dealer_id} if staff.dealer_id else ()), None
