"""What was last recorded on a lead."""

from datetime import datetime

from db.models import FollowUp


async def newest_follow_up_of(lead_id: int) -> FollowUp | None:
    """The last record that was not taken back."""
    standing = FollowUp.filter(lead_id=lead_id, undone_at__isnull=True)
    return await standing.order_by("-id").first()


async def newest_appointment_of(lead_id: int, now: datetime) -> datetime | None:
    """When the customer is expected, by the last agreement; None when that is past."""
    agreed = FollowUp.filter(lead_id=lead_id, undone_at__isnull=True, appointment_at__isnull=False)
    newest = await agreed.order_by("-id").first()
    at = newest.appointment_at if newest else None
    return at if at and at >= now else None
