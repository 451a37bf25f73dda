"""Post callbacks to the product the way the platform does: 5 seconds, three tries in all."""

import asyncio
import itertools
import secrets
from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, TCPConnector, web
from yarl import URL

from sandbox.line import BadReply, Line, lines_of
from sandbox.world import World

TRIES = 3
KEPT_DELIVERIES = 200
XML = {"Content-Type": "text/xml"}
MAX_REPLY_BYTES = 64 * 1024


@dataclass(slots=True)
class Attempt:
    """One try: the HTTP status, or the problem when there was none."""

    at: float
    status: int | None = None
    seconds: float = 0.0
    problem: str = ""


@dataclass(slots=True)
class Delivery:
    """One callback. `result` is pending, accepted, replied, bad_reply or failed."""

    id: int
    app: str
    payload: dict[str, Any]
    attempts: list[Attempt] = field(default_factory=list)
    result: str = "pending"
    problem: str = ""
    reply: dict[str, Any] | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class Postman:
    """Carries callbacks out and brings passive replies back."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lines = lines_of(world.config)
        self._ids = itertools.count(1)
        self._tasks: set[asyncio.Task[Delivery]] = set()
        self._session: ClientSession | None = None
        self.log: deque[Delivery] = deque(maxlen=KEPT_DELIVERIES)

    async def open(self) -> None:
        self._session = ClientSession(
            timeout=ClientTimeout(total=self._world.config.callback_timeout_s),
            headers={"User-Agent": "Mozilla/4.0"},
            # A kept connection would fail the first callback after a restart of the product.
            connector=TCPConnector(force_close=True),
        )

    async def close(self) -> None:
        """Stop all deliveries under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.session.close()

    @property
    def session(self) -> ClientSession:
        """The sandbox's only HTTP client, towards the product."""
        if self._session is None:
            raise RuntimeError("the sandbox is not started")
        return self._session

    def post_later(self, app: str, payload: dict[str, Any]) -> None:
        """Deliver in the background: for events nobody holding a phone waits for."""
        task = asyncio.create_task(self.post(app, payload))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def idle(self) -> None:
        """Wait until nothing is under way in the background."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def post_copies(self, app: str, payload: dict[str, Any], copies: int) -> Delivery:
        """Post the same callback several times at once, as an impatient platform would.

        Returns the delivery the person sees: the first with a reply, else the first.
        """
        posted = await asyncio.gather(*(self.post(app, payload) for _ in range(copies)))
        return next((delivery for delivery in posted if delivery.reply), posted[0])

    async def post(self, app: str, payload: dict[str, Any]) -> Delivery:
        """Deliver one callback with the platform's retries. The outcome is in the delivery."""
        line, delivery = self._lines[app], Delivery(next(self._ids), app, payload)
        self.log.append(delivery)
        for number in range(TRIES):
            started = asyncio.get_running_loop().time()
            body = await self._try(line, delivery)
            if body is not None:
                _read(line, delivery, body)
                break
            spent = asyncio.get_running_loop().time() - started
            if number < TRIES - 1:
                await self._world.stream.pause(max(0.0, self._world.config.retry_delay_s - spent))
        else:
            delivery.result = "failed"
        self._world.counters.add(f"callback:{app}", delivery.result)
        self._world.stream.publish(type="delivery", id=delivery.id, result=delivery.result)
        return delivery

    async def _try(self, line: Line, delivery: Delivery) -> bytes | None:
        """The body of a 200 answer, or None: try again."""
        world, attempt = self._world, Attempt(self._world.now())
        delivery.attempts.append(attempt)
        fault = world.faults.take(f"callback:{line.app}")
        if fault is not None and fault.kind == "drop":
            attempt.problem = "dropped"
            return None
        query, body = line.seal(delivery.payload, world.now())
        answer = await self._send(attempt, line.path, query, body)
        if answer is not None and fault is not None:
            attempt.problem = "lost_answer"
            return None
        return answer

    async def _send(
        self, attempt: Attempt, path: str, query: dict[str, str], body: bytes
    ) -> bytes | None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        url = URL(self._world.product_url + path).with_query(query)
        try:
            async with self.session.post(
                url, data=body, headers=XML, allow_redirects=False
            ) as response:
                attempt.status = response.status
                answer = await _body(response)
            self._world.product_answered(up=True)
        except TimeoutError:
            attempt.problem = "timeout"
            return None
        except ClientError as error:
            attempt.problem = type(error).__name__
            self._world.product_answered(up=False)
            return None
        finally:
            attempt.seconds = round(loop.time() - started, 3)
        return answer if attempt.status == 200 else None

    async def verify(self, app: str) -> dict[str, Any]:
        """Check the product's callback address as the platform does when it is saved."""
        line, config = self._lines[app], self._world.config
        echo = str(secrets.randbelow(10**19))
        url = URL(self._world.product_url + line.path)
        limit = config.verify_timeout_s if app == "oa" else config.wecom_verify_timeout_s
        query = line.challenge(echo, self._world.now())
        try:
            async with self.session.get(
                url.with_query(query), timeout=ClientTimeout(total=limit), allow_redirects=False
            ) as response:
                answer = await _body(response)
                status = response.status
        except TimeoutError:
            return {"ok": False, "problem": f"no answer in {limit:g} s"}
        except ClientError as error:
            return {"ok": False, "problem": type(error).__name__}
        if status != 200:
            return {"ok": False, "problem": f"HTTP {status}"}
        right = answer == echo.encode()
        return {"ok": right, "problem": "" if right else "the answer is not the echo"}


async def _body(response: ClientResponse) -> bytes:
    """The whole body, or as much of it as the platform would look at."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_REPLY_BYTES:
            break
    return bytes(body)


def _read(line: Line, delivery: Delivery, body: bytes) -> None:
    try:
        delivery.reply = line.read(body, str(delivery.payload["FromUserName"]))
    except BadReply as error:
        delivery.result, delivery.problem = "bad_reply", str(error)
    else:
        delivery.result = "replied" if delivery.reply else "accepted"


POSTMAN: web.AppKey[Postman] = web.AppKey("postman", Postman)
