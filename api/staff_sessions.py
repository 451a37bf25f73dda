"""The second kind of caller: a member of staff with a session.

Session and member are read anew on every request, so whoever is switched off is out at once. What
changes something must come from a page of ours: a cookie alone does not prove that.
"""

from dataclasses import dataclass

from aiohttp import hdrs, web
from yarl import URL

from api.auth import Caller
from api.errors import Refused
from api.roles import caller_of
from api.sessions import COOKIE, Sessions
from db.queries.organisation import find_staff

PAGE_HEADER = "X-Leadloop-Page"
"""Only a page of our own origin can set it without asking the browser's permission first."""

_READING = frozenset({hdrs.METH_GET, hdrs.METH_HEAD, hdrs.METH_OPTIONS})


@dataclass(frozen=True, slots=True)
class StaffSessions:
    """Recognises the session cookie. Raises a 401 or 403 `Refused`."""

    sessions: Sessions
    public_url: str

    async def __call__(self, request: web.Request) -> Caller | None:
        caller = await self.find(request)
        if caller and request.method not in _READING:
            check_own_page(request, self.public_url)
        return caller

    async def find(self, request: web.Request) -> Caller | None:
        """Whose session this is, as they are on file now; None without a running one."""
        cookie = request.cookies.get(COOKIE)
        session = await self.sessions.find(cookie) if cookie else None
        staff = await find_staff(session.userid) if session else None
        if session is None or staff is None or not staff.active:
            return None
        return caller_of(staff, session)


def check_own_page(request: web.Request, public_url: str) -> None:
    """Raise a 403 `Refused` for what no page of ours has sent."""
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    origin = request.headers.get(hdrs.ORIGIN)
    ours = origin is None or origin == str(URL(public_url).origin())
    if site != "same-origin" or not ours or PAGE_HEADER not in request.headers:
        raise Refused(403, "foreign_page", f"send it from a page of ours, with {PAGE_HEADER}")
