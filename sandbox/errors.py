"""Refusals: of the platform's APIs (errcode) and of the sandbox's own control API."""

from typing import Any

MESSAGES = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid or userid",
    40007: "invalid media_id",
    40008: "invalid message type",
    40013: "invalid appid",
    40014: "invalid access_token",
    40016: "invalid button size",
    40017: "invalid button type",
    40018: "invalid button name size",
    40019: "invalid button key size",
    40020: "invalid button url size",
    40029: "invalid code",
    40032: "invalid userid list size",
    40037: "invalid template_id",
    40053: "invalid action info",
    40056: "invalid agentid",
    40058: "invalid request parameter",
    40163: "code been used",
    41001: "access_token missing",
    41008: "missing code",
    42001: "access_token expired",
    42003: "code expired",
    42014: "invalid task_id",
    42016: "no such task_id to update",
    42018: "invalid button key",
    42019: "button key missing",
    42020: "button name missing",
    42022: "code is already used or expired",
    43001: "require GET method",
    43002: "require POST method",
    43004: "require subscribe",
    43101: "user refuse to accept the msg",
    44001: "empty media data",
    44002: "empty post data",
    44004: "content is empty",
    45001: "media size out of limit",
    45002: "content size out of limit",
    45008: "article count out of limit",
    45009: "api freq out of limit",
    45011: "api minute-quota reached",
    45015: "response out of time limit or subscription is canceled",
    45034: "url needs a protocol",
    45047: "out of response count limit",
    46003: "menu no exist",
    47001: "data format error",
    60011: "no privilege to access/modify contact/party/agent",
    60020: "not allow to access from your ip, hint: [sandbox0], from ip: 127.0.0.1",
    60111: "userid not found",
    81013: "user & party & tag all invalid",
    301002: "agentid does not match the access_token",
}


class Refused(Exception):
    """A platform API answers with this errcode (HTTP status 200, as the real one does)."""

    def __init__(self, errcode: int, detail: str = "", **fields: Any) -> None:
        super().__init__(errcode)
        self.errcode = errcode
        message = MESSAGES.get(errcode, "refused")
        self.body = {"errcode": errcode, "errmsg": f"{message}, {detail}" if detail else message}
        self.body.update(fields)


class NotPossible(Exception):
    """A person cannot do this on their phone now; the control API answers with the status."""

    def __init__(self, code: str, detail: str, status: int = 409) -> None:
        super().__init__(code)
        self.code, self.detail, self.status = code, detail, status
