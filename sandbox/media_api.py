"""media/upload and media/get, alike for both apps."""

from typing import Any

from aiohttp import BodyPartReader, web

from sandbox.api import Api, Call
from sandbox.errors import Refused
from sandbox.media import FILE_TYPE, MAX_BYTES, TYPES


async def upload(call: Call) -> dict[str, Any]:
    """A multipart form with one file in the field `media`."""
    kind = call.query.get("type", "")
    if kind not in TYPES and kind != "file":
        raise Refused(40058, "type")
    if not call.request.content_type.startswith("multipart/"):
        raise Refused(44001)
    form = await call.request.multipart()
    async for part in form:
        if isinstance(part, BodyPartReader) and part.name == "media":
            data = await _read(part)
            content_type = part.headers.get("Content-Type", FILE_TYPE)
            medium = call.world.media.add(kind, content_type, data, call.now)
            made = int(medium.created_at)
            return {"type": kind, "media_id": medium.media_id, "created_at": made}
    raise Refused(44001)


async def _read(part: BodyPartReader) -> bytes:
    data = bytearray()
    while chunk := await part.read_chunk():
        data.extend(chunk)
        if len(data) > MAX_BYTES:
            raise Refused(45001)
    return bytes(data)


def download(call: Call) -> web.Response:
    medium = call.world.media.get(call.query.get("media_id", ""), call.now)
    name = f'attachment; filename="{medium.media_id[:16]}"'
    headers = {"Content-Type": medium.content_type, "Content-Disposition": name}
    return web.Response(body=medium.data, headers=headers)


APIS = [
    Api(app, method, path, function, kind="form")
    for app in ("oa", "wecom")
    for method, path, function in (
        ("POST", "media/upload", upload),
        ("GET", "media/get", download),
    )
]
