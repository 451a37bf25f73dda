"""Who is signed in: begun, found by the hash of a cookie, seen, ended, listed."""

from datetime import datetime
from typing import Any

from db.models import StaffSession
from db.queries.audit import Origin

_COLUMNS = ("id", "userid", "way", "started_at", "seen_at", "expires_at", "address", "agent")


async def start(
    key_hash: str, userid: str, way: str, times: tuple[datetime, datetime], origin: Origin,
    *, limited: bool,
) -> None:  # fmt: skip
    """Keep a new session; `times`: from now until then."""
    now, expires_at = times
    await StaffSession.create(
        key_hash=key_hash,
        userid=userid,
        way=way,
        limited=limited,
        started_at=now,
        seen_at=now,
        expires_at=expires_at,
        address=origin.address,
        agent=origin.agent,
    )


async def find(key_hash: str, now: datetime) -> StaffSession | None:
    """A session that runs, or None."""
    return await StaffSession.get_or_none(key_hash=key_hash, expires_at__gt=now)


async def note_seen(session_id: int, now: datetime) -> None:
    """It was used just now."""
    await StaffSession.filter(id=session_id).update(seen_at=now)


async def running(
    now: datetime, userid: str | None = None, before_id: int | None = None, limit: int = 200
) -> list[dict[str, Any]]:
    """Sessions that run, of one person or of everybody, the newest first."""
    rows = StaffSession.filter(expires_at__gt=now)
    if userid is not None:
        rows = rows.filter(userid=userid)
    if before_id is not None:
        rows = rows.filter(id__lt=before_id)
    return await rows.order_by("-id").limit(limit).values(*_COLUMNS)


async def owner(session_id: int, now: datetime) -> str | None:
    """Whose running session this is."""
    row = await StaffSession.get_or_none(id=session_id, expires_at__gt=now)
    return row.userid if row else None


async def end(key_hash: str) -> None:
    """End one by the hash of its cookie."""
    await StaffSession.filter(key_hash=key_hash).delete()


async def end_of(
    userid: str, *, session_id: int | None = None, but: int = 0, way: str | None = None
) -> int:
    """End somebody's sessions: one, those of one way, or all but one. Returns how many ended."""
    rows = StaffSession.filter(userid=userid).exclude(id=but)
    if session_id is not None:
        rows = rows.filter(id=session_id)
    if way is not None:
        rows = rows.filter(way=way)
    return await rows.delete()


async def loosen(session_id: int) -> None:
    """Its member has chosen a password: the session may do what their role may."""
    await StaffSession.filter(id=session_id).update(limited=False)


async def purge(now: datetime) -> None:
    """Forget sessions that have run out."""
    await StaffSession.filter(expires_at__lte=now).delete()
