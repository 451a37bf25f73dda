"""Frequent questions: as brand operations keep them, else as they came with the program.

A delivered file that cannot be read is reported.
"""

from collections import OrderedDict
from functools import lru_cache

import structlog

from db.queries import faq as stored
from texts import faq
from texts.faq import BrokenFaq, Entry

MOST_KEPT = 8
_READ: OrderedDict[str, tuple[Entry, ...]] = OrderedDict()
"""Content by its digest, under which it never changes."""

_log = structlog.get_logger(__name__)


async def frequent(text: str) -> Entry | None:
    """The entry that answers this, if any."""
    digest = await stored.digest_in_force()
    return _delivered(text) if digest is None else faq.best(text, await _entries(digest))


def _delivered(text: str) -> Entry | None:
    """While the file is broken the last good one answers."""
    try:
        faq.check()
    except BrokenFaq as fault:
        _report(str(fault))
    return faq.find_entry(text)


async def _entries(digest: str) -> tuple[Entry, ...]:
    if digest not in _READ:
        _READ[digest] = faq.read(await stored.questions_of(digest))
        if len(_READ) > MOST_KEPT:
            _READ.popitem(last=False)
    return _READ[digest]


@lru_cache(maxsize=8)
def _report(fault: str) -> None:
    """Once for each fault, not for each message."""
    _log.warning("faq.broken", file=faq.FILE.name, fault=fault)
