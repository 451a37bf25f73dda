"""Where a request comes from: the address behind the proxies we trust, and what asked."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from aiohttp import hdrs, web

from api.deps import DEPS
from api.fields import clean
from db.queries.audit import Origin

Address = IPv4Address | IPv6Address
Networks = tuple[IPv4Network | IPv6Network, ...]
LONGEST_AGENT = 200


def origin_of(request: web.Request) -> Origin:
    """Whoever sent this. A proxy is believed as far as it is ours, nobody before it."""
    address = _client(request, request.app[DEPS].trusted_proxies)
    agent = clean(request.headers.get(hdrs.USER_AGENT, "")).replace("\n", " ")
    return Origin(str(address or ""), agent[:LONGEST_AGENT])


def _client(request: web.Request, ours: Networks) -> Address | None:
    """The nearest address that is no proxy of ours; each proxy names the one before it."""
    named = ",".join(request.headers.getall(hdrs.X_FORWARDED_FOR, [])).split(",")
    nearest = _address(request.remote or "")
    for text in reversed(named):
        before = _address(text.strip())
        if before is None or nearest is None or not _is_ours(nearest, ours):
            break
        nearest = before
    return nearest


def _address(text: str) -> Address | None:
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def _is_ours(address: Address, ours: Networks) -> bool:
    return any(address in network for network in ours)
