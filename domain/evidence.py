"""Was the lead given up after a real try? The facts are held against the stated reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.grading import Signal
from domain.policy import Policy
from domain.reasons import Reason

BURST = timedelta(minutes=30)
LATELY = timedelta(days=7)
REAL_TALK_S = 10

WEIGHTS = {
    "attempts_in_a_burst": 35,
    "attempts_on_one_day": 20,
    "attempts_at_one_hour": 10,
    "never_spoke": 25,
    "customer_asked": 25,
    "customer_wants_test_drive": 35,
    "customer_replied": 10,
    "visit_promised": 35,
    "reached_after_all": 40,
    "is_nearest_dealer": 30,
    "never_quoted": 25,
    "no_competitor_named": 20,
    "window_is_near": 20,
}
"""How much each finding weighs; 100 is certainty."""

_WANTS_TEST_DRIVE = frozenset({"asked_test_drive", "booked_test_drive"})
_UNREACHABLE = frozenset({"wrong_number", "invalid"})
_NEEDS_NO_TALK = _UNREACHABLE | {"refuses_contact", "duplicate"}
_NAMES_A_COMPETITOR = frozenset({"bought_elsewhere", "competitor", "brand"})
_NEAR_WINDOW_DAYS = 30


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to reach the customer. None: not known."""

    at: datetime
    connected: bool | None = None
    talk_seconds: float | None = None

    @property
    def spoke(self) -> bool | None:
        """Whether there was a real talk: by its length where known, else by what was logged."""
        if self.talk_seconds is not None:
            return self.talk_seconds >= REAL_TALK_S
        return self.connected


@dataclass(frozen=True, slots=True)
class DefeatEvidence:
    """What is known around one defeat. `said`: what the customer did or told the bot.

    `promised_visit_at` is an appointment still open; None anywhere means not known.
    """

    reason: str
    requested_at: datetime
    attempts: tuple[Attempt, ...] = ()
    said: tuple[Signal, ...] = ()
    promised_visit_at: datetime | None = None
    quoted: bool | None = None
    competitor: str = ""
    is_nearest_dealer: bool | None = None
    purchase_window_days: float | None = None
    tz: str = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Suspicion:
    """How doubtful a defeat is, 0 to 100, with the findings, the weightiest first."""

    score: int
    suspicious: bool
    reasons: tuple[Reason, ...]

    def as_json(self) -> dict[str, object]:
        """As it is kept with the request, for the manager to see."""
        reasons = [reason.as_json() for reason in self.reasons]
        return {"score": self.score, "suspicious": self.suspicious, "reasons": reasons}


def weigh(evidence: DefeatEvidence, policy: Policy) -> Suspicion:
    """Hold the facts against the reason given. Unknown facts speak for the adviser."""
    found = [reason for look in _FINDINGS for reason in look(evidence)]
    found.sort(key=lambda reason: (-WEIGHTS[reason.code], reason.code))
    score = min(100, sum(WEIGHTS[reason.code] for reason in found))
    return Suspicion(score, score >= policy.defeat.suspicious_at, tuple(found))


def _spread(evidence: DefeatEvidence) -> Iterator[Reason]:
    """Tries made only to be counted: minutes apart, on one day, always at the same hour."""
    times = sorted(attempt.at for attempt in evidence.attempts)
    if len(times) < 2:
        return
    if times[-1] - times[0] <= BURST:
        minutes = int((times[-1] - times[0]).total_seconds() // 60)
        yield Reason.of("attempts_in_a_burst", times=len(times), minutes=minutes)
        return
    local = [time.astimezone(ZoneInfo(evidence.tz)) for time in times]
    if len({time.date() for time in local}) == 1:
        yield Reason.of("attempts_on_one_day", times=len(times))
    elif len({time.hour for time in local}) == 1:
        yield Reason.of("attempts_at_one_hour", times=len(times), hour=local[0].hour)


def _talk(evidence: DefeatEvidence) -> Iterator[Reason]:
    """A reason only a talk can bring out, without any talk; or a talk with the unreachable."""
    spoke = [attempt.spoke for attempt in evidence.attempts]
    if evidence.reason not in _NEEDS_NO_TALK and spoke and all(s is False for s in spoke):
        yield Reason.of("never_spoke", times=len(spoke))
    if evidence.reason in _UNREACHABLE and (any(spoke) or _said_lately(evidence)):
        yield Reason.of("reached_after_all")


def _customer(evidence: DefeatEvidence) -> Iterator[Reason]:
    """What the customer asked for in the days before the defeat, or since: the weightiest only."""
    drives = [said for said in _said_lately(evidence) if said.kind in _WANTS_TEST_DRIVE]
    asked = [said for said in _said_lately(evidence) if said.kind.startswith("asked_")]
    if drives:
        yield Reason.of("customer_wants_test_drive", at=drives[-1].at)
    elif asked:
        yield Reason.of("customer_asked", kind=asked[-1].kind, at=asked[-1].at)
    elif (said := _said_lately(evidence)) and evidence.reason not in _NEEDS_NO_TALK:
        # (Somebody who writes to be left alone has replied, too.)
        yield Reason.of("customer_replied", at=said[-1].at)


def _said_lately(evidence: DefeatEvidence) -> list[Signal]:
    """Oldest first."""
    lately = [said for said in evidence.said if said.at > evidence.requested_at - LATELY]
    return sorted(lately, key=lambda said: (said.at, said.kind))


def _promise(evidence: DefeatEvidence) -> Iterator[Reason]:
    if evidence.promised_visit_at and evidence.promised_visit_at >= evidence.requested_at:
        yield Reason.of("visit_promised", at=evidence.promised_visit_at)


def _contradiction(evidence: DefeatEvidence) -> Iterator[Reason]:
    """The reason given, against what the records say."""
    window = evidence.purchase_window_days
    if evidence.reason == "distance" and evidence.is_nearest_dealer:
        yield Reason.of("is_nearest_dealer")
    if evidence.reason == "price" and evidence.quoted is False:
        yield Reason.of("never_quoted")
    if evidence.reason in _NAMES_A_COMPETITOR and not evidence.competitor:
        yield Reason.of("no_competitor_named")
    if evidence.reason in ("timing", "no_need") and window and window <= _NEAR_WINDOW_DAYS:
        yield Reason.of("window_is_near", days=window)


_FINDINGS: tuple[Callable[[DefeatEvidence], Iterator[Reason]], ...] = (
    _spread,
    _talk,
    _customer,
    _promise,
    _contradiction,
)
