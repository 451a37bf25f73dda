"""A message about several leads becomes one note for each, or stays whole."""

import pytest

from bot.understanding.adviser_leads import split_by_lead


@pytest.mark.parametrize(
    ("text", "notes"),
    [
        ("#12 没接 #13 约周六下午来店", ["#12 没接", "#13 约周六下午来店"]),
        ("张先生没接。李女士周六来看探岳", ["张先生没接", "李女士周六来看探岳"]),
        ("#3 提车了\n#4 报了22万，再考虑", ["#3 提车了", "#4 报了22万，再考虑"]),
        ("5678那个没接，3345那个约了周日", ["5678那个没接", "3345那个约了周日"]),
    ],
)
def test_each_named_lead_gets_its_own_note(text, notes):
    assert split_by_lead(text) == notes


@pytest.mark.parametrize(
    "text",
    [
        "",
        "没接",
        "张先生来店，跟李总一起看的揽境",
        "#12 到店试驾。报价22万。约周六再来",
        "#12 没接。#12 又打了一次",
        "定金5000 2000已付",
    ],
)
def test_what_is_about_one_lead_stays_whole(text):
    assert split_by_lead(text) == [text]
