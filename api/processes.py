"""The processes of this system tell each other in Redis how they do, so that the wall shows all.

A report is one field of one hash, written anew every few seconds. What a process was answered by
WeChat stays for the hour the wall looks back, even if the process does not.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from pydantic import TypeAdapter, ValidationError
from redis.exceptions import RedisError

from api.wechat_health import KEPT_MINUTES, MINUTE_S, AppHealth, WeChatHealth
from bot.wechat.gates import Stop

KEY = "leadloop:processes"
FRESH_S = 20.0
"""Who has not reported for so long is not well."""
MISSED_S = 600.0
"""For so long a process that fell silent is told of."""
KEPT_S = KEPT_MINUTES * MINUTE_S
LAG_PROBE_S = 0.01

Answers = list[tuple[int, str, str, int]]


@dataclass(frozen=True, slots=True)
class Report:
    """How a process did at `at` (epoch seconds). `duties`: http, worker, or both."""

    id: str
    at: float
    duties: tuple[str, ...] = ()
    lag_ms: float = 0.0
    ended: bool = False
    apps: list[AppHealth] = field(default_factory=list)
    answers: Answers = field(default_factory=list)


_REPORTS = TypeAdapter(Report)


class Processes:
    """This process's voice, and its ear for the others. Without Redis it knows only itself."""

    def __init__(self, health: WeChatHealth, redis: Any = None, name: str = "") -> None:
        self._health = health
        self._redis = redis
        self._id = name or f"{socket.gethostname()}:{os.getpid()}"
        self._duties: tuple[str, ...] = ()
        self._lag_ms = 0.0

    def does(self, duty: str) -> None:
        """This process has this duty too."""
        self._duties = (*self._duties, duty)

    async def report(self, *, ended: bool = False) -> None:
        """Tell the others. Redis away: they will not hear it."""
        self._lag_ms = await _lag_ms()
        mine = orjson.dumps(replace(self._mine(), ended=ended))
        with suppress(RedisError, OSError):
            if self._redis:
                await self._redis.hset(KEY, self._id, mine)
                await self._redis.expire(KEY, KEPT_S)

    async def reports(self) -> list[Report]:
        """How everybody does: this process now, the others as they last said."""
        now, found = self._health.clock(), []
        with suppress(RedisError, OSError):
            if self._redis:
                found = _read(await self._redis.hgetall(KEY))
                if gone := [each.id for each in found if each.at < now - KEPT_S]:
                    await self._redis.hdel(KEY, *gone)
        self._lag_ms = await _lag_ms()
        others = (each for each in found if each.id != self._id and each.at >= now - KEPT_S)
        return [self._mine(), *sorted(others, key=lambda each: each.id)]

    def _mine(self) -> Report:
        return Report(
            id=self._id,
            at=self._health.clock(),
            duties=self._duties,
            lag_ms=self._lag_ms,
            apps=self._health.apps(),
            answers=self._health.answers(),
        )


def merged(reports: Iterable[Report], now: float) -> list[AppHealth]:
    """Each app as all processes together know it at `now`."""
    apps: dict[str, AppHealth] = {}
    for report in reports:
        if not report.ended and report.at > now - FRESH_S:
            for each in report.apps:
                _add(apps.setdefault(each.app, AppHealth(each.app)), each, now)
    oldest = int(now // MINUTE_S) - KEPT_MINUTES
    counts: Counter[tuple[str, str]] = Counter()
    for report in reports:
        for minute, app, errcode, count in report.answers:
            counts[app, errcode] += count if minute > oldest else 0
    for (app, errcode), count in counts.items():
        if app in apps and count:
            apps[app].answers[errcode] = count
    return list(apps.values())


def _add(known: AppHealth, told: AppHealth, now: float) -> None:
    ages = [at for at in (known.token_at, told.token_at) if at is not None]
    known.token_at = max(ages, default=None)
    known.quotas = known.quotas or told.quotas
    longest: dict[str, Stop] = {stop.api: stop for stop in known.stops}
    for stop in told.stops:
        if stop.until > max(now, longest.get(stop.api, stop).until - 1):
            longest[stop.api] = stop
    known.stops = list(longest.values())


def _read(kept: dict[bytes, bytes]) -> list[Report]:
    """Reports in a form this version does not know are passed over."""
    found = []
    for text in kept.values():
        with suppress(ValidationError):
            found.append(_REPORTS.validate_json(text))
    return found


async def _lag_ms() -> float:
    """How late the event loop of this process is."""
    began = time.perf_counter()
    await asyncio.sleep(LAG_PROBE_S)
    return max(0.0, (time.perf_counter() - began - LAG_PROBE_S) * 1000)
