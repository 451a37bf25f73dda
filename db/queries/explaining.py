"""Why a lead is where it is: every grade, every adviser, the dealer's choice."""

from typing import Any

from db.models import Assignment, GradeRecord, TimelineEvent

MOST_GRADES = 20
_GRADE = ("at", "cause", "level", "score", "reasons")
_HELD = (
    "staff_id",
    "staff__name",
    "dealer_code",
    "why",
    "assigned_at",
    "accepted_at",
    "first_response_due_at",
    "first_response_at",
    "ended_at",
    "end_reason",
)


async def grades(lead_id: int) -> list[dict[str, Any]]:
    """The last gradings, newest first."""
    rows = GradeRecord.filter(lead_id=lead_id).order_by("-id").limit(MOST_GRADES)
    return await rows.values(*_GRADE)


async def holders(lead_id: int) -> list[dict[str, Any]]:
    """Everybody who held the lead, newest first."""
    return await Assignment.filter(lead_id=lead_id).order_by("-id").values(*_HELD)


async def dealer_reason(lead_id: int) -> dict[str, Any] | None:
    """Why this dealer was chosen (a reason as JSON), from when the lead came in last."""
    captured = TimelineEvent.filter(lead_id=lead_id, kind="captured").order_by("-at", "-id")
    line = await captured.first()
    found = line.data.get("dealer_why") if line else None
    return found if isinstance(found, dict) else None
