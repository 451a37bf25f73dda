"""The account's menu: create with the platform's limits, get, delete."""

from typing import Any

from sandbox.api import OK, Api, Call
from sandbox.errors import Refused

KEYED = frozenset(
    {
        "click",
        "scancode_push",
        "scancode_waitmsg",
        "pic_sysphoto",
        "pic_photo_or_album",
        "pic_weixin",
        "location_select",
    }
)
NAME_BYTES, SUB_NAME_BYTES, KEY_BYTES, URL_BYTES = 16, 60, 128, 1024
OTHER = frozenset({"view", "miniprogram", "media_id", "article_id", "article_view_limited"})


def _click(name: str, key: str) -> dict[str, Any]:
    return {"type": "click", "name": name, "key": key}


# On the phone until the product pushes a menu: what an operator would have set by hand. The keys
# are sentences, so a bot that understands text understands the menu.
DEFAULT_MENU: dict[str, Any] = {
    "button": [
        {
            "name": "看车",
            "sub_button": [
                _click("有哪些车", "有哪些车型"),
                _click("最新优惠", "最近有什么优惠"),
                _click("分期方案", "分期怎么算"),
            ],
        },
        _click("预约试驾", "我想预约试驾"),
        {
            "name": "找我们",
            "sub_button": [
                _click("最近门店", "最近的门店在哪"),
                _click("人工客服", "转人工"),
            ],
        },
    ]
}


def create(call: Call) -> dict[str, Any]:
    """Replace the whole menu: 1 to 3 buttons, each with up to 5 below it."""
    buttons = _list(call.body.get("button"), 3)
    for button in buttons:
        below = button.get("sub_button") or []
        _check_name(button, NAME_BYTES)
        if not below:
            _check_action(button)
        for entry in _list(below, 5) if below else []:
            _check_name(entry, SUB_NAME_BYTES)
            _check_action(entry)
    call.world.menu = {"button": buttons}
    call.world.changed(type="menu")
    return dict(OK)


def get(call: Call) -> dict[str, Any]:
    if call.world.menu is None:
        raise Refused(46003)
    return {"menu": call.world.menu}


def delete(call: Call) -> dict[str, Any]:
    call.world.menu = None
    call.world.changed(type="menu")
    return dict(OK)


def _list(rows: Any, most: int) -> list[dict[str, Any]]:
    if not isinstance(rows, list) or not 1 <= len(rows) <= most:
        raise Refused(40016)
    if not all(isinstance(row, dict) for row in rows):
        raise Refused(47001)
    return rows


def _check_name(button: dict[str, Any], most: int) -> None:
    name = button.get("name")
    if not isinstance(name, str) or not 1 <= len(name.encode()) <= most:
        raise Refused(40018)


def _check_action(button: dict[str, Any]) -> None:
    kind = str(button.get("type"))
    if kind not in KEYED | OTHER:
        raise Refused(40017)
    if kind in KEYED and not 1 <= len(str(button.get("key", "")).encode()) <= KEY_BYTES:
        raise Refused(40019)
    if kind == "view":
        url = str(button.get("url", ""))
        if not url.startswith(("http://", "https://")) or len(url.encode()) > URL_BYTES:
            raise Refused(40020)


APIS = [
    Api("oa", "POST", "menu/create", create),
    Api("oa", "GET", "menu/get", get),
    Api("oa", "GET", "menu/delete", delete),
]
