"""The commands as a person types them: real processes, their exit status and their last words."""

import asyncio
import json
import os
import signal
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from cli.ports import is_free

ROOT = Path(__file__).parent.parent
KEY = "0123456789abcdef0123456789abcdef"
STARTS_WITHIN_S = 30
STOPS_WITHIN_S = 10


@pytest.fixture
def environment(tmp_path, unused_tcp_port_factory):
    """An installation of this test alone."""
    own = {
        "LEADLOOP_DATABASE_URL": f"sqlite://{tmp_path}/leadloop.db",
        "LEADLOOP_PORT": str(unused_tcp_port_factory()),
        "LEADLOOP_SANDBOX_PORT": str(unused_tcp_port_factory()),
        "LEADLOOP_LOG_LEVEL": "warning",
        "COLUMNS": "200",
    }
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("LEADLOOP_")}
    return inherited | own


async def start(environment, *arguments, cwd=None, stdin=None):
    return await asyncio.create_subprocess_exec(
        *(sys.executable, str(ROOT / "manage.py"), *arguments),
        env=environment,
        cwd=cwd
        or environment["LEADLOOP_DATABASE_URL"].removeprefix("sqlite://").rpartition("/")[0],
        stdin=stdin,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def outcome(environment, *arguments, cwd=None, said=None):
    """Run a command to its end: status, standard output, standard error."""
    process = await start(environment, *arguments, cwd=cwd, stdin=asyncio.subprocess.PIPE)
    async with asyncio.timeout(STARTS_WITHIN_S):
        out, err = await process.communicate(said)
    return process.returncode, out.decode(), err.decode()


@asynccontextmanager
async def running(environment):
    """`run --sandbox`, from the moment it says it is there."""
    process = await start(environment, "run", "--sandbox")
    try:
        async with asyncio.timeout(STARTS_WITHIN_S):
            while b"Leadloop is running" not in (line := await process.stdout.readline()):
                assert line, (await process.stderr.read()).decode()
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            async with asyncio.timeout(STOPS_WITHIN_S + 5):
                await process.communicate()


async def fetch(environment, path, **options):
    """Ask the running system; with the key of its sandbox."""
    folder = Path(environment["LEADLOOP_DATABASE_URL"].removeprefix("sqlite://")).parent
    key = json.loads((folder / "sandbox.json").read_text())["bootstrap_api_key"]
    url = f"http://127.0.0.1:{environment['LEADLOOP_PORT']}{path}"
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        aiohttp.ClientSession(headers=headers) as http,
        http.request(options.pop("method", "GET"), url, **options) as response,
    ):
        return response.status, await response.json()


A_LEAD = {
    "source": "test",
    "external_id": "1",
    "customer": {"phone": "13800138000"},
    "intent": {"dealer_code": "CC02", "model": "tayron"},
    "consent": {"purposes": ["contact", "share_with_dealer"]},
}


@pytest.mark.parametrize("command", ["run", "serve", "worker", "migrate", "check"])
async def test_a_wrong_setting_stops_every_command_with_its_name(environment, command):
    status, out, err = await outcome(environment | {"LEADLOOP_PORT": "http"}, command)

    assert status == 2
    assert "LEADLOOP_PORT" in err
    assert "LEADLOOP_SECRET_KEY" in err
    assert "Traceback" not in out + err


async def test_from_nothing_to_a_page_and_again_after_a_kill(environment):
    """One story, since each start takes seconds: first start, demo, kill -9, second start."""
    async with running(environment) as process:
        status, ready = await fetch(environment, "/readyz")
        assert (status, ready["status"], ready["redis"]) == (200, "ok", "ok")
        status, lead = await fetch(environment, "/api/v1/leads", method="POST", json=A_LEAD)
        assert status == 201
        assert lead["dealer_code"] == "CC02"

        refused = await outcome(environment, "run", "--sandbox")
        assert refused[0] == 1
        assert f"process {process.pid}" in refused[2]

        process.send_signal(signal.SIGKILL)
        await process.wait()

    began = time.monotonic()
    async with running(environment) as process:
        assert time.monotonic() - began < STARTS_WITHIN_S
        status, again = await fetch(environment, "/api/v1/leads", method="POST", json=A_LEAD)
        assert (status, again["outcome"]) == (200, "duplicate")
        assert again["lead_id"] == lead["lead_id"]
        assert not is_free("127.0.0.1", int(environment["LEADLOOP_SANDBOX_PORT"]))

        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert await process.wait() == 0
        assert time.monotonic() - began < STOPS_WITHIN_S

    for name in ("LEADLOOP_PORT", "LEADLOOP_SANDBOX_PORT"):
        assert is_free("127.0.0.1", int(environment[name]))


async def test_a_taken_port_is_said_in_one_line(environment):
    async def nobody(_reader, writer):
        writer.close()

    server = await asyncio.start_server(nobody, "127.0.0.1", int(environment["LEADLOOP_PORT"]))
    async with server:
        status, _, err = await outcome(environment | {"LEADLOOP_SECRET_KEY": KEY}, "run")

    assert status == 1
    assert "LEADLOOP_PORT" in err
    assert "Traceback" not in err


async def test_migrate_then_import_a_file_then_make_a_key(environment, tmp_path):
    environment |= {"LEADLOOP_SECRET_KEY": KEY}
    assert "applied" in (await outcome(environment, "migrate"))[1]

    file = tmp_path / "leads.csv"
    file.write_text("来源,编号,手机号\n车展,1,13800138000\n车展,2,12345\n", encoding="gb18030")
    status, out, _ = await outcome(environment, "import-leads", str(file))
    assert status == 0
    assert "1 created, 1 refused" in out
    assert (tmp_path / "leads.csv.errors.csv").exists()

    status, out, _ = await outcome(environment, "create-key", "media", "--scope", "leads:write")
    assert status == 0
    assert len(out.strip()) > 30


async def test_serve_and_worker_share_one_postgres_and_one_redis_and_stop_cleanly(
    environment, postgres_url, redis_url, tmp_path, unused_tcp_port
):
    shared = environment | {
        "LEADLOOP_SECRET_KEY": KEY,
        "LEADLOOP_DATABASE_URL": postgres_url,
        "LEADLOOP_REDIS_URL": redis_url,
        "LEADLOOP_LOG_LEVEL": "info",
        "LEADLOOP_METRICS_PORT": str(unused_tcp_port),
    }
    serve = await start(shared, "serve", cwd=tmp_path)
    worker = await start(shared, "worker", cwd=tmp_path)
    port, monitor = shared["LEADLOOP_PORT"], shared["LEADLOOP_METRICS_PORT"]
    async with asyncio.timeout(STARTS_WITHIN_S), aiohttp.ClientSession() as http:
        for process in (serve, worker):
            while b"worker.started" not in await process.stderr.readline():
                assert process.returncode is None
        for look in (port, monitor):
            async with http.get(f"http://127.0.0.1:{look}/readyz") as response:
                ready = await response.json()
            assert (ready["database"], ready["schema"], ready["redis"]) == ("ok", "ok", "ok")
        async with http.get(f"http://127.0.0.1:{monitor}/metrics") as response:
            assert 'leadloop_part_up{part="redis"} 1.0' in await response.text()
        async with http.get(f"http://127.0.0.1:{monitor}/api/v1/leads") as response:
            assert response.status == 404

    for process in (serve, worker):
        process.terminate()
    async with asyncio.timeout(STOPS_WITHIN_S):
        assert (await serve.wait(), await worker.wait()) == (0, 0)


@pytest.mark.parametrize("command", [["migrate"], ["create-key", "a", "--scope", "ops"]])
@pytest.mark.parametrize("url", ["postgres://u:hunter2@127.0.0.1:1/x", "sqlite:///dev/null/x.db"])
async def test_a_database_that_cannot_be_used_is_said_in_one_line(
    environment, tmp_path, url, command
):
    broken = environment | {"LEADLOOP_SECRET_KEY": KEY, "LEADLOOP_DATABASE_URL": url}

    status, out, err = await outcome(broken, *command, cwd=tmp_path)

    assert status == 1
    assert err.startswith("error: the database cannot be used")
    assert len(err.splitlines()) == 1
    assert "hunter2" not in out + err


async def test_understand_prints_one_object_a_line(environment):
    said = "探岳多少钱\n\n周六下午试驾\n".encode()

    status, out, _ = await outcome(
        environment,
        *("understand", "--role", "customer", "--now", "2026-11-23T10:00:00+08:00"),
        said=said,
    )

    answers = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert [answer["intent"] for answer in answers] == ["ask_price", "other", "test_drive"]


async def test_check_looks_at_everything_and_fails_when_something_is_wrong(environment):
    environment |= {
        "LEADLOOP_SECRET_KEY": KEY,
        "LEADLOOP_REDIS_URL": "redis://127.0.0.1:1",
        "LEADLOOP_DATBASE_URL": "x",
    }

    status, out, _ = await outcome(environment, "check")

    assert status == 1
    assert "LEADLOOP_DATBASE_URL" in out
    assert any(line.startswith("error") and "Redis" in line for line in out.splitlines())
    assert KEY not in out


async def test_a_market_s_table_is_whole_where_there_is_no_terminal(environment):
    narrow = environment | {"COLUMNS": "80"}
    words = ("simulate", "--leads", "3", "--days", "2", "--tail", "1")
    status, out, err = await outcome(narrow, *words)
    assert status == 0, err
    assert "the whole loop" in out
    assert "violations" in out
