"""Columns of a row as they stood, kept as JSON and brought back."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from tortoise import fields
from tortoise.models import Model

Snapshot = dict[str, object]


def snapshot(row: Model, names: Iterable[str]) -> Snapshot:
    """What these columns hold now."""
    return {name: plain(getattr(row, name)) for name in names}


def bring_back(row: Model, kept: Mapping[str, object]) -> None:
    """Set the columns to what they held."""
    for name, value in kept.items():
        setattr(row, name, _value(row, name, value))


def plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _value(row: Model, name: str, kept: object) -> object:
    is_moment = isinstance(row._meta.fields_map[name], fields.DatetimeField)
    return datetime.fromisoformat(kept) if is_moment and isinstance(kept, str) else kept
