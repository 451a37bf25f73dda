"""The tense in which a clause speaks, and what an event in it amounts to."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from bot.understanding.adviser_reading import Token
from bot.understanding.adviser_signs import marks
from bot.understanding.times import TimeMention

_NEGATION_REACH = 4


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
class Frame:
    """What the words so far say about the tense of the next event."""

    firm: bool = False
    wish: bool = False
    ahead: bool = False
    today: bool = False
    past: bool = False
    denied_until: int = -1
    elsewhere: bool = False
    had_event: bool = False
    carried: bool = False
    favours_rival: bool = False
    since: int = 0

    def after_break(self, break_: str, last: "Fact | None") -> "Frame":
        """A time or an agreement that met no event yet goes on after the comma.

        One that did lends its tense to the next clause ("明早来店 签合同").
        """
        goes_on = break_ not in marks()["full_stops"]
        if self.had_event:
            agreed = last is not None and last.status is Status.AGREED
            return Frame(carried=agreed and goes_on, favours_rival=self.favours_rival)
        carried = self.carried and goes_on
        return replace(self, wish=False, denied_until=-1, elsewhere=False, carried=carried)

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
        elif time.at <= now or is_over(time, now):
            self.past = True
        elif time.at.date() == now.date() or not time.said_day:
            begun = time.since is not None and time.since <= now
            self.today = time.kind != "day" and not begun
        else:
            self.ahead = True


def is_over(time: TimeMention, now: datetime) -> bool:
    """ "早上" said at noon is this morning: a note tells what was, a customer what will be."""
    rolled = time.at is not None and time.at.date() > now.date()
    return rolled and time.kind == "part" and not time.said_day
