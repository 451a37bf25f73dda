"""WeChat's side of a callback, written independently of the product: sign, seal, open, phrase."""

from __future__ import annotations

import base64
import hashlib
import os
import time
from dataclasses import dataclass
from urllib.parse import urlencode
from xml.etree import ElementTree

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32


@dataclass(frozen=True, slots=True)
class App:
    """One app's credentials; `channel` is oa or wecom."""

    channel: str
    app_id: str
    token: str
    aes_key: str

    @property
    def path(self) -> str:
        return f"/wechat/{self.channel}"


OA = App("oa", "wxbench0000000001", "benchtoken1", "b" * 42 + "0")
WECOM = App("wecom", "wwbench0000000001", "benchtoken2", "c" * 42 + "0")


def sign(*parts: str) -> str:
    """WeChat's signature over the sorted parts."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def encrypt(app: App, text: bytes) -> str:
    """Seal a payload for the receiver `app`."""
    clear = os.urandom(16) + len(text).to_bytes(4, "big") + text + app.app_id.encode()
    padding = BLOCK - len(clear) % BLOCK
    encryptor = _cipher(app).encryptor()
    sealed = encryptor.update(clear + bytes([padding]) * padding) + encryptor.finalize()
    return base64.b64encode(sealed).decode()


def decrypt(app: App, sealed: str) -> bytes:
    """Open what `encrypt` sealed. Raises ValueError when it is for somebody else."""
    decryptor = _cipher(app).decryptor()
    clear = decryptor.update(base64.b64decode(sealed)) + decryptor.finalize()
    clear = clear[: -clear[-1]]
    end = 20 + int.from_bytes(clear[16:20], "big")
    if clear[end:] != app.app_id.encode():
        raise ValueError("sealed for another receiver")
    return clear[20:end]


_CIPHERS: dict[str, Cipher[modes.CBC]] = {}


def _cipher(app: App) -> Cipher[modes.CBC]:
    if app.aes_key not in _CIPHERS:
        key = base64.b64decode(app.aes_key + "=")
        _CIPHERS[app.aes_key] = Cipher(algorithms.AES(key), modes.CBC(key[:16]))
    return _CIPHERS[app.aes_key]


def text_message(
    app: App, sender: str, message_id: int, content: str, now: int | None = None
) -> bytes:
    """The clear XML of a text that somebody wrote."""
    written = int(time.time()) if now is None else now
    agent = "<AgentID>1000002</AgentID>" if app.channel == "wecom" else ""
    return (
        f"<xml><ToUserName><![CDATA[{app.app_id}]]></ToUserName>"
        f"<FromUserName><![CDATA[{sender}]]></FromUserName>"
        f"<CreateTime>{written}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{content}]]></Content><MsgId>{message_id}</MsgId>{agent}</xml>"
    ).encode()


def callback(app: App, clear: bytes, now: int | None = None) -> tuple[str, bytes]:
    """Target (path and query) and body of one delivery; every delivery is sealed anew."""
    sealed = encrypt(app, clear)
    timestamp = str(int(time.time()) if now is None else now)
    nonce = str(int.from_bytes(os.urandom(4), "big"))
    query = {
        "timestamp": timestamp,
        "nonce": nonce,
        "msg_signature": sign(app.token, timestamp, nonce, sealed),
    }
    if app.channel == "oa":
        query |= {"encrypt_type": "aes", "signature": sign(app.token, timestamp, nonce)}
    body = (
        f"<xml><ToUserName><![CDATA[{app.app_id}]]></ToUserName>"
        f"<Encrypt><![CDATA[{sealed}]]></Encrypt></xml>"
    )
    return f"{app.path}?{urlencode(query)}", body.encode()


def read(xml: bytes) -> dict[str, str]:
    """The fields of a flat message."""
    return {child.tag: child.text or "" for child in ElementTree.fromstring(xml)}  # noqa: S314


def reply(app: App, message: dict[str, str], content: str) -> bytes:
    """A sealed passive text reply to a message."""
    clear = (
        f"<xml><ToUserName><![CDATA[{message['FromUserName']}]]></ToUserName>"
        f"<FromUserName><![CDATA[{message['ToUserName']}]]></FromUserName>"
        f"<CreateTime>{int(time.time())}</CreateTime><MsgType><![CDATA[text]]></MsgType>"
        f"<Content><![CDATA[{content}]]></Content></xml>"
    )
    sealed = encrypt(app, clear.encode())
    timestamp, nonce = str(int(time.time())), str(int.from_bytes(os.urandom(4), "big"))
    signature = sign(app.token, timestamp, nonce, sealed)
    return (
        f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt>"
        f"<MsgSignature><![CDATA[{signature}]]></MsgSignature>"
        f"<TimeStamp>{timestamp}</TimeStamp><Nonce><![CDATA[{nonce}]]></Nonce></xml>"
    ).encode()
