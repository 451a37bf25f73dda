"""Which of the times in a note is the appointment and which the next call."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from bot.understanding.adviser_frame import Fact, Status, is_over
from bot.understanding.adviser_reading import Token
from bot.understanding.adviser_signs import fixes_time, marks
from texts import lexicon

APPOINTMENT, NEXT_CALL = "appointment_at", "next_follow_up_at"
_NOT = tuple(marks()["nots"])
_NEITHER = "neither"
_NOBODY = frozenset({"unreachable", "refused", "wrong_number"})
_MEETINGS = ("visit", "come", "drive", "order", "deliver", "seen", "quote")


def assign_times(tokens: list[Token], facts: list[Fact], now: datetime) -> dict[str, datetime]:
    """`appointment_at` and `next_follow_up_at`, as far as a definite time ahead is given."""
    scene = _Scene(tokens, {fact.at: fact for fact in facts}, now)
    found: dict[str, tuple[bool, datetime]] = {}
    for at, token in enumerate(tokens):
        time = token.time
        if time is None or time.corrected or time.at is None or scene.is_denied(at):
            continue
        if time.at <= now or is_over(time, now):
            continue
        slot, agreed = scene.slot_of(at), scene.is_agreed_before(at)
        if slot not in found or (agreed and not found[slot][0]):
            found[slot] = agreed, time.at
    return {slot: at for slot, (_, at) in found.items() if slot != _NEITHER}


def settle_times(
    times: dict[str, datetime], result: str, tokens: list[Token], now: datetime
) -> dict[str, datetime]:
    """The times once the result is known: nobody met over the phone, an agreement has a time."""
    if result in _NOBODY and APPOINTMENT in times:
        return {NEXT_CALL: times.get(NEXT_CALL, times[APPOINTMENT])}
    if result == "appointment" and APPOINTMENT not in times:
        spare = [at for at in _times_ahead(tokens, now) if at not in times.values()]
        return {APPOINTMENT: spare[0], **times} if spare else times
    return times


def _times_ahead(tokens: list[Token], now: datetime) -> list[datetime]:
    said = [t.time for t in tokens if t.time is not None and not t.time.corrected]
    return [t.at for t in said if t.at is not None and t.at > now and not is_over(t, now)]


@dataclass(frozen=True, slots=True)
class _Scene:
    """The words around a time, asked what the time is for."""

    tokens: list[Token]
    facts: dict[int, Fact]
    now: datetime

    def is_denied(self, at: int) -> bool:
        """ "约周二，不是周二，周三": what it is not, before the denial and in it."""
        said = self.tokens[at].text
        return any(
            index == at or (index > at and new.text == said)
            for index, (old, new) in enumerate(pairwise(self.tokens), 1)
            if new.time is not None and old.end == new.start and old.text.endswith(_NOT)
        )

    def slot_of(self, at: int) -> str:
        """Right of the time first, as Chinese has it; then left; then the clauses around."""
        for place, nearby in self._places(at):
            for index in place:
                slot = self._governs(index, at, nearby)
                if slot:
                    return slot
                time = self.tokens[index].time
                if time is not None and not (time.corrected or time.vague):
                    break
        agreed = any(
            token.has("plan_firm") or fixes_time(self.tokens, index)
            for index, token in enumerate(self.tokens)
        )
        return APPOINTMENT if agreed else _NEITHER

    def _places(self, at: int) -> Iterator[tuple[range, frozenset[str]]]:
        """Where to look, and which words besides events count there."""
        start, stop = self._clause(at)
        before, _ = self._clause(start - 2) if start > 1 else (0, 0)
        both = frozenset({"follow", "go_on", "plan_firm"})
        yield range(at + 1, stop), both
        yield range(at - 1, start - 1, -1), both
        yield range(stop, len(self.tokens)), both - {"plan_firm"}
        yield range(start - 1, before - 1, -1), both
        yield range(before - 1, -1, -1), frozenset({"plan_firm"})

    def _governs(self, index: int, time_at: int, counts: frozenset[str]) -> str | None:
        """What this word makes of the time; None if it says nothing about it."""
        token, fact = self.tokens[index], self.facts.get(index)
        if token.has("busy", "until"):
            return _NEITHER
        if (
            fact
            and (token.has(*_MEETINGS) or fact.kind == "visit")
            and not self._is_a_thing(token)
        ):
            if not self._is_to_come(token, fact, time_at):
                return _NEITHER
            return NEXT_CALL if self._is_sent(token, time_at) else APPOINTMENT
        if token.has("visit", "seen"):
            return _NEITHER
        if token.has("go_on") and "go_on" in counts:
            return APPOINTMENT if self.is_agreed_before(time_at) else NEXT_CALL
        if token.has("follow") and "follow" in counts:
            return NEXT_CALL if self._is_still_to_call(time_at, index) else _NEITHER
        return APPOINTMENT if "plan_firm" in counts and token.has("plan_firm") else None

    def _is_sent(self, token: Token, time_at: int) -> bool:
        """A price to be told without a meeting ("明天把报价发她")."""
        at_table = token.text.startswith(tuple(lexicon.load("adviser")["marks"]["at_table"]))
        return token.has("quote") and not at_table and not self.is_agreed_before(time_at)

    def _is_to_come(self, token: Token, fact: Fact, time_at: int) -> bool:
        """Agreed, or wished for a day that is not just "today" ("今天邀约客户到店")."""
        meeting = fact.kind in {"visit", "come", "drive"} and not self._is_today(time_at)
        wished = fact.status is Status.WISHED and meeting
        return (fact.status is Status.AGREED or wished) and not fact.elsewhere

    def is_agreed_before(self, time_at: int) -> bool:
        """Whether the clause speaks of an agreement before it comes to the time."""
        start, _ = self._clause(time_at)
        return any(token.has("plan_firm") for token in self.tokens[start:time_at])

    def _is_still_to_call(self, time_at: int, index: int) -> bool:
        """ "上午打过", "下午打没接" are behind us; "今天打" too, unless it is "once more"."""
        call = self.tokens[index]
        _, stop = self._clause(index)
        later = self.tokens[index + 1 : stop]
        over = bool(later) and later[0].start == call.end and later[0].has("aspect")
        if over or any(token.has("unreachable") for token in later):
            return False
        again = tuple(lexicon.load("adviser")["marks"]["again"])
        return not self._is_today(time_at) or call.text.startswith(again)

    def _is_today(self, time_at: int) -> bool:
        time = self.tokens[time_at].time
        if time is None or time.at is None or time.kind != "day":
            return False
        return time.at.date() == self.now.date()

    def _is_a_thing(self, token: Token) -> bool:
        """A contract can be sent, a deposit wired: no meeting by themselves."""
        return token.text in lexicon.load("adviser")["marks"]["things"]

    def _clause(self, at: int) -> tuple[int, int]:
        """First token of the clause around `at`, and the first after it."""
        start = end = at
        while start > 0 and not self.tokens[start - 1].has("break"):
            start -= 1
        while end < len(self.tokens) and not self.tokens[end].has("break"):
            end += 1
        return start, end
