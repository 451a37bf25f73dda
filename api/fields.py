"""The kinds of fields requests are made of: bounded, cleaned, and never echoed in an error."""

import re
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from domain.phone import LONGEST as LONGEST_PHONE
from domain.phone import InvalidPhone, parse_phone

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)
LARGEST_INT = 2_000_000_000
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]")
_SPACE_FOR_PLUS = re.compile(r"(T[\d:.]+) (\d{2}:?\d{2})")


def clean(text: str) -> str:
    """Without what PostgreSQL and XML refuse: NUL, other controls, lone surrogates."""
    return _UNSTORABLE.sub("", text)


def _clean(value: object) -> object:
    return clean(value) if isinstance(value, str) else value


def _phone(value: str) -> str:
    try:
        return parse_phone(value)
    except InvalidPhone as fault:
        raise ValueError(fault.errors[0][1]) from None


def _only_text(value: object) -> object:
    if not isinstance(value, datetime) and not (isinstance(value, str) and _DATE.match(value)):
        raise ValueError("must be a time in ISO 8601 with an offset")
    return value


def _moment(value: datetime) -> datetime:
    if not EARLIEST <= value <= LATEST:
        raise ValueError("must be between the years 2000 and 2100")
    return value.astimezone(UTC)


def _plus_back(value: object) -> object:
    """In a query string an unescaped `+` of an offset arrives as a space."""
    return _SPACE_FOR_PLUS.sub(r"\1+\2", value) if isinstance(value, str) else value


_line = r"^[^\x00-\x1f\x7f]+$"
Text32 = Annotated[str, BeforeValidator(_clean), StringConstraints(max_length=32)]
Text64 = Annotated[str, BeforeValidator(_clean), StringConstraints(max_length=64)]
Text200 = Annotated[str, BeforeValidator(_clean), StringConstraints(max_length=200)]
Text4000 = Annotated[str, BeforeValidator(_clean), StringConstraints(max_length=4000)]
Name64 = Annotated[
    str,
    BeforeValidator(_clean),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=64),
]
Reason = Annotated[
    str,
    BeforeValidator(_clean),
    StringConstraints(strip_whitespace=True, min_length=2, max_length=200),
]
Source = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64, pattern=_line)
]
ExternalId = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=128, pattern=_line)
]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z_.-]{0,31}$")]
LevelCode = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,7}$")]
Userid = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z_.@-]{1,64}$")]
PlatformId = Annotated[str, StringConstraints(pattern=r"^[!-~]{1,128}$")]
Phone = Annotated[str, StringConstraints(max_length=LONGEST_PHONE), AfterValidator(_phone)]
Moment = Annotated[
    AwareDatetime, Field(strict=False), BeforeValidator(_only_text), AfterValidator(_moment)
]
QueryMoment = Annotated[Moment, BeforeValidator(_plus_back)]
Day = Annotated[date, Field(ge=EARLIEST.date(), le=LATEST.date())]
Count = Annotated[int, Field(ge=0, le=LARGEST_INT)]
PageSize = Annotated[int, Field(ge=1, le=200)]


class Body(BaseModel):
    """A request body: unknown fields are errors, numbers are numbers, texts are texts."""

    model_config = ConfigDict(
        extra="forbid", strict=True, allow_inf_nan=False, hide_input_in_errors=True
    )


class Query(BaseModel):
    """A query string: unknown parameters are errors, values are read from text."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class View(BaseModel):
    """Part of an answer."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


def iso(value: datetime) -> str:
    """A moment as answers write it: UTC with its offset spelled out."""
    return value.astimezone(UTC).isoformat()
