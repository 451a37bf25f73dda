"""When Leadloop keeps silent: quiet hours, touches a week, and WeChat's own sending windows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.policy import Policy

TOUCH_PERIOD = timedelta(days=7)


def in_quiet_hours(at: datetime, policy: Policy, tz: str) -> bool:
    """Whether the customer must not be disturbed. The start is quiet, the end no longer."""
    start, end = policy.contact.quiet_from, policy.contact.quiet_until
    clock = at.astimezone(ZoneInfo(tz)).time()
    if start <= end:
        return start <= clock < end
    return clock >= start or clock < end


def next_allowed(at: datetime, policy: Policy, tz: str) -> datetime:
    """`at` itself, or the end of the quiet hours it falls into; aware UTC."""
    if not in_quiet_hours(at, policy, tz):
        return at.astimezone(UTC)
    zone, end = ZoneInfo(tz), policy.contact.quiet_until
    local = at.astimezone(zone)
    day = local.date() if local.time() < end else local.date() + timedelta(days=1)
    return datetime.combine(day, end, zone).astimezone(UTC)


def may_touch(touches: Sequence[datetime], now: datetime, policy: Policy) -> bool:
    """Whether one more re-marketing touch is allowed, given the customer's earlier ones."""
    recent = [touch for touch in touches if touch > now - TOUCH_PERIOD]
    return len(recent) < policy.contact.touches_per_week


def next_touch_at(touches: Sequence[datetime], now: datetime, policy: Policy) -> datetime | None:
    """When the next touch is allowed: `now`, or later, or None where touches are switched off."""
    allowed = policy.contact.touches_per_week
    recent = sorted(touch for touch in touches if touch > now - TOUCH_PERIOD)
    if len(recent) < allowed:
        return now
    return recent[-allowed] + TOUCH_PERIOD if allowed else None


@dataclass(frozen=True, slots=True)
class SendWindow:
    """What one act of a follower opens: so many messages within so long."""

    count: int
    length: timedelta


OA_WINDOWS: Mapping[str, SendWindow] = {
    "message": SendWindow(5, timedelta(hours=48)),
    "click": SendWindow(3, timedelta(minutes=1)),
    "scan": SendWindow(3, timedelta(minutes=1)),
    "subscribe": SendWindow(3, timedelta(minutes=1)),
}
"""Customer-service messages of the official account, by what the follower did (Tencent's docs)."""


SUBSCRIPTION = "subscription"
"""The kind of an act that allows one subscription message, whenever that is sent."""


@dataclass(frozen=True, slots=True)
class Act:
    """Something a follower did that opens a window; kinds are those of `OA_WINDOWS`."""

    kind: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SendLedger:
    """One follower's acts and our sends to them, in any order."""

    acts: tuple[Act, ...] = ()
    sends: tuple[datetime, ...] = ()


class Remaining(NamedTuple):
    """Messages still allowed, and until when; `until` is None when there are none."""

    left: int
    until: datetime | None


def remaining(
    ledger: SendLedger, now: datetime, windows: Mapping[str, SendWindow] = OA_WINDOWS
) -> Remaining:
    """How many messages WeChat takes for this follower now.

    Each act opens its kind's window anew. A send counts against the open window that ends first.
    """
    used: dict[Act, int] = {}
    for sent_at in sorted(sent for sent in ledger.sends if sent <= now):
        for act, window in _open_windows(ledger, sent_at, windows):
            if used.get(act, 0) < window.count:
                used[act] = used.get(act, 0) + 1
                break
    rest = [
        (window.count - used.get(act, 0), act.at + window.length)
        for act, window in _open_windows(ledger, now, windows)
    ]
    usable = [(count, ends) for count, ends in rest if count > 0]
    if not usable:
        return Remaining(0, None)
    return Remaining(sum(count for count, _ in usable), max(ends for _, ends in usable))


def _open_windows(
    ledger: SendLedger, at: datetime, windows: Mapping[str, SendWindow]
) -> list[tuple[Act, SendWindow]]:
    """The newest act of each kind whose window is open `at`, the one ending first in front."""
    newest: dict[str, Act] = {}
    for act in sorted(ledger.acts, key=lambda act: act.at):
        if act.at <= at and act.kind in windows:
            newest[act.kind] = act
    found = [(act, windows[kind]) for kind, act in newest.items()]
    found = [(act, window) for act, window in found if at < act.at + window.length]
    return sorted(found, key=lambda pair: (pair[0].at + pair[1].length, pair[0].kind))
