"""No page has a script or a handler in it, and every answer says what a browser may do with it."""

from __future__ import annotations

import re

import pytest

from api.page_policy import BARE
from api.sessions import COOKIE
from domain.commands import PutStaff
from tests.api.conftest import Api, signed_in
from tests.pages import Page

PARTS = {
    "lead_id": "1",
    "customer_id": "1",
    "code": "spring",
    "key": "0-0",
    "page": "leads/1",
}
NEVER = ("'unsafe-inline'", "'unsafe-eval'", "http:", "https:", "*", "blob:")


def directives(policy: str) -> dict[str, list[str]]:
    return {name: rest for name, *rest in (part.split() for part in policy.split(";"))}


def paths(api: Api) -> list[str]:
    """Every address of the router that is read and not part of the JSON API."""
    found = {
        route.resource.canonical
        for route in api.app.router.routes()
        if route.method == "GET" and route.resource
    }
    pages = sorted(path for path in found if not path.startswith(("/api/v1/", "/wechat/")))
    return [re.sub(r"{(\w+)}", lambda part: PARTS.get(part[1], "x"), path) for path in pages]


async def answer(api: Api, path: str, cookie: str = "") -> tuple[str, str, str]:
    headers = {"Cookie": f"{COOKIE}={cookie}"}
    async with api.http.get(path, headers=headers, allow_redirects=False) as response:
        text = await response.text() if response.content_type == "text/html" else ""
        return response.headers["Content-Security-Policy"], response.content_type, text


@pytest.mark.parametrize("userid", ["ops", "wangfang", ""])
async def test_pages_run_nothing_but_files_of_ours(api_on_sqlite: Api, userid: str) -> None:
    api = api_on_sqlite
    await api.bus.execute(PutStaff("ops", "运维", "ops"))
    cookie = (await signed_in(api, userid)).cookie if userid else ""
    seen = []
    for path in paths(api):
        policy, kind, text = await answer(api, path, cookie)
        allowed = directives(policy)
        assert allowed["default-src"] == ["'none'"], path
        assert allowed["base-uri"] == allowed["frame-ancestors"] == ["'none'"], path
        assert allowed["form-action"] in (["'self'"], ["'none'"]), path
        assert allowed.get("script-src", ["'self'"]) == ["'self'"], path
        if path != "/api/docs":
            assert not any(word in policy for word in NEVER), path
        if kind == "text/html":
            assert Page(text).inline == [], path
            seen.append(path)

    assert {"/api/docs", "/console/sign-in", "/drive/0-0"} <= set(seen)
    if userid == "ops":
        assert {"/console/", "/console/account", "/console/accounts", "/m/leads/1"} <= set(seen)


async def test_what_is_no_page_may_do_nothing(api_on_sqlite: Api) -> None:
    for path in ("/api/v1/leads", "/livez", "/api/openapi.json", "/nowhere", "/metrics"):
        policy, _, _ = await answer(api_on_sqlite, path)
        assert policy == BARE


@pytest.mark.parametrize(
    "spoilt",
    [
        "<script>go()</script>",
        '<script src="https://cdn.example/x.js"></script>',
        '<a onclick="go()">x</a>',
        '<a href=" JavaScript:go()">x</a>',
        '<p style="color:red">x</p>',
        "<style>p{}</style>",
    ],
)
def test_the_reader_of_pages_sees_what_it_is_to_see(spoilt: str) -> None:
    assert Page(f"<!doctype html><body>{spoilt}").inline


async def test_a_wrong_address_of_the_console_is_told_in_words(api_on_sqlite: Api) -> None:
    async with api_on_sqlite.http.get("/console/nothing") as response:
        assert response.status == 404
        assert "没有这一页" in await response.text()
