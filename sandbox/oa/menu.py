"""The account's menu: create with the platform's limits, get, delete."""

from typing import Any

from sandbox.api import Api, Call
from sandbox.errors import Refused

OK: dict[str, Any] = {"errcode": 0, "errmsg": "ok"}
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
OTHER = frozenset({"view", "miniprogram", "media_id", "article_id", "article_view_limited"})
NAME_BYTES, SUB_NAME_BYTES, KEY_BYTES, URL_BYTES = 16, 60, 128, 1024


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
