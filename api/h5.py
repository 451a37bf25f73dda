"""The dealer's pages inside WeCom: one shell for all of them, for whoever is signed in."""

from pathlib import Path

import aiohttp_jinja2
from aiohttp import web
from jinja2 import FileSystemLoader

from api.assets import Assets
from api.deps import DEPS
from api.page_policy import CONSOLE, headers_of
from api.sessions import Sessions
from api.sign_in import Door, NoSignIn
from api.staff_sessions import StaffSessions
from db.errors import StorageDown

_WEB = Path(__file__).parent.parent / "web"
HEADERS = headers_of(CONSOLE)


class Pages:
    """Everything below `/m`."""

    def __init__(self, door: Door, staff: StaffSessions, assets: Assets) -> None:
        self._door = door
        self._staff = staff
        self._assets = assets

    def add_to(self, app: web.Application) -> None:
        """Mount the pages and their files."""
        app.router.add_get("/m", self._root)
        app.router.add_get(self._door.return_path, self._signed_in)
        app.router.add_get("/m/static/{version}/{name:.+}", self._assets.serve)
        app.router.add_get("/m/{page:.*}", self._page)

    async def _root(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/m/")

    async def _page(self, request: web.Request) -> web.StreamResponse:
        try:
            if await self._staff.find(request):
                return self._render(request, "shell.html")
            return self._door.leave(request)
        except NoSignIn as refusal:
            return self._refuse(request, refusal)
        except StorageDown:
            return self._refuse(request, NoSignIn("sessions_away", 503))

    async def _signed_in(self, request: web.Request) -> web.StreamResponse:
        try:
            return await self._door.enter(request)
        except NoSignIn as refusal:
            return self._refuse(request, refusal)
        except StorageDown:
            return self._refuse(request, NoSignIn("sessions_away", 503))

    def _refuse(self, request: web.Request, refusal: NoSignIn) -> web.Response:
        answer = self._render(
            request, "notice.html", refusal.status, why=refusal.why, userid=refusal.userid
        )
        self._door.forget(answer)
        return answer

    def _render(
        self, request: web.Request, template: str, status: int = 200, **told: str
    ) -> web.Response:
        context = {"assets": f"/m/static/{self._assets.version}", **told}
        page = aiohttp_jinja2.render_template(f"h5/{template}", request, context, status=status)
        page.headers.update(HEADERS)
        return page


def add_h5(app: web.Application, sessions: Sessions, staff: StaffSessions) -> None:
    """Mount the dealer's pages."""
    aiohttp_jinja2.setup(app, loader=FileSystemLoader(_WEB / "templates"), autoescape=True)
    door = Door(app[DEPS], sessions, "/m/")
    Pages(door, staff, Assets(_WEB / "static" / "h5")).add_to(app)
