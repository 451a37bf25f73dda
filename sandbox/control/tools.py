"""Look at the platform and break it: overview, counters, callbacks, faults, tokens, reset."""

from dataclasses import asdict
from typing import Any

from aiohttp import web
from yarl import URL

from sandbox.api import WORLD
from sandbox.callbacks import POSTMAN
from sandbox.control.bodies import json_body
from sandbox.errors import NotPossible
from sandbox.faults import Fault
from sandbox.oa.events import CITIES
from sandbox.oa.menu import DEFAULT_MENU

# The QR code on the wall of a demo dealer.
DEALER_SCENE = "dealer_{code}"


async def overview(request: web.Request) -> web.Response:
    """All the page needs at start."""
    world = request.app[WORLD]
    organisation = world.config.organisation
    return web.json_response(
        {
            "account": world.config.oa_name,
            "product_url": world.public_url,
            "product_up": world.product_up,
            "menu": world.menu or DEFAULT_MENU,
            "dealers": [
                asdict(dealer) | {"scene": DEALER_SCENE.format(code=dealer.code)}
                for dealer in organisation.dealers
            ],
            "models": [{"code": code, "name": name} for code, name in organisation.models],
            "scenes": list(world.scenes.values()),
            "cities": list(CITIES),
            "can_post_leads": bool(world.config.api_key),
        }
    )


async def counters(request: web.Request) -> web.Response:
    return web.json_response(request.app[WORLD].counters.to_json())


async def clear_counters(request: web.Request) -> web.Response:
    request.app[WORLD].counters.clear()
    return web.json_response({})


async def callbacks(request: web.Request) -> web.Response:
    """The last callbacks, oldest first, with each attempt and the passive reply."""
    return web.json_response([delivery.to_json() for delivery in request.app[POSTMAN].log])


async def redeliver(request: web.Request) -> web.Response:
    """Post an old callback once more, unchanged but freshly encrypted; nobody sees the reply."""
    postman, wanted = request.app[POSTMAN], request.match_info["id"]
    for delivery in postman.log:
        if str(delivery.id) == wanted:
            again = await postman.post(delivery.app, delivery.payload)
            return web.json_response({"delivery": again.to_json()})
    raise NotPossible("no_such_callback", "it is older than those kept", 404)


async def idle(request: web.Request) -> web.Response:
    """Answers when no callback is under way in the background."""
    await request.app[POSTMAN].idle()
    return web.json_response({})


async def verify(request: web.Request) -> web.Response:
    """Check the product's callback addresses: {"app": "oa" | "wecom"}, both when left out."""
    app = (await json_body(request)).get("app")
    if app not in (None, "oa", "wecom"):
        raise NotPossible("bad_app", "oa or wecom", 400)
    apps = [app] if app else ["oa", "wecom"]
    return web.json_response({name: await request.app[POSTMAN].verify(name) for name in apps})


async def faults(request: web.Request) -> web.Response:
    return web.json_response(request.app[WORLD].faults.to_json())


async def put_fault(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    world.faults.put(Fault.from_json(await json_body(request)))
    return web.json_response(world.faults.to_json())


async def clear_faults(request: web.Request) -> web.Response:
    request.app[WORLD].faults.clear(request.query.get("api"))
    return web.json_response([])


async def revoke_tokens(request: web.Request) -> web.Response:
    """End all tokens of {"app"} now, as the platform may at any time."""
    app = str((await json_body(request)).get("app", ""))
    return web.json_response({"revoked": request.app[WORLD].tokens.revoke(app)})


async def put_product(request: web.Request) -> web.Response:
    """Tell where the product is: {"url", "public_url"}; for tests with random ports."""
    world, body = request.app[WORLD], await json_body(request)
    world.product_url = _address(body.get("url", world.product_url))
    world.public_url = _address(body.get("public_url") or world.product_url)
    world.product_up = None
    return web.json_response({"url": world.product_url, "public_url": world.public_url})


def _address(given: Any) -> str:
    try:
        return str(URL(str(given)).origin())
    except ValueError as error:
        raise NotPossible("bad_url", "http://host:port", 400) from error


async def medium(request: web.Request) -> web.Response:
    """A picture a customer sent; PicUrl points here."""
    world = request.app[WORLD]
    found = world.media.get(request.match_info["media_id"], world.now())
    headers = {"Content-Type": found.content_type, "Content-Security-Policy": "default-src 'none'"}
    return web.Response(body=found.data, headers=headers)


async def reset(request: web.Request) -> web.Response:
    """Forget chats, cards, menu, QR codes, faults, counters; callbacks under way end first."""
    world, postman = request.app[WORLD], request.app[POSTMAN]
    await postman.idle()
    world.clear()
    world.faults.clear()
    world.counters.clear()
    postman.log.clear()
    world.changed(type="resync")
    return web.json_response({})


def routes() -> list[web.RouteDef]:
    return [
        web.get("/sandbox/overview", overview),
        web.get("/sandbox/counters", counters),
        web.delete("/sandbox/counters", clear_counters),
        web.get("/sandbox/callbacks", callbacks),
        web.post("/sandbox/callbacks/{id}/redeliver", redeliver),
        web.post("/sandbox/idle", idle),
        web.post("/sandbox/verify", verify),
        web.get("/sandbox/faults", faults),
        web.put("/sandbox/faults", put_fault),
        web.delete("/sandbox/faults", clear_faults),
        web.post("/sandbox/tokens/revoke", revoke_tokens),
        web.put("/sandbox/product", put_product),
        web.get("/sandbox/media/{media_id}", medium),
        web.post("/sandbox/reset", reset),
    ]
