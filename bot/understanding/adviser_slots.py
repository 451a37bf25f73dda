"""Slots a note states outright: which lead, which level, whether a WeChat friend."""

from functools import cache

from bot.understanding.adviser_patterns import pattern, patterns, words
from bot.understanding.adviser_reading import Token
from bot.understanding.normalise import Normalised
from bot.understanding.phones import find_phones
from texts import lexicon


def find_lead_ref(sentence: Normalised, tokens: list[Token]) -> str | None:
    """ "#12", else the last four digits of a phone, else a person as the note names them."""
    text = sentence.text
    number = pattern("number_ref").search(text) or pattern("number_word_ref").search(text)
    if number:
        return f"#{number['ref']}"
    for tail in patterns("tail_ref"):
        if match := tail.search(text):
            return match["ref"]
    if spoken := pattern("spoken_tail").search(text):
        return _digits(spoken["ref"] or spoken["bare"])
    phones = find_phones(text)
    if phones:
        return phones[0].digits[-4:]
    return _person(sentence, tokens)


def find_level(text: str, tokens: list[Token]) -> str | None:
    """The level stated last, as one capital letter; a car's class ("B级车") is none."""
    found: list[tuple[int, str]] = []
    rivals = {t.end for t in tokens if t.has("rival_brand", "rival_model")}
    models = {i for t in tokens if t.model for i in range(t.start, t.end)}
    for stated in patterns("level"):
        for match in stated.finditer(text):
            at = match.start("level")
            denied = pattern("level_denied_before").search(text[: match.start()])
            if at not in rivals and at not in models and not denied:
                found.append((at, match["level"].upper()))
    return max(found)[1] if found else None


def has_added_wechat(text: str) -> bool:
    """Whether the customer is a WeChat friend since this contact."""
    for added in patterns("wechat_added"):
        for match in added.finditer(text):
            before, after = text[: match.start()], text[match.end() :]
            done = pattern("wechat_done").search(match.group())
            later = not done and pattern("wechat_later_before").search(before)
            denied = pattern("wechat_denied_before").search(before)
            if not (denied or later or pattern("wechat_denied_after").match(after)):
                return True
    return False


def _digits(spoken: str) -> str:
    """ "六六三八" as 6638."""
    said = words("spoken_digits")
    return "".join(str(next(n for n, ways in enumerate(said) if c in ways)) for c in spoken)


def _person(sentence: Normalised, tokens: list[Token]) -> str | None:
    strangers = words("not_a_name")
    taken = {i for t in tokens if t.model or t.time for i in range(t.start, t.end)}
    for name in ("person_ref", "short_person_ref", "full_name_ref", "running_name_ref"):
        for match in pattern(name).finditer(sentence.text):
            near = sentence.text[match.start("ref") : match.end("ref") + 2]
            whole_name = name in {"full_name_ref", "running_name_ref"}
            if near.startswith(tuple(strangers)) or (whole_name and _is_known(match["ref"])):
                continue
            if not taken.isdisjoint(range(*match.span("ref"))):
                continue
            return sentence.original(match.start("ref"), match.end("ref"))
    return None


def _is_known(name: str) -> bool:
    """A beginning such as "高意向" or "关机" is no name: it is a word of ours."""
    return any(word in name for word in _known_words())


@cache
def _known_words() -> frozenset[str]:
    groups = lexicon.load("adviser")["words"].values()
    return frozenset(word for group in groups for word in group if len(word) > 1)
