"""The console's pages: shells for whoever signed in and may look; the rest comes as JSON.

Who has no session is sent to WeCom inside WeCom, and elsewhere to the sign-in page.
"""

import re
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp_jinja2
from aiohttp import hdrs, web
from yarl import URL

from api import page_policy
from api.assets import Assets
from api.auth import Caller
from api.deps import DEPS
from api.roles import ACCOUNT, ACCOUNTS, CONSOLE
from api.sessions import Sessions
from api.sign_in import AGAIN, LONGEST_PATH, Door, NoSignIn, redirect
from api.staff_sessions import StaffSessions
from db.errors import StorageDown
from texts import labels

_STATIC = Path(__file__).parent.parent / "web" / "static" / "console"
PAGES = {
    "/console/": "wall",
    "/console/queues": "queues",
    "/console/leads": "leads",
    "/console/leads/{lead_id:[0-9]+}": "lead",
    "/console/pools": "pools",
    "/console/analytics": "analytics",
    "/console/campaigns": "campaigns",
    "/console/campaigns/{code:[0-9A-Za-z][0-9A-Za-z_.-]*}": "campaign",
    "/console/segments": "segments",
    "/console/segments/{code:[0-9A-Za-z][0-9A-Za-z_.-]*}": "segment",
    "/console/customers/{customer_id:[0-9]+}": "customer",
    "/console/policies": "policies",
    "/console/organisation": "organisation",
    "/console/faq": "faq",
    "/console/keys": "keys",
    "/console/webhooks": "webhooks",
    "/console/audit": "audit",
    "/console/account": "account",
    "/console/accounts": "accounts",
}
NEEDS = {"account": ACCOUNT, "accounts": ACCOUNTS}
"""What a page needs that is not for everybody of the console."""
HOME = "/console/"
SIGN_IN = "/console/sign-in"
OWN_ACCOUNT = "/console/account"
_OURS = re.compile(r"/console/[!-\[\]-~]*")  # printable, but no backslash
_HEADERS = page_policy.headers_of(page_policy.CONSOLE)
_INSIDE_WECOM = "wxwork"


class Console:
    """Everything below `/console`. Ops may act there, others of the console only look."""

    def __init__(self, door: Door, staff: StaffSessions, assets: Assets, zone: str) -> None:
        self._door = door
        self._zone = zone
        self._staff = staff
        self._assets = assets

    def add_to(self, app: web.Application) -> None:
        """Mount the pages and their files."""
        app.router.add_get("/console", self._root)
        app.router.add_get(SIGN_IN, self._sign_in)
        app.router.add_get(f"{SIGN_IN}/wecom", self._to_wecom)
        app.router.add_get(self._door.return_path, self._signed_in)
        app.router.add_get("/console/static/{version}/{name:.+}", self._assets.serve)
        for path, page in PAGES.items():
            app.router.add_get(path, partial(self._page, page))
        app.router.add_get("/console/{nowhere:.*}", self._nowhere)

    async def _root(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(HOME)

    async def _nowhere(self, request: web.Request) -> web.StreamResponse:
        return self._render(request, "notice.html", 404, why="no_page")

    async def _page(self, page: str, request: web.Request) -> web.StreamResponse:
        try:
            caller = await self._staff.find(request)
            if caller is None:
                return self._ask_who(request)
        except NoSignIn as refusal:
            return self._refuse(request, refusal.why, refusal.status)
        except StorageDown:
            return self._refuse(request, "sessions_away", 503)
        if not caller.may(NEEDS.get(page, CONSOLE)):
            if caller.scopes == {ACCOUNT}:
                return redirect(OWN_ACCOUNT)
            return self._refuse(request, "not_here", 403)
        return self._show(request, page, caller)

    def _ask_who(self, request: web.Request) -> web.Response:
        agent = request.headers.get(hdrs.USER_AGENT, "").lower()
        if _INSIDE_WECOM in agent and self._door.is_open:
            return self._door.leave(request)
        wanted = {"to": str(request.rel_url.without_query_params(AGAIN))}
        again = {AGAIN: "1"} if AGAIN in request.query else {}
        return redirect(str(URL(SIGN_IN).with_query({**wanted, **again})))

    async def _sign_in(self, request: web.Request) -> web.StreamResponse:
        again = AGAIN in request.query
        return self._render(
            request, "sign-in.html", to=_wanted(request), wecom=self._door.is_open, again=again
        )

    async def _to_wecom(self, request: web.Request) -> web.StreamResponse:
        try:
            return self._door.leave_by_code(_wanted(request))
        except NoSignIn as refusal:
            return self._refuse(request, refusal.why, refusal.status)

    async def _signed_in(self, request: web.Request) -> web.StreamResponse:
        try:
            return await self._door.enter(request)
        except NoSignIn as refusal:
            return self._refuse(request, refusal.why, refusal.status, refusal.userid)
        except StorageDown:
            return self._refuse(request, "sessions_away", 503)

    def _show(self, request: web.Request, page: str, caller: Caller) -> web.Response:
        member = caller.member
        named: dict[str, Any] = dict(request.match_info)
        return self._render(
            request,
            f"{page}.html",
            page=page,
            name=member.name if member else "",
            role=labels.role_text(member.role) if member else "",
            acts=caller.may("ops"),
            may=_may(caller),
            zone=self._zone,
            **named,
        )

    def _refuse(
        self, request: web.Request, why: str, status: int, userid: str = ""
    ) -> web.Response:
        answer = self._render(request, "notice.html", status, why=why, userid=userid)
        self._door.forget(answer)
        return answer

    def _render(
        self, request: web.Request, template: str, status: int = 200, **told: object
    ) -> web.Response:
        context = {"assets": f"/console/static/{self._assets.version}", **told}
        page = aiohttp_jinja2.render_template(
            f"console/{template}", request, context, status=status
        )
        page.headers.update(_HEADERS)
        return page


def _wanted(request: web.Request) -> str:
    """The page to go on to: one of ours, whatever the address says."""
    to = request.query.get("to", "")
    return to if _OURS.fullmatch(to) and len(to) <= LONGEST_PATH else HOME


def _may(caller: Caller) -> list[str]:
    """What the pages offer this person; what they do is checked again by the API."""
    all_rows = caller.sees_everything and caller.may(CONSOLE)
    return sorted(caller.scopes | ({"all"} if all_rows else set()))


def add_console(app: web.Application, sessions: Sessions, staff: StaffSessions) -> None:
    """Mount the console beside the dealer's pages, whose sign-in it shares."""
    zone = app[DEPS].facts.get("timezone", labels.TIMEZONE)
    Console(Door(app[DEPS], sessions, "/console/"), staff, Assets(_STATIC), zone).add_to(app)
