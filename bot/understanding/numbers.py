"""Numbers, money and lengths of time as people type and say them.

Every function reads normalised text (see normalise.py).
"""

import re
from dataclasses import dataclass
from functools import cache

from texts import lexicon


@dataclass(frozen=True, slots=True)
class Money:
    """An amount or a range in yuan.

    `bare` if neither a unit nor a currency was written; `written` is the number before the unit,
    so that the reader of "19.8" may decide what it counts.
    """

    start: int
    end: int
    low: int
    high: int
    bare: bool = False
    written: float = 0.0

    @property
    def amount(self) -> int:
        """The upper end: who says "15 to 20" can pay 20."""
        return self.high


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time, in whole days (0 if shorter than a day) and in minutes."""

    start: int
    end: int
    days: int
    minutes: int


def parse_number(written: str) -> float | None:
    """The value of one number: digits, Chinese numerals or both; None if it is not one."""
    words = _words()
    if re.fullmatch(r"\d+(?:\.\d+)?", written):
        return float(written)
    if not written or any(c not in words.digits and c not in words.units for c in written):
        return _mixed(written) if written else None
    if all(c in words.digits for c in written):
        return float("".join(str(words.digits[c]) for c in written))
    return _grouped(written)


def find_money(text: str, *, bare: bool = False) -> list[Money]:
    """Amounts in yuan, left to right; with `bare` also numbers without unit or currency."""
    found: list[Money] = []
    for match in _money_pattern().finditer(text):
        money = _read_money(match)
        if money and (bare or not money.bare):
            found.append(money)
    return found


def find_durations(text: str) -> list[Duration]:
    """Lengths such as half a month, three weeks, two hours; a vague count is rounded up."""
    found: list[Duration] = []
    data = lexicon.load("numbers")["duration"]
    for match in _duration_pattern().finditer(text):
        counts = [parse_number(c) for c in (match["count"], match["to"]) if c]
        count = 0.5 if match["half"] else max((c for c in counts if c is not None), default=0.0)
        if match["count"] and not match["to"] and _is_two_digits(match["count"]):
            count = float(_words().digits[match["count"][-1]])
        count += 0.5 if match["extra"] else 0
        unit = match["unit"]
        minutes = count * (data["minutes"].get(unit) or data["days"][unit] * 1440)
        if 0 < minutes < 1440 * 36500:
            found.append(Duration(*match.span(), int(minutes // 1440), int(minutes)))
    return found


@dataclass(frozen=True, slots=True)
class _Words:
    digits: dict[str, int]
    units: dict[str, int]
    half: str
    point: str


@cache
def _words() -> _Words:
    data = lexicon.load("numbers")
    return _Words(data["digits"], data["units"], data["marks"]["half"], data["marks"]["point"])


def _mixed(written: str) -> float | None:
    """Digits with a Chinese unit ("1.5万", "19万8"), or a spoken decimal point."""
    words = _words()
    if written.count(words.point) == 1:
        whole, fraction = (parse_number(part) for part in written.split(words.point))
        if whole is not None and fraction is not None and fraction < 1e6:
            return float(f"{whole:.0f}.{fraction:.0f}")
        return None
    tokens = re.findall(r"\d+(?:\.\d+)?|\D", written)
    return _add_up(tokens) if all(_is_number_word(token) for token in tokens) else None


def _grouped(written: str) -> float | None:
    return _add_up(list(written))


def _is_number_word(token: str) -> bool:
    words = _words()
    return token[0].isdigit() or token in words.digits or token in words.units


def _add_up(tokens: list[str]) -> float | None:
    """Units multiply what stands before them; a last bare digit counts tenths of its unit."""
    words = _words()
    total = section = number = 0.0
    last_unit, after_zero = 1, False
    for token in tokens:
        if token in words.units:
            unit = words.units[token]
            if unit >= 10_000:
                total = (total + section + number) * unit or float(unit)
                section = number = 0.0
            else:
                section, number = section + (number or 1.0) * unit, 0.0
            last_unit, after_zero = unit, False
        else:
            value = float(token) if token[0].isdigit() else float(words.digits[token])
            after_zero = after_zero or value == 0
            number = number * 10 + value if number and value < 10 else value
    tenths = last_unit >= 100 and 0 < number < 10 and not after_zero
    return total + section + (number * last_unit / 10 if tenths else number)


def _is_two_digits(written: str) -> bool:
    """Two numerals in a row ("两三", "十五六") name a span, not one number."""
    digits = _words().digits
    return len(written) >= 2 and all(c in digits and digits[c] for c in written[-2:])


def _alternatives(options: list[str]) -> str:
    return "|".join(re.escape(o) for o in sorted(options, key=len, reverse=True))


def _numeral() -> str:
    words = _words()
    chinese = "".join({*words.digits, *(u for u in words.units if not u.isascii())})
    return rf"(?:\d{{1,3}}(?:,\d{{3}})+|\d+(?:\.\d+)?|[{chinese}]+(?:{words.point}[{chinese}]+)?)"


@cache
def _money_pattern() -> re.Pattern[str]:
    marks = lexicon.load("numbers")["marks"]
    words = _words()
    about = f"(?:{_alternatives(marks['about'])})*"
    unit = f"(?:{_alternatives(list(words.units))})(?![a-z])"
    digit = "".join(words.digits)
    currency = f"(?:{_alternatives(marks['currency'])})"

    def one(name: str) -> str:
        return (
            rf"(?P<{name}n>{_numeral()})(?:\s?{about}(?P<{name}u>{unit}))?"
            rf"(?P<{name}t>(?:\d+|[{digit}])(?![\d.{digit}])(?:{unit})?)?{about}"
        )

    span = rf"{one('a')}(?:\s?(?:{_alternatives(marks['range'])})\s?{one('b')})?"
    return re.compile(
        rf"(?<![a-z\d.])(?P<sign>[￥¥])?(?>{span}(?:\s?(?P<currency>{currency}))?)"
        rf"(?!\s?(?:{_alternatives(marks['not_money'])}))"
        rf"(?!{_alternatives(marks['not_money_close'])})(?![a-z])"
    )


def _read_money(match: re.Match[str]) -> Money | None:
    end = _amount(match["an"], match["au"], match["at"])
    if end is None:
        return None
    low, high = end
    unit = match["au"] or ""
    if match["bn"]:
        upper = _amount(match["bn"], match["bu"] or match["au"], match["bt"])
        if upper is None:
            return None
        if match["bu"] and not match["au"]:
            low = (_amount(match["an"], match["bu"], "") or (low, low))[0]
        if match["bn"][-1] in _words().units and not _has_big_unit(match["an"]):
            low = (_amount(match["an"], match["bn"][-1], "") or (low, low))[0]
        unit, high = unit or match["bu"] or "", upper[1]
    currency = match["currency"] or match["sign"]
    if high <= 0 or high > 1e12:
        return None
    bare = not (unit or currency or _has_big_unit(match["bn"] or match["an"]))
    written = parse_number((match["bn"] or match["an"]).replace(",", "")) or 0.0
    return Money(*match.span(), round(min(low, high)), round(max(low, high)), bare, written)


def _amount(number: str, unit: str | None, tail: str | None) -> tuple[float, float] | None:
    """Lower and upper value of a written amount; a range only for "十五六" and the like."""
    number = number.replace(",", "")
    factor = _words().units[unit] if unit else 1
    pair = _pair_pattern().search(number)
    if pair and (unit or len(number) > 2):
        ends = [number[: pair.start()] + digit + number[pair.end() :] for digit in pair.groups()]
    else:
        ends = [number, number]
    low, high = parse_number(ends[0]), parse_number(ends[1])
    if low is None or high is None:
        return None
    if tail and unit:
        rest = parse_number(tail) or 0.0
        step = factor / 10 if rest < 10 else 1
        return high * factor + rest * step, high * factor + rest * step
    return low * factor, high * factor


@cache
def _pair_pattern() -> re.Pattern[str]:
    """Two numerals side by side before a unit or the end: a span such as "十五六万"."""
    words = _words()
    digit = "".join(c for c, value in words.digits.items() if value)
    return re.compile(rf"(?<![{digit}])([{digit}])([{digit}])(?=[{''.join(words.units)}]|$)")


def _has_big_unit(number: str) -> bool:
    return any(c in number for c, size in _words().units.items() if size >= 1000)


@cache
def _duration_pattern() -> re.Pattern[str]:
    data = lexicon.load("numbers")["duration"]
    marks = lexicon.load("numbers")["marks"]
    units = _alternatives([*data["days"], *data["minutes"]])
    half = _alternatives(data["half_words"])
    span = _alternatives(marks["range"])
    whole = rf"(?<![\d{''.join(_words().digits)}])"
    return re.compile(
        rf"(?:(?P<half>{half})|{whole}(?P<count>{_numeral()})(?:{span}(?P<to>{_numeral()}))?)"
        rf"{data['after']}(?P<extra>{_words().half})?(?P<unit>{units})"
    )
