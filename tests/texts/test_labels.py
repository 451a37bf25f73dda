"""Every code has words, and the words are what people say."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.defeat import reason_codes
from domain.grading import SIGNALS
from domain.lead import LeadState
from domain.policy import DEFAULT_DOCUMENT, Policy
from domain.pools import POOLS
from texts import labels

ROOT = Path(__file__).parent.parent.parent
MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ORDERED = {"code": "state", "params": {"state": "ordered"}}
CHINESE = re.compile("[\u4e00-\u9fff]")


def found_in(rooms: list[str], pattern: str) -> set[str]:
    return {
        code
        for room in rooms
        for path in (ROOT / room).glob("*.py")
        for code in re.findall(pattern, path.read_text())
    }


REASONS = (
    found_in(["domain", "handlers"], r'Reason\.of\(\s*"(\w+)"')
    | found_in(["domain"], r'_decide\("\w+", "(\w+)"')
    | (SIGNALS - {"asked_test_drive"})
    | {"wishes_test_drive", "least_loaded", "round_robin", "city_share"}
)
KINDS = found_in(["handlers"], r'tx\.note\(\s*"(\w+)"') | {"followed", "unfollowed", "scanned"}


@pytest.mark.parametrize("code", sorted(REASONS))
def test_every_reason_the_rules_can_give_has_words(code: str) -> None:
    params = {"times": 1, "days": 1, "level": "A", "state": "ordered", "by": "visited", "have": 1}
    reason = {"code": code, "params": {**params, "need": 3, "minutes": 5, "kind": "asked_price"}}

    assert CHINESE.search(labels.reason_text(reason, MONDAY))


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_event_has_words(kind: str) -> None:
    assert CHINESE.search(labels.timeline_text(kind, {"result": "connected"}, MONDAY))


def test_every_state_pool_level_and_defeat_reason_has_words() -> None:
    policy = Policy.from_document(DEFAULT_DOCUMENT)
    texts = [
        *map(labels.state_text, LeadState),
        *map(labels.pool_text, POOLS),
        *map(labels.level_text, "HABCNOLF"),
        *map(labels.defeat_reason_text, reason_codes(policy)),
    ]
    for text in texts:
        assert CHINESE.search(text), text


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        ({"code": "asked_price", "params": {"times": 2, "days": 3}}, "三天内两次询价"),
        ({"code": "asked_price", "params": {"times": 3, "days": 1}}, "当天三次询价"),
        ({"code": "asked_price", "params": {"times": 1, "days": 1}}, "问过价格"),
        ({"code": "window", "params": {"days": 7}}, "计划7天内购车"),
        ({"code": "window", "params": {"days": 0}}, "现在就想买车"),
        (
            {
                "code": "wishes_test_drive",
                "params": {"times": 1, "days": 1, "at": "2026-11-28T07:00Z"},
            },
            "想本周六试驾",
        ),
        ({"code": "too_few_attempts", "params": {"have": 1, "need": 3}}, "联系次数不够（1/3次）"),
        ({"code": "nearest", "params": {"km": 3.0}}, "最近的门店（3公里）"),
        ({"code": "opted_out"}, "客户要求不再联系"),
        ({"code": "never heard of"}, ""),
    ],
)
def test_reasons_read_like_speech(reason: dict, text: str) -> None:
    assert labels.reason_text(reason, MONDAY) == text


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("2026-11-22T10:00:00+08:00", "昨天"),
        ("2026-11-23T23:59:00+08:00", "今天"),
        ("2026-11-24T00:00:00+08:00", "明天"),
        ("2026-11-25T10:00:00+08:00", "后天"),
        ("2026-11-29T10:00:00+08:00", "本周日"),
        ("2026-11-30T10:00:00+08:00", "下周一"),
        ("2026-12-07T10:00:00+08:00", "12月7日"),
        ("2026-11-21T10:00:00+08:00", "11月21日"),
    ],
)
def test_days_are_said_relative_to_today(at: str, said: str) -> None:
    reason = {"code": "booked_test_drive", "params": {"at": at}}

    assert labels.reason_text(reason, MONDAY) == f"已约{said}试驾"


def test_without_a_today_days_are_dates() -> None:
    reason = {"code": "booked_test_drive", "params": {"at": "2026-11-24T10:00:00+08:00"}}

    assert labels.reason_text(reason) == "已约11月24日试驾"


@pytest.mark.parametrize(
    ("kind", "data", "text"),
    [
        (
            "follow_up",
            {
                "result": "appointment",
                "way": "phone",
                "appointment_at": "2026-11-28T15:00:00+08:00",
                "note": "他说{便宜}点就来 [真的]",
            },
            "约到店（电话），约本周六15:00到店：他说{便宜}点就来 [真的]",
        ),
        ("follow_up", {"result": "unreachable", "way": None, "note": ""}, "未接通"),
        ("message_in", {"kind": "text", "text": "{0} 你好"}, "客户：{0} 你好"),
        ("recycled", {"to": "region"}, "多次收回，交由大区处理"),
        ("graded", {"before": "H", "level": "H", "reasons": []}, "意向定为H级"),
        ("graded", {"before": "N", "level": "A", "reasons": []}, "意向由未定级定为A级"),
        (
            "graded",
            {"before": "A", "level": "O", "reasons": [ORDERED]},
            "意向由A级定为已订车",
        ),
        ("dispatched", {"userid": "wangfang"}, "分配给wangfang"),
        ("never_heard_of", {}, "never_heard_of"),
    ],
)
def test_events_read_as_one_line(kind: str, data: dict, text: str) -> None:
    assert labels.timeline_text(kind, data, MONDAY) == text


def test_an_unknown_code_is_shown_as_it_is() -> None:
    assert labels.level_text("X") == "X"
    assert labels.source_text("radio") == "radio"
