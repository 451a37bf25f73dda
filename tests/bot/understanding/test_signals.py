"""The message of a lead tells the grading what it needs."""

from datetime import datetime
from pathlib import Path

import pytest

from bot.understanding.catalogue import load_catalogue
from bot.understanding.signals import LeadSignals, lead_signals

CATALOGUE = load_catalogue(Path(__file__).parents[3] / "demo" / "models.toml")
MONDAY = datetime.fromisoformat("2026-11-23T10:00:00+08:00")


def signals(message):
    return lead_signals(message, MONDAY, CATALOGUE)


def test_every_sign_in_one_message_is_seen():
    got = signals("探岳落地多少钱，能分期吗，有旧车置换，有现车的话周六下午三点想试驾，本月就定")
    assert got == LeadSignals(
        asked_price=True,
        asked_finance=True,
        asked_delivery=True,
        asked_test_drive=True,
        trade_in=True,
        wished_at=datetime.fromisoformat("2026-11-28T15:00:00+08:00"),
        purchase_window_days=30,
        models=("tayron",),
    )


def test_a_test_drive_without_a_day_has_no_time():
    got = signals("想看探岳，本周能试驾吗")
    assert got == LeadSignals(asked_test_drive=True, models=("tayron",))


@pytest.mark.parametrize("message", ["", "测试", "\x00\ud800", "已线下沟通"])
def test_a_message_that_says_nothing_has_no_signs(message):
    assert signals(message) == LeadSignals()


def test_what_is_refused_is_no_sign():
    assert signals("不试驾，不贷款，不是探岳") == LeadSignals()
