"""Every setting on one line each: what it is, without secrets, and what looks unwise about it."""

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from cli.doctor.finding import Finding, fine, warning
from settings import PREFIX, Settings, env_name

SHORT_API_KEY = 20
FEW_DIFFERENT_CHARACTERS = 10


def look(settings: Settings, unknown: list[str]) -> list[Finding]:
    """One finding a setting, and one for each LEADLOOP_ variable that nothing reads."""
    findings = []
    for name in Settings.model_fields:
        shown, doubt = _shown(getattr(settings, name)), _doubt(name, settings)
        if doubt:
            findings.append(warning(env_name(name), shown, doubt))
        else:
            findings.append(fine(env_name(name), shown))
    for line in unknown:
        name, _, says = line.partition(": ")
        findings.append(warning(name, says, f"correct or remove it; names are {PREFIX}…"))
    return findings


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return "set" if value.get_secret_value() else "empty"
    if isinstance(value, str) and "://" in value:
        return without_password(value)
    return str(value) if isinstance(value, Path) or value != "" else "empty"


def without_password(url: str) -> str:
    """The address with its user and password replaced by stars."""
    credentials, at, _ = urlsplit(url).netloc.rpartition("@")
    return url.replace(f"{credentials}@", "***@", 1) if at else url


def _doubt(name: str, settings: Settings) -> str:
    """What to do about a value that is valid but unwise; empty for none."""
    if name == "secret_key" and _is_guessable(settings.secret_key):
        return "take random characters: python -c 'import secrets; print(secrets.token_hex(32))'"
    if name == "bootstrap_api_key" and 0 < _length(settings.bootstrap_api_key) < SHORT_API_KEY:
        return f"it opens everything: make it {SHORT_API_KEY} random characters or more"
    if name in ("oa_token", "wecom_token") and not _is_plain(getattr(settings, name)):
        return "the console accepts letters and digits only"
    if name == "oa_aes_key" and settings.has_oa and not _length(settings.oa_aes_key):
        return "messages arrive in the clear: choose safe mode in the console, enter its key here"
    if name == "database_url" and settings.uses_sqlite and settings.host not in LOOPBACK:
        return "SQLite serves one process on one machine; use PostgreSQL in production"
    return ""


LOOPBACK = ("127.0.0.1", "::1", "localhost")


def _length(secret: SecretStr) -> int:
    return len(secret.get_secret_value())


def _is_guessable(secret: SecretStr) -> bool:
    return len(set(secret.get_secret_value())) < FEW_DIFFERENT_CHARACTERS


def _is_plain(secret: SecretStr) -> bool:
    text = secret.get_secret_value()
    return not text or (text.isascii() and text.isalnum())
