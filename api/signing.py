"""Small values that go out in a cookie and come back unchanged, or not at all."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from collections.abc import Sequence


class Signer:
    """Signs for one purpose; during a rotation what the previous secret signed still counts."""

    def __init__(self, secrets: Sequence[str], purpose: str) -> None:
        self._keys = [
            hmac.digest(secret.encode(), f"leadloop {purpose}".encode(), hashlib.sha256)
            for secret in secrets
        ]

    @property
    def can_sign(self) -> bool:
        return bool(self._keys)

    def sign(self, text: str) -> str:
        """The text with its signature. Raises IndexError without a secret."""
        return f"{text}.{_mac(self._keys[0], text)}"

    def read(self, signed: str) -> str | None:
        """The text, or None if it did not come from here."""
        text, _, mac = signed.rpartition(".")
        given = mac.encode("utf-8", "surrogateescape")
        good = any(hmac.compare_digest(_mac(key, text).encode(), given) for key in self._keys)
        return text if good else None


def _mac(key: bytes, text: str) -> str:
    mac = hmac.digest(key, text.encode("utf-8", "surrogateescape"), hashlib.sha256)
    return urlsafe_b64encode(mac).decode().rstrip("=")
