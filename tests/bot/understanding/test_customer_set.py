"""The labelled messages of customer_set.jsonl are understood as far as promised.

`held` was written before the lexicon was tuned and is never looked at one by one; its first
measurement was 0.981 of the intents and a slot F1 of 0.986. `later` was written in nine rounds,
each measured once before its mistakes were mended: intents 0.85, 0.89, 0.80, 0.95, 0.91, 0.82,
0.95, 0.87, 0.90 (the third, sixth and eighth on purpose of unusual wording), slot F1 0.92 to 0.99.
"""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from time import perf_counter

import pytest

from bot.understanding.catalogue import load_catalogue
from bot.understanding.customer import understand_customer
from texts import lexicon

HERE = Path(__file__).parent
CATALOGUE = load_catalogue(HERE.parents[2] / "demo" / "models.toml")
MONDAY = "2026-11-23T10:00:00+08:00"
FLOORS = {"tune": (0.99, 0.99), "held": (0.97, 0.97), "later": (0.98, 0.98)}
ROWS = [json.loads(line) for line in (HERE / "customer_set.jsonl").read_text("utf-8").splitlines()]
A_MILLISECOND = 0.001


def understand(row):
    now = datetime.fromisoformat(row.get("now", MONDAY))
    return understand_customer(row["text"], now, CATALOGUE)


def agrees(slot, expected, found):
    """A time agrees inside the labelled span, models in any order, all else exactly."""
    if slot == "time":
        first, last = map(datetime.fromisoformat, expected)
        return first <= found <= last
    return sorted(expected) == sorted(found) if slot == "models" else expected == found


def score(rows):
    """The share of right intents, and the F1 of the slots."""
    right = hits = expected = found = 0
    for row in rows:
        got = understand(row)
        right += got.label == row["intent"]
        expected += len(row["slots"])
        found += len(got.slots)
        hits += sum(
            slot in got.slots and agrees(slot, value, got.slots[slot])
            for slot, value in row["slots"].items()
        )
    return right / len(rows), 2 * hits / (expected + found)


@pytest.mark.parametrize("split", FLOORS)
def test_the_labelled_set_is_understood(split):
    intents, slots = score([row for row in ROWS if row["split"] == split])
    assert intents >= FLOORS[split][0]
    assert slots >= FLOORS[split][1]


def test_every_intent_has_ten_messages_or_more():
    counted = Counter(row["intent"] for row in ROWS)
    rules = lexicon.load("customer_rules")["rule"]
    assert set(counted) == {rule["intent"] for rule in rules} | {"other"}
    assert min(counted.values()) >= 10


def test_a_message_takes_about_a_millisecond():
    """The median of all: a loaded machine delays single ones."""
    taken = []
    for row in ROWS[:300]:
        start = perf_counter()
        understand(row)
        taken.append(perf_counter() - start)
    assert sorted(taken)[len(taken) // 2] < 3 * A_MILLISECOND
