"""What the doctor says: one line a finding, and what to do about it."""

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` was looked at, `says` what was seen; `todo` is empty only when all is well."""

    state: State
    what: str
    says: str
    todo: str = ""


def fine(what: str, says: str) -> Finding:
    return Finding("ok", what, says)


def warning(what: str, says: str, todo: str) -> Finding:
    return Finding("warning", what, says, todo)


def error(what: str, says: str, todo: str) -> Finding:
    return Finding("error", what, says, todo)
