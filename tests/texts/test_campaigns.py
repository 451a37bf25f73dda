"""Every code of a campaign has words, and the ready-made campaigns are right as they come."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.campaign_views import KINDS
from bot.understanding.catalogue import Catalogue
from bot.understanding.customer import understand_customer
from domain.campaign import CHANNELS, MOVES, OCCASIONS, SEGMENT, VARIABLES
from domain.campaign_reading import InvalidCampaign, parse
from domain.ready_segments import READY
from domain.wording import filled
from texts import campaigns as words

ROOT = Path(__file__).parent.parent.parent
CHINESE = re.compile("[\u4e00-\u9fff]")
REASONS = {
    found
    for name in ("domain/remarketing.py", "handlers/remarketing.py", "handlers/proof.py")
    for found in re.findall(
        r'(?:End|Pass|Wait)\([^)]*?"(\w+)"|return "(\w+)"|_end\(\w+, "(\w+)"|reason = "(\w+)"',
        (ROOT / name).read_text(),
    )
}
LONGEST_BYTES = 2048
NOW = datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "codes"),
    [
        ("state", MOVES),
        ("occasion", (*OCCASIONS, SEGMENT)),
        ("channel", CHANNELS),
        ("kind", KINDS),
        ("verdict", ("too_few", "no_difference", "more", "fewer")),
        ("sample", VARIABLES),
        ("reason", {code for found in REASONS for code in found if code}),
    ],
)
def test_every_code_has_words(kind: str, codes: tuple[str, ...]) -> None:
    assert codes
    for code in codes:
        assert CHINESE.search(words.word(kind, code)), code


@pytest.mark.parametrize("code", words.ready_made())
def test_a_ready_made_campaign_is_right_and_says_how_to_be_left_alone(code: str) -> None:
    flow = parse(words.ready_made()[code])
    sample = words.words("sample")
    assert not flow.audience.segment_code or flow.audience.segment_code in READY
    assert re.fullmatch("[a-z0-9_]{1,32}", code)
    for step in flow.steps:
        said = filled(step.text, sample)
        assert len(said.encode()) < LONGEST_BYTES
        assert said.endswith("不想再收到请回复TD。")
        assert step.task or "task" not in step.by
        empty = filled(step.text, {})
        assert not empty.startswith("，")


GAPS = re.compile("[，。]的|您的[，。快]|选择。|[看等]的，|来坐|请给|，免费")


@pytest.mark.parametrize("code", words.ready_made())
def test_a_ready_made_campaign_promises_only_what_the_bot_understands(code: str) -> None:
    for step in words.ready_made()[code]["steps"]:
        for asked in re.findall("回复“(.+?)”", step["text"]):
            assert understand_customer(asked, NOW, Catalogue([])).label != "other", asked
        bare = filled(step["text"], {})
        assert not GAPS.search(bare), bare


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"steps": [{"by": ["sms"], "text": "{phone}"}], "audience": {"on": "x"}},
        {"steps": [{"by": ["task"]}], "audience": {"on": "dormant", "refill": True}},
        {"steps": [{"by": [], "text": "[" * 700, "wait_days": "1"}], "holdout": 7, "name": 3},
        {"steps": [{"by": ["template"], "template": {"id": "x"}}], "send": {"from": "25:00"}},
        {"audience": {"on": "segment", "segment": {"and": []}}, "send": {"weekdays": [9]}},
    ],
)
def test_whoever_writes_one_reads_in_their_language_what_is_wrong(wrong: dict) -> None:
    with pytest.raises(InvalidCampaign) as refused:
        parse(wrong)
    for path, message in refused.value.errors:
        said = words.fault_text(message)
        assert CHINESE.search(said), (path, message)
        assert not re.search(r"\b(and|there|must)\b", said), said
