"""Read the JSON body of a control call."""

import json
from typing import Any

from aiohttp import web

from sandbox.errors import NotPossible


async def json_body(request: web.Request) -> dict[str, Any]:
    """An object, empty when there is no body. Raises NotPossible."""
    raw = await request.read()
    if not raw:
        return {}
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise NotPossible("bad_json", "the body is not JSON", 400) from error
    if not isinstance(body, dict):
        raise NotPossible("bad_json", "the body is not an object", 400)
    return body
