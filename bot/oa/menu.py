"""The menu as WeChat takes it, checked before WeChat would refuse it."""

from collections.abc import Mapping, Sequence
from typing import Any

MOST_BUTTONS, MOST_BELOW = 3, 5
NAME_BYTES, NAME_BELOW_BYTES, KEY_BYTES, URL_BYTES = 16, 60, 128, 1024


class BadMenu(ValueError):
    """The menu file asks for what WeChat does not allow; the text says where and what."""


def menu_body(buttons: Sequence[Mapping[str, Any]], public_url: str) -> dict[str, Any]:
    """The body of menu/create. Raises `BadMenu`."""
    _at_most(len(buttons), MOST_BUTTONS, "the menu")
    return {"button": [_button(button, public_url) for button in buttons]}


def _button(button: Mapping[str, Any], public_url: str) -> dict[str, Any]:
    name = _name(button, NAME_BYTES)
    below = button.get("below")
    if below is None:
        return _action(button, name, public_url)
    _at_most(len(below), MOST_BELOW, name)
    entries = [_action(entry, _name(entry, NAME_BELOW_BYTES), public_url) for entry in below]
    return {"name": name, "sub_button": entries}


def _action(button: Mapping[str, Any], name: str, public_url: str) -> dict[str, Any]:
    say, page = button.get("say"), button.get("page")
    if bool(say) == bool(page):
        raise BadMenu(f"{name}: needs either say or page")
    if say:
        return {"type": "click", "name": name, "key": _within(str(say), KEY_BYTES, name)}
    url = str(page).replace("{public_url}", public_url)
    return {"type": "view", "name": name, "url": _within(url, URL_BYTES, name)}


def _name(button: Mapping[str, Any], limit: int) -> str:
    name = str(button.get("name", ""))
    if not name:
        raise BadMenu("a button without a name")
    return _within(name, limit, name)


def _within(text: str, limit: int, name: str) -> str:
    if len(text.encode()) > limit:
        raise BadMenu(f"{name}: at most {limit} bytes")
    return text


def _at_most(count: int, most: int, name: str) -> None:
    if not 1 <= count <= most:
        raise BadMenu(f"{name}: 1 to {most} buttons")
