"""What a segment may ask about: each field, its kind, and the words it may be compared with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from domain.consent import PURPOSES
from domain.lead import LeadState
from domain.pools import POOLS


class Kind(StrEnum):
    """What can be asked of a field."""

    CODE = "code"
    FLAG = "flag"
    NUMBER = "number"
    MOMENT = "moment"
    PURPOSE = "purpose"  # a consent in force
    COUNT = "count"  # how often within so many days


OPERATORS: Mapping[Kind, tuple[str, ...]] = MappingProxyType(
    {
        Kind.CODE: ("eq", "ne", "in", "not_in", "set", "unset"),
        Kind.FLAG: ("eq",),
        Kind.NUMBER: ("eq", "ne", "lt", "le", "gt", "ge", "set", "unset"),
        Kind.MOMENT: ("before", "after", "set", "unset"),
        Kind.PURPOSE: ("has", "has_not"),
        Kind.COUNT: ("eq", "ne", "lt", "le", "gt", "ge"),
    }
)


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `choices`: the only words it can hold, where that is known."""

    name: str
    kind: Kind
    choices: tuple[str, ...] = ()


_GROUPED: Mapping[str, tuple[Field, ...]] = {
    "customer": (
        Field("pool", Kind.CODE, POOLS),
        Field("link", Kind.CODE, ("brand", "dealer", "none")),
        Field("city", Kind.CODE),
        Field("has_phone", Kind.FLAG),
        Field("follows", Kind.FLAG),
        Field("opted_out", Kind.FLAG),
        Field("consented", Kind.PURPOSE, tuple(sorted(PURPOSES))),
        Field("leads", Kind.NUMBER),
        Field("known_since", Kind.MOMENT),
        Field("last_message_at", Kind.MOMENT),
        Field("touched_at", Kind.MOMENT),
        Field("touches", Kind.COUNT),
    ),
    # of the lead that counts: the open one active last, else the one active last
    "lead": (
        Field("level", Kind.CODE),
        Field("state", Kind.CODE, tuple(str(state) for state in LeadState)),
        Field("source", Kind.CODE),
        Field("model", Kind.CODE),
        Field("dealer", Kind.CODE),
        Field("region", Kind.CODE),
        Field("attribution", Kind.CODE, ("new", "won_back", "converted")),
        Field("defeat_reason", Kind.CODE),
        Field("score", Kind.NUMBER),
        Field("budget", Kind.NUMBER),
        Field("purchase_window_days", Kind.NUMBER),
        Field("opened_at", Kind.MOMENT),
        Field("active_at", Kind.MOMENT),
        Field("closed_at", Kind.MOMENT),
        Field("defeated_at", Kind.MOMENT),
        Field("dormant_at", Kind.MOMENT),
    ),
    # when it happened last, over all leads
    "happened": (
        Field("tried_at", Kind.MOMENT),
        Field("contacted_at", Kind.MOMENT),
        Field("visited_at", Kind.MOMENT),
        Field("test_drove_at", Kind.MOMENT),
        Field("quoted_at", Kind.MOMENT),
        Field("ordered_at", Kind.MOMENT),
        Field("delivered_at", Kind.MOMENT),
    ),
}

GROUPS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {group: tuple(field.name for field in fields) for group, fields in _GROUPED.items()}
)
FIELDS: Mapping[str, Field] = MappingProxyType(
    {field.name: field for fields in _GROUPED.values() for field in fields}
)
