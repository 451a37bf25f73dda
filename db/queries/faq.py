"""The frequent questions in force, and how they came to be."""

from typing import Any

from db.models import FaqVersion

_COLUMNS = ("version", "questions", "digest", "created_at", "created_by", "note")


async def digest_in_force() -> str | None:
    """Names the content in force; None: as delivered."""
    newest = FaqVersion.all().order_by("-version").limit(1)
    rows = await newest.values("digest")
    return str(rows[0]["digest"]) or None if rows else None


async def questions_of(digest: str) -> list[dict[str, Any]]:
    """The content a digest names."""
    rows = await FaqVersion.filter(digest=digest).order_by("-version").limit(1).values("questions")
    return rows[0]["questions"] or [] if rows else []


async def newest() -> dict[str, Any] | None:
    rows = await FaqVersion.all().order_by("-version").limit(1).values(*_COLUMNS)
    return rows[0] if rows else None


async def version(number: int) -> dict[str, Any] | None:
    rows = await FaqVersion.filter(version=number).values(*_COLUMNS)
    return rows[0] if rows else None


async def versions(before: int | None, limit: int) -> list[dict[str, Any]]:
    """Versions, newest first, from below `before` on."""
    rows = FaqVersion.all() if before is None else FaqVersion.filter(version__lt=before)
    return await rows.order_by("-version").limit(limit).values(*_COLUMNS)
