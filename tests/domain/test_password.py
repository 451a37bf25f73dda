"""Which passwords may be chosen."""

import pytest

from domain.password import COMMON, LONGEST, SHORTEST, fault_of, normal


@pytest.mark.parametrize(
    "password", ["correct horse", "七上八下九牛一毛十全十美", "x7#Kp2!mQz", "a b c d e f"]
)
def test_long_ones_of_any_kind_may(password):
    assert fault_of(password, "wangwei") is None


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("short7#Kp", "10 to 128"),
        ("x" * 129, "10 to 128"),
        ("aaaaaaaaaaaa", "easy"),
        ("Password123", "easy"),
        ("ababababab", "easy"),
        ("WangWei-2026", "account"),
    ],
)
def test_what_would_be_tried_first_may_not(password, fault):
    assert fault in fault_of(password, "wangwei")


def test_the_list_of_common_ones_holds_none_that_is_refused_anyway():
    for password in COMMON:
        assert SHORTEST <= len(password) <= LONGEST
        assert password == password.casefold()


def test_a_password_is_the_same_on_every_keyboard():
    assert normal("e\u0301") == normal("\u00e9")
