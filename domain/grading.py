"""How soon will they buy? A level and a score from facts, each with the reasons that made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain import levels as table
from domain.lead import LeadState
from domain.policy import GradingPolicy, Policy
from domain.reasons import Reason

SIGNALS = frozenset(
    {
        "asked_price",
        "asked_finance",
        "asked_delivery",
        "asked_promotion",
        "asked_stock",
        "asked_test_drive",
        "trade_in",
        "booked_test_drive",
        "visited",
        "test_drove",
        "quoted",
        "replied",
        "answered_touch",
        "came_again",
    }
)
"""What can be observed of a customer. Points are policy; kinds without points count nothing."""

_LEVEL_OF_STATE: Mapping[str, str] = {
    LeadState.ORDERED: table.ORDERED,
    LeadState.DELIVERED: table.ORDERED,
    LeadState.DEFEATED: table.DEFEATED,
    LeadState.INVALID: table.DEFEATED,
    LeadState.LAPSED: table.DEFEATED,
    LeadState.DORMANT: table.DORMANT,
}
_REASON_CODES = {"asked_test_drive": "wishes_test_drive"}
_COUNTED_REPEATS = 3
_REPEAT_WORTH = 0.5  # asking again says less than asking first


@dataclass(frozen=True, slots=True)
class Signal:
    """One observed behaviour. `wished_at`: the time the customer asked for, if any."""

    kind: str
    at: datetime
    wished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class GradeFacts:
    """All that is known of one lead. `lowered_steps`: levels lost to missed cycles by now."""

    opened_at: datetime
    source: str = ""
    state: str = LeadState.HELD
    purchase_window_days: float | None = None
    window_stated_at: datetime | None = None
    adviser_level: str | None = None
    adviser_level_at: datetime | None = None
    signals: tuple[Signal, ...] = ()
    last_active_at: datetime | None = None
    reactivated_at: datetime | None = None
    lowered_steps: int = 0


@dataclass(frozen=True, slots=True)
class Grade:
    """A level, a score from 0 to 100 that orders leads, and why: the weightiest reason first."""

    level: str
    score: int
    reasons: tuple[Reason, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "level": self.level,
            "score": self.score,
            "reasons": [reason.as_json() for reason in self.reasons],
        }


@dataclass(frozen=True, slots=True)
class _Stated:
    """The level somebody put into words, when, and how we say so."""

    level: str
    at: datetime
    reason: Reason


@dataclass(frozen=True, slots=True)
class _Seen:
    """One kind of behaviour: its points before decay, and how we say so."""

    points: float
    reason: Reason


def grade(facts: GradeFacts, policy: Policy, now: datetime) -> Grade:
    """Grade one lead. The same facts and the same `now` always give the same grade.

    A state that decides (ordered, defeated, dormant) comes first; then the newest of what was
    stated: reactivation, the adviser's level, the purchase window. Strong behaviour since lifts
    a stated level by one, no more. Nothing stated: behaviour alone decides, or nothing is known.
    """
    if facts.state in _LEVEL_OF_STATE:
        level = _LEVEL_OF_STATE[facts.state]
        score = 100 if level == table.ORDERED else 0
        return Grade(level, score, (Reason.of("state", state=str(facts.state)),))
    seen = _seen(facts.signals, policy.grading)
    points = sum(item.points for item in seen)
    points_now = points * policy.grading.weekly_decay ** _silent_weeks(facts, now)
    reasons = [item.reason for item in seen]
    if stated := _stated(facts, policy.levels):
        level, lifted = _lifted(stated, facts, policy)
        reasons = [stated.reason, *lifted, *reasons]
    else:
        level = _by_behaviour(points, points_now, policy)
    final = table.lower(level, facts.lowered_steps, policy.levels)
    if final != level:
        reasons.append(Reason.of("lowered", steps=facts.lowered_steps))
    spoken = policy.grading.thresholds.get(final, 0) if stated else 0
    quality = policy.grading.source_quality.get(facts.source, 0)
    score = round(min(100.0, max(0.0, spoken + points_now + quality)))
    return Grade(final, score, tuple(reasons))


def _stated(facts: GradeFacts, levels: table.LevelTable) -> _Stated | None:
    """The newest statement. At one instant an adviser outranks a reactivation, that a form."""
    found: list[_Stated] = []
    if (days := facts.purchase_window_days) is not None:
        level = table.level_for_window(days, levels)
        at = facts.window_stated_at or facts.opened_at
        found.append(_Stated(level, at, Reason.of("window", days=days)))
    if (at_again := facts.reactivated_at) and table.REACTIVATED in levels.order:
        found.append(_Stated(table.REACTIVATED, at_again, Reason.of("reactivated", at=at_again)))
    if (level_named := facts.adviser_level) in levels.order and level_named:
        at = facts.adviser_level_at or facts.opened_at
        found.append(_Stated(level_named, at, Reason.of("adviser_level", level=level_named)))
    newest = max((item.at for item in found), default=None)
    return next((item for item in reversed(found) if item.at == newest), None)


def _lifted(stated: _Stated, facts: GradeFacts, policy: Policy) -> tuple[str, list[Reason]]:
    """The stated level, one higher if strong behaviour was observed since the statement."""
    rules = policy.grading
    since = [signal.kind for signal in facts.signals if signal.at > stated.at]
    strong = sorted(rules.strong.intersection(since), key=lambda kind: -rules.points.get(kind, 0))
    if not strong and since.count("asked_price") >= rules.price_questions_for_lift:
        strong = ["asked_price"]
    level = table.lift(stated.level, 1, policy.levels) if strong else stated.level
    if level == stated.level:
        return level, []
    return level, [Reason.of("lifted", by=strong[0], level=stated.level)]


def _by_behaviour(points: float, points_now: float, policy: Policy) -> str:
    """The hottest level the points reach.

    Interest that once reached a level and faded is the coldest level; too little to reach any
    (a reply, say) is as good as nothing known.
    """
    for code in policy.levels.order:
        if code in policy.grading.thresholds and points_now >= policy.grading.thresholds[code]:
            return code
    enough_once = points >= min(policy.grading.thresholds.values(), default=0.0)
    return policy.levels.order[-1] if points and enough_once else table.NOT_GRADED


def _seen(signals: tuple[Signal, ...], rules: GradingPolicy) -> list[_Seen]:
    """Behaviour by kind, the weightiest first."""
    kinds = {signal.kind for signal in signals if rules.points.get(signal.kind)}
    seen = [_seen_kind([s for s in signals if s.kind == kind], rules) for kind in kinds]
    return sorted(seen, key=lambda item: (-item.points, item.reason.code))


def _seen_kind(signals: list[Signal], rules: GradingPolicy) -> _Seen:
    kind, times = signals[0].kind, len(signals)
    first, newest = min(s.at for s in signals), max(signals, key=lambda s: s.at)
    repeats = min(times, _COUNTED_REPEATS) - 1
    points = rules.points[kind] * (1 + _REPEAT_WORTH * repeats)
    params: dict[str, Any] = {"times": times, "days": (newest.at - first).days + 1}
    if newest.wished_at:
        params["at"] = newest.wished_at
    return _Seen(points, Reason.of(_REASON_CODES.get(kind, kind), **params))


def _silent_weeks(facts: GradeFacts, now: datetime) -> int:
    known = [signal.at for signal in facts.signals]
    known += [facts.last_active_at] if facts.last_active_at else []
    return max(0, (now - max(known)).days // 7) if known else 0
