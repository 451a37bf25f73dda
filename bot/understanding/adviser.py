"""What an adviser's follow-up note reports: how far the lead came, and the details said."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.understanding.adviser_defeat import find_reason
from bot.understanding.adviser_deposit import find_deposit
from bot.understanding.adviser_facts import find_facts
from bot.understanding.adviser_frame import Fact, Status, is_over
from bot.understanding.adviser_models import find_rival, names_wish, wanted_models
from bot.understanding.adviser_reading import Token, read_tokens
from bot.understanding.adviser_signs import is_denied_before
from bot.understanding.adviser_slots import find_lead_ref, find_level, has_added_wechat
from bot.understanding.adviser_times import assign_times, settle_times
from bot.understanding.adviser_typos import without_typos
from bot.understanding.catalogue import Catalogue
from bot.understanding.hunch import Named, second_opinion
from bot.understanding.normalise import normalise
from bot.understanding.result import Understanding
from bot.understanding.times import HOME
from texts import lexicon

_DENIABLE = frozenset({"lost", "dormant", "wrong_number", "unreachable", "refused", "talk_strong"})
_STAGES = (("quote", "quoted"), ("drive", "test_drive"), ("visit", "visited"))


def understand_adviser(text: str, now: datetime, catalogue: Catalogue) -> Understanding:
    """The result and slots of one note; any string is accepted.

    The result is the furthest stage the note reports as done or agreed; `now` is when it was
    written (Asia/Shanghai if it carries no zone).
    """
    now = now if now.tzinfo else now.replace(tzinfo=HOME)
    sentence = without_typos(normalise(text))
    tokens = read_tokens(sentence.text, now, catalogue)
    facts = find_facts(sentence.text, tokens, now)
    times = assign_times(tokens, facts, now)
    rival = find_rival(sentence, tokens)
    models = wanted_models(tokens, sentence.text, now)
    added = has_added_wechat(sentence.text)
    story = _Story(sentence.text, tokens, facts, bool(rival), models)
    agreed = "appointment_at" in times or story.has_agreed_visit()
    result = story.result(agreed=agreed, added=added)
    proof = result == "appointment" and "appointment_at" in times
    named = named_things(tokens, now)
    result = second_opinion("adviser", sentence.text, named, result, proof=proof)
    times = settle_times(times, result, tokens, now)
    slots: dict[str, object] = {
        **times,
        "level": find_level(sentence.text, tokens),
        "models": models,
        "defeat_reason": story.reason() if result == "defeat" else None,
        "competitor": rival,
        "deposit": find_deposit(sentence.text, tokens, facts),
        "wechat_added": added,
        "lead_ref": find_lead_ref(sentence, tokens),
    }
    return Understanding(result, {name: value for name, value in slots.items() if value})


def named_things(tokens: list[Token], now: datetime) -> Iterator[Named]:
    """What the examples know by its kind only: times, models, rivals."""
    for token in tokens:
        if token.time is not None:
            at = token.time.at
            over = at is not None and (at <= now or is_over(token.time, now))
            kind = "vague" if at is None else "past" if over else "time"
            yield Named(kind, token.start, token.end)
        elif token.model:
            yield Named("model", token.start, token.end)
        elif token.has("rival_brand", "rival_model"):
            yield Named("rival", token.start, token.end)


@dataclass(frozen=True, slots=True)
class _Story:
    """The facts of one note, asked for how far the lead came."""

    text: str
    tokens: list[Token]
    facts: list[Fact]
    rival: bool
    models: list[str]

    def result(self, *, agreed: bool, added: bool) -> str:
        """The furthest stage; an order stands above a loss, a loss above all before it."""
        if self._is_done("deliver") and not self._is_bought_elsewhere():
            return "delivered"
        lost = self._loss(agreed)
        if self._is_done("order") and lost != "defeat":
            return "ordered"
        if lost:
            return lost
        for kind, result in _STAGES:
            if self._is_done(kind):
                return result
        if self._is_done("seen") or self._is_done("come"):
            return "visited"
        return "appointment" if agreed else self._call(added)

    def reason(self) -> str | None:
        """Why the lead was lost."""
        return find_reason(
            self.text,
            bought=self._is_bought_elsewhere() or self._last("buy_plain") >= 0,
            rival=self.rival,
            unreachable=self._last("unreachable") >= 0,
        )

    def has_agreed_visit(self) -> bool:
        """A meeting was agreed, with or without a time."""
        if self._last("coming") >= 0 or self._is_settled():
            return True
        kinds = {"visit", "come", "drive"}
        return any(
            f.kind in kinds and f.status is Status.AGREED and not f.elsewhere for f in self.facts
        )

    def _is_settled(self) -> bool:
        """ "约好了" by itself, with no word of what or of a call."""
        settled = lexicon.load("adviser")["marks"]["settled"]
        other = self.facts or any(t.has("follow") for t in self.tokens)
        firm = any(
            token.text in settled and not (at and self.tokens[at - 1].has("not_yet"))
            for at, token in enumerate(self.tokens)
        )
        return firm and not other

    def _call(self, added: bool) -> str:
        """How the call itself went, where nothing further happened."""
        if self._last("wrong_number") >= 0:
            return "wrong_number"
        talk, unreachable = self._last("talk_strong"), self._last("unreachable")
        if self._last("refused") >= 0:
            return "refused"
        if self._last("hang_up") >= 0 and talk < 0:
            return "refused"
        if unreachable > talk:
            return "unreachable"
        spoke = talk >= 0 or self._last("talk") >= 0 or added or self._mentions_event()
        return "connected" if spoke else "note"

    def _mentions_event(self) -> bool:
        wished = any(f.status is Status.WISHED or f.elsewhere for f in self.facts)
        return wished or names_wish(self.tokens)

    def _loss(self, agreed: bool) -> str | None:
        if self._last("lost") >= 0 or self._is_bought_elsewhere():
            return "defeat"
        if self._last("dormant") >= 0:
            return "dormant"
        nobody = self._last("wrong_number") >= 0
        return "defeat" if not agreed and not nobody and self._is_given_up() else None

    def _is_given_up(self) -> bool:
        """ "不要了" ends it, unless it is said of one model while another is wanted."""
        for at, token in enumerate(self.tokens):
            if token.has("lost_softly") and not is_denied_before(self.text, token.start):
                near = self.tokens[max(0, at - 1) : at + 2]
                if not (self.models and any(t.model for t in near)):
                    return True
        stays_away = self._last("stays_away") >= 0 and self._last("busy") < 0
        return stays_away and self.reason() not in {None, "other"}

    def _is_bought_elsewhere(self) -> bool:
        away = {"deliver", "order", "buy"}
        for fact in self.facts:
            away_from_us = fact.elsewhere or (fact.kind == "buy" and not self._is_ours(fact))
            if fact.kind in away and fact.status is Status.DONE and away_from_us:
                return True
        return False

    def _is_ours(self, fact: Fact) -> bool:
        after = self.tokens[fact.at + 1 : fact.at + 2]
        return any(token.model for token in after)

    def _is_done(self, kind: str) -> bool:
        return any(
            f.kind == kind and f.status is Status.DONE and not f.elsewhere for f in self.facts
        )

    def _last(self, kind: str) -> int:
        """Where a word of this kind stands last, or -1; a wish or a denial before it voids it."""
        found = -1
        for at, token in enumerate(self.tokens):
            if token.has(kind) and not self._is_voided(kind, at):
                found = token.start
        return found

    def _is_voided(self, kind: str, at: int) -> bool:
        """ "不是空号", "并没有战败"; of a loss also a wish or a denial that stands before it."""
        if kind in _DENIABLE and is_denied_before(self.text, self.tokens[at].start):
            return True
        if kind != "lost":
            return False
        before = self.tokens[at - 1] if at else None
        near = before is not None and self.tokens[at].start - before.end <= 1
        return near and before is not None and before.has("plan_wish", "not_yet")
