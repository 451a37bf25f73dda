"""A denied word is told from a merely similar one."""

import pytest

from bot.understanding.negation import is_denied


@pytest.mark.parametrize(
    ("text", "word", "denied"),
    [
        ("还没试驾", "试驾", True),
        ("不要探岳", "探岳", True),
        ("没来得及试驾", "试驾", True),
        ("不太喜欢探岳", "探岳", True),
        ("有没有探岳", "探岳", False),
        ("没问题试驾", "试驾", False),
        ("特别想试驾", "试驾", False),
        ("不是不想买", "买", False),
        ("不急，试驾", "试驾", False),
        ("试驾", "试驾", False),
    ],
)
def test_denial_reaches_the_next_word_of_the_clause_only(text, word, denied):
    assert is_denied(text, text.index(word)) is denied
