"""Open and seal WeChat's callback envelopes: signature, freshness and AES, without any I/O.

Both channels share one scheme: SHA-1 over the sorted token, timestamp, nonce and ciphertext, and
AES-256-CBC around the payload. The payload comes back as bytes; its format (XML or JSON) is not
this module's business.

Order of work, so that a stranger costs us one regex and one SHA-1: size → exactly one `Encrypt` in
the raw bytes → signature in constant time → freshness → strict base64 → AES → every byte of the
padding → length → receiver.

There is deliberately no nonce cache. WeChat itself sends a message again, with the same or with
a new timestamp and nonce, when our answer is late, and such a redelivery has to be accepted: it
joins the running answer. A copied request inside the freshness window is harmless, because the
gateway takes each message once under its message key; outside the window it is refused.
"""

import binascii
import hashlib
import hmac
import os
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

Channel = Literal["oa", "wecom"]

MAX_BODY_BYTES = 64 * 1024
BLOCK_BYTES = 32  # WeChat pads to 32, not to the 16 of AES
SALT_BYTES = 16
HEAD_BYTES = SALT_BYTES + 4  # the payload's length as uint32, big-endian

_AES_KEY = re.compile(r"[A-Za-z0-9+/]{43}")
_XML_CIPHERTEXT = re.compile(
    rb"<Encrypt>\s*(?:<!\[CDATA\[([A-Za-z0-9+/=]+)\]\]>|([A-Za-z0-9+/=]+))\s*</Encrypt>"
)
_JSON_CIPHERTEXT = re.compile(rb'"Encrypt"\s*:\s*"([A-Za-z0-9+/=\\]+)"')
_REPLY = (
    "<xml><Encrypt><![CDATA[{ciphertext}]]></Encrypt>"
    "<MsgSignature><![CDATA[{signature}]]></MsgSignature>"
    "<TimeStamp>{timestamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
)


class NotAuthentic(Exception):
    """The request was not proven to come from WeChat; `reason` is a stable code, never content.

    Reasons: size, envelope, missing, signature, stale, base64, padding, length, receiver, text.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Credentials:
    """What the console shows for one callback URL; `app_id` is the corp id on WeCom.

    An empty `aes_key` means plain mode, which only the official account has.
    Raises ValueError (without the values) for an empty token or a key that is not 43 characters.
    """

    app_id: str
    token: str = field(repr=False)
    aes_key: str = field(repr=False)

    def __post_init__(self) -> None:
        if not self.token:
            raise ValueError("the callback token is empty: anybody could sign")
        if self.aes_key and not _AES_KEY.fullmatch(self.aes_key):
            raise ValueError("the EncodingAESKey is not 43 base64 characters")


class Envelope:
    """The callback envelope of one app: verify its URL, open what comes in, seal what goes out."""

    def __init__(
        self,
        credentials: Credentials,
        channel: Channel,
        *,
        max_age_s: int = 300,
        entropy: Callable[[int], bytes] = os.urandom,
    ) -> None:
        """Raise ValueError for WeCom without a key; `entropy` gives n unpredictable bytes."""
        if channel == "wecom" and not credentials.aes_key:
            raise ValueError("WeCom has no plain mode: the EncodingAESKey is missing")
        self._channel = channel
        self._token = credentials.token.encode()
        self._max_age_s = max_age_s
        self._entropy = entropy
        self._box = _Box(credentials) if credentials.aes_key else None

    def verify_url(self, query: Mapping[str, str], now: datetime) -> str:
        """Return the text that proves to WeChat's console that this URL is ours."""
        echo = _field(query, "echostr")
        if self._channel == "wecom" and self._box:
            self._authenticate(query, "msg_signature", now, echo)
            echo = self._box.open(echo)
        else:
            self._authenticate(query, "signature", now)
        try:
            return echo.decode()
        except UnicodeDecodeError:
            raise NotAuthentic("text") from None

    def open(self, query: Mapping[str, str], body: bytes, now: datetime) -> bytes:
        """Return the clear payload of an authentic callback, else raise NotAuthentic.

        With a key only a sealed body is accepted, never the clear copy beside it. Without one
        (official account, plain mode) the signature does not cover the body: WeChat's rule.
        """
        if len(body) > MAX_BODY_BYTES:
            raise NotAuthentic("size")
        if self._box is None:
            self._authenticate(query, "signature", now)
            return body
        ciphertext = _ciphertext(body)
        self._authenticate(query, "msg_signature", now, ciphertext)
        return self._box.open(ciphertext)

    def seal(self, reply: str, now: datetime) -> bytes:
        """Return the body of a passive reply: sealed when there is a key; nothing for no reply."""
        if self._box is None or not reply:
            return reply.encode()
        ciphertext = self._box.seal(reply.encode(), self._entropy(SALT_BYTES))
        timestamp = str(int(now.timestamp()))
        nonce = str(int.from_bytes(self._entropy(4), "big"))
        signature = _sign(self._token, timestamp.encode(), nonce.encode(), ciphertext)
        return _REPLY.format(
            ciphertext=ciphertext.decode(), signature=signature, timestamp=timestamp, nonce=nonce
        ).encode()

    def _authenticate(
        self, query: Mapping[str, str], name: str, now: datetime, *signed: bytes
    ) -> None:
        claimed = _field(query, name)
        timestamp, nonce = _field(query, "timestamp"), _field(query, "nonce")
        expected = _sign(self._token, timestamp, nonce, *signed)
        if not hmac.compare_digest(expected.encode(), claimed):
            raise NotAuthentic("signature")
        if not timestamp.isdigit() or len(timestamp) > 12:
            raise NotAuthentic("stale")
        if abs(now.timestamp() - int(timestamp)) > self._max_age_s:
            raise NotAuthentic("stale")


class _Box:
    """The AES layer: random salt, length, payload and receiver, padded to 32 bytes, in base64."""

    def __init__(self, credentials: Credentials) -> None:
        key = b64decode(credentials.aes_key + "=")
        self._cipher = Cipher(algorithms.AES(key), modes.CBC(key[:16]))
        self._receiver = credentials.app_id.encode()

    def seal(self, payload: bytes, salt: bytes) -> bytes:
        clear = salt + len(payload).to_bytes(4, "big") + payload + self._receiver
        padding = BLOCK_BYTES - len(clear) % BLOCK_BYTES
        encryptor = self._cipher.encryptor()
        sealed = encryptor.update(clear + bytes([padding]) * padding) + encryptor.finalize()
        return b64encode(sealed)

    def open(self, ciphertext: bytes) -> bytes:
        try:
            sealed = binascii.a2b_base64(ciphertext, strict_mode=True)
        except binascii.Error:
            raise NotAuthentic("base64") from None
        if not sealed or len(sealed) % BLOCK_BYTES:
            raise NotAuthentic("length")
        decryptor = self._cipher.decryptor()
        return self._unpack(decryptor.update(sealed) + decryptor.finalize())

    def _unpack(self, padded: bytes) -> bytes:
        padding = padded[-1]
        if not 1 <= padding <= BLOCK_BYTES or not padded.endswith(bytes([padding]) * padding):
            raise NotAuthentic("padding")
        clear = padded[:-padding]
        end = HEAD_BYTES + int.from_bytes(clear[SALT_BYTES:HEAD_BYTES], "big")
        if end > len(clear):
            raise NotAuthentic("length")
        if clear[end:] != self._receiver:
            raise NotAuthentic("receiver")
        return clear[HEAD_BYTES:end]


def _field(query: Mapping[str, str], name: str) -> bytes:
    value = query.get(name)
    if not value:
        raise NotAuthentic("missing")
    return value.encode("utf-8", "replace")


def _sign(*parts: bytes) -> str:
    return hashlib.sha1(b"".join(sorted(parts)), usedforsecurity=False).hexdigest()


def _ciphertext(body: bytes) -> bytes:
    """Find the one `Encrypt` of an XML or JSON envelope without parsing what nobody signed."""
    if body.count(b"<Encrypt") == 1 and (xml := _XML_CIPHERTEXT.search(body)):
        return xml[1] or xml[2]
    if body.count(b'"Encrypt"') == 1 and (json := _JSON_CIPHERTEXT.search(body)):
        return json[1].replace(b"\\/", b"/")
    raise NotAuthentic("envelope")
