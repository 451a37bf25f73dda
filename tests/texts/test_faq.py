"""The FAQ file may be edited while the system runs, and never breaks it."""

import os

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


def test_the_delivered_file_is_complete():
    for entry in faq.entries():
        assert entry.keywords
        assert 0 < len(entry.answer) < faq.LONGEST
        assert all(faq.find_answer(word) for word in entry.keywords)
