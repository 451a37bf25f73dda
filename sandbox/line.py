"""The callback line to the product of one app: what is posted, and what may come back."""

import secrets
from dataclasses import dataclass
from typing import Any

from sandbox.config import SandboxConfig
from sandbox.crypto import BrokenEnvelope, Envelope, same, sign
from sandbox.markup import BadMarkup, read, write

OA_REPLIES = frozenset(
    {"text", "image", "voice", "video", "music", "news", "transfer_customer_service"}
)
WECOM_REPLIES = frozenset(
    {"text", "image", "voice", "video", "news", "update_button", "update_template_card"}
)


class BadReply(ValueError):
    """The product's answer is not one the platform accepts; the text says why."""


@dataclass(frozen=True, slots=True)
class Line:
    """One app's side of the callback protocol; without an envelope it is the plain mode."""

    app: str
    path: str
    token: str
    account: str
    agent_id: str
    envelope: Envelope | None

    def seal(self, payload: dict[str, Any], now: float) -> tuple[dict[str, str], bytes]:
        """Query and body for one try; every try has a new nonce and new encryption noise."""
        clear = write(payload)
        timestamp, nonce = str(int(now)), str(secrets.randbelow(10**10))
        query = {"timestamp": timestamp, "nonce": nonce}
        if self.app == "oa":
            query["signature"] = sign(self.token, timestamp, nonce)
            query["openid"] = str(payload["FromUserName"])
        if self.envelope is None:
            return query, clear.encode()
        sealed = self.envelope.seal(clear.encode())
        query["msg_signature"] = sign(self.token, timestamp, nonce, sealed)
        fields = {"ToUserName": self.account, "Encrypt": sealed}
        if self.app == "oa":
            query["encrypt_type"] = "aes"
        else:
            fields["AgentID"] = self.agent_id
        return query, write(fields).encode()

    def challenge(self, echo: str, now: float) -> dict[str, str]:
        """The query of a URL verification whose right answer is `echo`."""
        timestamp, nonce = str(int(now)), str(secrets.randbelow(10**10))
        query = {"timestamp": timestamp, "nonce": nonce}
        if self.app == "oa" or self.envelope is None:
            return query | {"signature": sign(self.token, timestamp, nonce), "echostr": echo}
        sealed = self.envelope.seal(echo.encode())
        return query | {
            "msg_signature": sign(self.token, timestamp, nonce, sealed),
            "echostr": sealed,
        }

    def read(self, body: bytes, person: str) -> dict[str, Any] | None:
        """The passive reply in an answer, None when there is none. Raises BadReply."""
        if not body or (self.app == "oa" and body == b"success"):
            return None
        try:
            reply = self._open(read(body))
        except (BadMarkup, BrokenEnvelope) as error:
            raise BadReply(str(error)) from error
        self._check(reply, person)
        return reply

    def _open(self, outer: dict[str, Any]) -> dict[str, Any]:
        if self.envelope is None:
            return outer
        parts = [outer.get(name) for name in ("TimeStamp", "Nonce", "Encrypt", "MsgSignature")]
        if not all(isinstance(part, str) and part for part in parts):
            raise BadReply("not an encrypted reply: Encrypt, MsgSignature, TimeStamp, Nonce")
        timestamp, nonce, sealed, signature = (str(part).strip() for part in parts)
        if not same(signature, sign(self.token, timestamp, nonce, sealed)):
            raise BadReply("MsgSignature does not fit")
        clear = self.envelope.open(sealed)
        try:
            return read(clear)
        except BadMarkup as error:
            raise BadReply(f"the decrypted reply is {error}") from error

    def _check(self, reply: dict[str, Any], person: str) -> None:
        if reply.get("ToUserName") != person or reply.get("FromUserName") != self.account:
            raise BadReply("ToUserName and FromUserName are not swapped")
        if not str(reply.get("CreateTime", "")).isdigit():
            raise BadReply("CreateTime is not a number")
        allowed = OA_REPLIES if self.app == "oa" else WECOM_REPLIES
        kind = reply.get("MsgType")
        if not isinstance(kind, str) or kind not in allowed:
            raise BadReply(f"MsgType {kind!r}")
        if kind == "text" and (not isinstance(reply.get("Content"), str) or not reply["Content"]):
            raise BadReply("text without Content")
        if kind == "news":
            _check_articles(reply, most=1 if self.app == "oa" else 8)


def _check_articles(reply: dict[str, Any], most: int) -> None:
    articles = reply.get("Articles")
    items = articles.get("item") if isinstance(articles, dict) else None
    count = len(items) if isinstance(items, list) else int(isinstance(items, dict))
    if not 1 <= count <= most or str(reply.get("ArticleCount")) != str(count):
        raise BadReply("Articles and ArticleCount do not fit")


def lines_of(config: SandboxConfig) -> dict[str, Line]:
    """The two lines of one configuration."""
    oa_envelope = Envelope(config.oa_aes_key, config.oa_app_id) if config.oa_aes_key else None
    wecom_envelope = Envelope(config.wecom_aes_key, config.wecom_corp_id)
    account, corp, agent = config.oa_original_id, config.wecom_corp_id, config.wecom_agent_id
    return {
        "oa": Line("oa", "/wechat/oa", config.oa_token, account, "", oa_envelope),
        "wecom": Line("wecom", "/wechat/wecom", config.wecom_token, corp, agent, wecom_envelope),
    }
