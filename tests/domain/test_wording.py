"""Words with blanks read well whatever is known."""

from __future__ import annotations

import pytest

from domain.wording import faults_of, filled

KNOWN = {"name": "李雷", "model": "探岳", "dealer": ""}


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{name}您好", "李雷您好"),
        ("[{name}，]您好", "李雷，您好"),
        ("[{city}的]您好", "您好"),
        ("来[{dealer}|店里]坐坐", "来店里坐坐"),
        ("您的[{model}|爱车]", "您的探岳"),
        ("[{city}的{dealer}|{dealer}|门店]", "门店"),
        ("[{city}|{dealer}]您好", "您好"),
        ("[{name}|]，", "李雷，"),
    ],
)
def test_what_is_not_known_is_left_out_or_said_in_other_words(template: str, said: str) -> None:
    assert filled(template, KNOWN) == said


def test_what_a_customer_is_called_is_never_taken_for_a_blank() -> None:
    assert filled("[{name}|您]好", {"name": "{model}|x]", "model": "探岳"}) == "{model}|x]好"


@pytest.mark.parametrize("template", ["[{phone}|您]好", "[{name}|您好", "好]"])
def test_what_cannot_be_filled_in_is_said(template: str) -> None:
    assert list(faults_of(template, KNOWN))
