"""How the WeChat apps of this process do: tokens, what stands still, what they were answered.

`api.processes` puts together what every process knows.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.wechat.calls import AwaitableCalls
from bot.wechat.gates import Stop

MINUTE_S = 60
KEPT_MINUTES = 60


@dataclass(frozen=True, slots=True)
class Quota:
    """A day's quota of one API: of how many calls (or people written to) how many are used."""

    api: str
    used: int
    limit: int


@dataclass(slots=True)
class AppHealth:
    """One app. `answers` of the last hour by errcode; "0" is success. Times are epoch seconds."""

    app: str
    token_at: float | None = None
    stops: list[Stop] = field(default_factory=list)
    quotas: list[Quota] = field(default_factory=list)
    answers: dict[str, int] = field(default_factory=dict)


@dataclass
class WeChatHealth:
    """Counts answers minute by minute; knows the client of each app. `clock` in epoch seconds."""

    clock: Callable[[], float] = time.time
    _clients: dict[str, AwaitableCalls] = field(default_factory=dict)
    _quotas: dict[str, list[Quota]] = field(default_factory=dict)
    _minutes: deque[tuple[int, Counter[tuple[str, str]]]] = field(default_factory=deque)

    def watch(self, app: str, client: AwaitableCalls) -> None:
        """Tell of this app from now on."""
        self._clients[app] = client

    def called(self, app: str, errcode: int | str) -> None:
        """One call was answered with this errcode, or `timeout`, `network`."""
        minute = self._forget()
        if not self._minutes or self._minutes[-1][0] != minute:
            self._minutes.append((minute, Counter()))
        self._minutes[-1][1][app, str(errcode)] += 1

    def has_left(self, app: str, quotas: list[Quota]) -> None:
        """WeChat has just told how much of its quotas this app has used."""
        self._quotas[app] = quotas

    def apps(self) -> list[AppHealth]:
        """Every app as it stands; the answers apart, since they outlive a process."""
        return [
            AppHealth(app, client.tokens.fetched_at, client.stops(), self._quotas.get(app, []))
            for app, client in self._clients.items()
        ]

    def answers(self) -> list[tuple[int, str, str, int]]:
        """Answers of the last hour: minute (of the epoch), app, errcode, how many."""
        self._forget()
        return [
            (minute, app, errcode, count)
            for minute, counted in self._minutes
            for (app, errcode), count in counted.items()
        ]

    async def ask_again(self) -> None:
        """Somebody has mended it: every process may call again what it was refused."""
        for client in self._clients.values():
            await client.ask_again()

    def _forget(self) -> int:
        minute = int(self.clock() // MINUTE_S)
        while self._minutes and self._minutes[0][0] <= minute - KEPT_MINUTES:
            self._minutes.popleft()
        return minute
