"""Segments that come with the program, each until a row of the same code takes its place."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

_Document = Mapping[str, Any]
INSURED_YEARS = range(1, 9)
"""Years after its delivery in which the insurance of a car is to be renewed."""


def _is(field: str, value: str | bool) -> _Document:
    return {"field": field, "op": "eq", "value": value}


def _before(field: str, **when: object) -> _Document:
    return {"field": field, "op": "before", **when}


def _after(field: str, **when: object) -> _Document:
    return {"field": field, "op": "after", **when}


def _weak_defeat(*reasons: str) -> _Document:
    """Weak resistance is what leaves a defeated customer in the nurture pool."""
    because = {"field": "defeat_reason", "op": "in", "value": list(reasons)}
    return {"and": [_is("pool", "nurture"), _is("state", "defeated"), because]}


def _no_reaction_since(field: str) -> list[_Document]:
    """Nothing came from the customer after that, and nobody reached them."""
    return [{"not": _after(name, than=field)} for name in ("contacted_at", "last_message_at")]


def _a_month_before(field: str, years: int) -> _Document:
    """The month before so many whole years are over."""
    months = 12 * years
    return {"and": [_before(field, months_ago=months - 1), _after(field, months_ago=months)]}


READY: Mapping[str, _Document] = MappingProxyType(
    {
        "c_warm_up": {"and": [_is("pool", "nurture"), _is("level", "C")]},
        "weak_defeat_price": _weak_defeat("price", "finance"),
        "weak_defeat_competitor": _weak_defeat("competitor", "brand", "product"),
        "weak_defeat_timing": _weak_defeat("timing", "no_need"),
        "weak_defeat_stock": _weak_defeat("stock"),
        "weak_defeat_distance": _weak_defeat("distance"),
        "weak_defeat_family": _weak_defeat("family"),
        "weak_defeat_service": _weak_defeat("service"),
        "dormant_30": {
            "and": [_before("dormant_at", days_ago=30), _after("dormant_at", days_ago=90)]
        },
        "dormant_90": {"and": [_before("dormant_at", days_ago=90)]},
        "unanswered_quote": {
            "and": [
                _before("quoted_at", days_ago=3),
                _after("quoted_at", days_ago=90),
                *_no_reaction_since("quoted_at"),
                {"field": "ordered_at", "op": "unset"},
            ]
        },
        "test_drive_no_order": {
            "and": [
                _before("test_drove_at", days_ago=7),
                _after("test_drove_at", days_ago=180),
                {"not": _after("ordered_at", than="test_drove_at")},
                {"not": _after("delivered_at", than="test_drove_at")},
            ]
        },
        "traffic_no_phone": {
            "and": [_is("pool", "traffic"), _is("has_phone", False), _is("follows", True)]
        },
        "owners_insurance_due": {
            "and": [
                _is("pool", "owners"),
                {"or": [_a_month_before("delivered_at", years) for years in INSURED_YEARS]},
            ]
        },
        "owners_36_months": {
            "and": [
                _is("pool", "owners"),
                _before("delivered_at", months_ago=36),
                _after("delivered_at", months_ago=48),
            ]
        },
    }
)
