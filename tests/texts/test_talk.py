"""Whatever the conversation decides to say has words."""

from datetime import date, datetime

from hypothesis import given, settings

from domain.conversation import Known, Line
from tests.domain.test_conversation import Heard, conversations, played
from texts import talk

FILLED = (
    "model",
    "dealer",
    "address",
    "city",
    "at",
    "times",
    "dealers",
    "choices",
    "hours",
    "towns",
)


@given(conversations)
@settings(max_examples=300)
def test_every_line_can_be_said(messages: list[tuple[Heard, Known]]) -> None:
    for step, _ in played(messages):
        for line in step.lines:
            assert "{" not in said(line)


def said(line: Line) -> str:
    return talk.line(line.key, **dict.fromkeys(FILLED, "…"))


def test_days_are_named_as_people_do() -> None:
    today = date(2026, 11, 24)
    moments = [datetime(2026, 11, day, 9, 5) for day in (24, 25, 26, 28)]  # noqa: DTZ001  local
    assert [talk.moment(at, today) for at in moments] == [
        "今天09:05",
        "明天09:05",
        "后天09:05",
        "周六（11月28日）09:05",
    ]


def test_the_wording_of_consent_has_a_version_that_fits_its_column() -> None:
    assert 0 < len(talk.consent_version()) <= 32


def test_the_sentences_of_consent_name_purpose_receiver_and_the_word() -> None:
    for key in (
        "drive_consent",
        "drive_consent_phone",
        "contact_consent",
        "contact_consent_phone",
    ):
        text = talk.line(key, dealer="长春净月店", model="探岳", at="明天")
        for must in ("手机号", "长春净月店", "只用于", "同意"):
            assert must in text
