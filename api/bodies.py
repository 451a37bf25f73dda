"""Reads request bodies under a size and a deadline; aiohttp has no deadline of its own."""

import asyncio

from aiohttp import web

KIB = 1024
JSON_BYTES = 1024 * KIB
BATCH_BYTES = 8 * 1024 * KIB
CALLBACK_BYTES = 64 * KIB


class BodyTooLarge(Exception):
    """The body is larger than this endpoint takes."""

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"a body may have at most {limit_bytes} bytes here")


class BodyTooSlow(Exception):
    """The body did not arrive in time."""


async def read_body(request: web.Request, limit_bytes: int, within_s: float) -> bytes:
    """The whole body, decompressed. Raises `BodyTooLarge` and `BodyTooSlow`."""
    if (request.content_length or 0) > limit_bytes:
        raise BodyTooLarge(limit_bytes)
    if request.content.is_eof():  # a small body comes with its head: no deadline to watch
        whole = request.content.read_nowait()
        if len(whole) > limit_bytes:
            raise BodyTooLarge(limit_bytes)
        return whole
    body = bytearray()
    try:
        async with asyncio.timeout(within_s):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > limit_bytes:
                    raise BodyTooLarge(limit_bytes)
    except TimeoutError:
        raise BodyTooSlow("the body did not arrive in time") from None
    return bytes(body)
