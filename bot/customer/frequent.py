"""Frequent questions, as brand operations wrote them; a file that cannot be read is reported."""

from functools import lru_cache

import structlog

from texts import faq
from texts.faq import BrokenFaq, Entry

_log = structlog.get_logger(__name__)


def frequent(text: str) -> Entry | None:
    """The entry that answers this, if any. While the file is broken the last good one does."""
    try:
        faq.check()
    except BrokenFaq as fault:
        _report(str(fault))
    return faq.find_entry(text)


@lru_cache(maxsize=8)
def _report(fault: str) -> None:
    """Once for each fault, not for each message."""
    _log.warning("faq.broken", file=faq.FILE.name, fault=fault)
