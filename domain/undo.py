"""How long a follow-up may be taken back."""

from datetime import datetime, timedelta

from domain.policy import Policy


def may_undo(logged_at: datetime, now: datetime, policy: Policy) -> bool:
    """Whether what was logged may still be undone; the last instant counts."""
    return now <= undo_until(logged_at, policy)


def undo_until(logged_at: datetime, policy: Policy) -> datetime:
    return logged_at + timedelta(minutes=policy.bot.undo_minutes)
