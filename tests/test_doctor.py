"""The doctor names what is wrong and what to do, asks WeChat itself, and tells no secret."""

import asyncio
import time
from datetime import UTC, datetime
from email.utils import formatdate

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr
from redis.asyncio import Redis

from bot.wechat.envelope import Credentials, Envelope
from cli import doctor
from cli.doctor import callbacks, clock, configuration, database, machine, redis_server, wechat
from settings import Settings

KEY = "0123456789abcdef0123456789abcdef"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
SECRETS = {
    "secret_key": KEY,
    "oa_app_secret": "oa-secret-oa-secret",
    "oa_token": "oatokenoatoken",
    "oa_aes_key": AES_KEY,
    "wecom_secret": "wecom-secret-wecom-secret",
    "wecom_token": "wecomtokenwecom",
    "wecom_aes_key": AES_KEY[::-1],
}
GOOD_TOKEN = {"access_token": "tok", "expires_in": 7200}


class FakeWeChat:
    """Answers each path with what a test put there; everything else is 404."""

    def __init__(self):
        self.answers = {
            "/cgi-bin/stable_token": GOOD_TOKEN,
            "/cgi-bin/gettoken": GOOD_TOKEN,
            "/cgi-bin/getcallbackip": {"ip_list": []},
        }
        self.skew_s = 0.0

    async def serve(self, request):
        headers = {"Date": formatdate(time.time() + self.skew_s, usegmt=True)}
        if request.path not in self.answers:
            return web.Response(status=404, headers=headers)
        return web.json_response(self.answers[request.path], headers=headers)


async def _served(*routes):
    app = web.Application()
    app.add_routes(routes)
    server = TestServer(app)
    await server.start_server()
    return server


@pytest.fixture
async def wechat_fake():
    fake = FakeWeChat()
    server = await _served(web.route("*", "/{path:.*}", fake.serve))
    fake.url = str(server.make_url("")).rstrip("/")
    yield fake
    await server.close()


@pytest.fixture
def settings(wechat_fake, tmp_path):
    return Settings(
        **SECRETS,
        database_url=f"sqlite://{tmp_path}/leadloop.db",
        oa_app_id="wx1",
        oa_api_base=wechat_fake.url,
        wecom_corp_id="ww1",
        wecom_agent_id="1000002",
        wecom_api_base=wechat_fake.url,
    )


@pytest.fixture
async def http():
    async with aiohttp.ClientSession() as session:
        yield session


async def test_good_credentials_are_ok(settings, http):
    findings = await wechat.look_at_oa(settings, http) + await wechat.look_at_wecom(settings, http)

    assert [finding.state for finding in findings] == ["ok", "ok"]


@pytest.mark.parametrize(
    ("path", "answer", "todo"),
    [
        ("gettoken", {"errcode": 40001, "errmsg": "invalid credential"}, "WECOM_SECRET"),
        (
            "getcallbackip",
            {"errcode": 60020, "errmsg": "not allow to access, from ip: 203.0.113.7, more"},
            "203.0.113.7",
        ),
        ("agent/get", {"errcode": 301002, "errmsg": "not allow"}, "WECOM_AGENT_ID"),
        ("gettoken", {"errcode": 50003, "errmsg": "disabled"}, "enable it"),
        ("gettoken", {"errcode": 987654, "errmsg": "new"}, "look the code up"),
    ],
)
async def test_wecoms_refusals_say_what_to_do(settings, http, wechat_fake, path, answer, todo):
    wechat_fake.answers[f"/cgi-bin/{path}"] = answer

    (finding,) = await wechat.look_at_wecom(settings, http)

    assert finding.state == "error"
    assert str(answer["errcode"]) in finding.says
    assert todo in finding.todo


@pytest.mark.parametrize(
    ("answer", "todo"),
    [
        ({"errcode": 40164, "errmsg": "invalid ip 198.51.100.9 ipv6 ::ffff"}, "198.51.100.9"),
        ({"errcode": 40001, "errmsg": "bad"}, "OA_APP_SECRET"),
        ({"errcode": 40243, "errmsg": "frozen"}, "unfreeze"),
    ],
)
async def test_the_accounts_refusals_say_what_to_do(settings, http, wechat_fake, answer, todo):
    wechat_fake.answers["/cgi-bin/stable_token"] = answer

    (finding,) = await wechat.look_at_oa(settings, http)

    assert finding.state == "error"
    assert todo in finding.todo


async def test_a_silent_platform_is_an_error_about_the_way_there(settings, http, unused_tcp_port):
    away = settings.model_copy(update={"oa_api_base": f"http://127.0.0.1:{unused_tcp_port}"})

    (finding,) = await wechat.look_at_oa(away, http)

    assert finding.state == "error"
    assert "OA_API_BASE" in finding.todo


async def test_a_channel_nobody_configured_is_not_called(http):
    (finding,) = await wechat.look_at_wecom(Settings(secret_key=KEY), http)

    assert finding.state == "warning"


@pytest.mark.parametrize(("skew_s", "state"), [(0, "ok"), (-20, "warning"), (400, "error")])
async def test_the_clock_is_held_against_wechats(settings, http, wechat_fake, skew_s, state):
    wechat_fake.skew_s = skew_s

    (finding,) = await clock.look(settings, http)

    assert finding.state == state


@pytest.fixture
async def product(settings):
    """Something at PUBLIC_URL that passes the handshake with the settings' credentials."""

    async def verify(request):
        channel = request.match_info["channel"]
        app_id = settings.oa_app_id if channel == "oa" else settings.wecom_corp_id
        token, key = SECRETS[f"{channel}_token"], SECRETS[f"{channel}_aes_key"]
        envelope = Envelope(Credentials(app_id, token, key), channel)
        return web.Response(text=envelope.verify_url(request.query, datetime.now(UTC)))

    async def livez(_request):
        return web.Response(text="ok")

    server = await _served(web.get("/livez", livez), web.get("/wechat/{channel}", verify))
    yield settings.model_copy(update={"public_url": str(server.make_url("")).rstrip("/")})
    await server.close()


async def test_both_handshakes_pass_over_the_public_address(product, http):
    findings = await callbacks.look(product, http)

    assert {f.what: f.state for f in findings if f.what.startswith("callback")} == {
        "callback oa": "ok",
        "callback wecom": "ok",
    }


async def test_a_process_with_another_token_fails_the_handshake(product, http):
    other = product.model_copy(update={"wecom_token": SecretStr("another1another1")})

    findings = {finding.what: finding for finding in await callbacks.look(other, http)}

    assert findings["callback oa"].state == "ok"
    assert findings["callback wecom"].state == "error"
    assert "other credentials" in findings["callback wecom"].todo


async def test_nobody_at_the_public_address_is_an_error_only_where_it_is_public(
    settings, http, unused_tcp_port
):
    local = settings.model_copy(update={"public_url": f"http://127.0.0.1:{unused_tcp_port}"})
    public = settings.model_copy(update={"public_url": "http://leadloop.invalid"})

    (at_home,) = await callbacks.look(local, http)
    (outside,) = await callbacks.look(public, http)

    assert (at_home.state, outside.state) == ("warning", "error")


async def test_a_migrated_database_is_ok(database_url, http):
    settings = Settings(secret_key=KEY, database_url=database_url)

    findings = await database.look(settings, http)

    assert {finding.state for finding in findings} == {"ok"}
    assert findings[-1].what == "schema"


async def test_a_database_without_schema_says_migrate(postgres, http):
    name = await postgres.create()
    settings = Settings(secret_key=KEY, database_url=postgres.url(name))

    *_, schema = await database.look(settings, http)

    assert schema.state == "error"
    assert "migrate" in schema.todo


async def test_a_database_that_is_away_is_an_error_without_its_address(http, unused_tcp_port):
    url = f"postgres://u:hunter2@127.0.0.1:{unused_tcp_port}/leadloop"

    (finding,) = await database.look(Settings(secret_key=KEY, database_url=url), http)

    assert finding.state == "error"
    assert "hunter2" not in repr(finding)


async def test_a_sqlite_file_is_not_created_by_looking_for_it(settings, http, tmp_path):
    (finding,) = await database.look(settings, http)

    assert finding.state == "warning"
    assert list(tmp_path.iterdir()) == []


async def test_a_redis_that_keeps_what_it_carries_is_ok(redis_url, http):
    findings = await redis_server.look(Settings(secret_key=KEY, redis_url=redis_url), http)

    assert {finding.state for finding in findings} == {"ok"}


async def test_a_redis_that_evicts_and_forgets_is_a_warning(redis_server_url, http):
    findings = await redis_server.look(Settings(secret_key=KEY, redis_url=redis_server_url), http)

    says = {finding.what: finding.state for finding in findings}
    assert says["Redis memory"] == "warning"
    assert says["Redis persistence"] == "warning"


@pytest.fixture
async def redis_server_url(redis_url):
    """The shared Redis, configured badly for one test."""
    async with Redis.from_url(redis_url) as client:
        await client.config_set("maxmemory-policy", "allkeys-lru")
        await client.config_set("appendonly", "no")
        yield redis_url
        await client.config_set("maxmemory-policy", "noeviction")
        await client.config_set("appendonly", "yes")


async def test_a_redis_that_is_away_is_an_error(http, tmp_path):
    settings = Settings(secret_key=KEY, redis_url=f"unix://{tmp_path}/absent")

    (finding,) = await redis_server.look(settings, http)

    assert finding.state == "error"


def test_every_setting_has_its_line_and_no_secret_is_in_it(settings):
    findings = configuration.look(settings, ["LEADLOOP_PROT: no such setting, it is ignored"])

    shown = repr(findings)
    for name in Settings.model_fields:
        assert f"'LEADLOOP_{name.upper()}'" in shown
    for secret in SECRETS.values():
        assert secret not in shown
    assert findings[-1].what == "LEADLOOP_PROT"
    assert findings[-1].state == "warning"


def test_a_guessable_key_and_a_password_in_an_address_are_handled(settings):
    unwise = settings.model_copy(
        update={
            "secret_key": SecretStr("a" * 40),
            "bootstrap_api_key": SecretStr("test"),
            "database_url": "postgres://u:hunter2@db/leadloop",
        }
    )

    findings = {finding.what: finding for finding in configuration.look(unwise, [])}

    assert findings["LEADLOOP_SECRET_KEY"].state == "warning"
    assert findings["LEADLOOP_BOOTSTRAP_API_KEY"].state == "warning"
    assert findings["LEADLOOP_DATABASE_URL"].says == "postgres://***@db/leadloop"


async def test_a_data_folder_that_cannot_be_made_is_an_error(settings, http, tmp_path):
    (tmp_path / "file").touch()
    blocked = settings.model_copy(update={"data_dir": tmp_path / "file" / "var"})

    findings = await machine.look(blocked, http)

    assert findings[-1].state == "error"


async def test_a_look_that_hangs_is_cut_off_and_the_others_are_still_told(settings, monkeypatch):
    async def hang(_settings, _http):
        await asyncio.Event().wait()

    monkeypatch.setattr(doctor, "PATIENCE_S", 0.2)
    monkeypatch.setattr(doctor, "LOOKS", {"abyss": hang, "machine": machine.look})

    findings = {finding.what: finding for finding in await doctor.examine(settings)}

    assert findings["abyss"].state == "error"
    assert findings["Python"].state == "ok"
