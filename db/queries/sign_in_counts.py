"""How often it was tried to sign in, by account and by address, over every process."""

from collections.abc import Collection

from db import sql
from db.models import SignInCount

_COUNT = """
INSERT INTO sign_in_count (key, tries, until_ms) VALUES ($1, 1, $2)
ON CONFLICT (key) DO UPDATE SET
  tries = CASE WHEN sign_in_count.until_ms <= $3 THEN 1 ELSE sign_in_count.tries + 1 END,
  until_ms = CASE WHEN sign_in_count.until_ms <= $3 THEN $2 ELSE sign_in_count.until_ms END
RETURNING tries, until_ms
"""


async def tries(keys: Collection[str], now_ms: int) -> dict[str, tuple[int, int]]:
    """Tries so far, and until when they count, of those keys that have any."""
    rows = SignInCount.filter(key__in=list(keys), until_ms__gt=now_ms)
    return {row.key: (row.tries, row.until_ms) for row in await rows}


async def count(key: str, now_ms: int, until_ms: int) -> int:
    """Count one more try. Returns how many there are now."""
    (row,) = await sql.rows(_COUNT, key, until_ms, now_ms)
    return int(row["tries"])


async def forget(key: str) -> None:
    """Begin anew."""
    await SignInCount.filter(key=key).delete()


async def take_back(key: str) -> None:
    """The try was a good one: it does not count."""
    await sql.rows("UPDATE sign_in_count SET tries = tries - 1 WHERE key = $1 AND tries > 0", key)


async def purge(now_ms: int) -> None:
    """Drop what does not count any more."""
    await SignInCount.filter(until_ms__lte=now_ms).delete()
