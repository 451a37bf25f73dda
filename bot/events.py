"""What arrives from WeChat, as typed facts: the base of all events and those of both channels."""

from dataclasses import dataclass
from datetime import datetime

from bot.wechat.xml import Payload


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class InboundEvent:
    """One authentic callback. Its repr shows no person and no words.

    `message_key` is the same for every delivery of one message. `sender` is the openid, on WeCom
    the userid; "sys" or empty where nobody sent it. `sent_at` is aware UTC.
    """

    app: str
    message_key: str
    sender: str
    sent_at: datetime
    raw: Payload

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.message_key}>"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class UnknownEvent(InboundEvent):
    """Authentic, but of no type we know or without the fields its type promises.

    `sent_at` is the epoch when no time could be read.
    """

    kind: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class TextMessage(InboundEvent):
    """Words. `menu_id` is set when they are a click in a message menu of ours."""

    content: str
    menu_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ImageMessage(InboundEvent):
    """A picture; WeChat keeps it for 3 days."""

    media_id: str
    picture_url: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class VoiceMessage(InboundEvent):
    """Speech. `recognition` is what WeChat heard, empty if it does not say (never on WeCom)."""

    media_id: str
    format: str
    recognition: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class VideoMessage(InboundEvent):
    """A video, long or short."""

    media_id: str
    thumb_media_id: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LocationMessage(InboundEvent):
    """A place somebody chose to send; degrees, GCJ-02."""

    lat: float
    lng: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LinkMessage(InboundEvent):
    """A forwarded page."""

    title: str
    description: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class LocationReported(InboundEvent):
    """Where the person is, told by WeChat on entry or every few seconds; degrees, metres."""

    lat: float
    lng: float
    precision_m: float


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MenuClicked(InboundEvent):
    """A menu button that asks us for an answer."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MenuViewed(InboundEvent):
    """A menu button that opened a page or a mini program."""

    url: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MenuScanned(InboundEvent):
    """A menu button that scanned a code; `waits` when an answer is shown as waiting."""

    key: str
    scan_type: str
    result: str
    waits: bool


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MenuPicturesSent(InboundEvent):
    """A menu button that sends pictures, which follow as messages."""

    key: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class MenuLocationPicked(InboundEvent):
    """A menu button that picked a place; degrees."""

    key: str
    lat: float
    lng: float
    label: str
    poi: str
