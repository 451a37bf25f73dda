"""Promises for every message there can be, and for the lexicon itself."""

import tomllib
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.catalogue import load_catalogue
from bot.understanding.customer import understand_customer
from bot.understanding.normalise import normalise
from texts import lexicon

ROOT = Path(__file__).parents[3]
CATALOGUE = load_catalogue(ROOT / "demo" / "models.toml")
MONDAY = datetime.fromisoformat("2026-11-23T10:00:00+08:00")
SLOTS = {
    "models": list,
    "phone": str,
    "name": str,
    "city": str,
    "time": datetime,
    "purchase_window_days": int,
    "budget": int,
    "finance": bool,
    "trade_in": bool,
}
WORDS = sorted(
    {w for words in lexicon.load("customer")["concepts"].values() for w in words if "{" not in w}
    | {m["name"] for m in tomllib.loads((ROOT / "demo" / "models.toml").read_text())["model"]}
    | {"20万", "周六下午三点", "13800138000", "长春", "我姓李", "年底前", "，", "不", "的", "吗"}
)
messages = st.one_of(
    st.text(max_size=60), st.lists(st.sampled_from(WORDS), max_size=12).map("".join)
)


def understand(text):
    return understand_customer(text, MONDAY, CATALOGUE)


@given(messages)
def test_any_message_is_understood_in_the_agreed_form(text):
    got = understand(text)
    assert got.label in {rule["intent"] for rule in lexicon.load("customer_rules")["rule"]} | {
        "other"
    }
    assert set(got.slots) <= set(SLOTS)
    assert all(type(value) is SLOTS[name] and value for name, value in got.slots.items())
    assert "time" not in got.slots or got.slots["time"].utcoffset() is not None


@given(messages)
def test_the_same_message_is_understood_the_same_way(text):
    assert understand(text) == understand(text)


@given(before=st.text(max_size=30), after=st.text(max_size=30))
@pytest.mark.parametrize("word", ["退订", "TD", "别再联系", "不要再发"])
def test_opt_out_words_are_heard_in_any_surroundings(word, before, after):
    assert understand(f"{before}。{word}。{after}").label == "opt_out"


@given(st.text("啊呢吧呀哈 ！。~😊🙏", max_size=6))
@pytest.mark.parametrize("text", ["探岳多少钱", "我要投诉", "转人工", "可以分期吗", "店在哪"])
def test_particles_and_emoji_change_nothing(text, tail):
    assert understand(text + tail).label == understand(text).label


def phrases():
    data = lexicon.load("customer")
    for concept, words in data["concepts"].items():
        yield from ((concept, word) for word in words)
    yield from (("typos", typo) for typo in data["typos"])
    for names in lexicon.load("customer_rivals")["rivals"].values():
        yield from (("rivals", name) for name in names)


def test_the_lexicon_is_written_as_messages_are_read():
    """A phrase that normalising would change could never be found."""
    assert [(c, w) for c, w in phrases() if normalise(w).text != w] == []


def test_a_slip_has_as_many_characters_as_what_was_meant():
    typos = lexicon.load("customer")["typos"]
    assert [typo for typo, meant in typos.items() if len(typo) != len(meant)] == []


def test_rules_speak_only_of_concepts_that_exist():
    data, rules = lexicon.load("customer"), lexicon.load("customer_rules")
    known = {*data["concepts"], *data["patterns"], *data["whole"]}
    known |= {"model", "owned", "rival", "car", "item", "city", "phone", "name", "time", "budget"}
    named = {
        part.strip("-!").removesuffix("*2")
        for rule in rules["rule"]
        for pattern in rule["when"]
        for term in pattern.split()
        for part in term.replace("+", ">").split(">")
    }
    assert named <= known
    assert set(rules["undeniable"]) <= known
    assert {c.removeprefix("not_") for c in known} <= known
