"""The card that repeats a record to whoever made it, and keeps showing what stands on file."""

from db.models import Card, FollowUp
from domain.events import FollowUpUndone
from handlers.pushes import new_card, refresh, tell
from handlers.tx import Tx


async def show(tx: Tx, userid: str, follow_up: FollowUp, key: str) -> None:
    """Put the card before them; the same key, one card."""
    task_id = await new_card(tx, "confirm", userid, follow_up.lead_id, follow_up_id=follow_up.id)
    tell(tx, "confirm_card", key, userid, follow_up.lead_id, {"task_id": task_id})


async def refresh_undone(event: FollowUpUndone, tx: Tx) -> None:
    """The card of a record that was taken back says so."""
    for card in await Card.filter(follow_up_id=event.follow_up_id):
        refresh(tx, card)
