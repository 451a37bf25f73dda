"""WeChat as the product sees it, played in this very process: same answers, no network.

It keeps the platform's own rules (a card's code works once, equal messages are one, a follower
can be written to only within their window) and hands what arrives to the people of the market.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import orjson

from bot.wechat.errors import CodeAlreadyUsed, RecipientInvalid, WindowClosed
from bot.wechat.wecom_app import Sent
from db.models import OutboxJob

WINDOW = timedelta(hours=48)
MOST_IN_WINDOW = 5
Arrived = Callable[[OutboxJob], Awaitable[None]]


class Platform:
    """WeCom and the official account at once. `job` is what the product is delivering now."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._numbers = count(1)
        self._codes: set[str] = set()
        self._sent: dict[bytes, datetime] = {}
        self._wrote: dict[str, datetime] = {}
        self._answered: dict[str, int] = {}
        self._followers: set[str] = set()
        self.job: OutboxJob | None = None
        self.arrived: Arrived = _nobody
        self.repeated = 0

    # the customers' side ────────────────────────────────────────────────────────────────────

    def follow(self, openid: str) -> None:
        self._followers.add(openid)

    def wrote(self, openid: str) -> None:
        """A follower wrote to the account: its window is open again."""
        self._wrote[openid], self._answered[openid] = self._clock(), 0

    # WeCom ──────────────────────────────────────────────────────────────────────────────────

    async def send_message(
        self, message: Mapping[str, Any], *, dedupe_interval_s: int = 1800
    ) -> Sent:
        """As `WeComClient.send_message`: what is equal to a message of the interval is dropped."""
        body, now = (
            orjson.dumps([message, dedupe_interval_s], option=orjson.OPT_SORT_KEYS),
            self._clock(),
        )
        before = self._sent.get(body)
        self._sent[body] = now
        code = ""
        if message["msgtype"] == "template_card":
            code = f"code-{next(self._numbers)}"
            self._codes.add(code)
        if before and now - before < timedelta(seconds=dedupe_interval_s):
            self.repeated += 1
        else:
            await self._tell()
        self._forget(now)
        return Sent(f"m{next(self._numbers)}", code, frozenset(), frozenset())

    async def update_template_card(
        self,
        response_code: str,
        *,
        userids: Collection[str] = (),
        button_text: str = "",
        card: Mapping[str, Any] | None = None,
    ) -> None:
        """As `WeComClient.update_template_card`."""
        if response_code not in self._codes:
            raise CodeAlreadyUsed("wecom", "message/update_template_card", 41060)
        self._codes.discard(response_code)

    # the official account ───────────────────────────────────────────────────────────────────

    async def send_custom(self, openid: str, message: Mapping[str, Any]) -> None:
        """As `OfficialAccountClient.send_custom`."""
        wrote = self._wrote.get(openid)
        is_open = wrote is not None and self._clock() - wrote < WINDOW
        if not is_open or self._answered[openid] >= MOST_IN_WINDOW:
            raise WindowClosed("oa", "message/custom/send", 45015)
        self._answered[openid] += 1
        await self._tell()

    async def send_template(
        self,
        openid: str,
        template_id: str,
        data: Mapping[str, Any],
        *,
        client_msg_id: str,
        url: str = "",
    ) -> str:
        """As `OfficialAccountClient.send_template`."""
        if openid not in self._followers:
            raise RecipientInvalid("oa", "message/template/send", 43004)
        await self._tell()
        return client_msg_id

    async def _tell(self) -> None:
        if self.job is not None:
            await self.arrived(self.job)

    def _forget(self, now: datetime) -> None:
        """What no interval reaches back to any more."""
        if len(self._sent) > 20_000:
            recent = now - timedelta(hours=4)
            self._sent = {body: at for body, at in self._sent.items() if at > recent}


async def _nobody(job: OutboxJob) -> None:
    """Nobody has a phone yet."""
