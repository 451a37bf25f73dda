"""Phones and message bodies at rest: AES-GCM to keep them, a keyed hash to find them again."""

import base64
import hashlib
import hmac
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_NONCE_BYTES = 12
_KEY_ID_BYTES = 4


class CannotDecrypt(Exception):
    """The text was sealed with a key we no longer have, or altered. Holds no content."""


@dataclass(frozen=True, slots=True)
class _Key:
    key_id: bytes
    cipher: AESGCM
    lookup: bytes


def _derive(secret: str, purpose: str) -> bytes:
    kdf = HKDF(SHA256(), length=32, salt=b"leadloop", info=purpose.encode())
    return kdf.derive(secret.encode())


def _key(secret: str) -> _Key:
    sealing = _derive(secret, "phone-sealing-1")
    return _Key(
        key_id=hashlib.sha256(sealing).digest()[:_KEY_ID_BYTES],
        cipher=AESGCM(sealing),
        lookup=_derive(secret, "phone-lookup-1"),
    )


class PhoneVault:
    """Seals with the current secret; opens and finds with the previous ones too, for rotation."""

    def __init__(self, secret: str, previous: tuple[str, ...] = ()) -> None:
        self._keys = tuple(_key(s) for s in (secret, *previous))
        self._by_id = {key.key_id: key for key in self._keys}

    @property
    def key_mark(self) -> str:
        """What sealed data carries of the current key: says which, not what, it is."""
        return self._keys[0].key_id.hex()

    @property
    def key_marks(self) -> frozenset[str]:
        """The marks of all keys that this vault opens with."""
        return frozenset(key.key_id.hex() for key in self._keys)

    def seal(self, clear: bytes) -> bytes:
        """Encrypt under the current key. Two calls on the same text differ."""
        key = self._keys[0]
        nonce = os.urandom(_NONCE_BYTES)
        return key.key_id + nonce + key.cipher.encrypt(nonce, clear, key.key_id)

    def open(self, sealed: bytes) -> bytes:
        """Decrypt what any of the known keys sealed. Raises `CannotDecrypt`."""
        key = self._by_id.get(sealed[:_KEY_ID_BYTES])
        if key is None:
            raise CannotDecrypt("sealed with an unknown key")
        nonce = sealed[_KEY_ID_BYTES : _KEY_ID_BYTES + _NONCE_BYTES]
        try:
            return key.cipher.decrypt(nonce, sealed[_KEY_ID_BYTES + _NONCE_BYTES :], key.key_id)
        except (InvalidTag, ValueError):
            raise CannotDecrypt("altered or cut short") from None

    def encrypt(self, phone: str) -> str:
        """A phone as text for a column."""
        return base64.b64encode(self.seal(phone.encode())).decode()

    def decrypt(self, cipher: str) -> str:
        """The phone again. Raises `CannotDecrypt`."""
        return self.open(base64.b64decode(cipher)).decode()

    def hash(self, phone: str) -> str:
        """The keyed hash under which a phone is stored from now on."""
        return self.hashes(phone)[0]

    def hashes(self, phone: str) -> list[str]:
        """Every hash a phone may be found under, the current first (look-ups during rotation)."""
        return [hmac.new(k.lookup, phone.encode(), hashlib.sha256).hexdigest() for k in self._keys]

    def is_current(self, cipher: str) -> bool:
        """Whether a stored phone needs no re-encryption."""
        return base64.b64decode(cipher)[:_KEY_ID_BYTES] == self._keys[0].key_id
