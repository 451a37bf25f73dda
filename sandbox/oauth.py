"""The authorise page of both apps, and the code WeCom shows in a desktop browser: in the sandbox,
a list of people to be.

With `?as=` the page is skipped, as WeChat skips it for somebody who is signed in.
"""

import re
from collections.abc import Mapping
from html import escape

import segno
from aiohttp import web
from yarl import URL

from sandbox.api import WORLD
from sandbox.control.views import label_of
from sandbox.errors import NotPossible
from sandbox.world import OPENID, USERID, World, new_openid

STATE = re.compile(r"[0-9A-Za-z]{0,128}")
WECOM_STATE = re.compile(r"[0-9A-Za-z_.~-]{0,128}")
REFUSES = "refuses"
SCOPES = {
    "oa": frozenset({"snsapi_base", "snsapi_userinfo"}),
    "wecom": frozenset({"snsapi_base", "snsapi_privateinfo"}),
}
PAGE = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="icon" href="/static/icon.svg">
<link rel="stylesheet" href="/static/authorize.css"></head>
<body><main><h1>{title}</h1>{code}<p>{hint}</p><ul>{people}</ul></main></body></html>"""


HINT = "选择你要扮演的人"
SCANNED = "没有真的手机：选一位同事来扫码，等于他在手机上点了“允许”。"
CODE = '<img src="{src}" alt="登录二维码" width="180" height="180">'


async def authorize(request: web.Request) -> web.StreamResponse:
    """GET /connect/oauth2/authorize."""
    world = request.app[WORLD]
    app = _check(world, request.query)
    chosen = request.query.get("as")
    if chosen is None:
        return _shown(_page(world, app, request))
    raise _back(world, app, chosen, request)


async def log_in(request: web.Request) -> web.StreamResponse:
    """GET /wwlogin/sso/login: a code on the screen; somebody scans it, and agrees or does not."""
    world, query = request.app[WORLD], request.query
    _check_log_in(world, query)
    if chosen := query.get("as"):
        raise _back(world, "wecom", chosen, request)
    src = segno.make(str(request.url), error="l").svg_data_uri(border=2)
    page = _page(world, "wecom", request, hint=SCANNED, code=CODE.format(src=src))
    return _shown(page)


def _shown(page: str) -> web.Response:
    return web.Response(text=page, content_type="text/html")


def _back(
    world: World, app: str, chosen: str, request: web.Request
) -> web.HTTPFound | NotPossible:
    """The way back with a code of this person; without one if they did not agree."""
    target = URL(request.query["redirect_uri"])
    state = {"state": request.query["state"]} if "state" in request.query else {}
    if chosen == REFUSES:
        return web.HTTPFound(target.update_query(state))
    if not (OPENID if app == "oa" else USERID).fullmatch(chosen):
        return NotPossible("bad_person", "as= is an openid or a userid", 400)
    if app == "oa":
        world.customer(chosen)
    scope, snapshot = request.query.get("scope", "snsapi_base"), "snapshot" in request.query
    code = world.codes.issue(app, chosen, scope, world.now(), snapshot=snapshot)
    return web.HTTPFound(target.update_query({"code": code, **state}))


def _check_log_in(world: World, query: Mapping[str, str]) -> None:
    """Raises NotPossible for what WeCom would show an error page for."""
    config = world.config
    if query.get("login_type") != "CorpApp":
        raise NotPossible("40058", "login_type is CorpApp", 400)
    if query.get("appid") != config.wecom_corp_id:
        raise NotPossible("40013", "unknown appid", 400)
    if query.get("agentid") != config.wecom_agent_id:
        raise NotPossible("40056", "unknown agentid", 400)
    if not WECOM_STATE.fullmatch(query.get("state", "")):
        raise NotPossible("40058", "state is at most 128 letters and digits", 400)
    _check_domain(world, "wecom", query.get("redirect_uri", ""))


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


def _page(world: World, app: str, request: web.Request, hint: str = HINT, code: str = "") -> str:
    """A list of links, the person whose phone was opened last on top."""
    if app == "oa":
        people = [(c.openid, c.name, "客户") for c in world.customers.values()]
        people = people or [(new_openid(), "新客户", "第一次打开")]
    else:
        people = [(m.userid, m.name, label_of(world, m)) for m in world.members.values()]
        people.append(("outsider", "外部人员", "不在通讯录里"))
        if code:
            people.append((REFUSES, "不同意", "在手机上点“取消”"))
    people.sort(key=lambda person: person[0] != world.last_opened.get(app))
    rows = "".join(_row(request, *person) for person in people)
    title = "微信登录" if app == "oa" else "企业微信登录"
    return PAGE.format(title=title, hint=hint, code=code, people=rows)


def _row(request: web.Request, person: str, name: str, label: str) -> str:
    href = request.rel_url.update_query({"as": person})
    return (
        f'<li><a href="{escape(str(href))}"><b>{escape(name)}</b>'
        f"<span>{escape(label)}</span></a></li>"
    )


def routes() -> list[web.RouteDef]:
    return [
        web.get("/connect/oauth2/authorize", authorize),
        web.get("/wwlogin/sso/login", log_in),
    ]
