"""Signatures for WeCom's JS-SDK: for pages of ours, made with tickets that are kept and shared."""

import hashlib
import secrets

from aiohttp import web
from yarl import URL

from api.desk import member_of
from api.errors import Refused
from api.fields import Query, View
from api.roles import DESK
from api.routing import Call, Routes, answer
from bot.wechat.errors import WeChatError
from domain.errors import InvalidInput

routes = Routes("desk")
LONGEST_URL = 1000


class PageQuery(Query):
    """The page's whole address; what follows a `#` does not count."""

    url: str


class Config(View):
    """What `wx.config` takes; the names are the SDK's."""

    appId: str
    timestamp: int
    nonceStr: str
    signature: str


class AgentConfig(View):
    """What `wx.agentConfig` takes."""

    corpid: str
    agentid: str
    timestamp: int
    nonceStr: str
    signature: str


class Signed(View):
    """Both signatures for one page."""

    config: Config
    agent_config: AgentConfig


@routes.get("/me/js-sdk", scope=DESK, answers={200: Signed})
async def sign_page(call: Call, query: PageQuery) -> web.StreamResponse:
    """Sign a page of ours for the JS-SDK."""
    member_of(call)
    page = _ours(query.url, call.deps.public_url)
    sign_in = call.deps.sign_in
    if sign_in is None:
        raise Refused(503, "not_configured", "no WeCom app is configured")
    wecom = sign_in.wecom
    try:
        corp_ticket = await wecom.corp_tickets.get()
        agent_ticket = await wecom.agent_tickets.get()
    except WeChatError:
        raise Refused(503, "wecom_away", "WeCom gives no ticket now; try again") from None
    at, nonce = int(call.now.timestamp()), secrets.token_hex(8)
    return answer(
        Signed(
            config=Config(
                appId=wecom.corp_id,
                timestamp=at,
                nonceStr=nonce,
                signature=signature(corp_ticket, nonce, at, page),
            ),
            agent_config=AgentConfig(
                corpid=wecom.corp_id,
                agentid=str(wecom.agent_id),
                timestamp=at,
                nonceStr=nonce,
                signature=signature(agent_ticket, nonce, at, page),
            ),
        )
    )


def signature(ticket: str, nonce: str, at: int, url: str) -> str:
    """SHA-1 over the four values in the order WeCom fixes; `url` raw, without its fragment."""
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={at}&url={url}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _ours(url: str, public_url: str) -> str:
    page = url.partition("#")[0]
    try:
        foreign = URL(page).origin() != URL(public_url).origin() or len(page) > LONGEST_URL
    except ValueError:
        foreign = True
    if foreign:
        raise InvalidInput([("url", "must be a page of this site")])
    return page
