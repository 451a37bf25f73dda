"""Tortoise works out models and statements anew for every database; here once for each kind."""

from __future__ import annotations

from copy import copy
from typing import Any

import pytest
from tortoise.apps import Apps
from tortoise.backends.base import executor
from tortoise.models import MetaInfo

from db import engine

OF_A_KIND = (
    *("filters", "db_native_fields", "db_default_fields", "db_complex_fields"),
    *("basetable", "basequery", "basequery_all_fields"),
)
"""What SQLite and PostgreSQL have different, or needs the whole model."""

_work_out = Apps._build_initial_querysets
_worked: dict[type, list[tuple[MetaInfo, dict[str, Any]]]] = {}
_statements: dict[type, dict[str, Any]] = {}


def remember() -> None:
    """From now on what was worked out for a kind of database is put back, not made again."""
    Apps._build_initial_querysets = _recall


def forget(patch: pytest.MonkeyPatch) -> None:
    """For one test: as it is outside of tests."""
    patch.setattr(Apps, "_build_initial_querysets", _work_out)
    patch.setattr(executor, "EXECUTOR_CACHE", engine.EXECUTOR_CACHE)


def _recall(apps: Apps) -> None:
    metas = [model._meta for models in apps.values() for model in models.values()]
    kind = type(metas[0].db)
    if kind not in _worked:
        _work_out(apps)
        _worked[kind] = [
            (meta, {name: copy(getattr(meta, name)) for name in OF_A_KIND}) for meta in metas
        ]
    for meta, worked in _worked[kind]:
        for name, value in worked.items():
            setattr(meta, name, copy(value) if isinstance(value, dict | list) else value)
    executor.EXECUTOR_CACHE = _statements.setdefault(kind, {})
