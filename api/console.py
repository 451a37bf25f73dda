"""The console's pages: shells for whoever signed in and may look; the rest comes as JSON."""

from functools import partial
from pathlib import Path
from typing import Any

import aiohttp_jinja2
from aiohttp import web

from api.assets import Assets
from api.auth import Caller
from api.deps import DEPS
from api.h5 import HEADERS
from api.roles import CONSOLE
from api.sessions import Sessions, SessionsAway
from api.sign_in import Door, NoSignIn
from api.staff_sessions import StaffSessions
from texts import labels

_STATIC = Path(__file__).parent.parent / "web" / "static" / "console"
PAGES = {
    "/console/": "wall",
    "/console/queues": "queues",
    "/console/leads": "leads",
    "/console/leads/{lead_id:[0-9]+}": "lead",
    "/console/pools": "pools",
    "/console/campaigns": "campaigns",
    "/console/campaigns/{code:[0-9A-Za-z][0-9A-Za-z_.-]*}": "campaign",
    "/console/customers/{customer_id:[0-9]+}": "customer",
    "/console/policies": "policies",
    "/console/organisation": "organisation",
    "/console/faq": "faq",
    "/console/keys": "keys",
    "/console/webhooks": "webhooks",
    "/console/audit": "audit",
}


class Console:
    """Everything below `/console`. Ops may act there, others of the console only look."""

    def __init__(self, door: Door, staff: StaffSessions, assets: Assets) -> None:
        self._door = door
        self._staff = staff
        self._assets = assets

    def add_to(self, app: web.Application) -> None:
        """Mount the pages and their files."""
        app.router.add_get("/console", self._root)
        app.router.add_get("/console/static/{version}/{name:.+}", self._assets.serve)
        for path, page in PAGES.items():
            app.router.add_get(path, partial(self._page, page))

    async def _root(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/console/")

    async def _page(self, page: str, request: web.Request) -> web.StreamResponse:
        try:
            caller = await self._staff.find(request)
            if caller is None:
                return self._door.leave(request)
        except NoSignIn as refusal:
            return self._refuse(request, refusal.why, refusal.status)
        except SessionsAway:
            return self._refuse(request, "sessions_away", 503)
        if not caller.may(CONSOLE):
            return self._refuse(request, "not_here", 403)
        return self._show(request, page, caller)

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
            **named,
        )

    def _refuse(self, request: web.Request, why: str, status: int) -> web.Response:
        answer = self._render(request, "notice.html", status, why=why)
        self._door.forget(answer)
        return answer

    def _render(
        self, request: web.Request, template: str, status: int = 200, **told: object
    ) -> web.Response:
        context = {"assets": f"/console/static/{self._assets.version}", **told}
        page = aiohttp_jinja2.render_template(
            f"console/{template}", request, context, status=status
        )
        page.headers.update(HEADERS)
        return page


def _may(caller: Caller) -> list[str]:
    """What the pages offer this person; what they do is checked again by the API."""
    return sorted(caller.scopes | ({"all"} if caller.sees_everything else set()))


def add_console(app: web.Application, sessions: Sessions, staff: StaffSessions) -> None:
    """Mount the console beside the dealer's pages, whose sign-in it shares."""
    Console(Door(app[DEPS], sessions), staff, Assets(_STATIC)).add_to(app)
