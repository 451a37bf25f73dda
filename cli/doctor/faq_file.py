"""Can the frequent questions be read?"""

import aiohttp

from cli.doctor.finding import Finding, error, fine
from settings import Settings
from texts import faq


async def look(_settings: Settings, _http: aiohttp.ClientSession) -> list[Finding]:
    """The file as it stands now, also if a running process still answers from an older one."""
    try:
        return [fine("FAQ", f"{faq.check()} entries")]
    except faq.BrokenFaq as fault:
        return [error("FAQ", str(fault), f"mend {faq.FILE}; the last good one answers until then")]
