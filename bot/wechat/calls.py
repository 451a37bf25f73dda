"""Make wechatpy's clients awaitable: every call of theirs goes through one `_request`.

wechatpy 1.8.18 is synchronous, but nearly all of its methods only build a request and return what
`_request` returns; with a coroutine there they can be awaited. The few that look into the answer,
open connections of their own or hand out URLs with tokens in them are taken away (UNAVAILABLE).
"""

import asyncio
import json
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, NoReturn

import aiohttp
from redis.asyncio import Redis

from bot.spans import Spans, no_spans
from bot.wechat.envelope import Channel
from bot.wechat.errors import Busy, TokenStale, UnknownOutcome, WeChatError
from bot.wechat.gates import Gates, Stop, closes
from bot.wechat.tokens import Clock, Fetch, TokenSource
from bot.wechat.transport import Body, OnCall, Transport

BACKOFF_S = (0.2, 0.8)  # before the first and the second repetition, ± 50 %


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What a client is given from outside: sockets, Redis, time, and the host it may call.

    `app` is the label of metrics (default: the channel), `api_base` Tencent's host unless set,
    `on_call(app, api, errcode)` is told of every exchange, `clock` returns aware UTC.
    """

    http: aiohttp.ClientSession
    redis: Redis | None
    clock: Clock
    app: str = ""
    api_base: str = ""
    timeout_s: float = 8.0
    on_call: OnCall = lambda app, api, errcode: None
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    spans: Spans = no_spans

    def transport(self, channel: Channel) -> Transport:
        """The way to this app's host."""
        return Transport(
            self.http,
            channel=channel,
            app=self.app or channel,
            api_base=self.api_base,
            timeout_s=self.timeout_s,
            on_call=self.on_call,
            spans=self.spans,
        )


class AwaitableCalls:
    """The `_request` that replaces wechatpy's; mix it in before wechatpy's client class.

    wechatpy looks at every property before `__init__` runs, so this class must be usable as a
    bare object then; that is why `access_token` raises AttributeError and nothing else.
    """

    CHANNEL: ClassVar[Channel]
    ISSUER_API: ClassVar[str]
    UNAVAILABLE: ClassVar[Mapping[str, tuple[str, ...]]]

    def connect(self, connection: Connection, key: str) -> None:
        """Stand in for wechatpy's own `__init__`, which would open a blocking HTTP session.

        `key` names the app where it is shared with other processes.
        """
        self._connection = connection
        self._key = key
        self._http = self.session = None
        self.transport = connection.transport(self.CHANNEL)
        self.tokens = self._source("token", self._fetch_token, self.ISSUER_API)
        self.gates = Gates(key, self.CHANNEL, connection.redis, connection.clock)
        for group, names in self.UNAVAILABLE.items():
            for name in names:
                setattr(getattr(self, group), name, _unavailable)

    async def _fetch_token(self) -> tuple[str, int]:
        """Ask WeChat for (token, expires_in_s)."""
        raise NotImplementedError

    def _source(self, name: str, fetch: Fetch, api: str) -> TokenSource:
        return TokenSource(
            f"{self._key}:{name}",
            fetch,
            channel=self.CHANNEL,
            api=api,
            redis=self._connection.redis,
            clock=self._connection.clock,
        )

    def _ticket_source(self, name: str, endpoint: str, **params: str) -> TokenSource:
        """A JS-SDK ticket: as long-lived, and as limited in number, as a token."""
        api = self.transport.api_of(endpoint)

        async def fetch() -> tuple[str, int]:
            answer = await self.get(endpoint, params=params)
            return self._text(answer, "ticket", api), self._seconds(answer, api)

        return self._source(name, fetch, api)

    def _text(self, answer: Mapping[str, Any], name: str, api: str) -> str:
        """A field WeChat promises; an answer without it is no answer."""
        if isinstance(value := answer.get(name), str) and value:
            return value
        raise UnknownOutcome(self.CHANNEL, api, None)

    def _seconds(self, answer: Mapping[str, Any], api: str) -> int:
        if isinstance(value := answer.get("expires_in"), int) and value > 0:
            return value
        raise UnknownOutcome(self.CHANNEL, api, None)

    def stops(self) -> list[Stop]:
        """What is not called now: the APIs that were refused, and all of them without a token."""
        pause, stops = self.tokens.pause, self.gates.stops()
        if pause:
            stops.insert(0, Stop(self.ISSUER_API, pause.until, pause.code, pause.egress_ip))
        return stops

    async def ask_again(self) -> None:
        """Somebody has mended it: the next call tries, in every process."""
        await self.tokens.reset()
        await self.gates.open_all()

    @property
    def access_token(self) -> NoReturn:
        """Never in reach of wechatpy, which would put it into URLs of its own."""
        raise AttributeError("await client.tokens.get()")

    async def get(self, url: str, **options: Any) -> Any:
        """Call an endpoint such as `user/info` with GET."""
        return await self._request("get", url, **options)

    async def post(self, url: str, **options: Any) -> Any:
        """Call an endpoint such as `message/send` with POST; see `_request` for the options."""
        return await self._request("post", url, **options)

    async def _request(
        self,
        method: str,
        url_or_endpoint: str,
        *,
        params: Mapping[str, Any] | None = None,
        data: Any = None,
        json: Any = None,  # wechatpy's name
        files: Mapping[str, Any] | None = None,
        result_processor: Callable[[Any], Any] | None = None,
        api_base_url: str = "",
        timeout: float | None = None,  # noqa: ASYNC109  # wechatpy's name
        idempotent: bool | None = None,
    ) -> Any:
        """Call with a token: refreshed once if refused, repeated if busy and `idempotent`.

        A GET is idempotent unless told otherwise. A POST that WeChat refuses for a lasting reason
        is left alone for a while (see gates). Raises what errors.map_error gives.
        """
        api = self.transport.api_of(url_or_endpoint, api_base_url)
        may_repeat = method == "get" if idempotent is None else idempotent
        send = partial(
            self.transport.exchange, method, api, idempotent=may_repeat, timeout_s=timeout
        )
        make_body = _body_maker(json if data is None else data, files)
        attempt = partial(self._with_token, send, _texts(params), make_body)
        calling = partial(self._patiently, attempt, may_repeat)
        answer = await (self._through_gate(api, calling) if method == "post" else calling())
        try:
            return result_processor(answer) if result_processor else answer
        except (LookupError, TypeError):
            raise UnknownOutcome(self.CHANNEL, api, None, retry_is_safe=may_repeat) from None

    async def _through_gate(self, api: str, call: Callable[[], Awaitable[Any]]) -> Any:
        await self.gates.enter(api)
        try:
            answer = await call()
        except WeChatError as refusal:
            if refusal.api == api and closes(refusal):
                await self.gates.refused(api, refusal)
            raise
        await self.gates.passed(api)
        return answer

    async def _with_token(
        self,
        send: Callable[..., Awaitable[Any]],
        params: dict[str, str],
        make_body: Callable[[], Body],
    ) -> Any:
        token = await self.tokens.get()
        try:
            return await send(params=params | {"access_token": token}, body=make_body())
        except TokenStale:
            if not await self.tokens.invalidate(token):
                raise
        token = await self.tokens.get()
        return await send(params=params | {"access_token": token}, body=make_body())

    async def _patiently(self, call: Callable[[], Awaitable[Any]], may_repeat: bool) -> Any:
        for pause_s in BACKOFF_S if may_repeat else ():
            try:
                return await call()
            except Busy as busy:
                if busy.code is None or busy.retry_after_s:
                    raise  # unreachable, or the token source is pausing: not worth holding on
                await self._connection.sleep(pause_s * (0.5 + secrets.randbelow(1000) / 1000))
        return await call()


def _unavailable(*_args: object, **_options: object) -> NoReturn:
    raise NotImplementedError("this wechatpy method cannot be awaited; use client.get or .post")


def _texts(params: Mapping[str, Any] | None) -> dict[str, str]:
    return {name: str(value) for name, value in (params or {}).items() if value is not None}


def _body_maker(data: Any, files: Mapping[str, Any] | None) -> Callable[[], Body]:
    """Return what builds the body anew for each attempt: a form can be sent only once."""
    if files:
        contents = {name: _file(file) for name, file in files.items()}
        fields = _texts(data if isinstance(data, Mapping) else None)
        return lambda: _form(contents, fields)
    body = data
    if isinstance(data, dict | list):
        body = json.dumps(data, ensure_ascii=False).encode("utf-8", "replace")
    elif isinstance(data, str):
        body = data.encode("utf-8", "replace")
    return lambda: body


def _file(file: Any) -> tuple[str, bytes]:
    """Accept what requests accepts: (name, content, …), bytes or an open file."""
    name, content = file[:2] if isinstance(file, tuple) else (getattr(file, "name", ""), file)
    content = content if isinstance(content, bytes) else content.read()
    return str(name).rsplit("/", 1)[-1] or "file", content


def _form(
    contents: Mapping[str, tuple[str, bytes]], fields: Mapping[str, str]
) -> aiohttp.FormData:
    form = aiohttp.FormData(quote_fields=False)  # WeChat shows the name as it stands
    for name, value in fields.items():
        form.add_field(name, value)
    for name, (file_name, content) in contents.items():
        form.add_field(name, content, filename=file_name)
    return form
