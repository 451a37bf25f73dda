"""What one sandbox is told at start: credentials, addresses, people and timing."""

import re
import time
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TOKEN = re.compile(r"[0-9A-Za-z]{3,32}")
AES_KEY = re.compile(r"[0-9A-Za-z]{43}")
RETRY_DELAY_S = 5.0
CALLBACK_TIMEOUT_S = 5.0
BASE_CALLS_PER_MINUTE = 10_000


class BadConfig(ValueError):
    """A setting is missing or malformed; the message names it."""


@dataclass(frozen=True, slots=True)
class Dealer:
    code: str
    name: str
    city: str
    lat: float
    lng: float


@dataclass(frozen=True, slots=True)
class Contact:
    """One member of the enterprise as the directory (organisation.toml) lists them."""

    userid: str
    name: str
    role: str = ""
    dealer: str = ""
    region: str = ""


@dataclass(frozen=True, slots=True)
class Organisation:
    regions: tuple[tuple[str, str], ...] = ()
    dealers: tuple[Dealer, ...] = ()
    contacts: tuple[Contact, ...] = ()
    models: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """Everything injectable. An empty `oa_aes_key` puts the official account into plain mode."""

    oa_app_id: str
    oa_app_secret: str
    oa_token: str
    oa_aes_key: str
    wecom_corp_id: str
    wecom_agent_id: str
    wecom_secret: str
    wecom_token: str
    wecom_aes_key: str
    product_url: str = "http://127.0.0.1:8080"
    public_url: str = ""
    api_key: str = ""
    oa_original_id: str = "gh_5a4d8b0ff1e1"
    oa_name: str = "示范汽车服务号"
    organisation: Organisation = field(default_factory=Organisation)
    state_path: Path | None = None
    clock: Callable[[], float] = time.time
    retry_delay_s: float = RETRY_DELAY_S
    callback_timeout_s: float = CALLBACK_TIMEOUT_S
    verify_timeout_s: float = 5.0
    wecom_verify_timeout_s: float = 1.0
    calls_per_minute: int = BASE_CALLS_PER_MINUTE

    def __post_init__(self) -> None:
        for name in ("oa_token", "wecom_token"):
            if not TOKEN.fullmatch(getattr(self, name)):
                raise BadConfig(f"{name}: 3 to 32 letters and digits")
        for name in ("oa_aes_key", "wecom_aes_key"):
            value = getattr(self, name)
            if not AES_KEY.fullmatch(value) and (value or name == "wecom_aes_key"):
                raise BadConfig(f"{name}: exactly 43 letters and digits")
        if not self.wecom_agent_id.isdigit():
            raise BadConfig("wecom_agent_id: a number")


SECRETS = (
    "oa_app_id",
    "oa_app_secret",
    "oa_token",
    "oa_aes_key",
    "wecom_corp_id",
    "wecom_agent_id",
    "wecom_secret",
    "wecom_token",
    "wecom_aes_key",
)


def configure(environ: Mapping[str, str], **options: Any) -> SandboxConfig:
    """Take the secrets from SANDBOX_OA_APP_ID … SANDBOX_WECOM_AES_KEY, the rest as given.

    Only the account's AES key may be absent. Raises BadConfig.
    """
    found = {name: environ.get(f"SANDBOX_{name.upper()}", "") for name in SECRETS}
    missing = [name for name, value in found.items() if not value and name != "oa_aes_key"]
    if missing:
        raise BadConfig("not set: " + ", ".join(f"SANDBOX_{name.upper()}" for name in missing))
    values: dict[str, Any] = {"api_key": environ.get("SANDBOX_API_KEY", ""), **found, **options}
    return SandboxConfig(**values)


def read_organisation(contacts: Path, models: Path | None = None) -> Organisation:
    """Read dealers and staff; `models` adds the car lines that the lead panel offers."""
    data = tomllib.loads(contacts.read_text(encoding="utf-8"))
    lines: list[dict[str, Any]] = []
    if models is not None and models.exists():
        lines = tomllib.loads(models.read_text(encoding="utf-8")).get("model", [])
    return Organisation(
        regions=tuple((row["code"], row["name"]) for row in data.get("region", [])),
        dealers=tuple(
            Dealer(row["code"], row["name"], row["city"], float(row["lat"]), float(row["lng"]))
            for row in data.get("dealer", [])
        ),
        contacts=tuple(
            Contact(
                userid=row["userid"],
                name=row["name"],
                role=row.get("role", ""),
                dealer=row.get("dealer", ""),
                region=row.get("region", ""),
            )
            for row in data.get("staff", [])
        ),
        models=tuple((row["code"], row["name"]) for row in lines),
    )
