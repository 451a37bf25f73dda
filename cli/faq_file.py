"""The frequent questions are read at start, so that a broken file is noticed by who broke it."""

from cli.trouble import CannotStart
from texts import faq


def check_faq() -> int:
    """How many entries the file has. Raises CannotStart with the entry to mend."""
    try:
        return faq.check()
    except faq.BrokenFaq as fault:
        raise CannotStart(f"{faq.FILE}: {fault}; mend it and start again") from None
