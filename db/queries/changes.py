"""Which dealers' leads have changed lately."""

from collections import defaultdict
from datetime import datetime

from db.models import Lead

MOST = 500
Change = tuple[int, int]
"""A lead and its version."""


async def changed_since(since: datetime) -> dict[str, set[Change]]:
    """Changes by dealer, from `since` on: by index, at most the newest 500."""
    rows = Lead.filter(updated_at__gte=since).order_by("-updated_at").limit(MOST)
    changes: dict[str, set[Change]] = defaultdict(set)
    for dealer_code, lead_id, version in await rows.values_list("dealer_id", "id", "version"):
        changes[str(dealer_code)].add((lead_id, version))
    return changes
