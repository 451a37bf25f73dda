"""One id for each request, in the answer and in every log line; one sampled line about it."""

import re
import secrets
import time
from itertools import count

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from api.deps import DEPS
from api.page_policy import BARE, POLICY

log = structlog.get_logger("api")

HEADER = "X-Request-Id"
REQUEST_ID = web.RequestKey("request_id", str)
SLOW_S = 1.0
ONE_IN = 100
_USABLE = re.compile(r"[0-9A-Za-z_.:-]{1,64}")
_seen = count()


@web.middleware
async def traced(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Bind the caller's request id, or a new one, to everything logged meanwhile."""
    given = request.headers.get(HEADER, "")
    request_id = given if _USABLE.fullmatch(given) else secrets.token_hex(8)
    request[REQUEST_ID] = request_id
    started = time.monotonic()
    # Never unbound: a connection's task serves one request at a time and each binds its own.
    structlog.contextvars.bind_contextvars(request_id=request_id)
    with request.app[DEPS].spans("request", method=request.method, route=_route(request)) as span:
        response = await handler(request)
        span.note(status=response.status)
    _note(request, response, time.monotonic() - started)
    return response


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Headers of every answer. Answers of the API are about people: no cache keeps them."""
    if request_id := request.get(REQUEST_ID):
        response.headers[HEADER] = request_id
    response.headers["X-Content-Type-Options"] = "nosniff"
    if request.app[DEPS].stopping.is_set():  # or the next request meets a closing connection
        response.headers["Connection"] = "close"
        response.force_close()
    response.headers.setdefault(POLICY, BARE)
    if request.path.startswith("/api/v1/"):
        response.headers.setdefault("Cache-Control", "no-store")


def _route(request: web.Request) -> str:
    """The pattern of the path, never the path: an address may hold ids and tokens."""
    resource = request.match_info.route.resource
    return resource.canonical if resource else ""


def _note(request: web.Request, response: web.StreamResponse, seconds: float) -> None:
    """Failures and slow requests always, of the others one in a hundred."""
    lasting = response.content_type == "text/event-stream"
    if response.status < 500 and (seconds < SLOW_S or lasting) and next(_seen) % ONE_IN:
        return
    log.info(
        "request.answered",
        method=request.method,
        route=_route(request),
        status=response.status,
        ms=round(seconds * 1000, 1),
    )
