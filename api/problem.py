"""The shape of every refusal: a problem document (RFC 9457)."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, Field

MOST_ERRORS = 50
MOST_LOC_CHARS = 200
FieldFault = tuple[str, str]
"""Where (dotted path) and what is wrong there; never the value."""


class FieldError(BaseModel):
    """One thing wrong with the input."""

    loc: str = Field(examples=["customer.phone"])
    msg: str


class Problem(BaseModel):
    """A refusal. `code` is stable; `facts` are what the refusal rests on."""

    type: str = Field(examples=["urn:leadloop:problem:wrong_state"])
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldError] | None = None
    facts: dict[str, Any] | None = None
    line: int | None = Field(
        default=None, description="In a batch: the line it speaks of, from 1."
    )


def problem(
    status: int,
    code: str,
    detail: str = "",
    errors: Sequence[FieldFault] = (),
    facts: Mapping[str, object] | None = None,
) -> dict[str, Any]:
    """A problem document, without the parts that are empty."""
    phrase = HTTPStatus(status).phrase
    document: dict[str, Any] = {
        "type": f"urn:leadloop:problem:{code}",
        "title": phrase,
        "status": status,
        "detail": detail or phrase,
        "code": code,
    }
    if errors:
        shown = errors[:MOST_ERRORS]
        document["errors"] = [{"loc": loc[:MOST_LOC_CHARS], "msg": msg} for loc, msg in shown]
    if facts:
        document["facts"] = dict(facts)
    return document
