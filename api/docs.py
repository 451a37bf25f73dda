"""The API's document and the page to read and try it; nothing is loaded from elsewhere."""

from functools import cache
from pathlib import Path

import orjson
from aiohttp import web

from api.deps import DEPS
from api.openapi import document
from api.page_policy import DOCS, POLICY
from api.routing import Route

_STATIC = Path(__file__).parent.parent / "web" / "static"
_PAGE = _STATIC / "api_docs"


def add_docs(app: web.Application, routes: list[Route]) -> None:
    """Mount `/api/openapi.json` and `/api/docs`."""

    @cache
    def written() -> bytes:
        return orjson.dumps(document(routes, app[DEPS].facts))

    async def openapi(request: web.Request) -> web.Response:
        return web.Response(body=written(), content_type="application/json")

    async def page(request: web.Request) -> web.StreamResponse:
        return web.FileResponse(_PAGE / "index.html", headers={POLICY: DOCS})

    app.router.add_get("/api/openapi.json", openapi)
    app.router.add_get("/api/docs", page)
    app.router.add_static("/api/docs/page", _PAGE)
    app.router.add_static("/api/docs/assets", _STATIC / "vendor" / "swagger-ui")
