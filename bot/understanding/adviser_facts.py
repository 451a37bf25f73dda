"""What a note says was done, is agreed, is only wished for, or did not happen."""

from dataclasses import replace
from datetime import datetime
from itertools import takewhile

from bot.understanding.adviser_frame import Fact, Frame, Status
from bot.understanding.adviser_reading import Token
from bot.understanding.adviser_signs import (
    fixes_time,
    has_been,
    is_car_arriving,
    is_complete,
    is_denied_after,
    is_due,
    is_elsewhere,
    is_favoured,
    is_place_of_rival,
    is_put_off,
    mark,
    marks,
    names_model,
    next_in_clause,
)

EVENTS = (
    "take",
    "deliver",
    "order",
    "quote",
    "drive",
    "visit",
    "seen",
    "come",
    "buy",
    "buy_plain",
)


def find_facts(text: str, tokens: list[Token], now: datetime) -> list[Fact]:
    """The events of a note in order, each with its status."""
    facts: list[Fact] = []
    frame = Frame()
    for at, token in enumerate(tokens):
        if token.has("break"):
            frame = frame.after_break(token.text, facts[-1] if facts else None)
        elif fixes_time(tokens, at):
            frame.firm = True
        elif token.has(*EVENTS) or _is_look(tokens, at, frame):
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
            frame.elsewhere |= is_place_of_rival(text, token)
            if token.has("model", "rival_brand", "rival_model"):
                frame.favours_rival = token.model is None and is_favoured(tokens, at)
            frame.since = at if token.time is not None else frame.since
    return facts


def _all_done(facts: list[Fact], since: int) -> list[Fact]:
    """ "下午到店试驾了": what the last event completes, those before it share."""
    agreed = {f.at for f in facts if f.at >= since and f.status is Status.AGREED}
    return [replace(f, status=Status.DONE) if f.at in agreed else f for f in facts]


def _fact(text: str, tokens: list[Token], at: int, frame: Frame) -> Fact | None:
    token = tokens[at]
    if mark("before").match(text, token.end) or is_car_arriving(tokens, at):
        return None
    kind = next((kind for kind in EVENTS if token.has(kind)), "visit")
    if kind == "take":
        return _fact_taken(tokens, at)
    status = _status(text, tokens, at, frame)
    sure = is_complete(tokens, at) or frame.past
    sure = sure and token.text not in marks()["weak_come"]
    if kind in {"come", "buy_plain"} and status is Status.DONE and not sure:
        return None
    kind = "buy" if kind == "buy_plain" else kind
    ours = names_model(tokens, at)
    theirs = frame.favours_rival and kind in {"order", "deliver", "buy"} and not ours
    away = frame.elsewhere or theirs or is_elsewhere(tokens, at)
    if kind == "buy" and ours and not away and not frame.past:
        kind = "order"  # "全款买了台宝来": from whom else
    return Fact(kind, status, at, away)


def _is_look(tokens: list[Token], at: int, frame: Frame) -> bool:
    """ "明天十点 王工 看迈腾": to look at a car at a time to come is a visit."""
    after = next_in_clause(tokens, at)
    look = tokens[at].text in marks()["look"] and (frame.ahead or frame.today) and not frame.wish
    return look and after is not None and after.model is not None


def _fact_taken(tokens: list[Token], at: int) -> Fact | None:
    """ "内部价拿了天籁": something bought, if another brand stands there."""
    after = next_in_clause(tokens, at)
    near = after is not None and after.start - tokens[at].end <= 1
    rival = near and after is not None and after.has("rival_brand", "rival_model")
    return Fact("buy", Status.DONE, at, elsewhere=True) if rival else None


def _status(text: str, tokens: list[Token], at: int, frame: Frame) -> Status:
    token = tokens[at]
    if token.start <= frame.denied_until or is_denied_after(tokens, at):
        return Status.DENIED
    if is_put_off(text, token) or is_due(tokens, at):
        return Status.WISHED
    if at and tokens[at - 1].has("agrees") and tokens[at - 1].end == token.start:
        return Status.AGREED
    after = next_in_clause(tokens, at)
    arranged = after is not None and after.has("plan_firm") and after.start == token.end
    if arranged and token.text not in marks()["things"]:
        return Status.AGREED
    complete = is_complete(tokens, at)
    if frame.ahead:
        been = frame.past or has_been(tokens, at)
        return Status.DONE if been and not frame.firm else Status.AGREED
    if frame.firm and not (complete and (frame.past or token.has("seen"))):
        return Status.AGREED
    if complete or frame.past:
        return Status.DONE
    if frame.today or _takes_over(token, frame) or _hour_follows(tokens, at):
        return Status.AGREED
    return Status.WISHED if frame.wish else Status.DONE


def _takes_over(token: Token, frame: Frame) -> bool:
    """Whether the clause before lends its tense."""
    alone = token.text in marks()["stands_for_itself"]
    return frame.carried and token.has(*marks()["carried"]) and not alone


def _hour_follows(tokens: list[Token], at: int) -> bool:
    """ "今天下班来店里 六点左右": the hour of an event behind it, with nothing else to govern."""
    if not tokens[at].has("visit", "come", "drive"):
        return False
    rest = tokens[at + 1 :]
    if rest and rest[0].has("break"):
        rest = rest[1:]
    if not rest or rest[0].time is None or rest[0].time.kind not in {"moment", "part"}:
        return False
    clause = list(takewhile(lambda token: not token.has("break"), rest[1:]))
    return not any(token.has(*EVENTS, "follow", "go_on", "aspect") for token in clause)
