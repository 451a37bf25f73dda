"""One line in, one JSON object out, whatever the line."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding import command_line
from bot.understanding.catalogue import load_catalogue

CATALOGUE = load_catalogue(Path(__file__).parents[3] / "demo" / "models.toml")
MONDAY = datetime.fromisoformat("2026-11-23T10:00:00+08:00")


def answers(role, lines):
    written = []
    command_line.run(role, lines, MONDAY, CATALOGUE, written.append)
    return [json.loads(line) for line in written]


def test_answers_come_in_order_and_a_blank_line_counts():
    got = answers("adviser", ["没接\n", "\n", "提车了\r\n"])
    assert [a["result"] for a in got] == ["unreachable", "note", "delivered"]


def test_a_customer_has_an_intent():
    assert [a["intent"] for a in answers("customer", ["探岳多少钱", ""])] == ["ask_price", "other"]


@pytest.mark.parametrize("role", ["customer", "adviser"])
@given(lines=st.lists(st.text(max_size=40), max_size=4))
def test_no_line_is_lost_and_none_is_fatal(role, lines):
    assert len(answers(role, lines)) == len(lines)
