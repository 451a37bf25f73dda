"""Calls of the WeCom app where a mistake would cost an adviser something.

The rest of wechatpy's surface is there to be awaited: `await client.tag.create("vip")`.
All of them raise errors.WeChatError.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from wechatpy.enterprise.client import WeChatClient as EnterpriseClient

from bot.wechat.calls import AwaitableCalls, Connection


class NotStaff(Exception):
    """Somebody outside the company opened a page inside WeCom: never sign them in as staff."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What WeCom did with a message: whom it could not go to is told here, not as an error.

    `response_code` updates the card once, within 72 hours; empty for anything but a card.
    """

    msgid: str
    response_code: str = field(repr=False)
    invalid: frozenset[str]
    unlicensed: frozenset[str]

    def reached(self, userid: str) -> bool:
        """Whether WeCom took the message for this member; it may still drop it unseen."""
        return userid.lower() not in self.invalid | self.unlicensed


@dataclass(frozen=True, slots=True)
class StaffIdentity:
    """Who signed in inside WeCom; the ticket opens private fields for 1800 s."""

    userid: str
    user_ticket: str = field(repr=False)


class WeComClient(AwaitableCalls, EnterpriseClient):  # type: ignore[misc]  # untyped
    """Calls of one WeCom app."""

    CHANNEL = "wecom"
    ISSUER_API = "cgi-bin/gettoken"
    UNAVAILABLE: ClassVar = {
        "agent": ("list",),
        "appchat": ("get",),
        "chat": ("get",),
        "department": ("get", "get_map_users", "get_users"),
        "external_contact_group_chat": ("list_all",),
        "jsapi": ("get_jsapi_ticket", "get_agent_jsapi_ticket"),
        "material": ("get", "get_url"),
        "media": ("download", "get_jssdk_url", "get_url"),
        "misc": ("get_wechat_ips",),
        "shakearound": ("get_shake_info",),
        "tag": ("list",),
        "user": ("convert_to_user_id", "list"),
    }

    def __init__(self, corp_id: str, agent_id: int, secret: str, connection: Connection) -> None:
        self.appid = self.corp_id = corp_id
        self.agent_id, self.secret = agent_id, secret
        self.connect(connection, f"wecom:{corp_id}:{agent_id}")
        # One key per app: an app's ticket must come from that app's own token (else 42012).
        self.corp_tickets = self._ticket_source("jsapi", "get_jsapi_ticket")
        self.agent_tickets = self._ticket_source("agent", "ticket/get", type="agent_config")

    async def send_message(
        self, message: Mapping[str, Any], *, dedupe_interval_s: int = 1800
    ) -> Sent:
        """Send a message such as {"touser": "a|b", "msgtype": "template_card", …}.

        WeCom drops a repetition of identical JSON within the interval (≤ 4 hours), so sending
        the same message again is safe as long as the caller builds it the same way. If nobody
        at all could get it, RecipientInvalid is raised.
        """
        body = {"agentid": self.agent_id, **message}
        body |= {"enable_duplicate_check": 1, "duplicate_check_interval": dedupe_interval_s}
        answer = await self.post("message/send", data=body, idempotent=True)
        return Sent(
            msgid=str(answer.get("msgid", "")),
            response_code=str(answer.get("response_code", "")),
            invalid=_members(answer.get("invaliduser")),
            unlicensed=_members(answer.get("unlicenseduser")),
        )

    async def update_template_card(
        self,
        response_code: str,
        *,
        userids: Collection[str] = (),
        button_text: str = "",
        card: Mapping[str, Any] | None = None,
    ) -> None:
        """Change a card that was sent: its button's text, or the whole card.

        Without userids everybody's card changes. The code works once, so repeating the call is
        harmless: CodeAlreadyUsed then says that the update is done, or too late.
        """
        whom = {"userids": list(userids)} if userids else {"atall": 1}
        what = {"template_card": dict(card)} if card else {"button": {"replace_name": button_text}}
        await self.post(
            "message/update_template_card",
            data={"agentid": self.agent_id, "response_code": response_code, **whom, **what},
            idempotent=True,
        )

    async def recall(self, msgid: str) -> None:
        """Take a message back within 24 hours."""
        await self.post("message/recall", data={"msgid": msgid}, idempotent=True)

    async def get_user_by_code(self, code: str) -> StaffIdentity:
        """Exchange a page's OAuth code, which works once; raise NotStaff for outsiders."""
        answer = await self.get("auth/getuserinfo", params={"code": code}, idempotent=False)
        userid = answer.get("userid") or answer.get("UserId")
        if not isinstance(userid, str) or not userid:
            raise NotStaff
        return StaffIdentity(userid, str(answer.get("user_ticket", "")))

    async def callback_ips(self) -> frozenset[str]:
        """The addresses WeCom calls us from; they change, so ask daily."""
        answer = await self.get("getcallbackip")
        return frozenset(answer.get("ip_list", ()))

    async def _fetch_token(self) -> tuple[str, int]:
        answer = await self.transport.exchange(
            "get",
            self.ISSUER_API,
            params={"corpid": self.corp_id, "corpsecret": self.secret},
            idempotent=True,
        )
        api = self.ISSUER_API
        return self._text(answer, "access_token", api), self._seconds(answer, api)


def _members(joined: Any) -> frozenset[str]:
    """Read `a|b` or a list; WeCom answers in lower case whatever the member is called."""
    names = joined.split("|") if isinstance(joined, str) else joined
    return frozenset(str(name).lower() for name in names or () if name)
