"""Deployment facts: addresses, secrets and nothing that is a business rule.

One frozen, validated object. `load_settings` reads the environment and `.env`; everything else
gets the object passed in. Business rules are policy rows, see `domain.policy`.
"""

import difflib
import os
import re
import sys
from collections.abc import Callable, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dotenv import dotenv_values
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

VERSION = "0.1.0"
PREFIX = "LEADLOOP_"
DEFAULT_ENV_FILE = Path(".env")
DATABASE_SCHEMES = ("sqlite", "postgres", "postgresql")
REDIS_SCHEMES = (
    "redis",
    "rediss",
    "unix",
    "redis+sentinel",
    "rediss+sentinel",
    "redis+cluster",
    "rediss+cluster",
)
SHORTEST_SECRET_KEY = 32
EMPTY = SecretStr("")

WECOM_API = "https://qyapi.weixin.qq.com"
WECOM_OAUTH = "https://open.weixin.qq.com"
WECOM_LOGIN = "https://login.work.weixin.qq.com"
AES_KEY = re.compile(r"[0-9A-Za-z+/]{43}")
TOKEN = re.compile(r"[!-~]{3,32}")

OA_REQUIRED = ("oa_app_id", "oa_app_secret", "oa_token")
WECOM_REQUIRED = (
    "wecom_corp_id",
    "wecom_agent_id",
    "wecom_secret",
    "wecom_token",
    "wecom_aes_key",
)

LLM_REQUIRED = ("llm_base_url", "llm_model")


class InvalidSettings(Exception):
    """The program must not start. `problems` are lines that each name a variable and a reason."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Settings(BaseModel):
    """Every setting with its default; the environment spells them LEADLOOP_DATABASE_URL and so on.

    Constructing it reads nothing but its arguments, which is what tests want.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    database_url: str = Field(default="sqlite://var/leadloop.db", repr=False)
    redis_url: str = Field(default="", repr=False)
    data_dir: Path = Field(default_factory=lambda known: _folder_of(known.get("database_url", "")))
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    metrics_port: int = Field(default=0, ge=0, le=65535)
    drain_s: float = Field(default=0, ge=0, le=60)
    sandbox_port: int = Field(default=8081, ge=1, le=65535)
    public_url: str = Field(default_factory=lambda known: f"http://127.0.0.1:{known.get('port')}")
    trusted_proxies: str = "127.0.0.1, ::1"

    secret_key: SecretStr = Field(default=EMPTY, validate_default=True)
    secret_key_previous: SecretStr = EMPTY
    bootstrap_api_key: SecretStr = EMPTY

    oa_app_id: str = ""
    oa_app_secret: SecretStr = EMPTY
    oa_token: SecretStr = EMPTY
    oa_aes_key: SecretStr = EMPTY
    oa_template_id: str = ""
    oa_subscription_id: str = ""
    oa_api_base: str = "https://api.weixin.qq.com"

    wecom_corp_id: str = ""
    wecom_agent_id: str = ""
    wecom_secret: SecretStr = EMPTY
    wecom_token: SecretStr = EMPTY
    wecom_aes_key: SecretStr = EMPTY
    wecom_api_base: str = WECOM_API
    wecom_oauth_base: str = Field(default_factory=lambda known: _page_of(known, WECOM_OAUTH))
    wecom_login_base: str = Field(default_factory=lambda known: _page_of(known, WECOM_LOGIN))

    stt_url: str = ""
    stt_api_key: SecretStr = EMPTY
    stt_model: str = ""
    stt_timeout_s: float = Field(default=5.0, gt=0, le=15)
    llm_base_url: str = ""
    llm_api_key: SecretStr = EMPTY
    llm_model: str = ""
    llm_timeout_s: float = Field(default=10, gt=0, le=12)

    webhook_allow_private: bool = False

    otel_endpoint: str = ""
    sentry_dsn: SecretStr = EMPTY

    timezone: str = "Asia/Shanghai"
    log_format: Literal["", "console", "json"] = ""
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def proxy_networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Whose `X-Forwarded-For` is believed: the balancer in front of us."""
        named = (part.strip() for part in self.trusted_proxies.split(","))
        return tuple(ip_network(part) for part in named if part)

    @property
    def uses_sqlite(self) -> bool:
        """With SQLite exactly one process may write: `manage.py run`."""
        return self.database_url.startswith("sqlite:")

    @property
    def sqlite_file(self) -> Path | None:
        """The database file; None for PostgreSQL and for a database in memory."""
        return _file_of(self.database_url)

    @property
    def has_sentry(self) -> bool:
        return bool(self.sentry_dsn.get_secret_value())

    @property
    def has_oa(self) -> bool:
        return bool(self.oa_app_id)

    @property
    def has_wecom(self) -> bool:
        return bool(self.wecom_corp_id)

    @field_validator("log_format", "log_level", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        scheme, _, rest = value.partition("://")
        if scheme not in DATABASE_SCHEMES or not rest:
            raise ValueError("use sqlite://PATH or postgres://USER:PASSWORD@HOST:PORT/NAME")
        if scheme != "sqlite" and len(_address(value).path) < 2:
            raise ValueError("name the database: postgres://USER:PASSWORD@HOST:PORT/NAME")
        return value

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, value: str) -> str:
        scheme, _, rest = value.partition("://")
        if value and (scheme not in REDIS_SCHEMES or not rest):
            raise ValueError(
                "leave it empty for the bundled server, or start it with one of "
                + ", ".join(f"{name}://" for name in REDIS_SCHEMES)
            )
        return value

    @field_validator(
        "public_url", "oa_api_base", "wecom_api_base", "wecom_oauth_base", "wecom_login_base"
    )
    @classmethod
    def _http(cls, value: str) -> str:
        address = _address(value)
        if address.scheme not in ("http", "https") or not address.hostname:
            raise ValueError("must be an http:// or https:// address")
        if address.username or address.query or address.fragment:
            raise ValueError("only scheme, host, port and path belong here")
        return value.rstrip("/")

    @field_validator("stt_url")
    @classmethod
    def _endpoint(cls, value: str) -> str:
        if value and _address(value).scheme not in ("http", "https"):
            raise ValueError("must be an http:// or https:// address, or empty")
        return value

    @field_validator("otel_endpoint")
    @classmethod
    def _collector(cls, value: str) -> str:
        return cls._endpoint(value).rstrip("/")

    @field_validator("sentry_dsn")
    @classmethod
    def _dsn(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if text and not re.fullmatch(r"https?://[^@/\s]+@[^/\s]+/(?:.*/)?\d+", text):
            raise ValueError("must be the DSN that Sentry shows: https://KEY@HOST/PROJECT")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies(cls, value: str) -> str:
        for part in filter(None, map(str.strip, value.split(","))):
            try:
                ip_network(part)
            except ValueError:
                raise ValueError("list addresses or networks: 127.0.0.1, 10.0.0.0/8") from None
        return value

    @field_validator("timezone")
    @classmethod
    def _timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError("no such time zone; write it like Asia/Shanghai") from error
        return value

    @field_validator("secret_key", "secret_key_previous")
    @classmethod
    def _long_enough(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        length = len(value.get_secret_value())
        if length == 0 and info.field_name == "secret_key":
            raise ValueError("is required outside the sandbox: 32 or more random characters")
        if 0 < length < SHORTEST_SECRET_KEY:
            raise ValueError(f"needs at least {SHORTEST_SECRET_KEY} characters")
        return value

    @field_validator("bootstrap_api_key")
    @classmethod
    def _fits_a_header(cls, value: SecretStr) -> SecretStr:
        if not re.fullmatch(r"[!-~]*", value.get_secret_value()):
            raise ValueError("only printable ASCII without spaces fits into a Bearer header")
        return value

    @field_validator("oa_token", "wecom_token")
    @classmethod
    def _token(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if text and not TOKEN.fullmatch(text):
            raise ValueError("must be 3 to 32 letters and digits, as entered on the WeChat side")
        return value

    @field_validator("oa_aes_key", "wecom_aes_key")
    @classmethod
    def _aes_key(cls, value: SecretStr) -> SecretStr:
        text = value.get_secret_value()
        if text and not AES_KEY.fullmatch(text):
            raise ValueError("must be the EncodingAESKey: exactly 43 letters and digits")
        return value

    @field_validator("wecom_agent_id")
    @classmethod
    def _agent(cls, value: str) -> str:
        if value and not (value.isascii() and value.isdigit()):
            raise ValueError("must be the number WeCom shows as AgentId")
        return value

    @model_validator(mode="after")
    def _whole(self) -> Self:
        problems = [
            *self._missing(OA_REQUIRED, ("oa_aes_key",)),
            *self._missing(WECOM_REQUIRED),
            *self._missing(LLM_REQUIRED),
        ]
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def _missing(self, group: tuple[str, ...], optional: tuple[str, ...] = ()) -> list[str]:
        """A channel is configured completely or not at all."""
        given = [name for name in (*group, *optional) if _text(getattr(self, name))]
        if not given:
            return []
        return [
            f"{env_name(name)}: is empty while {env_name(given[0])} is set; give all of it or none"
            for name in group
            if name not in given
        ]


class _Environment(BaseSettings, Settings):
    """The same fields, filled from variables and `.env`; arguments fill what those leave open."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="ignore"
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: Any,
        env_settings: Any,
        dotenv_settings: Any,
        file_secret_settings: Any,
    ) -> tuple[Any, ...]:
        return env_settings, dotenv_settings, init_settings


def load_settings(
    env_file: Path | None = DEFAULT_ENV_FILE,
    fallback: Mapping[str, object] | None = None,
    warn: Callable[[str], None] | None = None,
) -> Settings:
    """Read the environment, then `env_file`, then `fallback`; unknown names go to `warn`.

    Raises InvalidSettings with every problem at once.
    """
    for line in unknown_variables(env_file):
        (warn or _to_stderr)(line)
    arguments: Any = {**(fallback or {}), "_env_file": env_file}
    try:
        found = _Environment(**arguments)
    except ValidationError as error:
        raise InvalidSettings(_readable(error)) from None
    return Settings.model_construct(
        **{name: getattr(found, name) for name in Settings.model_fields}
    )


def env_name(field: str) -> str:
    """The variable that sets a field, e.g. `port` → LEADLOOP_PORT."""
    return PREFIX + field.upper()


def unknown_variables(env_file: Path | None = DEFAULT_ENV_FILE) -> list[str]:
    """One warning for each LEADLOOP_ variable that nothing reads, with the likely meant name."""
    written = set(os.environ)
    if env_file is not None and env_file.is_file():
        written |= set(dotenv_values(env_file))
    known = {env_name(name) for name in Settings.model_fields}
    warnings = []
    for name in sorted(written):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            near = difflib.get_close_matches(name.upper(), known, n=2, cutoff=0.75)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            warnings.append(f"{name}: no such setting, it is ignored{hint}")
    return warnings


def _to_stderr(line: str) -> None:
    sys.stderr.write(f"warning: {line}\n")


def _readable(error: ValidationError) -> list[str]:
    lines: list[str] = []
    for problem in error.errors(include_input=False, include_url=False, include_context=False):
        reason = problem["msg"].removeprefix("Value error, ")
        if problem["type"] == "default_factory_not_called":
            continue  # follows from another setting, whose problem is told on its own
        if not problem["loc"]:
            lines.extend(reason.splitlines())
            continue
        name = str(problem["loc"][0]).upper().removeprefix(PREFIX)
        lines.append(f"{PREFIX}{name}: {reason[:1].lower()}{reason[1:]}")
    return lines


def _address(value: str) -> Any:
    """Split an address. The reason never quotes it: a password may stand where a port is read."""
    try:
        address = urlsplit(value)
        readable = address.port != 0
    except ValueError:
        readable = False
    if not readable:
        raise ValueError("cannot be read: check host and port, and %-encode the password")
    return address


def _page_of(known: Mapping[str, Any], usual: str) -> str:
    """Where people sign in: WeCom's page, or that of the platform that plays WeCom."""
    base = str(known.get("wecom_api_base", WECOM_API))
    return usual if base == WECOM_API else base


def _folder_of(database_url: str) -> Path:
    """Where local files live: beside the SQLite file, else `var`."""
    file = _file_of(database_url)
    return file.parent if file else Path("var")


def _file_of(database_url: str) -> Path | None:
    scheme, _, rest = database_url.partition("://")
    path = rest.partition("?")[0]
    return Path(path) if scheme == "sqlite" and path not in ("", ":memory:") else None


def _text(value: str | SecretStr) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else value
