"""What other programs are told: kinds of events, who wants which, and when one is given up.

A receiver that fails is asked less and less often, so that it costs nobody else anything; one
that has failed for a day is switched off. What it missed is stored and can be replayed.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

EVENT_TYPES = (
    "lead.created",
    "lead.touched",
    "lead.graded",
    "lead.assigned",
    "lead.accepted",
    "lead.overdue",
    "lead.recycled",
    "lead.closed",
    "follow_up.logged",
    "follow_up.undone",
    "defeat.requested",
    "defeat.reviewed",
    "appointment.changed",
    "consent.changed",
    "pool.moved",
    "link.moved",
    "customer.merged",
    "customer.parted",
    "customer.erased",
)
PING = "ping"
"""Sent when somebody asks for a trial; nobody subscribes to it."""

MOST_WEBHOOKS = 50
AT_ONCE = 4
"""Deliveries of one webhook that may be under way at the same time."""
KEEP_EVENTS = timedelta(days=14)
"""How far back a replay can go."""
OLD_SECRET_LIVES = timedelta(hours=24)
"""How long the secret before still signs, so that receivers can change over in peace."""

PATIENT_FAILURES = 3
LONGEST_HOLD = timedelta(minutes=5)
HOPELESS_AFTER = timedelta(hours=24)
HOPELESS_FAILURES = 10

LONGEST_URL = 500
_UNICAST = IPv6Network("2000::/3")
_CARRIES_IPV4 = IPv6Network("2002::/16")


@dataclass(frozen=True, slots=True)
class Filter:
    """What a webhook wants; empty: everything. Dealers and regions add up."""

    types: frozenset[str] = frozenset()
    dealers: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()

    def wants(self, kind: str, dealers: Collection[str], regions: Collection[str]) -> bool:
        """Whether an event of this kind, about these dealers in these regions, is for it."""
        if self.types and kind not in self.types:
            return False
        if not self.dealers and not self.regions:
            return True
        return not (self.dealers.isdisjoint(dealers) and self.regions.isdisjoint(regions))


@dataclass(frozen=True, slots=True)
class Health:
    """How a receiver has been doing: failed tries since the last success, and since when."""

    failures: int = 0
    failing_since: datetime | None = None

    def after_failure(self, now: datetime) -> "Health":
        return replace(self, failures=self.failures + 1, failing_since=self.failing_since or now)

    @property
    def hold(self) -> timedelta:
        """How long to leave it alone now; a few failures in a row are nothing unusual."""
        if self.failures < PATIENT_FAILURES:
            return timedelta()
        doubled = timedelta(seconds=5 << min(self.failures - PATIENT_FAILURES, 10))
        return min(doubled, LONGEST_HOLD)

    def is_hopeless(self, now: datetime) -> bool:
        """A day without one success, and tried often enough to be sure."""
        return (
            self.failing_since is not None
            and self.failures >= HOPELESS_FAILURES
            and now - self.failing_since >= HOPELESS_AFTER
        )


def fault_of_url(url: str, *, allow_private: bool) -> str | None:
    """Why a webhook cannot be sent there, as far as the address itself tells; None: it can.

    What its name stands for is only known when connecting, and is looked at again there.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "is not an address"
    if parts.scheme != "https" and not (allow_private and parts.scheme == "http"):
        return "must begin with https://"
    if not host or port == 0:
        return "names no host"
    if parts.username or parts.password or parts.fragment:
        return "must hold no user, password or #fragment"
    return None if allow_private or _may_be_public(host) else "leads into a private network"


def _may_be_public(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        name = host.rstrip(".").lower()
        return "." in name and not name.endswith((".localhost", ".local", ".internal"))
    return is_public(address)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one of the internet: not private, loopback, link-local or a tunnel."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped)
        return address.is_global and address in _UNICAST and address not in _CARRIES_IPV4
    return address.is_global and not address.is_multicast and not address.is_reserved
