"""The sandbox child: knows our credentials, answers before we say so, never outlives us."""

import asyncio
import os
import signal
import stat
import sys

import aiohttp
import pytest

from cli.ports import is_free
from cli.sandbox_process import SandboxProcess, local_url
from cli.sandbox_secrets import FILE_NAME, sandbox_settings
from cli.trouble import CannotStart
from settings import Settings


@pytest.fixture(autouse=True)
def an_installation(monkeypatch, tmp_path, unused_tcp_port):
    """No settings but a data folder and a free port of our own."""
    for name in os.environ:
        if name.startswith("LEADLOOP_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LEADLOOP_DATABASE_URL", f"sqlite://{tmp_path}/var/leadloop.db")
    monkeypatch.setenv("LEADLOOP_SANDBOX_PORT", str(unused_tcp_port))


def test_a_sandbox_needs_no_setting_and_remembers_what_it_invented():
    first, second = sandbox_settings(), sandbox_settings()

    assert first == second
    assert first.has_oa
    assert first.has_wecom
    assert first.oa_api_base == f"http://127.0.0.1:{first.sandbox_port}"


def test_only_the_owner_may_read_the_invented_secrets():
    settings = sandbox_settings()

    mode = (settings.data_dir / FILE_NAME).stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_two_folders_have_different_secrets(monkeypatch, tmp_path):
    first = sandbox_settings()
    monkeypatch.setenv("LEADLOOP_DATA_DIR", str(tmp_path / "other"))

    assert sandbox_settings().secret_key != first.secret_key


def test_a_configured_channel_keeps_its_credentials_and_calls_the_sandbox(monkeypatch):
    for name, value in {"APP_ID": "wxreal", "APP_SECRET": "s" * 32, "TOKEN": "abc"}.items():
        monkeypatch.setenv(f"LEADLOOP_OA_{name}", value)

    settings = sandbox_settings()

    assert settings.oa_app_id == "wxreal"
    assert settings.oa_aes_key.get_secret_value() == ""
    assert settings.oa_api_base == f"http://127.0.0.1:{settings.sandbox_port}"
    assert settings.wecom_corp_id.startswith("ww")


async def test_it_answers_when_it_says_it_is_ready_and_is_gone_when_stopped():
    settings = sandbox_settings()
    sandbox = await SandboxProcess.start(settings, settings.sandbox_port)

    await sandbox.ready()
    async with aiohttp.ClientSession() as http:
        async with http.get(sandbox.url) as page:
            assert page.status == 200
        wanted = {
            "corpid": settings.wecom_corp_id,
            "corpsecret": settings.wecom_secret.get_secret_value(),
        }
        async with http.get(f"{sandbox.url}/cgi-bin/gettoken", params=wanted) as answer:
            assert "access_token" in await answer.json()
    await sandbox.stop()

    assert await asyncio.wait_for(sandbox.ended(), 1) is not None
    assert is_free("127.0.0.1", settings.sandbox_port)


async def test_a_sandbox_that_cannot_start_is_told_at_once():
    settings = sandbox_settings()
    first = await SandboxProcess.start(settings, settings.sandbox_port)
    await first.ready()
    async with asyncio.timeout(20):
        second = await SandboxProcess.start(settings, settings.sandbox_port)
        assert await second.ended() != 0
        with pytest.raises(CannotStart):
            await second.ready()
    await first.stop()


async def test_it_dies_with_whoever_started_it(tmp_path):
    script = (
        "import asyncio, sys\n"
        "from cli.sandbox_process import SandboxProcess\n"
        "from cli.sandbox_secrets import sandbox_settings\n"
        "async def main():\n"
        "    settings = sandbox_settings()\n"
        "    sandbox = await SandboxProcess.start(settings, settings.sandbox_port)\n"
        "    await sandbox.ready()\n"
        "    print('ready', flush=True)\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )
    root = os.path.dirname(os.path.dirname(os.path.dirname(__file__)))
    starter = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", script),
        env=os.environ | {"PYTHONPATH": root},
        stdout=asyncio.subprocess.PIPE,
    )
    assert await starter.stdout.readline() == b"ready\n"
    port = int(os.environ["LEADLOOP_SANDBOX_PORT"])

    starter.send_signal(signal.SIGKILL)
    await starter.wait()

    for _ in range(200):
        if is_free("127.0.0.1", port):
            break
        await asyncio.sleep(0.05)
    assert is_free("127.0.0.1", port)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080"),
        ("0.0.0.0", "http://127.0.0.1:8080"),  # noqa: S104
        ("::1", "http://[::1]:8080"),
        ("leads.local", "http://leads.local:8080"),
    ],
)
def test_the_local_address_is_one_that_can_be_called(host, url):
    assert local_url(Settings(secret_key="k" * 32, host=host)) == url
