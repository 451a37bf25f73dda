"""The examples say what the grammar does not know, and keep quiet where it does."""

import json
from datetime import datetime
from pathlib import Path

import pytest

from bot.understanding.adviser import understand_adviser
from bot.understanding.catalogue import load_catalogue
from bot.understanding.customer import understand_customer
from bot.understanding.hunch import STAND_INS, Named, second_opinion
from texts import lexicon

HERE = Path(__file__).parent
CATALOGUE = load_catalogue(HERE.parents[2] / "demo" / "models.toml")
MONDAY = datetime.fromisoformat("2026-11-23T10:00:00+08:00")


@pytest.mark.parametrize(
    ("role", "text", "grammar", "label"),
    [
        ("customer", "卖车时一个样 卖完了又是另一个样子", "other", "complaint"),
        ("customer", "我可不想跟个机器聊天", "other", "human"),
        ("adviser", "号码少了一位 根本拨不了", "note", "wrong_number"),
        ("adviser", "刚生完二胎 这半年都不会买", "note", "dormant"),
    ],
)
def test_what_is_put_as_in_the_examples_is_understood(role, text, grammar, label):
    assert second_opinion(role, text, (), grammar) == label


@pytest.mark.parametrize("text", ["td 想试驾探岳 周六下午三点 能试驾吗", "别再打电话了 多少钱"])
def test_who_asked_for_silence_is_never_talked_out_of_it(text):
    assert second_opinion("customer", text, (), "opt_out") == "opt_out"


@pytest.mark.parametrize("text", ["", "取消", "没接", "xkcdqwertz", "🚗🚗🚗🚗🚗🚗🚗🚗"])
def test_too_little_to_go_by_leaves_the_grammar_its_word(text):
    assert second_opinion("customer", text, (), "other") == "other"
    assert second_opinion("adviser", text, (), "note") == "note"


def test_which_model_or_day_it_is_makes_no_difference():
    one = second_opinion(
        "adviser", "甲乙 看甲", [Named("time", 0, 2), Named("model", 4, 5)], "note"
    )
    two = second_opinion(
        "adviser", "丙 看丁丁", [Named("time", 0, 1), Named("model", 3, 5)], "note"
    )
    assert one == two


def test_an_agreed_time_is_an_appointment_whatever_else_is_told():
    note = "加了微信 聊得不错 要看看贷款 约周六下午三点看探岳 周五打电话确认"
    assert understand_adviser(note, MONDAY, CATALOGUE).label == "appointment"


@pytest.mark.parametrize(("role", "label"), [("customer", "intent"), ("adviser", "result")])
def test_examples_and_unused_sentences_are_kept_apart(role, label):
    examples = lexicon.load(f"{role}_examples")["examples"]
    known = {sentence for label_of in examples.values() for sentence in label_of}
    rows = (HERE / f"{role}_set.jsonl").read_text("utf-8").splitlines()
    unused = [row for row in map(json.loads, rows) if row["split"] in {"held", "fresh"}]
    long = [row["text"] for row in unused if len(row["text"]) > 8]
    assert long
    assert not known.intersection(long)
    assert {row[label] for row in map(json.loads, rows)} <= set(examples)


@pytest.mark.parametrize("role", ["customer", "adviser"])
def test_every_stand_in_of_the_examples_is_known(role):
    for sentences in lexicon.load(f"{role}_examples")["examples"].values():
        for sentence in sentences:
            bare = sentence
            for name in STAND_INS:
                bare = bare.replace(f"{{{name}}}", "")
            assert "{" not in bare, sentence


def test_no_message_at_all_wants_silence_by_likeness():
    assert understand_customer("我不是收到短信了吗", MONDAY, CATALOGUE).label == "other"
