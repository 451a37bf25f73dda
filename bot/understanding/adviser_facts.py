"""What a note says was done, is agreed, is only wished for, or did not happen."""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from functools import cache
from typing import Any

from bot.understanding.adviser_reading import Token
from bot.understanding.times import TimeMention
from texts import lexicon

EVENTS = ("deliver", "order", "quote", "drive", "visit", "seen", "come", "buy", "buy_plain")
_NEGATION_REACH = 4
_OBJECT_REACH = 3
_PLACE_REACH = 6


class Status(Enum):
    """How real an event is."""

    DONE = "done"
    AGREED = "agreed"
    WISHED = "wished"
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Fact:
    """One event, `at` its token; `elsewhere` if it was at another dealer or with another brand."""

    kind: str
    status: Status
    at: int
    elsewhere: bool = False


@dataclass(slots=True)
class _Frame:
    """What the words so far say about the tense of the next event."""

    firm: bool = False
    wish: bool = False
    ahead: bool = False
    today: bool = False
    past: bool = False
    denied_until: int = -1
    elsewhere: bool = False
    had_event: bool = False
    since: int = 0

    def after_break(self) -> "_Frame":
        """A time or an agreement that met no event yet goes on after the comma."""
        if self.had_event:
            return _Frame()
        return replace(self, wish=False, denied_until=-1, elsewhere=False)

    def read(self, token: Token, now: datetime) -> None:
        """Take in one word that is no event."""
        if token.time is not None:
            self._read_time(token.time, now)
        elif token.has("not_yet", "dormant", "lost_softly"):
            self.denied_until = token.end + _NEGATION_REACH
        elif token.has("turn"):
            self.firm = self.wish = self.ahead = self.past = False
        if token.has("plan_firm"):
            self.firm = True
        if token.has("plan_wish"):
            self.wish = True
        if token.has("done"):
            self.past, self.wish = True, False
        if token.has("busy"):
            self.ahead = self.today = False
        if token.has("elsewhere", "other_brand"):
            self.elsewhere = True

    def _read_time(self, time: TimeMention, now: datetime) -> None:
        self.wish = self.past = self.ahead = self.today = False
        if time.at is None:
            self.wish = True
        elif time.at <= now:
            self.past = True
        elif time.at.date() == now.date() or not time.said_day:
            begun = time.since is not None and time.since <= now
            self.today = time.kind != "day" and not begun
        else:
            self.ahead = True


def find_facts(text: str, tokens: list[Token], now: datetime) -> list[Fact]:
    """The events of a note in order, each with its status."""
    facts: list[Fact] = []
    frame = _Frame()
    for at, token in enumerate(tokens):
        if token.has("break"):
            frame = frame.after_break()
        elif _fixes_time(tokens, at):
            frame.firm = True
        elif token.has(*EVENTS):
            fact = _fact(text, tokens, at, frame)
            frame.read(token, now)
            frame.had_event |= fact is not None or token.has("visit")
            if fact is None:
                continue
            facts.append(fact)
            if fact.status is Status.DENIED:
                frame.denied_until = token.end
            elif fact.status is Status.DONE:
                if frame.today:
                    facts = _all_done(facts, frame.since)
                frame.wish = frame.past = frame.today = False
        else:
            frame.read(token, now)
            frame.elsewhere |= _is_place_of_rival(text, token)
            frame.since = at if token.time is not None else frame.since
    return facts


def _all_done(facts: list[Fact], since: int) -> list[Fact]:
    """ "下午到店试驾了": what the last event completes, those before it share."""
    agreed = {f.at for f in facts if f.at >= since and f.status is Status.AGREED}
    return [replace(f, status=Status.DONE) if f.at in agreed else f for f in facts]


def _fact(text: str, tokens: list[Token], at: int, frame: _Frame) -> Fact | None:
    token = tokens[at]
    if _mark("before").match(text, token.end) or _is_car_arriving(tokens, at):
        return None
    kind = next(kind for kind in EVENTS if token.has(kind))
    status = _status(text, tokens, at, frame)
    sure = _is_complete(tokens, at) or frame.past
    sure = sure and token.text not in _marks()["weak_come"]
    if kind in {"come", "buy_plain"} and status is Status.DONE and not sure:
        return None
    kind = "buy" if kind == "buy_plain" else kind
    return Fact(kind, status, at, frame.elsewhere or _is_elsewhere(tokens, at))


def _status(text: str, tokens: list[Token], at: int, frame: _Frame) -> Status:
    token = tokens[at]
    if token.start <= frame.denied_until or _is_denied_after(tokens, at):
        return Status.DENIED
    if _is_put_off(text, token):
        return Status.WISHED
    after = _next(tokens, at)
    arranged = after is not None and after.has("plan_firm") and after.start == token.end
    if arranged and token.text not in _marks()["things"]:
        return Status.AGREED
    complete = _is_complete(tokens, at)
    if frame.ahead:
        been = frame.past or _has_been(tokens, at)
        return Status.DONE if been and not frame.firm else Status.AGREED
    if frame.firm and not (complete and (frame.past or token.has("seen"))):
        return Status.AGREED
    if complete or frame.past:
        return Status.DONE
    if frame.today:
        return Status.AGREED
    return Status.WISHED if frame.wish else Status.DONE


def _is_complete(tokens: list[Token], at: int) -> bool:
    """Whether "了", "过", "完" and the like say that it is over."""
    token = tokens[at]
    aspects = lexicon.load("adviser")["words"]["aspect"]
    if token.has("seen", "buy") or token.text.endswith(tuple(aspects)):
        return True
    after = _next(tokens, at)
    if after and after.has("model") and after.start - token.end <= 1:
        token, after = after, _next(tokens, at + 1)
    return after is not None and after.has("aspect") and after.start == token.end


def _has_been(tokens: list[Token], at: int) -> bool:
    """ "周六来过": the weekday was the last one."""
    after = _next(tokens, at)
    marks = tuple(_marks()["been"])
    near = after is not None and after.start == tokens[at].end and after.has("aspect")
    return tokens[at].text.endswith(marks) or (near and after is not None and after.text in marks)


def _is_put_off(text: str, token: Token) -> bool:
    return _mark("put_off").match(text[token.end : token.end + 6]) is not None


def _is_car_arriving(tokens: list[Token], at: int) -> bool:
    """A car from the factory, with or without a time: "车28号到店"."""
    if tokens[at].text not in _marks()["arrivals"]:
        return False
    before = at - 1
    while before >= 0 and (tokens[before].time is not None or tokens[before].has("done")):
        before -= 1
    return before >= 0 and tokens[before].has("car") and tokens[at].start - tokens[before].end < 9


def _is_denied_after(tokens: list[Token], at: int) -> bool:
    """Things are denied behind them ("定金还没付"), any event is cancelled there."""
    token, after = tokens[at], _next(tokens, at)
    if after is not None and after.has("cancel") and after.start - token.end <= 1:
        return True
    return (
        after is not None
        and token.text in _marks()["things"]
        and after.has("not_yet", "not_paid")
        and after.start - token.end <= 1
    )


def _fixes_time(tokens: list[Token], at: int) -> bool:
    """ "定了周五下午" settles a time, not a car."""
    token, after = tokens[at], _next(tokens, at)
    settles = token.has("order") and token.text not in _marks()["things"]
    return settles and after is not None and after.time is not None and after.start == token.end


def _is_elsewhere(tokens: list[Token], at: int) -> bool:
    """Followed by another brand, or after "去" and a place."""
    token, after = tokens[at], _next(tokens, at)
    if after and after.has("aspect"):
        after = _next(tokens, at + 1)
    near = after is not None and after.start - token.end <= _OBJECT_REACH
    if near and after and after.has("rival_brand", "rival_model", "other_brand", "elsewhere"):
        return True
    before = tokens[at - 1] if at else None
    if before is None or not before.has("go"):
        return False
    return 0 < token.start - before.end <= _PLACE_REACH


def _is_place_of_rival(text: str, token: Token) -> bool:
    """ "在比亚迪那边": another brand named as the place where something happens."""
    if not token.has("rival_brand", "rival_model"):
        return False
    at_it = token.start > 0 and text[token.start - 1] in _marks()["at"]
    return at_it or _mark("place_after").match(text, token.end) is not None


def _next(tokens: list[Token], at: int) -> Token | None:
    after = tokens[at + 1] if at + 1 < len(tokens) else None
    return None if after is None or after.has("break") else after


def _marks() -> dict[str, Any]:
    marks: dict[str, Any] = lexicon.load("adviser")["marks"]
    return marks


@cache
def _mark(name: str) -> re.Pattern[str]:
    return re.compile(_marks()[name])
