"""One HTTP exchange with WeChat: only to the configured host, bounded in time, no secret leaks.

aiohttp's exceptions carry the URL, and WeChat's URLs carry tokens and secrets. So nothing of
aiohttp leaves this module: every failure becomes a WeChatError raised outside the `except` block,
which keeps the original out of its context too.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import aiohttp

from bot.spans import Spans, no_spans
from bot.wechat.envelope import Channel
from bot.wechat.errors import Busy, UnknownOutcome, WeChatError, error_code, map_error
from bot.wechat.xml import clean_text

OnCall = Callable[[str, str, str], None]
Body: TypeAlias = bytes | aiohttp.FormData | None

OFFICIAL_BASE: Mapping[Channel, str] = {
    "oa": "https://api.weixin.qq.com",
    "wecom": "https://qyapi.weixin.qq.com",
}
CONNECT_TIMEOUT_S = 3.0  # to get a free connection and to open it
UNREACHABLE = "unreachable"
FILE_APIS = frozenset(  # these answer with a file, and with JSON only when they fail
    {"cgi-bin/media/get", "cgi-bin/media/get/jssdk", "cgi-bin/material/get_material"}
)
_JSON = {"Content-Type": "application/json"}


class ForeignHost(ValueError):
    """A call was about to leave the configured WeChat host."""


class Transport:
    """Exchanges of one app. `on_call(app, api, errcode)` sees every one of them, once."""

    def __init__(
        self,
        http: aiohttp.ClientSession,
        *,
        channel: Channel,
        app: str,
        api_base: str = "",
        timeout_s: float = 8.0,
        on_call: OnCall = lambda app, api, errcode: None,
        spans: Spans = no_spans,
    ) -> None:
        self.channel: Channel = channel
        self.app = app
        self._http = http
        self._base = (api_base or OFFICIAL_BASE[channel]).rstrip("/") + "/"
        self._timeout_s = timeout_s
        self._on_call = on_call
        self._spans = spans

    def api_of(self, endpoint: str, base: str = "") -> str:
        """Name the API behind an endpoint: its path below the host, such as `cgi-bin/menu/get`.

        wechatpy hard-codes Tencent's host in places; that prefix is taken off, so the call goes
        to the configured host. Any other host raises ForeignHost.
        """
        official = OFFICIAL_BASE[self.channel] + "/"
        url = endpoint if "://" in endpoint else (base or official + "cgi-bin/") + endpoint
        if not url.startswith(official):
            raise ForeignHost(f"{self.channel}: a call to a host that is not configured")
        return url.removeprefix(official)

    def url_of(self, api: str) -> str:
        """Where an API is called: below the configured host, whatever the caller had in mind."""
        return self._base + api

    async def exchange(
        self,
        method: str,
        api: str,
        *,
        params: Mapping[str, str],
        body: Body = None,
        idempotent: bool = False,
        timeout_s: float | None = None,
    ) -> Any:
        """Return the decoded answer (a file's bytes from FILE_APIS), else raise a WeChatError.

        `idempotent` is the caller's promise that repeating the call has no further effect.
        """
        limit_s = timeout_s or self._timeout_s
        with self._spans("wechat", app=self.app, api=api) as span:
            answer, label, failure = await self._tried(
                method, api, params, body, limit_s, idempotent=idempotent
            )
            span.note(errcode=label)
        self._on_call(self.app, api, label)
        if failure is not None:
            raise failure
        return answer

    async def _tried(
        self,
        method: str,
        api: str,
        params: Mapping[str, str],
        body: Body,
        timeout_s: float,
        *,
        idempotent: bool,
    ) -> tuple[Any, str, WeChatError | None]:
        """The answer, the metric's label, and what to raise."""
        failure: WeChatError | None = None
        answer, label = None, "0"
        try:
            answer = await self._send(method, api, params, body, timeout_s)
        except _NoAnswer as silence:
            label = str(silence)
            failure = UnknownOutcome(self.channel, api, None, retry_is_safe=idempotent)
            if label == UNREACHABLE:  # nothing was sent, so anything may be sent again
                failure = Busy(self.channel, api, None)
        if isinstance(answer, dict) and (code := error_code(answer)):
            label = str(code)
            failure = map_error(self.channel, api, answer, idempotent=idempotent)
        return answer, label, failure

    async def _send(
        self, method: str, api: str, params: Mapping[str, str], body: Body, timeout_s: float
    ) -> Any:
        try:
            async with self._http.request(
                method,
                self.url_of(api),
                params=params,
                data=body,
                headers=_JSON if isinstance(body, bytes) else None,
                timeout=aiohttp.ClientTimeout(total=timeout_s, connect=CONNECT_TIMEOUT_S),
                allow_redirects=False,  # a redirect would carry the token to another host
            ) as response:
                return _decode(api, response, await response.read())
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError):
            silence = _NoAnswer(UNREACHABLE)
        except TimeoutError:
            silence = _NoAnswer("timeout")
        except (aiohttp.ClientError, OSError):
            silence = _NoAnswer("broken")
        raise silence


class _NoAnswer(Exception):
    """No answer of WeChat's was read; the message is the metric's label."""


def _decode(api: str, response: aiohttp.ClientResponse, raw: bytes) -> Any:
    if response.status != 200:
        raise _NoAnswer(f"http_{response.status}")
    try:
        answer = json.loads(raw.decode("utf-8", "replace"), strict=False)
        if isinstance(answer, dict):
            error_code(answer)
            return _cleaned(answer)
    except (ValueError, RecursionError):
        pass
    if api in FILE_APIS and response.content_type != "text/html":  # HTML is a proxy speaking
        return raw
    raise _NoAnswer("not_json")


def _cleaned(value: Any) -> Any:
    """Clean every text of an answer: nicknames and remarks hold whatever people typed."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [_cleaned(item) for item in value]
    if isinstance(value, dict):
        return {name: _cleaned(item) for name, item in value.items()}
    return value
