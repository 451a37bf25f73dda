"""An appointment as calendars read it: iCalendar, RFC 5545."""

from dataclasses import dataclass
from datetime import UTC, datetime

LONGEST_LINE = 75  # octets
ALARM = "-PT2H"


@dataclass(frozen=True, slots=True)
class Entry:
    """Times are aware; `changed_at` orders the versions of one entry (`uid`)."""

    uid: str
    start_at: datetime
    end_at: datetime
    summary: str
    location: str
    description: str
    changed_at: datetime
    cancelled: bool = False


def calendar(entry: Entry) -> str:
    """A file with this one entry; opening a newer one replaces the older, or takes it out."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Leadloop//EN",
        f"METHOD:{'CANCEL' if entry.cancelled else 'PUBLISH'}",
        "BEGIN:VEVENT",
        f"UID:{entry.uid}",
        f"SEQUENCE:{int(entry.changed_at.timestamp())}",
        f"DTSTAMP:{_utc(entry.changed_at)}",
        f"DTSTART:{_utc(entry.start_at)}",
        f"DTEND:{_utc(entry.end_at)}",
        f"SUMMARY:{_text(entry.summary)}",
        f"LOCATION:{_text(entry.location)}",
        f"DESCRIPTION:{_text(entry.description)}",
        f"STATUS:{'CANCELLED' if entry.cancelled else 'CONFIRMED'}",
        *([] if entry.cancelled else _alarm(entry)),
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_folded(line)}\r\n" for line in lines)


def _alarm(entry: Entry) -> list[str]:
    said = f"DESCRIPTION:{_text(entry.summary)}"
    return ["BEGIN:VALARM", "ACTION:DISPLAY", f"TRIGGER:{ALARM}", said, "END:VALARM"]


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(value: str) -> str:
    """Backslash, semicolon and comma escaped; line breaks as the two letters \\n."""
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r", ""), ("\n", "\\n")):
        value = value.replace(plain, escaped)
    return value


def _folded(line: str) -> str:
    """Long lines go on in the next one after a space, cut between characters."""
    parts: list[str] = []
    part = ""
    for char in line:
        room = LONGEST_LINE - (1 if parts else 0)
        if len((part + char).encode()) > room:
            parts.append(part)
            part = ""
        part += char
    return "\r\n ".join([*parts, part])
