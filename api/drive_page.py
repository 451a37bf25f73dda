"""A customer's test drive as a page: when, where, the way there, and a file for the calendar.

Who has the address may open it, so nothing of the customer stands on it.
"""

from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

import aiohttp_jinja2
from aiohttp import web

from api.assets import Assets
from api.deps import DEPS
from api.page_policy import DRIVE, headers_of
from bot.customer.places import map_link
from db.links import drive_of
from db.models import Dealer
from db.queries.appointments import AppointmentFace, find_appointment
from domain.appointment import TAKES_A_PLACE
from domain.ics import Entry, calendar
from texts import talk

_STATIC = Path(__file__).parent.parent / "web" / "static" / "drive"
HEADERS = {**headers_of(DRIVE, "no-referrer"), "X-Robots-Tag": "noindex"}
CALENDAR_TYPE = "text/calendar"


class DrivePages:
    """Everything below `/drive`."""

    def __init__(self, assets: Assets) -> None:
        self._assets = assets

    def add_to(self, app: web.Application) -> None:
        """Mount the page, its file and its style."""
        app.router.add_get("/drive/static/{version}/{name:.+}", self._assets.serve)
        app.router.add_get(r"/drive/{key:[0-9a-f-]+}.ics", self._file)
        app.router.add_get("/drive/{key}", self._page)

    async def _page(self, request: web.Request) -> web.StreamResponse:
        drive = await _drive(request)
        start = drive.start_at.astimezone(_zone(request)) if drive else None
        dealer = await Dealer.get_or_none(code=drive.dealer_code) if drive else None
        context = {
            "assets": f"/drive/static/{self._assets.version}",
            "drive": drive,
            "at": talk.full_moment(start) if start else "",
            "stands": bool(drive and drive.state in TAKES_A_PLACE),
            "map": map_link(dealer) if dealer and dealer.lat else "",
            "file": f"{request.path}.ics",
        }
        status = 200 if drive else 404
        page = aiohttp_jinja2.render_template("drive/page.html", request, context, status=status)
        page.headers.update(HEADERS)
        return page

    async def _file(self, request: web.Request) -> web.StreamResponse:
        drive = await _drive(request)
        if drive is None:
            raise web.HTTPNotFound
        name = quote(f"{talk.line('drive_file')}.ics")
        headers = HEADERS | {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
        body = calendar(_entry(drive)).encode()
        return web.Response(
            body=body, headers=headers, content_type=CALENDAR_TYPE, charset="utf-8"
        )


async def _drive(request: web.Request) -> AppointmentFace | None:
    appointment_id = drive_of(request.app[DEPS].phones, request.match_info["key"])
    return await find_appointment(appointment_id) if appointment_id else None


def _zone(request: web.Request) -> ZoneInfo:
    return ZoneInfo(request.app[DEPS].facts["timezone"])


def _entry(drive: AppointmentFace) -> Entry:
    about = talk.line("drive_about", dealer=drive.dealer, phone=drive.phone)
    return Entry(
        uid=f"drive-{drive.id}@leadloop",
        start_at=drive.start_at,
        end_at=drive.end_at,
        summary=talk.line("drive_summary", model=drive.model, dealer=drive.dealer),
        location=drive.address,
        description=about,
        changed_at=drive.updated_at,
        cancelled=drive.state not in TAKES_A_PLACE,
    )


def add_drive_pages(app: web.Application) -> None:
    """Mount the pages; the templates are set up with the dealer's."""
    DrivePages(Assets(_STATIC)).add_to(app)
