"""Calls of the official account where a mistake would cost a customer something.

The rest of wechatpy's surface is there to be awaited: `await client.user.get(openid)`.
All of them raise errors.WeChatError.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from wechatpy.client import WeChatClient

from bot.wechat.calls import AwaitableCalls, Connection
from bot.wechat.errors import UnknownOutcome


class SnapshotVisitor(Exception):
    """WeChat's preview gave a virtual openid: never bind or store it, ask for a real visit."""


@dataclass(frozen=True, slots=True)
class VisitorIdentity:
    """Who opened a page of the official account; `unionid` needs the userinfo scope."""

    openid: str = field(repr=False)
    unionid: str = field(repr=False)
    access_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class QrCode:
    """A code that leads to the account with a scene; `url` is what the picture encodes."""

    ticket: str
    url: str
    expires_in_s: int | None


class OfficialAccountClient(AwaitableCalls, WeChatClient):  # type: ignore[misc]  # untyped
    """Calls of one official account."""

    CHANNEL = "oa"
    ISSUER_API = "cgi-bin/stable_token"
    UNAVAILABLE: ClassVar = {
        "card": ("get_redirect_url",),
        "cloud": ("upload_file",),
        "customservice": ("delete_account",),
        "datacube": ("get_user_summary",),
        "jsapi": ("get_jsapi_ticket", "get_jsapi_card_ticket"),
        "material": ("add",),
        "media": ("get_url",),
        "qrcode": ("show",),
        "tag": ("iter_tag_users",),
        "user": ("iter_followers",),
    }

    def __init__(self, app_id: str, secret: str, connection: Connection) -> None:
        self.appid, self.secret = app_id, secret
        self.connect(connection, f"oa:{app_id}")
        self.jsapi_tickets = self._ticket_source("jsapi", "ticket/getticket", type="jsapi")

    async def send_custom(self, openid: str, message: Mapping[str, Any]) -> None:
        """Send a customer-service message such as {"msgtype": "text", "text": {"content": …}}.

        WeChat has no duplicate check for these: an UnknownOutcome must not be repeated.
        """
        await self.post("message/custom/send", data={"touser": openid, **message})

    async def send_template(
        self,
        openid: str,
        template_id: str,
        data: Mapping[str, Any],
        *,
        client_msg_id: str,
        url: str = "",
    ) -> str:
        """Send a template message and return its msgid, which its delivery event will name.

        `client_msg_id` makes a repetition within 10 minutes harmless.
        """
        body = {"touser": openid, "template_id": template_id, "data": data}
        body |= {"url": url} if url else {}
        answer = await self.post(
            "message/template/send",
            data=body | {"client_msg_id": client_msg_id},
            idempotent=True,
        )
        return str(answer.get("msgid", ""))

    async def send_subscription(
        self, openid: str, template_id: str, data: Mapping[str, Any], *, page: str = ""
    ) -> None:
        """Send one of the subscription messages (订阅通知) this customer has agreed to.

        WeChat has no duplicate check for these: an UnknownOutcome must not be repeated.
        """
        body = {"touser": openid, "template_id": template_id, "data": data}
        body |= {"page": page} if page else {}
        await self.post("message/subscribe/bizsend", data=body)

    async def create_qrcode(self, scene: str, *, expires_in_s: int | None = None) -> QrCode:
        """Create a code for a scene of ≤ 64 characters; without an expiry it is permanent.

        An account has 100,000 permanent codes; temporary ones live ≤ 30 days.
        """
        body: dict[str, Any] = {"action_info": {"scene": {"scene_str": scene}}}
        if expires_in_s is None:
            body["action_name"] = "QR_LIMIT_STR_SCENE"
        else:
            body |= {"action_name": "QR_STR_SCENE", "expire_seconds": expires_in_s}
        answer = await self.post("qrcode/create", data=body, idempotent=True)
        return QrCode(
            self._text(answer, "ticket", "cgi-bin/qrcode/create"),
            str(answer.get("url", "")),
            expires_in_s,
        )

    async def push_menu(self, menu: Mapping[str, Any]) -> None:
        """Replace the menu of the account; followers see it within 24 hours."""
        await self.post("menu/create", data=dict(menu), idempotent=True)

    async def quota_of(self, api: str) -> tuple[int, int]:
        """Calls of an API (`message/custom/send`) made today, and how many are allowed."""
        body = {"cgi_path": f"/cgi-bin/{api}"}
        answer = await self.post("openapi/quota/get", data=body, idempotent=True)
        try:
            return int(answer["quota"]["used"]), int(answer["quota"]["daily_limit"])
        except (LookupError, TypeError, ValueError):
            raise UnknownOutcome("oa", "cgi-bin/openapi/quota/get", None) from None

    async def user_info(self, openid: str) -> dict[str, Any]:
        """What WeChat tells about a follower: subscribe, unionid, subscribe_scene, qr_scene_str.

        Names and pictures are no longer given.
        """
        info: dict[str, Any] = await self.get("user/info", params={"openid": openid})
        return info

    async def get_visitor_by_code(self, code: str) -> VisitorIdentity:
        """Exchange a page's OAuth code, which works once; raise SnapshotVisitor for a preview."""
        api = "sns/oauth2/access_token"
        answer = await self.transport.exchange(
            "get",
            api,
            params={
                "appid": self.appid,
                "secret": self.secret,
                "code": code,
                "grant_type": "authorization_code",
            },
        )
        if str(answer.get("is_snapshotuser", "0")) == "1":
            raise SnapshotVisitor
        return VisitorIdentity(
            openid=self._text(answer, "openid", api),
            unionid=str(answer.get("unionid", "")),
            access_token=str(answer.get("access_token", "")),
        )

    async def callback_ips(self) -> frozenset[str]:
        """The addresses WeChat calls us from; they change, so ask daily."""
        answer = await self.get("getcallbackip")
        return frozenset(answer.get("ip_list", ()))

    async def _fetch_token(self) -> tuple[str, int]:
        body = {"grant_type": "client_credential", "appid": self.appid, "secret": self.secret}
        answer = await self.transport.exchange(
            "post", self.ISSUER_API, params={}, body=json.dumps(body).encode(), idempotent=True
        )
        api = self.ISSUER_API
        return self._text(answer, "access_token", api), self._seconds(answer, api)
