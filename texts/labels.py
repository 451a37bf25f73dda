"""Words for codes: levels, results, reasons, and what happened on a timeline."""

import re
import string
import tomllib
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

TIMEZONE = "Asia/Shanghai"
_OPTIONAL = re.compile(r"\[([^\[\]]*)\]")


def level_text(code: str) -> str:
    return _label("level", code)


def pool_text(code: str) -> str:
    return _label("pool", code)


def state_text(code: str) -> str:
    return _label("state", code)


def result_text(code: str) -> str:
    return _label("result", code)


def way_text(code: str) -> str:
    return _label("way", code)


def attribution_text(code: str) -> str:
    return _label("attribution", code)


def defeat_reason_text(code: str) -> str:
    return _label("defeat_reason", code)


def call_outcome_text(code: str) -> str:
    return _label("call_outcome", code)


def dormant_reason_text(code: str) -> str:
    return _label("dormant_reason", code)


def transfer_reason_text(code: str) -> str:
    return _label("transfer_reason", code)


def source_text(code: str) -> str:
    return _label("source", code)


def link_text(code: str) -> str:
    return _label("link", code)


def end_reason_text(code: str) -> str:
    return _label("end_reason", code)


def purpose_text(code: str) -> str:
    return _label("purpose", code)


def role_text(code: str) -> str:
    return _label("role", code)


def reason_text(reason: Mapping[str, Any], now: datetime | None = None, tz: str = TIMEZONE) -> str:
    """One `domain.reasons.Reason` (as JSON) in words; with `now`, days are said relative to it."""
    params = dict(reason.get("params") or {})
    if (days := params.get("days")) and "times" in params:
        words = _words()
        within = words["within_days"].format(days=_count(days))
        params["span"] = words["same_day"] if days == 1 else within
    template = _data()["reason"].get(reason.get("code"))
    return _filled(template, params, _Clock(now, tz)) if template else ""


def reason_texts(
    reasons: Iterable[Mapping[str, Any]], now: datetime | None = None, tz: str = TIMEZONE
) -> list[str]:
    """Every reason that has words, in the same order."""
    return [text for reason in reasons if (text := reason_text(reason, now, tz))]


def timeline_text(
    kind: str, data: Mapping[str, Any], now: datetime | None = None, tz: str = TIMEZONE
) -> str:
    """What happened, in one line; a kind without words is shown as it is."""
    template = _data()["timeline"].get(kind)
    if template is None:
        return kind
    told = dict(data)
    told["name"] = told.get("name") or told.get("userid")
    if told.get("before") in (told.get("level"), told.get("pool"), told.get("link")):
        told.pop("before", None)  # nothing changed
    if reasons := told.get("reasons"):
        said = _label("level", str(told.get("level")))
        told["reasons"] = [reason for reason in reasons if reason_text(reason) != said]
    return _filled(template, told, _Clock(now, tz))


class _Clock:
    """Says days and times as people do."""

    def __init__(self, now: datetime | None, tz: str) -> None:
        self.zone = ZoneInfo(tz)
        self.today = now.astimezone(self.zone).date() if now else None

    def day(self, value: object) -> str:
        at = self._local(value)
        return self._day(at.date()) if at else ""

    def moment(self, value: object) -> str:
        at = self._local(value)
        return f"{self._day(at.date())}{at:%H:%M}" if at else ""

    def _local(self, value: object) -> datetime | None:
        if isinstance(value, str):
            value = datetime.fromisoformat(value)
        if not isinstance(value, datetime):
            return None
        return value.astimezone(self.zone)

    def _day(self, day: date) -> str:
        words = _words()
        near = ("yesterday", "today", "tomorrow", "day_after_tomorrow")
        if self.today:
            away = (day - self.today).days
            if -1 <= away < len(near) - 1:
                return str(words[near[away + 1]])
            week = (_monday(day) - _monday(self.today)).days // 7
            if away > 0 and week in (0, 1):
                which = words["next_week" if week else "this_week"]
                return f"{which}{words['weekdays'][day.weekday()]}"
        return str(words["date"].format(month=day.month, day=day.day))


class _Words(string.Formatter):
    """Fills a template; the part after the colon names how a field is said."""

    def __init__(self, clock: _Clock) -> None:
        self.clock = clock
        self.missing = False

    def get_value(self, key: int | str, args: Any, kwargs: Mapping[str, Any]) -> Any:
        value = kwargs.get(str(key))
        self.missing = self.missing or value in (None, "", [], {})
        return "" if value is None else value

    def format_field(self, value: Any, format_spec: str) -> str:
        if value == "" or not format_spec:
            return str(value)
        match format_spec:
            case "number":
                return f"{value:g}" if isinstance(value, int | float) else str(value)
            case "count":
                return _count(value)
            case "day":
                return self.clock.day(value)
            case "moment":
                return self.clock.moment(value)
            case "reason":
                return reason_text(value) if isinstance(value, Mapping) else str(value)
            case "reasons":
                return str(_words()["reasons_between"]).join(reason_texts(value))
            case "purposes":
                between = str(_words()["purposes_between"])
                return between.join(_label("purpose", code) for code in value)
        return _label(format_spec, str(value))


def _filled(template: str | Mapping[str, str], params: Mapping[str, Any], clock: _Clock) -> str:
    chosen = template if isinstance(template, str) else _chosen(template, params)

    def optional(part: re.Match[str]) -> str:
        words = _Words(clock)
        text = words.vformat(part[1], (), params)
        return "" if words.missing else _escaped(text)

    return _Words(clock).vformat(_OPTIONAL.sub(optional, chosen), (), params)


def _chosen(variants: Mapping[str, str], params: Mapping[str, Any]) -> str:
    if field := variants.get("choose"):
        value = str(params.get(field, "")).lower()
        return variants.get(value, variants["other"])
    if params.get("at") and "at" in variants:
        return variants["at"]
    if params.get("times", 1) > 1 and "often" in variants:
        return variants["often"]
    return variants["once"]


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _label(kind: str, code: str) -> str:
    return str(_data()[kind].get(code, code))


def _count(number: Any) -> str:
    """Small numbers as people say them before a measure word: two is not the digit two."""
    words = _words()
    if number == 2:
        return str(words["two"])
    if isinstance(number, int) and 0 <= number <= 10:
        return str(words["digits"][number])
    return f"{number:g}"


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _words() -> dict[str, Any]:
    words: dict[str, Any] = _data()["words"]
    return words


@cache
def _data() -> dict[str, Any]:
    with Path(__file__).with_suffix(".toml").open("rb") as file:
        return tomllib.load(file)
