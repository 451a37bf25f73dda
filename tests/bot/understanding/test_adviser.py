"""An adviser's note is understood as far as the labelled set promises.

The floors are the share of right results and the F1 of the slots. `held` was never used for
tuning. `later` was written in rounds as an examiner would, each measured once before its mistakes
were mended: results 0.91, 0.80, 0.79 (the third on purpose of unusual wording), and 0.95 for the
fourth, with the examples; slot F1 0.94, 0.90, 0.84, 0.95. A fifth round of 102 colloquial ones
with typos, denials and spoken text was at 0.84 and 0.86 when first met (0.78 and 0.86 before eight
labels were brought in line with the older ones); thirty more after the mending, now in `held`,
at 0.90 and 0.96.
"""

import json
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.understanding.adviser import understand_adviser
from bot.understanding.catalogue import load_catalogue

HERE = Path(__file__).parent
CATALOGUE = load_catalogue(HERE.parents[2] / "demo" / "models.toml")
MONDAY = "2026-11-23T10:00:00+08:00"
FLOORS = {"tune": (0.97, 0.97), "held": (0.95, 0.96), "later": (0.97, 0.97)}


def understand(text, now=MONDAY):
    return understand_adviser(text, datetime.fromisoformat(now), CATALOGUE)


def labelled(split):
    lines = (HERE / "adviser_set.jsonl").read_text("utf-8").splitlines()
    return [row for row in map(json.loads, lines) if row["split"] == split]


def agrees(slot, expected, found):
    """A time agrees inside the labelled span, models in any order, all else exactly."""
    if slot.endswith("_at"):
        first, last = map(datetime.fromisoformat, expected)
        return first <= found <= last
    return sorted(expected) == sorted(found) if slot == "models" else expected == found


def score(rows):
    """The share of right results, and the F1 of the slots."""
    right = hits = expected = found = 0
    for row in rows:
        got = understand(row["text"], row.get("now", MONDAY))
        right += got.label == row["result"]
        expected += len(row["slots"])
        found += len(got.slots)
        hits += sum(
            slot in got.slots and agrees(slot, value, got.slots[slot])
            for slot, value in row["slots"].items()
        )
    return right / len(rows), 2 * hits / (expected + found)


@pytest.mark.parametrize("split", FLOORS)
def test_the_labelled_set_is_understood(split):
    results, slots = score(labelled(split))
    assert results >= FLOORS[split][0]
    assert slots >= FLOORS[split][1]


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("还没试驾", "note"),
        ("约好周六下午来店", "appointment"),
        ("到店看了车，没试驾", "visited"),
        ("到店试驾了探岳", "test_drive"),
        ("试驾完报了22万", "quoted"),
        ("试驾后当场下定", "ordered"),
        ("已下定，今天提车了", "delivered"),
        ("客户买了比亚迪", "defeat"),
        ("暂时不买了", "dormant"),
        ("没接", "unreachable"),
        ("空号", "wrong_number"),
        ("别再打了", "refused"),
    ],
)
def test_the_furthest_stage_is_the_result(text, result):
    assert understand(text).label == result


def test_one_sentence_fills_every_slot():
    got = understand("#12 加了微信 意向A级 约周六下午三点看探岳 周五打电话确认")
    assert got.as_json("adviser") == {
        "result": "appointment",
        "slots": {
            "appointment_at": "2026-11-28T15:00:00+08:00",
            "next_follow_up_at": "2026-11-27T10:00:00+08:00",
            "level": "A",
            "models": ["tayron"],
            "wechat_added": True,
            "lead_ref": "#12",
        },
    }


def test_a_stated_cause_beats_the_place_of_purchase():
    slots = understand("嫌贵去买了比亚迪").slots
    assert (slots["defeat_reason"], slots["competitor"]) == ("price", "比亚迪")


def test_the_old_car_and_the_denied_model_are_not_wanted():
    assert understand("现在开速腾，想换探岳").slots["models"] == ["tayron"]
    assert understand("不要探岳 要揽巡").slots["models"] == ["tavendor"]


def test_only_paid_money_is_a_deposit():
    assert understand("下定了 定金五千已付").slots["deposit"] == 5000
    assert "deposit" not in understand("想交5000定金").slots
    assert "deposit" not in understand("报价20万 首付6万").slots


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("＃12 没接", "#12"),
        ("5678那个没接", "5678"),
        ("尾号5678 没接", "5678"),
        ("张先生没接", "张先生"),
        ("劉姐 到店", "劉姐"),
    ],
)
def test_the_lead_is_named_as_the_sentence_names_it(text, ref):
    assert understand(text).slots["lead_ref"] == ref


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("不是空号 就是没人接", "unreachable"),
        ("没说不买 还要再比比", "connected"),
        ("是不是空号啊 打不通", "unreachable"),
        ("客户已经不考率了 嫌太贵", "defeat"),
        ("赵总那边搞定了 签单", "ordered"),
        ("接到电话 客户问贷款", "connected"),
    ],
)
def test_denials_typos_and_whose_side_is_meant(text, result):
    assert understand(text).label == result


def test_what_was_denied_is_not_noted():
    assert understand("客户是B级不是A级").slots["level"] == "B"
    slots = understand("约周二，不是周二，周三上午来店").slots
    assert slots["appointment_at"].date().isoformat() == "2026-11-25"
    assert understand("定金写错了 应该是八千").slots["deposit"] == 8000
    assert understand("尾号六六三八的客户没接").slots["lead_ref"] == "6638"


def test_nothing_but_a_blank_is_a_note():
    assert understand("  ").as_json("adviser") == {"result": "note", "slots": {}}


@given(st.text(max_size=80))
def test_any_text_at_all_is_answered_in_json(text):
    json.dumps(understand(text).as_json("adviser"), ensure_ascii=False).encode("utf-8")


_WORDS = st.sampled_from(
    [
        "约",
        "周六",
        "下午",
        "三点",
        "来店",
        "试驾",
        "探岳",
        "报价",
        "19.8",
        "定金",
        "5000",
        "没",
        "了",
        "买",
        "比亚迪",
        "张先生",
        "#",
        "12",
        "5678",
        "h级",
        "微信",
        "加",
        "改到",
        "周日",
        "不",
        "再打",
        "提车",
        "，",
    ]
)


@given(st.lists(_WORDS, max_size=14))
def test_any_heap_of_known_words_is_answered(words):
    assert understand("".join(words)).label
