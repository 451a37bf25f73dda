"""The platform's message envelope: AES-256-CBC under the EncodingAESKey, signed with SHA-1.

Plain text is random(16) + length(4, big endian) + message + receiver id, padded by PKCS#7 to 32.
Written from the platform's documentation and checked against its published vectors.
"""

import base64
import binascii
import hashlib
import hmac
import os
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
NOISE = 16


class BrokenEnvelope(ValueError):
    """A sealed message that the platform could not accept; the text says which check failed."""


def sign(token: str, *parts: str) -> str:
    """SHA-1 over token and parts in byte order: `signature` and `msg_signature` alike."""
    joined = b"".join(sorted(part.encode() for part in (token, *parts)))
    return hashlib.sha1(joined, usedforsecurity=False).hexdigest()


def same(left: str, right: str) -> bool:
    """Compare two signatures in constant time."""
    return hmac.compare_digest(left.encode(), right.encode())


def jsapi_signature(ticket: str, nonce: str, timestamp: int, url: str) -> str:
    """The JS-SDK signature of one page address (without its fragment)."""
    text = f"jsapi_ticket={ticket}&noncestr={nonce}&timestamp={timestamp}&url={url}"
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


class Envelope:
    """Seals and opens messages for one receiver: the app id, or the corp id for WeCom."""

    def __init__(self, encoding_aes_key: str, receiver: str) -> None:
        key = base64.b64decode(encoding_aes_key + "=")
        if len(key) != 32:
            raise BrokenEnvelope("the EncodingAESKey is not 32 bytes")
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))
        self._receiver = receiver.encode()

    def seal(self, message: bytes, noise: bytes | None = None) -> str:
        """Encrypt one message; `noise` (16 bytes) is only given to reproduce a known vector."""
        head = (noise or os.urandom(NOISE)) + struct.pack(">I", len(message))
        plain = head + message + self._receiver
        pad = BLOCK - len(plain) % BLOCK
        encryptor = self._cipher.encryptor()
        sealed = encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()
        return base64.b64encode(sealed).decode()

    def open(self, sealed: str) -> bytes:
        """Decrypt, checking alphabet, block size, padding, length and receiver.

        Raises BrokenEnvelope. Check the signature first.
        """
        plain = self._unpad(self._decrypt(sealed))
        if len(plain) < NOISE + 4:
            raise BrokenEnvelope("too short")
        (length,) = struct.unpack(">I", plain[NOISE : NOISE + 4])
        message = plain[NOISE + 4 : NOISE + 4 + length]
        if len(message) != length:
            raise BrokenEnvelope("the length does not fit")
        if plain[NOISE + 4 + length :] != self._receiver:
            raise BrokenEnvelope("sealed for another receiver")
        return message

    def _decrypt(self, sealed: str) -> bytes:
        try:
            raw = base64.b64decode(sealed, validate=True)
        except (binascii.Error, ValueError) as error:
            raise BrokenEnvelope("not base64") from error
        if not raw or len(raw) % BLOCK:
            raise BrokenEnvelope("not a multiple of 32 bytes")
        decryptor = self._cipher.decryptor()
        return decryptor.update(raw) + decryptor.finalize()

    @staticmethod
    def _unpad(plain: bytes) -> bytes:
        pad = plain[-1]
        if not 1 <= pad <= BLOCK or plain[-pad:] != bytes([pad]) * pad:
            raise BrokenEnvelope("wrong padding")
        return plain[:-pad]
