"""Questions to the database whose SQL is remembered: Tortoise writes each statement anew every
time it is asked, which costs several times as much as running it.

Two questions of one shape (same table, fields, order, and filters with values of the same kind)
have the same SQL and differ in their parameters alone. The first of a shape is built by Tortoise;
if its parameters are those expected here, its SQL is kept for the next. Whatever is out of the
ordinary (annotations, expressions, related rows) is built by Tortoise as ever.
"""

from collections import Counter
from collections.abc import Generator, Iterable
from datetime import date, datetime
from enum import Enum
from typing import Any

from tortoise.expressions import Q
from tortoise.manager import Manager
from tortoise.models import Model
from tortoise.queryset import (
    BulkCreateQuery,
    ExistsQuery,
    QuerySet,
    UpdateQuery,
    ValuesListQuery,
)

MOST = 4096
"""Shapes kept; then it begins anew."""
LONGEST = 64
"""Longer lists of values are not worth remembering: there are too many lengths."""
_PLAIN = frozenset({str, int, float, bool, datetime, date})
_LISTS = frozenset({list, tuple, set, frozenset})
_STORED = _PLAIN | {list, dict, type(None)}
COMPARED = 0
"""How many further statements of a shape are held against Tortoise's own. The tests compare some
of each, with whatever values they bring, so that the whole suite vouches for what is kept."""

_sql_of: dict[tuple[Any, ...], str] = {}
"""Shape → its SQL; empty where the parameters are not as expected."""
_compared: Counter[tuple[Any, ...]] = Counter()

_inserts: dict[tuple[Any, ...], tuple[str, str]] = {}
"""Table and what to do about conflicts → the SQL of many new rows."""


class _Unusual(Exception):
    """Tortoise has to write this one."""


class _Written:
    """A statement that need not be written again."""

    def __init__(self, sql: str, values: list[Any]) -> None:
        self._known = sql, values

    def get_parameterized_sql(self) -> tuple[str, list[Any]]:
        return self._known


class _Asked:
    """A statement in Tortoise's words: what is its shape, and which values go with it."""

    def __init__(self, query: Any, *about: Any) -> None:
        self._model: type[Model] = query.model
        self.shape: list[Any] = [type(query), query.model, query._db.capabilities.dialect, *about]
        self.values: list[Any] = []

    def sets(self, values: dict[str, Any]) -> None:
        for name, value in values.items():
            field = self._model._meta.fields_map.get(name)
            if field is None or field.pk or name not in self._model._meta.fields_db_projection:
                raise _Unusual
            if not (type(value) in _STORED or isinstance(value, Enum)):
                raise _Unusual
            self.shape.append(name)
            self._take(field.to_db_value(value, None))  # type: ignore[arg-type]

    def filters(self, conditions: Iterable[Q]) -> None:
        for condition in conditions:
            self.shape.append(
                (condition.join_type, condition._is_negated, len(condition.children))
            )
            self.filters(condition.children)
            for key, value in condition.filters.items():
                self._filter(key, value)

    def numbers(self, *numbers: int | None) -> None:
        """Limit and offset."""
        for number in numbers:
            self.shape.append(number is not None)
            if number is not None:
                self.values.append(number)

    def _filter(self, key: str, value: Any) -> None:
        model, name = self._model, key
        while name not in model._meta.filters and "__" in name:
            relation, _, name = name.partition("__")
            if relation not in model._meta.fetch_fields:
                raise _Unusual
            model = model._meta.fields_map[relation].related_model  # type: ignore[attr-defined]
        self.shape.append(key)
        self._compare(model, name, value)

    def _compare(self, model: type[Model], key: str, value: Any) -> None:
        meta = model._meta
        if value is None and f"{key}__isnull" in meta.filters:
            self.shape.append(None)
            return
        if key not in meta.filters or key in meta.fetch_fields:
            raise _Unusual
        info = meta.get_filter(key)
        kind = type(value)
        if "table" in info or not (kind in _PLAIN or kind in _LISTS or isinstance(value, Enum)):
            raise _Unusual
        field = meta.fields_map[info["field"]]
        encode = info.get("value_encoder")
        given = encode(value, model, field) if encode else field.to_db_value(value, model)
        if key.endswith("__isnull"):
            self.shape.append(bool(given))
        elif isinstance(given, list):
            if len(given) > LONGEST:
                raise _Unusual
            self.shape.append(len(given))
            for one in given:
                self._take(one)
        else:
            self._take(given)

    def _take(self, value: Any) -> None:
        """Enums and None are written into the SQL itself, other values beside it."""
        kind = type(value)
        if value is None or isinstance(value, Enum):
            self.shape.append((kind, value))
        elif kind in _PLAIN and value != "*":
            self.shape.append(kind)
            self.values.append(value)
        else:
            raise _Unusual


class _Remembers:
    """What each kind of statement has in common."""

    __slots__ = ()

    def _asked(self) -> _Asked:
        raise NotImplementedError

    def __await__(self) -> Generator[Any, None, Any]:
        query: Any = self
        query._db = query._db or query.model._meta.db
        try:
            asked = self._asked()
        except _Unusual:
            query._make_query()
        else:
            _write(query, tuple(asked.shape), asked.values)
        return query._execute().__await__()  # type: ignore[no-any-return]


def _write(query: Any, shape: tuple[Any, ...], values: list[Any]) -> None:
    sql = _sql_of.get(shape)
    if sql and _compared[shape] >= COMPARED:
        query.query = _Written(sql, values)
        query._select_related_idx = []
        return
    query._make_query()
    if sql is None:
        if len(_sql_of) >= MOST:
            _sql_of.clear()
        built, given = query.query.get_parameterized_sql()
        _sql_of[shape] = built if given == values else ""
    elif sql:
        _compared[shape] += 1
        if query.query.get_parameterized_sql() != (sql, values):
            raise AssertionError(f"remembered wrongly: {sql}")


class _Exists(_Remembers, ExistsQuery):
    __slots__ = ()

    def _asked(self) -> _Asked:
        if self._annotations or self._force_indexes or self._use_indexes:
            raise _Unusual
        asked = _Asked(self)
        asked.filters(self._q_objects)
        asked.numbers(1)
        return asked


class _ValuesList(_Remembers, ValuesListQuery[Any]):
    __slots__ = ()

    def _asked(self) -> _Asked:
        if self._annotations or self._group_bys or self._force_indexes or self._use_indexes:
            raise _Unusual
        fields = tuple(self._fields_for_select_list)
        asked = _Asked(self, fields, self._distinct, *self._orderings)
        asked.filters(self._q_objects)
        asked.numbers(self._limit or None, self._offset or None)
        return asked


class _Update(_Remembers, UpdateQuery):
    __slots__ = ()

    def _asked(self) -> _Asked:
        if self._annotations or self._limit or self._orderings:
            raise _Unusual
        asked = _Asked(self)
        asked.sets(self.update_kwargs)
        asked.filters(self._q_objects)
        return asked


class _BulkCreate(BulkCreateQuery[Any]):
    __slots__ = ()

    def _make_queries(self, omit_fields: set[str] | None = None) -> tuple[str, str]:
        left_out, updated = frozenset(omit_fields or ()), tuple(self._update_fields or ())
        how = (self._ignore_conflicts, updated, tuple(self._on_conflict or ()), left_out)
        key = (self.model, self._db.capabilities.dialect, how)
        if key not in _inserts:
            _inserts[key] = super()._make_queries(omit_fields)
        return _inserts[key]


class Remembering(_Remembers, QuerySet[Any]):
    """A queryset as ever; what is asked of it is remembered."""

    __slots__ = ("_fresh",)

    def __init__(self, model: type[Model], *, fresh: bool = False) -> None:
        super().__init__(model)
        self._fresh = fresh
        """Nobody has it in hand yet, so the first change needs no copy."""

    def _clone(self) -> "Remembering":
        if self._fresh:
            self._fresh = False
            return self
        clone: Any = super()._clone()
        clone._fresh = False
        return clone  # type: ignore[no-any-return]

    def _asked(self) -> _Asked:
        if (
            self._annotations
            or self._fields_for_select
            or self._prefetch_map
            or self._prefetch_queries
            or self._select_related
            or self._having
            or self._group_bys
            or self._force_indexes
            or self._use_indexes
        ):
            raise _Unusual
        locks = (
            self._select_for_update,
            self._select_for_update_nowait,
            self._select_for_update_skip_locked,
            self._select_for_update_no_key,
            frozenset(self._select_for_update_of),
        )
        asked = _Asked(self, locks, self._distinct, *self._orderings)
        asked.filters(self._q_objects)
        asked.numbers(self._limit, self._offset)
        return asked

    def exists(self) -> Any:
        return _as(_Exists, super().exists())

    def update(self, **kwargs: Any) -> Any:
        return _as(_Update, super().update(**kwargs))

    def bulk_create(self, *args: Any, **kwargs: Any) -> Any:
        return _as(_BulkCreate, super().bulk_create(*args, **kwargs))

    def values_list(self, *fields_: str, flat: bool = False) -> Any:
        return _as(_ValuesList, super().values_list(*fields_, flat=flat))


def _as(kind: type, query: Any) -> Any:
    query.__class__ = kind
    return query


class RememberingManager(Manager):
    """What a model is asked through."""

    def get_queryset(self) -> QuerySet[Any]:
        return Remembering(self._model, fresh=True)


def forget() -> None:
    """Let every statement be written anew."""
    _sql_of.clear()
    _inserts.clear()
    _compared.clear()


def remember(models: Iterable[type[Model]]) -> None:
    """Have these models asked through querysets that remember."""
    for model in models:
        model._meta.manager = RememberingManager(model)
