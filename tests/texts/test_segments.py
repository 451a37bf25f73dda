"""Whoever writes a segment reads Chinese: fields, operators, and what is wrong."""

from __future__ import annotations

import re
from itertools import chain

import pytest

from domain.errors import InvalidInput
from domain.segment import parse
from domain.segment_fields import FIELDS, GROUPS, OPERATORS
from domain.segment_tests import MOMENT_WORDS
from tests.domain.test_segment import WRONG
from texts import segments as words

CHINESE = re.compile("[\u4e00-\u9fff]")


def test_every_code_has_a_word() -> None:
    assert words.words("field").keys() == FIELDS.keys()
    assert words.words("group").keys() == GROUPS.keys()
    assert words.words("op").keys() == set(chain(*OPERATORS.values()))
    assert set(words.words("when")) == set(MOMENT_WORDS)


@pytest.mark.parametrize(("document", "_path"), WRONG)
def test_every_fault_is_said_in_chinese(document: object, _path: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        parse(document)

    for _, message in refusal.value.errors:
        assert CHINESE.search(words.fault_text(message)), message
        assert "{" not in words.fault_text(message)
