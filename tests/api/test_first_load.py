"""The pages of dealer staff are light: what a first visit loads is counted as it is sent."""

from __future__ import annotations

import gzip
import re

from aiohttp import hdrs

from api.app_parts import SESSIONS
from api.sessions import COOKIE
from tests.api.conftest import Api

MOST_BYTES = 120 * 1024
_LINKS = re.compile(r"""(?:href|src)="(/[^"#]+\.(?:css|js|svg))""")
_IMPORTS = re.compile(r"""from\s+"(\.{1,2}/[^"]+)\"""")


async def test_a_first_visit_loads_at_most_120_kb(desk_on_sqlite: Api) -> None:
    cookie = await desk_on_sqlite.app[SESSIONS].start("wangfang")
    headers = {"Cookie": f"{COOKIE}={cookie}", hdrs.ACCEPT_ENCODING: "gzip"}
    client = desk_on_sqlite.http
    client.session._auto_decompress = False  # the bytes on the wire are what counts
    loaded: dict[str, int] = {}
    ahead = ["/m/"]
    while ahead:
        path = ahead.pop()
        if path in loaded:
            continue
        async with client.get(path, headers=headers) as answer:
            assert answer.status == 200, path
            body = await answer.read()
        loaded[path] = len(body)
        if answer.headers.get(hdrs.CONTENT_ENCODING) == "gzip":
            body = gzip.decompress(body)
        text = body.decode()
        found = _LINKS.findall(text) if path == "/m/" else _IMPORTS.findall(text)
        base = client.make_url(path)
        ahead += [base.join(type(base)(link)).path for link in found]

    assert len(loaded) > 10, "the page, its style and every module"
    assert sum(loaded.values()) <= MOST_BYTES
