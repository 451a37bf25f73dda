"""Static files of the pages: in memory, compressed once, under an address that follows them."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from aiohttp import hdrs, web

FOREVER = "public, max-age=31536000, immutable"
_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class _File:
    content_type: str
    plain: bytes
    packed: bytes


class Assets:
    """The files below one folder, by their path in it."""

    def __init__(self, folder: Path) -> None:
        found = sorted(p for p in folder.rglob("*") if p.suffix in _TYPES)
        self._files = {p.relative_to(folder).as_posix(): _read(p) for p in found}
        digest = hashlib.sha256()
        for name, file in self._files.items():
            digest.update(name.encode() + b"\0" + file.plain)
        self.version = digest.hexdigest()[:12]

    @property
    def packed_bytes(self) -> int:
        """What a first visit loads, compressed."""
        return sum(len(file.packed) for file in self._files.values())

    async def serve(self, request: web.Request) -> web.Response:
        """GET …/{version}/{name}: an old version is answered with the present file."""
        file = self._files.get(request.match_info["name"])
        if file is None:
            raise web.HTTPNotFound
        packed = "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "")
        headers: dict[str, str] = {hdrs.VARY: hdrs.ACCEPT_ENCODING}
        if packed:
            headers[hdrs.CONTENT_ENCODING] = "gzip"
        current = request.match_info["version"] == self.version
        headers[hdrs.CACHE_CONTROL] = FOREVER if current else "no-cache"
        return web.Response(
            body=file.packed if packed else file.plain,
            headers=headers,
            content_type=file.content_type,
            charset="utf-8",
        )


def _read(path: Path) -> _File:
    plain = path.read_bytes()
    return _File(_TYPES[path.suffix], plain, _packed(plain))


@cache
def _packed(plain: bytes) -> bytes:
    return gzip.compress(plain, 9, mtime=0)
