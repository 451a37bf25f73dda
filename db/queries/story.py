"""What passed between the brand and a customer, for the adviser who takes over from it."""

from datetime import datetime, timedelta

from db.models import HandOver, TimelineEvent

TOLD = (
    "touch",
    "touch_answered",
    "message_in",
    "scanned",
    "followed",
    "handed_over",
    "defeated",
    "dormant",
)
"""Kinds of the timeline that make the story."""
REACH = timedelta(days=90)
LONGEST = 12


async def story_of(customer_id: int, now: datetime) -> list[TimelineEvent]:
    """What happened since the brand took over, oldest first; empty where it never spoke.

    Begins with the hand-over to the brand or, for a customer of the brand's own, with its first
    touch of the last 90 days. The newest dozen is told.
    """
    over = HandOver.filter(customer_id=customer_id, link="brand", at__gte=now - REACH)
    last = await over.order_by("-id").first()
    since = last.at if last else now - REACH
    lines = TimelineEvent.filter(customer_id=customer_id, at__gte=since, kind__in=TOLD)
    told = list(reversed(await lines.order_by("-id").limit(LONGEST)))
    spoke = last is not None or any(line.kind == "touch" for line in told)
    return [line for line in told if not _is_the_way_back(line)] if spoke else []


def _is_the_way_back(line: TimelineEvent) -> bool:
    """The reader holds this very hand-over in their hands."""
    return line.kind == "handed_over" and line.data.get("link") != "brand"
