"""How the WeChat apps of this process do: their tokens, and what they were answered lately."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.wechat.tokens import TokenSource, TokenState

MINUTE_S = 60.0
KEPT_MINUTES = 60


@dataclass(frozen=True, slots=True)
class AppHealth:
    """One app. `answers` of the last hour by errcode; "0" is success."""

    app: str
    token: TokenState
    answers: dict[str, int]


@dataclass
class WeChatHealth:
    """Counts answers minute by minute; knows the token source of each app."""

    monotonic: Callable[[], float] = time.monotonic
    _tokens: dict[str, TokenSource] = field(default_factory=dict)
    _minutes: deque[tuple[int, Counter[tuple[str, str]]]] = field(default_factory=deque)

    def watch(self, app: str, tokens: TokenSource) -> None:
        """Tell of this app from now on."""
        self._tokens[app] = tokens

    def called(self, app: str, errcode: int | str) -> None:
        """One call was answered with this errcode, or `timeout`, `network`."""
        minute = self._forget()
        if not self._minutes or self._minutes[-1][0] != minute:
            self._minutes.append((minute, Counter()))
        self._minutes[-1][1][app, str(errcode)] += 1

    def apps(self) -> list[AppHealth]:
        """Every app as it stands."""
        self._forget()
        total: Counter[tuple[str, str]] = Counter()
        for _, counted in self._minutes:
            total.update(counted)
        return [
            AppHealth(app, source.state(), {c: n for (a, c), n in total.items() if a == app})
            for app, source in self._tokens.items()
        ]

    async def ask_again(self) -> None:
        """Somebody has mended it: end the pause of every app whose token was refused."""
        for source in self._tokens.values():
            if source.state().paused_until:
                await source.reset()

    def _forget(self) -> int:
        minute = int(self.monotonic() // MINUTE_S)
        while self._minutes and self._minutes[0][0] <= minute - KEPT_MINUTES:
            self._minutes.popleft()
        return minute
