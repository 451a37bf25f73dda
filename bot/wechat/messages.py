"""From payload to typed event: the way of both channels, and the messages both have."""

from collections.abc import Callable, Collection, Mapping

from bot.events import (
    ImageMessage,
    InboundEvent,
    LinkMessage,
    LocationMessage,
    LocationReported,
    MenuClicked,
    MenuLocationPicked,
    MenuPicturesSent,
    MenuScanned,
    MenuViewed,
    TextMessage,
    UnknownEvent,
    VideoMessage,
    VoiceMessage,
)
from bot.wechat.fields import (
    Common,
    Malformed,
    child,
    common,
    common_of_unknown,
    count,
    kind_of,
    need,
    number,
    text,
)
from bot.wechat.xml import Payload, parse_payload

Reader = Callable[[Payload, Common], InboundEvent]
MAX_LAT, MAX_LNG = 90.0, 180.0  # degrees


def read_event(
    payload: bytes, app: str, readers: Mapping[str, Reader], *, senderless: Collection[str]
) -> InboundEvent:
    """Read an authentic payload with the reader of its kind; UnknownEvent where that fails.

    `senderless` kinds need not name a sender. Raises Unreadable for no XML and no JSON.
    """
    fields = parse_payload(payload)
    kind = kind_of(fields)
    try:
        if reader := readers.get(kind):
            if kind not in senderless:
                need(fields, "FromUserName")
            return reader(fields, common(fields, app))
    except Malformed:
        pass  # it says what it is, but is not
    return UnknownEvent(**common_of_unknown(fields, app), kind=kind)


def _text(payload: Payload, base: Common) -> TextMessage:
    return TextMessage(
        **base, content=text(payload, "Content"), menu_id=text(payload, "bizmsgmenuid")
    )


def _image(payload: Payload, base: Common) -> ImageMessage:
    return ImageMessage(
        **base, media_id=need(payload, "MediaId"), picture_url=text(payload, "PicUrl")
    )


def _voice(payload: Payload, base: Common) -> VoiceMessage:
    return VoiceMessage(
        **base,
        media_id=need(payload, "MediaId"),
        format=text(payload, "Format"),
        recognition=text(payload, "Recognition"),
    )


def _video(payload: Payload, base: Common) -> VideoMessage:
    return VideoMessage(
        **base, media_id=need(payload, "MediaId"), thumb_media_id=text(payload, "ThumbMediaId")
    )


def _location(payload: Payload, base: Common) -> LocationMessage:
    return LocationMessage(
        **base,
        lat=number(payload, "Location_X", MAX_LAT),
        lng=number(payload, "Location_Y", MAX_LNG),
        label=text(payload, "Label"),
    )


def _link(payload: Payload, base: Common) -> LinkMessage:
    return LinkMessage(
        **base,
        title=text(payload, "Title"),
        description=text(payload, "Description"),
        url=need(payload, "Url"),
    )


def _location_reported(payload: Payload, base: Common) -> LocationReported:
    return LocationReported(
        **base,
        lat=number(payload, "Latitude", MAX_LAT),
        lng=number(payload, "Longitude", MAX_LNG),
        precision_m=number(payload, "Precision"),
    )


def _clicked(payload: Payload, base: Common) -> MenuClicked:
    return MenuClicked(**base, key=need(payload, "EventKey"))


def _viewed(payload: Payload, base: Common) -> MenuViewed:
    return MenuViewed(**base, url=text(payload, "EventKey"))


def _scanned(payload: Payload, base: Common) -> MenuScanned:
    scan = child(payload, "ScanCodeInfo")
    return MenuScanned(
        **base,
        key=text(payload, "EventKey"),
        scan_type=text(scan, "ScanType"),
        result=text(scan, "ScanResult"),
        waits=kind_of(payload) == "event.scancode_waitmsg",
    )


def _pictures(payload: Payload, base: Common) -> MenuPicturesSent:
    pictures = count(child(payload, "SendPicsInfo"), "Count")
    return MenuPicturesSent(**base, key=text(payload, "EventKey"), count=pictures)


def _location_picked(payload: Payload, base: Common) -> MenuLocationPicked:
    place = child(payload, "SendLocationInfo")
    return MenuLocationPicked(
        **base,
        key=text(payload, "EventKey"),
        lat=number(place, "Location_X", MAX_LAT),
        lng=number(place, "Location_Y", MAX_LNG),
        label=text(place, "Label"),
        poi=text(place, "Poiname"),
    )


SHARED_READERS: Mapping[str, Reader] = {
    "text": _text,
    "image": _image,
    "voice": _voice,
    "video": _video,
    "shortvideo": _video,
    "location": _location,
    "link": _link,
    "event.location": _location_reported,
    "event.click": _clicked,
    "event.view": _viewed,
    "event.view_miniprogram": _viewed,
    "event.scancode_push": _scanned,
    "event.scancode_waitmsg": _scanned,
    "event.pic_sysphoto": _pictures,
    "event.pic_photo_or_album": _pictures,
    "event.pic_weixin": _pictures,
    "event.location_select": _location_picked,
}
