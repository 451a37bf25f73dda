"""Read typed fields out of a payload; what is missing or of another shape is Malformed."""

import hashlib
import json
import math
from datetime import UTC, datetime
from typing import TypedDict

from bot.wechat.xml import Node, Payload

EPOCH = datetime.fromtimestamp(0, UTC)
_LAST_SECOND = 253_402_300_799  # of the year 9999, where datetime ends


class Malformed(Exception):
    """A field is missing or is not what the type of the event promises; carries its name only."""


class Common(TypedDict):
    """The fields every event has."""

    app: str
    message_key: str
    sender: str
    sent_at: datetime
    raw: Payload


def text(payload: Payload, name: str, default: str = "") -> str:
    """A text that may be absent."""
    value = payload.get(name, default)
    if not isinstance(value, str):
        raise Malformed(name)
    return value


def need(payload: Payload, name: str) -> str:
    """A text that must be there and not be empty."""
    if not (value := text(payload, name)):
        raise Malformed(name)
    return value


def number(payload: Payload, name: str, limit: float = math.inf) -> float:
    """A finite number with an absolute value up to `limit`."""
    try:
        value = float(need(payload, name))
    except ValueError:
        raise Malformed(name) from None
    if not math.isfinite(value) or abs(value) > limit:
        raise Malformed(name)
    return value


def count(payload: Payload, name: str) -> int:
    """A whole number ≥ 0 of at most 18 digits; 0 when absent."""
    value = text(payload, name) or "0"
    if not (value.isascii() and value.isdigit() and len(value) <= 18):
        raise Malformed(name)
    return int(value)


def instant(payload: Payload, name: str = "CreateTime") -> datetime:
    """Seconds since the epoch, as aware UTC."""
    seconds = count(payload, name)
    if not 0 < seconds <= _LAST_SECOND:
        raise Malformed(name)
    return datetime.fromtimestamp(seconds, UTC)


def child(payload: Payload, name: str) -> Payload:
    """A nested element; empty when absent."""
    value = payload.get(name) or {}
    if not isinstance(value, dict):
        raise Malformed(name)
    return value


def many(payload: Payload, name: str) -> list[Node]:
    """Children that may come none, one or many times; XML cannot tell one from a list."""
    value = payload.get(name)
    if not value:
        return []
    return value if isinstance(value, list) else [value]


def children(payload: Payload, name: str) -> list[Payload]:
    """Nested elements that may come none, one or many times."""
    found = []
    for node in many(payload, name):
        if not isinstance(node, dict):
            raise Malformed(name)
        found.append(node)
    return found


def message_key(payload: Payload, app: str) -> str:
    """The key under which one message is taken once, however often it is delivered.

    Messages have a MsgId, which exceeds what floats can hold and so stays text. Events have none:
    sender and second are not enough (all of WeCom's system events come from `sys`), so the whole
    decrypted payload is hashed, never the ciphertext, which differs at each delivery.
    """
    msg_id = payload.get("MsgId")
    is_message = payload.get("MsgType") != "event"
    if is_message and isinstance(msg_id, str) and msg_id.isalnum() and len(msg_id) <= 64:
        return f"{app}:{msg_id}"
    canonical = json.dumps(payload, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return f"{app}:sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"


def common(payload: Payload, app: str) -> Common:
    """The base of a well-formed event; the sender may be absent."""
    return {
        "app": app,
        "message_key": message_key(payload, app),
        "sender": text(payload, "FromUserName"),
        "sent_at": instant(payload),
        "raw": payload,
    }


def common_of_unknown(payload: Payload, app: str) -> Common:
    """The base of an event that cannot be relied upon: reads what it can, never fails."""
    try:
        sent_at = instant(payload)
    except Malformed:
        sent_at = EPOCH
    sender = payload.get("FromUserName")
    return {
        "app": app,
        "message_key": message_key(payload, app),
        "sender": sender if isinstance(sender, str) else "",
        "sent_at": sent_at,
        "raw": payload,
    }


def kind_of(payload: Payload) -> str:
    """Name what the payload says it is: `text`, or `event.subscribe`; `?` where it is not text."""
    kind, event = payload.get("MsgType"), payload.get("Event")
    if not isinstance(kind, str) or not kind:
        return "?"
    if kind != "event":
        return kind
    return f"event.{event.lower()}" if isinstance(event, str) and event else "event.?"
