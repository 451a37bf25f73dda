"""Leads that wait for an adviser."""

from db.models import Lead


async def dealers_with_waiting_leads() -> list[str]:
    """Dealers whose queue is not empty."""
    waiting = Lead.filter(waiting_since__isnull=False, dealer_id__isnull=False)
    return [str(code) for code in await waiting.distinct().values_list("dealer_id", flat=True)]
