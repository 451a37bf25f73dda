"""The authorise page of both apps: in the sandbox, a list of people to be.

With `?as=` the page is skipped, as WeChat skips it for somebody who is signed in.
"""

import re
from collections.abc import Mapping
from html import escape

from aiohttp import web
from yarl import URL

from sandbox.api import WORLD
from sandbox.control.views import label_of
from sandbox.errors import NotPossible
from sandbox.world import OPENID, USERID, World, new_openid

STATE = re.compile(r"[0-9A-Za-z]{0,128}")
WECOM_STATE = re.compile(r"[0-9A-Za-z_.~-]{0,128}")
SCOPES = {
    "oa": frozenset({"snsapi_base", "snsapi_userinfo"}),
    "wecom": frozenset({"snsapi_base", "snsapi_privateinfo"}),
}
PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="icon" href="/static/icon.svg">
<link rel="stylesheet" href="/static/authorize.css"></head>
<body><main><h1>{title}</h1><p>{hint}</p><ul>{people}</ul></main></body></html>"""


async def authorize(request: web.Request) -> web.StreamResponse:
    """GET /connect/oauth2/authorize."""
    world = request.app[WORLD]
    app = _check(world, request.query)
    chosen = request.query.get("as")
    if chosen is None:
        return web.Response(text=_page(world, app, request), content_type="text/html")
    if not (OPENID if app == "oa" else USERID).fullmatch(chosen):
        raise NotPossible("bad_person", "as= is an openid or a userid", 400)
    if app == "oa":
        world.customer(chosen)
    code = world.codes.issue(
        app, chosen, request.query["scope"], world.now(), snapshot="snapshot" in request.query
    )
    target = URL(request.query["redirect_uri"])
    state = {"state": request.query["state"]} if "state" in request.query else {}
    raise web.HTTPFound(target.update_query({"code": code, **state}))


def _check(world: World, query: Mapping[str, str]) -> str:
    """Which app asks; raises NotPossible for what WeChat would show an error page for."""
    config, asked = world.config, query.get("appid", "")
    app = {config.oa_app_id: "oa", config.wecom_corp_id: "wecom"}.get(asked)
    if app is None:
        raise NotPossible("40013", "unknown appid", 400)
    if query.get("response_type") != "code":
        raise NotPossible("40058", "response_type is code", 400)
    if query.get("scope") not in SCOPES[app]:
        raise NotPossible("10005", f"scope is one of {sorted(SCOPES[app])}", 400)
    if not (STATE if app == "oa" else WECOM_STATE).fullmatch(query.get("state", "")):
        raise NotPossible("40058", "state is at most 128 letters and digits", 400)
    _check_domain(world, app, query.get("redirect_uri", ""))
    return app


def _check_domain(world: World, app: str, redirect_uri: str) -> None:
    """Only pages of the product: the very domain registered for it, port included."""
    trusted = {URL(address).origin() for address in (world.product_url, world.public_url)}
    try:
        origin = URL(redirect_uri).origin()
    except ValueError as error:
        raise NotPossible("40058", "redirect_uri", 400) from error
    if origin not in trusted:
        raise NotPossible("10003" if app == "oa" else "50001", "not the trusted domain", 400)


def _page(world: World, app: str, request: web.Request) -> str:
    """A list of links, the person whose phone was opened last on top."""
    if app == "oa":
        people = [(c.openid, c.name, "客户") for c in world.customers.values()]
        people = people or [(new_openid(), "新客户", "第一次打开")]
    else:
        people = [(m.userid, m.name, label_of(world, m)) for m in world.members.values()]
        people.append(("outsider", "外部人员", "不在通讯录里"))
    people.sort(key=lambda person: person[0] != world.last_opened.get(app))
    rows = "".join(_row(request, *person) for person in people)
    title = "微信登录" if app == "oa" else "企业微信登录"
    return PAGE.format(title=title, hint="选择你要扮演的人", people=rows)


def _row(request: web.Request, person: str, name: str, label: str) -> str:
    href = request.rel_url.update_query({"as": person})
    return (
        f'<li><a href="{escape(str(href))}"><b>{escape(name)}</b>'
        f"<span>{escape(label)}</span></a></li>"
    )


def routes() -> list[web.RouteDef]:
    return [web.get("/connect/oauth2/authorize", authorize)]
