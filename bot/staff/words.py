"""Short ways to speak of leads, people and times to dealer staff."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from db.queries.faces import LeadFace
from db.queries.talks import HandoffFace
from texts import staff as words
from texts.labels import level_text

TEXT_BYTES = 1900
"""WeCom cuts a text at 2048 without a word."""


LONGEST_NAME = 8


def within(head: str, lines: list[str], foot: str = "", more: str = "digest_more") -> str:
    """As many whole lines as one message holds, then how many are left."""
    kept, size = [head], len(f"{head}{foot}".encode()) + 1
    for number, line in enumerate(lines):
        size += len(line.encode()) + 1
        if size > TEXT_BYTES:
            kept.append(words.notice(more, count=len(lines) - number))
            break
        kept.append(line)
    return "\n".join([*kept, *filter(None, [foot])])


def moment(at: datetime, now: datetime, tz: str) -> str:
    """A time as said among colleagues; the date only when it is not today."""
    return words.moment(at.astimezone(ZoneInfo(tz)), local_day(now, tz))


def local_day(at: datetime, tz: str) -> date:
    """The day it was there."""
    return at.astimezone(ZoneInfo(tz)).date()


def day_start(now: datetime, tz: str) -> datetime:
    """The local midnight before `now`, in UTC."""
    return datetime.combine(local_day(now, tz), time(), ZoneInfo(tz)).astimezone(UTC)


def lead_name(face: LeadFace) -> str:
    """How a lead is called in a message."""
    return f"#{face.id} {face.name}".strip()


def short(name: str) -> str:
    """A name for a line among many."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1]}…"


def headline(face: LeadFace) -> str:
    """Level, name and model: what a card is about."""
    return " · ".join(part for part in (level_text(face.level), face.name, face.model) if part)


def talk_ref(face: HandoffFace) -> str:
    """How a member of staff addresses the customer: by the lead's number, else the talk's."""
    return f"@{face.number}" if face.number else f"@H{face.id}"


def talk_name(face: HandoffFace) -> str:
    """Address and name of the customer in a conversation."""
    return f"{talk_ref(face)} {face.name}".strip()
