"""Put the sandbox together as one web application."""

import asyncio
import itertools
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from aiohttp import ClientError, ClientTimeout, web

from sandbox import media_api, oauth
from sandbox.api import WORLD, routes
from sandbox.callbacks import POSTMAN, Postman
from sandbox.config import SandboxConfig
from sandbox.control import leads, people, tools
from sandbox.errors import NotPossible, Refused
from sandbox.oa import account, menu
from sandbox.oa import messages as oa_messages
from sandbox.snapshot import Snapshot
from sandbox.wecom import directory
from sandbox.wecom import messages as wecom_messages
from sandbox.world import World

STATIC = Path(__file__).parent / "static"
PROBE_EVERY_S = 5.0
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    " img-src 'self' data: http: https:; base-uri 'none'; form-action 'self';"
    " frame-ancestors 'none'"
)
MAX_BODY = 4 * 1024 * 1024

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
log = logging.getLogger("sandbox")


def create_app(config: SandboxConfig) -> web.Application:
    """The whole platform. `app[WORLD].product_url` may be set once the product's port is known."""
    world = World(config)
    app = web.Application(middlewares=[_doorman], client_max_size=MAX_BODY)
    app[WORLD], app[POSTMAN] = world, Postman(world)
    apis = itertools.chain(
        account.APIS,
        menu.APIS,
        oa_messages.APIS,
        wecom_messages.APIS,
        directory.APIS,
        media_api.APIS,
    )
    app.add_routes(routes(apis))
    app.add_routes([*oauth.routes(), *people.routes(), *leads.routes(), *tools.routes()])
    app.router.add_get("/", _index)
    app.router.add_get("/sandbox/stream", world.stream.serve)
    app.router.add_static("/static/", STATIC)
    app.cleanup_ctx.extend([_postman, _state, _probe])
    app.on_shutdown.append(_end_streams)
    return app


async def _index(_: web.Request) -> web.FileResponse:
    return web.FileResponse(STATIC / "index.html", headers={"Cache-Control": "no-cache"})


@web.middleware
async def _doorman(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refusals of the control API become JSON; pages get their security headers."""
    request.app[WORLD].own_url = f"{request.scheme}://{request.host}"
    try:
        _require_same_site(request)
        response = await handler(request)
    except NotPossible as refusal:
        body = {"error": refusal.code, "detail": refusal.detail}
        return web.json_response(body, status=refusal.status)
    except Refused as refusal:
        return web.json_response(refusal.body, status=404)
    if not response.prepared and "Content-Security-Policy" not in response.headers:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _require_same_site(request: web.Request) -> None:
    """No other web page may press buttons here: browsers say where a request comes from."""
    site = request.headers.get("Sec-Fetch-Site", "none")
    if request.method != "GET" and site not in ("same-origin", "none"):
        raise NotPossible("cross_site", "only from the sandbox's own page", 403)


async def _postman(app: web.Application) -> AsyncIterator[None]:
    await app[POSTMAN].open()
    yield
    await app[POSTMAN].close()


async def _state(app: web.Application) -> AsyncIterator[None]:
    world = app[WORLD]
    if world.config.state_path is None:
        yield
        return
    snapshot = Snapshot(world, world.config.state_path)
    snapshot.load()
    world.on_change = snapshot.touch
    yield
    await snapshot.close()


async def _probe(app: web.Application) -> AsyncIterator[None]:
    task = asyncio.create_task(_watch_product(app))
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _watch_product(app: web.Application) -> None:
    """While somebody looks at the page, know whether the product is there."""
    world = app[WORLD]
    while not world.stream.closing.is_set():
        await world.stream.joined.wait()
        world.product_answered(up=await _is_up(app))
        await world.stream.pause(PROBE_EVERY_S)


async def _is_up(app: web.Application) -> bool:
    url = f"{app[WORLD].product_url}/livez"
    try:
        async with app[POSTMAN].session.get(url, timeout=ClientTimeout(total=2)) as response:
            return response.status < 500
    except (ClientError, TimeoutError):
        return False


async def _end_streams(app: web.Application) -> None:
    app[WORLD].stream.close()
