"""What a customer does on the phone, as the callback the official account gets for it."""

from typing import Any

from sandbox.errors import NotPossible
from sandbox.people import Customer
from sandbox.world import World

Fields = dict[str, Any]

CITIES: dict[str, tuple[float, float]] = {
    "长春": (43.8171, 125.3235),
    "沈阳": (41.8057, 123.4315),
    "哈尔滨": (45.8038, 126.5350),
    "大连": (38.9140, 121.6147),
    "北京": (39.9042, 116.4074),
    "上海": (31.2304, 121.4737),
    "成都": (30.5728, 104.0668),
    "重庆": (29.5630, 106.5516),
    "西安": (34.3416, 108.9398),
    "广州": (23.1291, 113.2644),
}


def event(world: World, customer: Customer, fields: Fields) -> Fields:
    """An event callback of this customer."""
    return _base(world, customer) | {"MsgType": "event"} | fields


def message(world: World, customer: Customer, kind: str, fields: Fields) -> Fields:
    """A message callback of this customer, with a MsgId of its own."""
    return _base(world, customer) | {"MsgType": kind} | fields | {"MsgId": int(world.next_msgid())}


def _base(world: World, customer: Customer) -> Fields:
    return {
        "ToUserName": world.config.oa_original_id,
        "FromUserName": customer.openid,
        "CreateTime": int(world.now()),
    }


def follow(world: World, customer: Customer, body: Fields) -> Fields:
    """Follow the account: by search, or by a QR code when a scene is given."""
    if customer.subscribed:
        raise NotPossible("already_following", "this customer follows the account")
    scene = str(body.get("scene", ""))
    ticket = scene_ticket(world, scene) if scene else ""
    customer.subscribed, customer.subscribed_at = True, int(world.now())
    customer.scene, customer.blocks_templates = scene, False
    customer.subscribe_scene = "ADD_SCENE_QR_CODE" if scene else "ADD_SCENE_SEARCH"
    customer.windows.open("subscribe", world.now())
    world.put(customer, "notice", "event", {"text": "你关注了公众号"}, "event")
    fields: Fields = {"Event": "subscribe", "EventKey": f"qrscene_{scene}" if scene else ""}
    return event(world, customer, fields | ({"Ticket": ticket} if scene else {}))


def unfollow(world: World, customer: Customer, _: Fields) -> Fields:
    require_following(customer)
    customer.subscribed = False
    customer.windows.close()
    customer.accepted_templates.clear()
    world.put(customer, "notice", "event", {"text": "你取消关注了公众号"}, "event")
    return event(world, customer, {"Event": "unsubscribe", "EventKey": ""})


def scan(world: World, customer: Customer, body: Fields) -> Fields:
    """Scan a QR code with a scene; a stranger follows the account by it."""
    scene = _required(body, "scene")
    if not customer.subscribed:
        return follow(world, customer, {"scene": scene})
    ticket = scene_ticket(world, scene)
    customer.windows.open("scan", world.now())
    world.put(customer, "notice", "event", {"text": "你扫描了二维码"}, "event")
    return event(world, customer, {"Event": "SCAN", "EventKey": scene, "Ticket": ticket})


def scene_ticket(world: World, scene: str) -> str:
    """The ticket of a QR code; a scene never created is taken as a poster printed long ago."""
    known = world.scenes.get(scene)
    if known is None:
        if len(scene) > 64:
            raise NotPossible("bad_scene", "a scene has 1 to 64 characters", 400)
        return f"printed_{scene}"
    if known["expires_at"] is not None and world.now() >= known["expires_at"]:
        raise NotPossible("code_expired", "the QR code has expired")
    return str(known["ticket"])


def text(world: World, customer: Customer, body: Fields) -> Fields:
    content = _required(body, "content")
    fields: Fields = {"Content": content}
    if "bizmsgmenuid" in body:
        fields["bizmsgmenuid"] = str(body["bizmsgmenuid"])
    _say(world, customer, "text", {"content": content})
    return message(world, customer, "text", fields)


def voice(world: World, customer: Customer, body: Fields) -> Fields:
    """A voice message, with what WeChat recognised in it unless `recognition` is left out."""
    medium = world.media.add("voice", "audio/amr", b"#!AMR\n", world.now())
    fields: Fields = {"MediaId": medium.media_id, "Format": "amr"}
    if "recognition" in body:
        fields["Recognition"] = str(body["recognition"])
    _say(world, customer, "voice", {"recognition": str(body.get("recognition", ""))})
    return message(world, customer, "voice", fields)


def image(world: World, customer: Customer, body: Fields) -> Fields:
    medium = world.media.add("image", "image/svg+xml", PICTURE, world.now())
    url = str(body.get("url") or f"{world.own_url}/sandbox/media/{medium.media_id}")
    _say(world, customer, "image", {"url": url})
    return message(world, customer, "image", {"PicUrl": url, "MediaId": medium.media_id})


def location(world: World, customer: Customer, body: Fields) -> Fields:
    """A position sent into the chat: a city's centre, or latitude and longitude."""
    lat, lng, label = _position(body)
    _say(world, customer, "location", {"lat": lat, "lng": lng, "label": label})
    fields = {"Location_X": lat, "Location_Y": lng, "Scale": 16, "Label": label}
    return message(world, customer, "location", fields)


def report_position(world: World, customer: Customer, body: Fields) -> Fields:
    """The position WeChat reports by itself when the chat is entered; grants no window."""
    require_following(customer)
    lat, lng, _ = _position(body)
    fields = {"Event": "LOCATION", "Latitude": lat, "Longitude": lng, "Precision": 65.0}
    return event(world, customer, fields)


def link(world: World, customer: Customer, body: Fields) -> Fields:
    url, title = _required(body, "url"), str(body.get("title", ""))
    _say(world, customer, "link", {"url": url, "title": title})
    fields = {"Title": title, "Description": str(body.get("description", "")), "Url": url}
    return message(world, customer, "link", fields)


def menu(world: World, customer: Customer, body: Fields) -> Fields:
    """Tap a menu entry: `key` for click buttons, `url` for pages (which open no window)."""
    require_following(customer)
    if "url" in body:
        fields = {"Event": "VIEW", "EventKey": str(body["url"]), "MenuId": 1}
        return event(world, customer, fields)
    key = _required(body, "key")
    customer.windows.open("menu", world.now())
    label = str(body.get("name") or key)
    world.put(customer, "customer", "menu", {"key": key, "text": label}, "event")
    return event(world, customer, {"Event": "CLICK", "EventKey": key})


def decide_template(world: World, customer: Customer, body: Fields) -> Fields:
    """Answer a subscribe-message request: one more message of that template, or none."""
    require_following(customer)
    template = _required(body, "template_id")
    accepted = bool(body.get("accept", True))
    if accepted:
        held = customer.accepted_templates.get(template, 0)
        customer.accepted_templates[template] = held + 1
    status = "accept" if accepted else "reject"
    row = {"TemplateId": template, "SubscribeStatusString": status, "PopupScene": 1}
    fields = {"Event": "subscribe_msg_popup_event", "SubscribeMsgPopupEvent": {"List": row}}
    return event(world, customer, fields)


def raw(world: World, customer: Customer, body: Fields) -> Fields:
    """Any fields at all, for message types and events the sandbox does not play."""
    return _base(world, customer) | body


ACTIONS = {
    "follow": follow,
    "unfollow": unfollow,
    "scan": scan,
    "text": text,
    "voice": voice,
    "image": image,
    "location": location,
    "report_position": report_position,
    "link": link,
    "menu": menu,
    "decide_template": decide_template,
    "raw": raw,
}

PICTURE = (
    b'<svg xmlns="http://www.w3.org/2000/svg" width="240" height="160" viewBox="0 0 240 160">'
    b'<rect width="240" height="160" fill="#cfe3f5"/><rect y="112" width="240" height="48" '
    b'fill="#8a949c"/><path d="M40 112v-22l34-8 26-26h60l28 30 22 6v20z" fill="#3b6ea5"/>'
    b'<circle cx="80" cy="114" r="15" fill="#222"/><circle cx="172" cy="114" r="15" fill="#222"/>'
    b"</svg>"
)


def require_following(customer: Customer) -> None:
    """Raise NotPossible: only followers have a chat with the account."""
    if not customer.subscribed:
        raise NotPossible("not_following", "follow the account first")


def _say(world: World, customer: Customer, kind: str, content: Fields) -> None:
    require_following(customer)
    customer.windows.open("message", world.now())
    world.put(customer, "customer", kind, content, "user")


def _required(body: Fields, name: str) -> str:
    value = str(body.get(name, "")).strip()
    if not value:
        raise NotPossible("missing", f"{name} is required", 400)
    return value


def _position(body: Fields) -> tuple[float, float, str]:
    city = str(body.get("city", ""))
    if city in CITIES:
        lat, lng = CITIES[city]
        return lat, lng, str(body.get("label") or f"{city}市中心")
    try:
        lat, lng = float(body["lat"]), float(body["lng"])
    except (KeyError, TypeError, ValueError) as error:
        raise NotPossible("bad_position", "a known city, or lat and lng", 400) from error
    if not (-90 <= lat <= 90 and -180 <= lng <= 180):
        raise NotPossible("bad_position", "lat -90..90, lng -180..180", 400)
    return lat, lng, str(body.get("label", ""))
