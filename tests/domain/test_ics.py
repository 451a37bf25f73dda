"""A calendar file that calendars accept, whatever stands in it."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.ics import LONGEST_LINE, Entry, calendar
from tests.domain.rules import china

START = china("2026-11-28 15:00")
DRIVE = Entry(
    uid="drive-7@leadloop",
    start_at=START,
    end_at=START + timedelta(hours=1),
    summary="试驾探岳（长春净月店）",
    location="长春市净月区示范路 1 号",
    description="长春净月店，电话 0431-00000001。请带上驾驶证。",
    changed_at=china("2026-11-24 10:00"),
)


def fields(text: str) -> dict[str, str]:
    """The first value of each name, lines unfolded and text unescaped."""
    found: dict[str, str] = {}
    for line in text.replace("\r\n ", "").split("\r\n"):
        name, _, value = line.partition(":")
        found.setdefault(name, value)
    return found


def test_a_test_drive_with_its_alarm() -> None:
    found = fields(calendar(DRIVE))
    assert found["DTSTART"] == "20261128T070000Z"
    assert found["DTEND"] == "20261128T080000Z"
    assert found["SUMMARY"] == "试驾探岳（长春净月店）"
    assert found["LOCATION"] == "长春市净月区示范路 1 号"
    assert (found["METHOD"], found["STATUS"], found["TRIGGER"]) == (
        "PUBLISH",
        "CONFIRMED",
        "-PT2H",
    )


def test_a_later_version_counts_more_and_a_cancelled_one_has_no_alarm() -> None:
    later = replace(DRIVE, changed_at=DRIVE.changed_at + timedelta(minutes=1), cancelled=True)
    before, after = fields(calendar(DRIVE)), fields(calendar(later))
    assert before["UID"] == after["UID"]
    assert int(after["SEQUENCE"]) > int(before["SEQUENCE"])
    assert (after["METHOD"], after["STATUS"]) == ("CANCEL", "CANCELLED")
    assert "VALARM" not in calendar(later)


@given(st.text(max_size=200), st.text(max_size=200))
def test_no_words_break_out_of_their_field(summary: str, location: str) -> None:
    text = calendar(replace(DRIVE, summary=summary, location=location))
    lines = text.split("\r\n")
    assert all(len(line.encode("utf-8", "replace")) <= LONGEST_LINE for line in lines)
    unfolded = text.replace("\r\n ", "")
    assert unfolded.count("BEGIN:VEVENT") == 1
    names = [line.partition(":")[0] for line in unfolded.split("\r\n") if line]
    assert names.count("SUMMARY") == 1
    assert set(names) <= set(fields(calendar(DRIVE))) | {"END"}
