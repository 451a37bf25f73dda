"""The WeChat sandbox among so many followers, all of whom have just written to the account."""

from __future__ import annotations

import os
import sys

from aiohttp import web

from sandbox.api import WORLD
from sandbox.app import create_app
from sandbox.config import configure
from sandbox.people import Customer


def crowded(followers: int) -> web.Application:
    """`GET /count` tells how many messages came, to how many people, and the most to anybody."""
    app = create_app(configure(os.environ))
    world = app[WORLD]
    for number in range(1, followers + 1):
        customer = Customer(name=f"客户{number}", openid=f"o{number}", subscribed=True)
        customer.windows.open("message", world.now())
        world.customers[customer.openid] = customer
    app.router.add_get("/count", _count)
    return app


async def _count(request: web.Request) -> web.Response:
    people = request.app[WORLD].customers.values()
    got = [len(customer.messages) for customer in people if customer.messages]
    return web.json_response(
        {"messages": sum(got), "people": len(got), "most": max(got, default=0)}
    )


if __name__ == "__main__":
    port, followers = map(int, sys.argv[1:])
    web.run_app(crowded(followers), host="127.0.0.1", port=port, print=None, access_log=None)
