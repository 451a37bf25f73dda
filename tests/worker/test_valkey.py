"""The bundled server is started once per folder, found again, and keeps what it was given."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.eventually import eventually
from worker.redis_link import REDIS_AWAY, connect
from worker.valkey import EmbeddedValkey, ServerFault, socket_path

Embed = Callable[[Path], EmbeddedValkey]


@pytest.fixture
async def embed(tmp_path: Path) -> AsyncIterator[Embed]:
    """Make servers that are gone after the test, before their folders in `tmp_path`."""
    made: list[EmbeddedValkey] = []

    def make(folder: Path) -> EmbeddedValkey:
        made.append(EmbeddedValkey(folder))
        return made[-1]

    yield make
    for server in made:
        await server.stop()


@pytest.fixture
async def server(embed: Embed, tmp_path: Path) -> EmbeddedValkey:
    valkey = embed(tmp_path / "redis")
    await valkey.start()
    return valkey


async def _call(url: str, *command: str) -> object:
    client = connect(url, timeout_s=2)
    try:
        return await client.execute_command(*command)
    finally:
        await client.aclose()


async def _pid(url: str) -> int:
    client = connect(url, timeout_s=2)
    try:
        return int((await client.info("server"))["process_id"])
    finally:
        await client.aclose()


async def test_a_second_start_adopts_the_running_server(
    server: EmbeddedValkey, tmp_path: Path
) -> None:
    pid = await _pid(server.url)
    url = await EmbeddedValkey(tmp_path / "redis").start()
    assert await _pid(url) == pid


async def test_starts_at_once_share_one_server(embed: Embed, tmp_path: Path) -> None:
    servers = [embed(tmp_path / "redis") for _ in range(3)]
    urls = await asyncio.gather(*(server.start() for server in servers))
    assert len({await _pid(url) for url in urls}) == 1


async def test_data_survives_a_killed_server(
    server: EmbeddedValkey, embed: Embed, tmp_path: Path
) -> None:
    await _call(server.url, "SET", "key", "value")
    os.kill(await _pid(server.url), signal.SIGKILL)
    again = embed(tmp_path / "redis")
    await again.start()
    assert await _call(again.url, "GET", "key") == b"value"


async def test_a_server_that_dies_is_started_again(
    server: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.valkey.WATCH_EVERY_S", 0.02)
    watching = asyncio.create_task(server.watch())
    pid = await _pid(server.url)
    os.kill(pid, signal.SIGKILL)

    async def back() -> bool:
        return await _pid_now(server.url) not in (None, pid)

    await eventually(back)
    watching.cancel()


async def test_stopping_ends_an_adopted_server_too(server: EmbeddedValkey, tmp_path: Path) -> None:
    adopter = EmbeddedValkey(tmp_path / "redis")
    await adopter.start()
    await adopter.stop()
    assert await _pid_now(server.url) is None


async def test_stopping_ends_even_a_server_that_hangs(
    server: EmbeddedValkey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.valkey.STOP_WITHIN_S", 0.05)
    pid = await _pid(server.url)
    os.kill(pid, signal.SIGSTOP)
    await server.stop()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_server_of_another_folder_is_not_adopted(
    server: EmbeddedValkey, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "redis.sock").symlink_to(tmp_path / "redis" / "redis.sock")
    with pytest.raises(ServerFault, match="another server"):
        await EmbeddedValkey(other).start()


async def test_it_keeps_what_it_is_given_and_listens_to_this_machine_only(
    server: EmbeddedValkey,
) -> None:
    assert await _setting(server.url, "appendonly") == "yes"
    assert await _setting(server.url, "maxmemory-policy") == "noeviction"
    assert await _setting(server.url, "port") == "0"


async def test_a_folder_too_deep_for_a_socket_still_gets_a_server(
    embed: Embed, tmp_path: Path
) -> None:
    deep = tmp_path / ("x" * 60) / ("y" * 60)
    assert len(str(socket_path(deep))) <= 100
    server = embed(deep)
    url = await server.start()
    await _call(url, "SET", "key", "value")
    assert await _call(EmbeddedValkey(deep).url, "GET", "key") == b"value"

    await server.stop()
    assert not socket_path(deep).parent.exists()


async def _call(url: str, *command: str) -> object:
    client = connect(url, timeout_s=2)
    try:
        return await client.execute_command(*command)
    finally:
        await client.aclose()


async def _setting(url: str, name: str) -> object:
    client = connect(url, timeout_s=2)
    try:
        return (await client.config_get(name))[name]
    finally:
        await client.aclose()


async def _pid(url: str) -> int:
    client = connect(url, timeout_s=2)
    try:
        return int((await client.info("server"))["process_id"])
    finally:
        await client.aclose()


async def _pid_now(url: str) -> int | None:
    try:
        return await _pid(url)
    except REDIS_AWAY:
        return None
