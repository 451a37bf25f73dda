"""`draw-profiles`: work every customer's profile out anew, a few thousand a transaction."""

import bootstrap
from cli.storage import database_needed
from domain.segment_commands import DrawProfiles
from settings import Settings

BATCH = 2000


async def draw(settings: Settings) -> int:
    """Returns how many were not as they should be. Safe to repeat, and beside running processes.

    Raises CannotStart.
    """
    last: int | None = 0
    mended = 0
    with database_needed(settings):
        async with bootstrap.desk(settings) as desk:
            while last is not None:
                drawn = await desk.bus.execute(DrawProfiles(last, BATCH))
                last, mended = drawn.last, mended + drawn.mended
    return mended
