"""Connect to Redis: one server, Sentinel or Cluster, always with short and final timeouts.

redis-py's own defaults retry ten times over many seconds; here a call answers or fails in time,
and what it carried is sent again from the database.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from redis.asyncio import BlockingConnectionPool, Redis, Sentinel
from redis.asyncio.cluster import RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

COMMAND_S = 0.5
REDIS_AWAY = (RedisError, OSError)


def connect(url: str, timeout_s: float = COMMAND_S) -> Redis:
    """A client for `redis://`, `rediss://`, `unix://`, `redis+sentinel://HOST:PORT,…/SERVICE`
    or `redis+cluster://HOST:PORT`. Nothing is sent before the first command."""
    scheme, _, rest = url.partition("://")
    tls = scheme.startswith("rediss")
    if scheme.endswith("+sentinel"):
        return _through_sentinel(f"redis://{rest}", timeout_s, tls=tls)
    if scheme.endswith("+cluster"):
        plain = f"{'rediss' if tls else 'redis'}://{rest}"
        return RedisCluster.from_url(plain, **_bounds(timeout_s))  # type: ignore[return-value]
    pool = BlockingConnectionPool.from_url(
        url, max_connections=50, **{"timeout": timeout_s, **_bounds(timeout_s)}
    )
    return Redis.from_pool(pool)


class _FoundBySentinel(Redis):
    """redis-py leaves the connections to the Sentinels open; this one closes them too."""

    async def aclose(self, close_connection_pool: bool | None = None) -> None:
        await super().aclose(close_connection_pool)
        await self.connection_pool.disconnect()
        pool: Any = self.connection_pool  # a SentinelConnectionPool
        for sentinel in pool.sentinel_manager.sentinels:
            await sentinel.aclose()


def _through_sentinel(url: str, timeout_s: float, *, tls: bool) -> Redis:
    address = urlsplit(url)
    login, _, hosts = address.netloc.rpartition("@")
    user, _, password = login.partition(":")
    service, _, number = address.path.strip("/").partition("/")
    bounds = {**_bounds(timeout_s), "ssl": tls}
    sentinel = Sentinel(  # type: ignore[no-untyped-call]
        [_host_and_port(entry) for entry in hosts.split(",")], sentinel_kwargs=bounds
    )
    return sentinel.master_for(  # type: ignore[no-any-return]
        service,
        redis_class=_FoundBySentinel,
        db=int(number or 0),
        username=unquote(user) or None,
        password=unquote(password) or None,
        **bounds,
    )


def _host_and_port(entry: str) -> tuple[str, int]:
    host, _, port = entry.rpartition(":")
    return (host, int(port)) if host else (port, 26379)


def _bounds(timeout_s: float) -> dict[str, Any]:
    return {
        "socket_timeout": timeout_s,
        "socket_connect_timeout": timeout_s,
        "retry": Retry(NoBackoff(), 0),
        "protocol": 2,
    }
