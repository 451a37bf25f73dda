"""Short ways to speak of leads, people and times to dealer staff."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from db.queries.faces import LeadFace
from texts.labels import level_text


def moment(at: datetime, now: datetime, tz: str) -> str:
    """A time as said among colleagues; the date only when it is not today."""
    zone = ZoneInfo(tz)
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    if local.date() == today:
        return f"{local:%H:%M}"
    return f"{local.month}-{local.day} {local:%H:%M}"


def local_day(at: datetime, tz: str) -> date:
    """The day it was there."""
    return at.astimezone(ZoneInfo(tz)).date()


def lead_name(face: LeadFace) -> str:
    """How a lead is called in a message."""
    return f"#{face.id} {face.name}".strip()


def headline(face: LeadFace) -> str:
    """Level, name and model: what a card is about."""
    return " · ".join(part for part in (level_text(face.level), face.name, face.model) if part)
