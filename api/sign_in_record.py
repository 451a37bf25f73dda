"""What the record keeps of signing in: who, by which way, from where; and who was turned away."""

import structlog
from aiohttp import web

from api.deps import DEPS
from api.origin import origin_of
from api.sessions import Sessions
from db.queries import audit

log = structlog.get_logger("api")

NOBODY = "nobody"
"""Who acts as long as it is not proved who it is."""


async def begin_session(
    request: web.Request, sessions: Sessions, userid: str, way: str, *,
    limited: bool = False, **told: object,
) -> str:  # fmt: skip
    """Start a session and note it, both or neither. Returns the cookie's value."""
    deps, origin = request.app[DEPS], origin_of(request)

    async def both() -> str:
        cookie = await sessions.start(userid, way, origin, limited=limited)
        data = {"way": way, **told}
        await audit.write(deps.clock(), f"staff:{userid}", "sign_in", userid, data, origin)
        return cookie

    cookie = await deps.database.run_tx(both)
    deps.metrics.signed_in(way, "in")
    log.info("staff.signed_in", userid=userid, way=way)
    return cookie


async def note_refusal(
    request: web.Request, way: str, why: str, userid: str = "", **told: object
) -> None:
    """Note that somebody was turned away; `userid` only of whom we know."""
    deps = request.app[DEPS]
    data = {"way": way, "why": why, **told}
    await audit.write(deps.clock(), NOBODY, "sign_in_refused", userid, data, origin_of(request))
    deps.metrics.signed_in(way, why)
    log.info("staff.refused", userid=userid, way=way, why=why)
