"""The FAQ file may be edited while the system runs, and never breaks it."""

import os
import re

import pytest

from texts import faq

ONE = '[[entry]]\nkeywords = ["质保"]\nunless = ["过保"]\nanswer = "三年"\n'
TWO = '[[entry]]\nkeywords = ["电池质保"]\nanswer = "八年"\n'


def saved(path, text, at):
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(at, at))
    return path


def test_the_entry_that_says_most_of_the_question_answers(tmp_path):
    path = saved(tmp_path / "faq.toml", ONE + TWO, 1)
    assert faq.find_answer("电池质保多久", path) == "八年"
    assert faq.find_answer("整车 质保 多久", path) == "三年"
    assert faq.find_answer("过保了还有质保吗", path) == ""
    assert faq.find_answer("多少钱", path) == ""


def test_an_edited_file_is_read_again(tmp_path):
    path = saved(tmp_path / "faq.toml", ONE, 1)
    assert faq.find_answer("质保", path) == "三年"
    saved(path, ONE.replace("三年", "四年"), 2)
    assert faq.find_answer("质保", path) == "四年"


def test_a_broken_file_leaves_the_last_good_one_in_force(tmp_path):
    path = saved(tmp_path / "faq.toml", ONE, 1)
    assert faq.find_answer("质保", path) == "三年"
    for n, broken in enumerate(
        ["[[entry", "entry = 3", '[[entry]]\nkeywords = 3\nanswer = ""'], 2
    ):
        saved(path, broken, n)
        assert faq.find_answer("质保", path) == "三年"


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ("[[entry", "at end of document"),
        ("[[question]]", "there is no [[entry]]"),
        ('[[entry]]\nanswer = "三年"', "entry 1 (三年…) has no keywords"),
        (ONE + '[[entry]]\nkeywords = ["保修"]', "entry 2 (…) has no answer"),
        (ONE.replace('"质保"', '"质保", " "'), "keywords has an empty word"),
        (ONE.replace("keywords", "keyword"), "unknown field: keyword"),
        (ONE.replace("三年", "三" * 601), "at most 600"),
        (ONE.replace('["过保"]', '"过保"'), "unless must be a list of words"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path, broken, why):
    with pytest.raises(faq.BrokenFaq, match=re.escape(why)):
        faq.check(saved(tmp_path / "faq.toml", broken, 1))


def test_a_missing_file_is_a_fault_too(tmp_path):
    with pytest.raises(faq.BrokenFaq):
        faq.check(tmp_path / "faq.toml")


def test_the_delivered_file_is_complete():
    for entry in faq.entries():
        assert entry.keywords
        assert 0 < len(entry.answer) < faq.LONGEST
        assert all(faq.find_answer(word) for word in entry.keywords)
