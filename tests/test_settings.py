"""Settings: a wrong one is named with its reason, no secret shows, an import reads nothing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from settings import InvalidSettings, Settings, load_settings

KEY = "0123456789abcdef0123456789abcdef"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
OA = {"OA_APP_ID": "wx1", "OA_APP_SECRET": "s" * 32, "OA_TOKEN": "AAAAA"}
WECOM = {
    "WECOM_CORP_ID": "ww1",
    "WECOM_AGENT_ID": "1000002",
    "WECOM_SECRET": "s" * 43,
    "WECOM_TOKEN": "QDG6eK",
    "WECOM_AES_KEY": AES_KEY,
}


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch):
    for name in os.environ:
        if name.upper().startswith("LEADLOOP_"):
            monkeypatch.delenv(name)


@pytest.fixture
def given(monkeypatch):
    """Load settings from these variables, on top of a valid SECRET_KEY."""

    def load(**variables):
        for name, value in {"SECRET_KEY": KEY, **variables}.items():
            monkeypatch.setenv(f"LEADLOOP_{name}", value)
        return load_settings(env_file=None)

    return load


def problems(load, **variables):
    with pytest.raises(InvalidSettings) as refusal:
        load(**variables)
    return refusal.value.problems


def test_defaults_are_the_documented_ones(given):
    settings = given()

    assert settings.database_url == "sqlite://var/leadloop.db"
    assert settings.redis_url == ""
    assert (settings.host, settings.port) == ("127.0.0.1", 8080)
    assert settings.public_url == "http://127.0.0.1:8080"
    assert settings.oa_api_base == "https://api.weixin.qq.com"
    assert settings.wecom_api_base == "https://qyapi.weixin.qq.com"
    assert settings.timezone == "Asia/Shanghai"
    assert settings.log_level == "info"


def test_an_empty_variable_means_its_default(given):
    assert given(PORT="", DATABASE_URL="").port == 8080


def test_our_own_address_follows_the_port_unless_it_is_given(given):
    assert given(PORT="9000").public_url == "http://127.0.0.1:9000"
    assert given(PORT="9000", PUBLIC_URL="https://a.example/").public_url == "https://a.example"


def test_local_files_live_beside_the_sqlite_file(given):
    assert given(DATABASE_URL="sqlite:///srv/data/leadloop.db").data_dir == Path("/srv/data")
    assert given(DATABASE_URL="postgres://u:p@h:5432/leadloop").data_dir == Path("var")
    assert given(DATA_DIR="/elsewhere").data_dir == Path("/elsewhere")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("SANDBOX_PORT", "-1"),
        ("DATABASE_URL", "mysql://u:p@h/db"),
        ("DATABASE_URL", "sqlite:leadloop.db"),
        ("DATABASE_URL", "postgres://u:p@h:5432"),
        ("DATABASE_URL", "postgres://u:p@h:five/db"),
        ("REDIS_URL", "http://h:6379"),
        ("REDIS_URL", "localhost:6379"),
        ("PUBLIC_URL", "leads.example.com"),
        ("PUBLIC_URL", "https://u:p@leads.example.com"),
        ("PUBLIC_URL", "https://leads.example.com/?a=1"),
        ("OA_API_BASE", "ftp://api.weixin.qq.com"),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY_PREVIOUS", "short"),
        ("BOOTSTRAP_API_KEY", "with a space"),
        ("BOOTSTRAP_API_KEY", "密钥"),
        ("TIMEZONE", "Asia/Changchun"),
        ("TIMEZONE", "../etc/passwd"),
        ("LOG_FORMAT", "xml"),
        ("LOG_LEVEL", "loud"),
        ("OA_TOKEN", "ab"),
        ("OA_AES_KEY", AES_KEY[:-1]),
        ("OA_AES_KEY", AES_KEY + "="),
        ("WECOM_AES_KEY", AES_KEY[:-1] + "!"),
        ("WECOM_AGENT_ID", "agent"),
    ],
)
def test_a_wrong_value_is_refused_by_its_full_name_and_without_the_value(given, name, value):
    found = problems(given, **OA | WECOM | {name: value})

    assert [line.partition(":")[0] for line in found] == [f"LEADLOOP_{name}"]
    assert len(found[0]) > len(f"LEADLOOP_{name}: ")
    assert value not in found[0].partition(":")[2] or len(value) < 3


def test_every_problem_is_told_at_once(given):
    found = problems(given, PORT="x", TIMEZONE="y", SECRET_KEY="")

    assert {line.partition(":")[0] for line in found} == {
        "LEADLOOP_PORT",
        "LEADLOOP_TIMEZONE",
        "LEADLOOP_SECRET_KEY",
    }


def test_a_password_with_a_slash_does_not_reach_the_error(given):
    (line,) = problems(given, DATABASE_URL="postgres://u:hunter2/x@h:5432/db")

    assert "hunter2" not in line


def test_the_secret_key_is_required(given):
    (line,) = problems(given, SECRET_KEY="")

    assert line.startswith("LEADLOOP_SECRET_KEY: ")


@pytest.mark.parametrize("missing", OA)
def test_an_official_account_is_configured_completely_or_not_at_all(given, missing):
    found = problems(given, **{**OA, missing: ""})

    assert [line.partition(":")[0] for line in found] == [f"LEADLOOP_{missing}"]


@pytest.mark.parametrize("missing", WECOM)
def test_a_wecom_app_is_configured_completely_or_not_at_all(given, missing):
    found = problems(given, **{**WECOM, missing: ""})

    assert [line.partition(":")[0] for line in found] == [f"LEADLOOP_{missing}"]


def test_only_the_official_account_may_do_without_an_aes_key(given):
    settings = given(**OA)

    assert settings.has_oa
    assert not settings.has_wecom
    assert settings.oa_aes_key.get_secret_value() == ""


@pytest.mark.parametrize(
    "url",
    [
        "redis://h:6379/0",
        "rediss://:pw@h:6380",
        "unix:///run/redis.sock",
        "redis+sentinel://a:26379,b:26379/main",
        "redis+cluster://a:6379,b:6379",
    ],
)
def test_every_kind_of_redis_may_be_named(given, url):
    assert given(REDIS_URL=url).redis_url == url


def test_secrets_do_not_show_in_the_settings_as_text(given):
    settings = given(
        **OA,
        **WECOM,
        DATABASE_URL="postgres://u:hunter2@h:5432/db",
        REDIS_URL="redis://:hunter2@h:6379",
        BOOTSTRAP_API_KEY="letmein-letmein",
    )

    shown = f"{settings} {settings!r}"
    for secret in (KEY, OA["OA_APP_SECRET"], "QDG6eK", AES_KEY, "hunter2", "letmein"):
        assert secret not in shown


def test_settings_cannot_be_changed(given):
    with pytest.raises(ValueError, match="frozen"):
        given().port = 1


def test_the_environment_wins_over_the_file_and_the_file_over_what_the_sandbox_gives(
    tmp_path, monkeypatch
):
    file = tmp_path / ".env"
    file.write_text(f"LEADLOOP_SECRET_KEY={KEY}\nLEADLOOP_PORT=9001\nLEADLOOP_HOST=::1\n")
    monkeypatch.setenv("LEADLOOP_PORT", "9002")

    settings = load_settings(file, fallback={"host": "ignored", "oa_api_base": "http://x"})

    assert (settings.port, settings.host) == (9002, "::1")
    assert settings.oa_api_base == "http://x"


def test_an_unknown_variable_is_a_warning_that_names_what_was_meant(monkeypatch, tmp_path):
    file = tmp_path / ".env"
    file.write_text("LEADLOOP_REDIS_ULR=x\nOTHER=1\n")
    monkeypatch.setenv("LEADLOOP_SECRET_KEY", KEY)
    monkeypatch.setenv("LEADLOOP_DATABSE_URL", "x")
    heard = []

    load_settings(file, warn=heard.append)

    assert len(heard) == 2
    assert heard[0].startswith("LEADLOOP_DATABSE_URL: ")
    assert "LEADLOOP_DATABASE_URL" in heard[0]
    assert "LEADLOOP_REDIS_URL" in heard[1]


def test_building_settings_by_hand_reads_no_environment(monkeypatch):
    monkeypatch.setenv("LEADLOOP_PORT", "nonsense")

    assert Settings(secret_key=KEY).port == 8080


def test_importing_settings_reads_no_environment():
    script = "import settings"
    environment = {**os.environ, "LEADLOOP_PORT": "nonsense"}

    done = subprocess.run([sys.executable, "-c", script], env=environment, check=False)

    assert done.returncode == 0
