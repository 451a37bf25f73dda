"""The credentials of a sandbox: invented once, kept in its data folder, readable by its owner."""

import json
import os
import secrets
import string
from pathlib import Path

from settings import Settings, load_settings

FILE_NAME = "sandbox.json"
LETTERS = string.ascii_letters + string.digits


def sandbox_settings() -> Settings:
    """Settings where everything that nobody configured comes from the sandbox.

    A channel that is configured keeps its own credentials; the sandbox is then told those. Calls
    go to the sandbox either way, unless an API base is configured too. Raises InvalidSettings.
    """
    invented = invent()
    configured = load_settings(fallback={"secret_key": invented["secret_key"]})
    kept = _keep(configured.data_dir / FILE_NAME, invented)
    fallback = {"secret_key": kept["secret_key"], "bootstrap_api_key": kept["bootstrap_api_key"]}
    fallback["webhook_allow_private"] = "true"  # a receiver to try it with runs on this machine
    for channel, is_configured in (("oa", configured.has_oa), ("wecom", configured.has_wecom)):
        address = {f"{channel}_api_base": f"http://127.0.0.1:{configured.sandbox_port}"}
        own = {} if is_configured else {k: v for k, v in kept.items() if k.startswith(channel)}
        fallback |= own | address
    return load_settings(fallback=fallback, warn=lambda line: None)


def invent() -> dict[str, str]:
    """Fresh credentials in the form the real platforms give them."""
    return {
        "secret_key": secrets.token_hex(32),
        "bootstrap_api_key": f"sandbox-{secrets.token_hex(16)}",
        "oa_app_id": f"wx{secrets.token_hex(8)}",
        "oa_app_secret": secrets.token_hex(16),
        "oa_token": secrets.token_hex(12),
        "oa_aes_key": _letters(43),
        "wecom_corp_id": f"ww{secrets.token_hex(8)}",
        "wecom_agent_id": "1000002",
        "wecom_secret": _letters(43),
        "wecom_token": secrets.token_hex(12),
        "wecom_aes_key": _letters(43),
    }


def _letters(length: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def _keep(path: Path, invented: dict[str, str]) -> dict[str, str]:
    """What the file holds; written with what was invented if it is new or lacks something."""
    held: dict[str, str] = {}
    if path.exists():
        held = json.loads(path.read_text(encoding="utf-8"))
    kept = {**invented, **held}
    if kept != held:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(".new")
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump(kept, file, indent=1)
        fresh.replace(path)
    return kept
