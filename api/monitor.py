"""What a process without HTTP of its own lets be seen: alive, ready, counting. For workers."""

from aiohttp import web

from api import health
from api.deps import DEPS, ApiDeps
from api.errors import problems
from api.routing import mount


def create_monitor(deps: ApiDeps) -> web.Application:
    """`/livez`, `/readyz` and `/metrics`, and nothing else."""
    app = web.Application(middlewares=[problems])
    app[DEPS] = deps
    mount(app, health.routes.all)
    app.router.add_get("/metrics", health.metrics)
    return app
