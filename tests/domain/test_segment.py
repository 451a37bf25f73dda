"""Segments are read strictly: whoever writes one is told what is wrong, and where."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.segment import DEEPEST, MOST_TESTS, Every, Not, Segment, parse
from domain.segment_fields import FIELDS, OPERATORS, Kind
from domain.segment_tests import Ago, Test

C_LEVEL = {"field": "level", "op": "eq", "value": "C"}


def faults(document):
    with pytest.raises(InvalidInput) as refusal:
        parse(document)
    return refusal.value.errors


def nested(depth):
    return C_LEVEL if depth <= 1 else {"not": nested(depth - 1)}


def test_a_document_becomes_a_condition():
    dormant = {"field": "dormant_at", "op": "before", "days_ago": 30}
    document = {"and": [C_LEVEL, {"not": dormant}]}

    level = Test(FIELDS["level"], "eq", "C")
    long_ago = Test(FIELDS["dormant_at"], "before", Ago(days=30))
    assert parse(document) == Segment(Every((level, Not(long_ago))))


WRONG = [
    ("all", "document"),
    ([], "document"),
    ({}, "document"),
    ({"and": []}, "document.and"),
    ({"and": C_LEVEL}, "document.and"),
    ({"and": [C_LEVEL], "or": [C_LEVEL]}, "document"),
    ({"nor": [C_LEVEL]}, "document"),
    ({"and": [C_LEVEL, {"or": [{"field": "nmae", "op": "eq"}]}]}, "document.and.1.or.0.field"),
    ({"not": {"field": ["pool"], "op": "eq"}}, "document.not.field"),
    ({"field": "pool"}, "document.op"),
    ({"field": "pool", "op": ["eq"], "value": "out"}, "document.op"),
    ({"field": "pool", "op": "before", "days_ago": 1}, "document.op"),
    ({"field": "pool", "op": "eq"}, "document.value"),
    ({"field": "pool", "op": "eq", "value": "swimming"}, "document.value"),
    ({"field": "pool", "op": "eq", "value": "out", "days": 3}, "document.days"),
    ({"field": "city", "op": "eq", "value": ""}, "document.value"),
    ({"field": "city", "op": "eq", "value": "a\x00b"}, "document.value"),
    ({"field": "city", "op": "in", "value": ["长春", 5]}, "document.value.1"),
    ({"field": "city", "op": "in", "value": []}, "document.value"),
    ({"field": "city", "op": "in", "value": ["a"] * 201}, "document.value"),
    ({"field": "city", "op": "set", "value": "长春"}, "document.value"),
    ({"field": "has_phone", "op": "eq", "value": 1}, "document.value"),
    ({"field": "score", "op": "ge", "value": True}, "document.value"),
    ({"field": "score", "op": "ge", "value": 10**10}, "document.value"),
    ({"field": "consented", "op": "has", "value": "spam"}, "document.value"),
    ({"field": "closed_at", "op": "before"}, "document.op"),
    ({"field": "closed_at", "op": "before", "days_ago": 1, "at": "x"}, "document.op"),
    ({"field": "closed_at", "op": "before", "days_ago": float("nan")}, "document.days_ago"),
    ({"field": "closed_at", "op": "before", "months_ago": 1.5}, "document.months_ago"),
    ({"field": "closed_at", "op": "after", "at": "2026-11-24T10:00:00"}, "document.at"),
    ({"field": "closed_at", "op": "after", "than": "city"}, "document.than"),
    ({"field": "touches", "op": "lt", "value": 1}, "document.days"),
    (nested(DEEPEST + 1), "document" + ".not" * DEEPEST),
    ({"or": [{"or": [C_LEVEL] * 60}] * 2}, "document"),
    ({"or": [C_LEVEL] * (MOST_TESTS + 1)}, "document.or"),
]


@pytest.mark.parametrize(("document", "path"), WRONG)
def test_what_is_wrong_is_named_by_its_path(document, path):
    assert [loc for loc, _ in faults(document)] == [path]


def test_every_fault_is_named_at_once():
    document = {"and": [{"field": "x", "op": "eq"}, {"field": "pool", "op": "eq", "value": 1}]}

    assert [loc for loc, _ in faults(document)] == [
        "document.and.0.field",
        "document.and.1.value",
    ]


_anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["and", "or", "not", "field", "op", "value", "days_ago", "x"]),
            inner | st.sampled_from([*FIELDS, *OPERATORS[Kind.CODE], "before"]),
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(_anything)
def test_any_json_is_read_or_refused_with_a_path(document):
    try:
        read, refused = parse(document), []
    except InvalidInput as refusal:
        read, refused = None, refusal.errors

    assert isinstance(read, Segment) != bool(refused)
    assert all(loc.startswith("document") for loc, _ in refused)


@pytest.mark.parametrize(
    ("ago", "now", "then"),
    [
        (Ago(days=1.5), "2026-11-24T12:00", "2026-11-23T00:00"),
        (Ago(months=1), "2026-03-31T08:00", "2026-02-28T08:00"),
        (Ago(months=12), "2024-02-29T08:00", "2023-02-28T08:00"),
        (Ago(months=36), "2026-11-24T08:00", "2023-11-24T08:00"),
    ],
)
def test_days_and_months_ago(ago, now, then):
    now, then = (datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (now, then))

    assert ago.before(now) == then


def test_the_document_lists_every_field_and_operator():
    text = (Path(__file__).parents[2] / "docs/segments.md").read_text(encoding="utf-8")
    rows = [line.split(" | ") for line in text.splitlines() if line.startswith("| ")]
    said = {row[0].removeprefix("| "): row[1].strip("`") for row in rows}

    for kind, operators in OPERATORS.items():
        assert said[kind] == " ".join(operators)
    assert {name: said.get(name) for name in FIELDS} == {n: f.kind for n, f in FIELDS.items()}
