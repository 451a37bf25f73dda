"""What happens to a row whose run failed: later, or to the dead letters. One table decides."""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import structlog

from bot.wechat import errors as wechat
from db import queue_rows
from db.errors import LeaseLost, RowRefused, StorageDown
from db.queue_rows import Started
from db.tries import STOPPED
from domain.errors import DomainError
from worker.nursery import describe

LONG_PAUSE_S = 600.0
JITTER = 0.2

_log = structlog.get_logger(__name__)
_random = random.SystemRandom()


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Back-off min(2^n · `base_s`, `cap_s`) plus jitter; buried after `max_attempts` failures."""

    max_attempts: int = 12
    base_s: float = 5.0
    cap_s: float = 3600.0

    def delay_s(self, failures: int, jitter: float) -> float:
        """Seconds to wait after the `failures`-th failure; `jitter` is 0 … 1."""
        doubled = self.base_s * 2.0 ** min(failures - 1, 30)
        return min(doubled, self.cap_s) * (1 + JITTER * jitter)


POLICIES: Mapping[str, RetryPolicy] = MappingProxyType(
    {
        "inbox": RetryPolicy(max_attempts=6, base_s=1, cap_s=30),  # the sender's next one waits
        "urgent": RetryPolicy(),
        "normal": RetryPolicy(),
        "campaign": RetryPolicy(max_attempts=8, base_s=30),
        "reactions": RetryPolicy(),
        "timers": RetryPolicy(max_attempts=20),
        "webhooks": RetryPolicy(max_attempts=18, cap_s=4 * 3600),  # a day, and an hour or two
    }
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """`pause_s`: the wait where the error names none. `patient`: try as often as it takes.

    `as_told`: nothing was tried; just as long as the error says, and no word about it.
    """

    bury: bool = False
    pause_s: float = 0
    patient: bool = False
    as_told: bool = False


LATER = Verdict()
BURY = Verdict(bury=True)

VERDICTS: Mapping[type[Exception], Verdict] = MappingProxyType(
    {
        StorageDown: Verdict(patient=True),
        RowRefused: BURY,
        DomainError: BURY,
        wechat.HeldBack: Verdict(patient=True, as_told=True),
        wechat.TryLater: LATER,
        wechat.UnknownOutcome: LATER,
        wechat.QuotaUsedUp: Verdict(pause_s=LONG_PAUSE_S, patient=True),
        wechat.ConfigurationAlarm: Verdict(pause_s=LONG_PAUSE_S, patient=True),
        wechat.RecipientQuotaUsedUp: BURY,
        wechat.WeChatError: BURY,
        Exception: LATER,
    }
)
"""By class; the nearest class in an error's own line of ancestors decides."""
WAITS = {STOPPED} | {kind.__name__ for kind, verdict in VERDICTS.items() if verdict.patient}
"""Errors that use up none of a row's attempts and make no pause longer."""


def verdict_of(error: Exception) -> Verdict:
    """What to do after this error. `permanent = True` on an error buries it at once."""
    if getattr(error, "permanent", False) or _is_unrepeatable(error):
        return BURY
    known = next(VERDICTS[kind] for kind in type(error).__mro__ if kind in VERDICTS)
    asked = float(getattr(error, "retry_after_s", 0) or 0)
    return replace(known, pause_s=asked or known.pause_s)


def _is_unrepeatable(error: Exception) -> bool:
    """WeChat may have done it already, and nothing would notice it being done twice."""
    return isinstance(error, wechat.WeChatError) and not error.retry_is_safe


async def attempt(
    work: Callable[[], Awaitable[None]],
    started: Started,
    clock_ms: Callable[[], int],
    jitter: Callable[[], float] = _random.random,
) -> None:
    """Run a begun row to its end; whatever fails is put back or buried, never raised."""
    try:
        await work()
    except LeaseLost:
        _log.info("row.lease_lost", row=started.ref.encode())
    except Exception as error:
        await _settle(error, started, clock_ms(), jitter())


async def _settle(error: Exception, started: Started, now_ms: int, jitter: float) -> None:
    verdict = verdict_of(error)
    words = error_text(error)
    buried = verdict.bury
    try:
        if verdict.as_told:
            due_ms = now_ms + round(verdict.pause_s * 1000)
            await queue_rows.hold_back(started.ref, due_ms, words)
        elif buried:
            await queue_rows.bury(started.ref, words, now_ms)
        else:
            buried = await _spend(verdict, started, words, now_ms, jitter)
    except StorageDown:
        words = "StorageDown"  # the lease runs out, and the row is found again by that
    _log.warning(
        "row.buried" if buried else "row.put_back",
        row=started.ref.encode(),
        queue=started.queue,
        attempts=started.attempts,
        **describe(error),
    )


async def _spend(
    verdict: Verdict, started: Started, words: str, now_ms: int, jitter: float
) -> bool:
    """Put the row back for another attempt. True: it had none left, and is buried."""
    policy = POLICIES[started.queue]
    failures = 1 + await queue_rows.failed_before(started.ref, WAITS)
    if failures >= policy.max_attempts and not verdict.patient:
        await queue_rows.bury(started.ref, words, now_ms)
        return True
    pause = max(policy.delay_s(failures, jitter), verdict.pause_s)
    await queue_rows.put_back(started.ref, now_ms + round(pause * 1000), words, now_ms)
    return False


def error_text(error: Exception) -> str:
    """What is kept of an error: its class, its code, and which address of ours was refused.

    Its own words may name people.
    """
    name, code = type(error).__name__, getattr(error, "code", None)
    words = name if code is None else f"{name}: {code}"
    address = getattr(error, "egress_ip", "")
    return f"{words} from {address}" if address else words


async def failure_of(work: Awaitable[object]) -> Exception | None:
    """Run something that must not take its caller down; the exception it ended with, or None."""
    try:
        await work
    except Exception as error:
        return error
    return None
