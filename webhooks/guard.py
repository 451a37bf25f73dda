"""An HTTP session that connects to the internet and to nothing else.

The address is looked at when the socket to it is made, so whatever a name stands for at that
very moment is what counts; a name that changes its meaning in between gains nothing.
"""

import socket
from ipaddress import ip_address
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver

from domain.webhooks import is_public

CONNECTIONS = 100
KEEP_ALIVE_S = 30.0


class AddressForbidden(OSError):
    """The name stands for an address inside a private network, or for this machine.

    All of these read alike, so that aiohttp passes on the first of several as it is.
    """

    def __init__(self) -> None:
        super().__init__("the address is not one of the internet")


def guarded_session(
    *, allow_private: bool, timeout_s: float, resolver: AbstractResolver | None = None
) -> aiohttp.ClientSession:
    """A session without cookies, proxies or credentials of its own. Close it in the end."""
    connector = aiohttp.TCPConnector(
        limit=CONNECTIONS,
        keepalive_timeout=KEEP_ALIVE_S,
        resolver=resolver,
        socket_factory=_open if allow_private else _open_to_the_internet,
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=timeout_s),
        trust_env=False,
    )


def was_forbidden(error: BaseException | None) -> bool:
    """Whether a failed connection failed because of its address."""
    while error is not None:
        if isinstance(error, AddressForbidden):
            return True
        error = error.__cause__ or error.__context__
    return False


def _open_to_the_internet(info: tuple[Any, ...]) -> socket.socket:
    host = str(info[4][0]).partition("%")[0]
    if not is_public(ip_address(host)):
        raise AddressForbidden
    return _open(info)


def _open(info: tuple[Any, ...]) -> socket.socket:
    family, kind, protocol, _, _ = info
    return socket.socket(family=family, type=kind, proto=protocol)
