"""Customers' profiles and the figures of their leads, drawn anew by the thousand; single ones are
drawn with every change."""

from dataclasses import dataclass

from db import figures, profiles
from db.models import Customer
from domain.segment_commands import DrawProfiles
from handlers.tx import Tx


@dataclass(frozen=True, slots=True)
class Drawn:
    """How far it came (None: there was nobody left), and how many were not as they should be."""

    last: int | None
    mended: int


async def draw_profiles(command: DrawProfiles, tx: Tx) -> Drawn:
    """Draw a range of profiles."""
    rows = Customer.filter(id__gt=command.after).order_by("id").limit(command.limit)
    ids = list(await rows.values_list("id", flat=True))
    if not ids:
        return Drawn(None, 0)
    first, last = int(ids[0]), int(ids[-1])  # type: ignore[call-overload]
    mended = await profiles.draw_range(first, last)
    return Drawn(last, mended + await figures.draw_range(first, last))
