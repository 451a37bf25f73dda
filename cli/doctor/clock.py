"""Does our clock agree with WeChat's? Signatures older than five minutes are refused."""

import time
from email.utils import parsedate_to_datetime

import aiohttp

from cli.doctor.finding import Finding, error, fine, warning
from settings import Settings

TIMEOUT = aiohttp.ClientTimeout(total=4.5, sock_connect=3)
NOTICEABLE_S = 5.0
HARMFUL_S = 60.0
TODO = "keep the clock with NTP (`timedatectl set-ntp true`, or chrony)"


async def look(settings: Settings, http: aiohttp.ClientSession) -> list[Finding]:
    """Compare with the Date that the configured WeChat servers put on an answer."""
    bases = []
    if settings.has_wecom:
        bases.append(settings.wecom_api_base)
    if settings.has_oa:
        bases.append(settings.oa_api_base)
    if not bases:
        return []
    for base in bases:
        skew_s = await _skew_s(base, http)
        if skew_s is not None:
            return [judge("clock against WeChat", skew_s)]
    return [warning("clock against WeChat", "no server told the time", TODO)]


def judge(what: str, skew_s: float) -> Finding:
    """A finding about a difference of `skew_s` seconds, in either direction."""
    says = f"{abs(skew_s):.1f} s {'ahead' if skew_s > 0 else 'behind'}"
    if abs(skew_s) >= HARMFUL_S:
        return error(what, says, TODO)
    if abs(skew_s) >= NOTICEABLE_S:
        return warning(what, says, TODO)
    return fine(what, f"within {NOTICEABLE_S:.0f} s")


async def _skew_s(base: str, http: aiohttp.ClientSession) -> float | None:
    """Seconds we are ahead of the server (its Date has no fractions), None if it is silent."""
    began = time.time()
    try:
        async with http.get(base + "/", timeout=TIMEOUT, allow_redirects=False) as response:
            theirs = parsedate_to_datetime(response.headers.get("Date", "")).timestamp()
    except (aiohttp.ClientError, OSError, ValueError):
        return None
    return (began + time.time()) / 2 - (theirs + 0.5)
