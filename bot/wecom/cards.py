"""WeCom template cards: faces in, card JSON out. The same face always gives the same bytes.

Field limits are WeCom's: six horizontal lines, six buttons, ten options of a selection; texts are
clipped to what its client shows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.wechat.xml import clip_utf8

TITLE_BYTES = 78  # about 26 Chinese characters, the width of a phone
LINE_BYTES = 90
SUBTITLE_BYTES = 330
BUTTONS = 6
OPTIONS = 10
SELECTS = 3


@dataclass(frozen=True, slots=True)
class Button:
    """`style`: 1 blue, 2 outlined, 3 red, 4 outlined red."""

    text: str
    key: str
    style: int = 1


@dataclass(frozen=True, slots=True)
class Choice:
    """A pick list above the buttons."""

    key: str
    title: str
    options: Sequence[tuple[str, str]]  # (id, text)


def many_choices(
    *, task_id: str, title: str, choices: Sequence[Choice], submit: Button, done: str = ""
) -> dict[str, Any]:
    """A `multiple_interaction` card: up to three pick lists and one button."""
    card: dict[str, Any] = {
        "card_type": "multiple_interaction",
        "main_title": {"title": clip_utf8(title, TITLE_BYTES)},
        "task_id": task_id,
        "select_list": [_pick_list(choice) for choice in choices[:SELECTS]],
        "submit_button": {"text": submit.text, "key": submit.key},
    }
    if done:
        card["replace_text"] = clip_utf8(done, TITLE_BYTES)
    return card


def _pick_list(choice: Choice) -> dict[str, Any]:
    return {
        "question_key": choice.key,
        "title": choice.title,
        "option_list": [{"id": i, "text": t} for i, t in choice.options[:OPTIONS]],
    }


def interactive(
    *,
    task_id: str,
    title: str,
    subtitle: str = "",
    lines: Sequence[tuple[str, str]] = (),
    buttons: Sequence[Button] = (),
    choice: Choice | None = None,
    url: str = "",
    done: str = "",
    source: str = "",
) -> dict[str, Any]:
    """A `button_interaction` card. `done` greys the buttons out and says what happened."""
    card: dict[str, Any] = {
        "card_type": "button_interaction",
        "main_title": {"title": clip_utf8(title, TITLE_BYTES)},
        "task_id": task_id,
        "button_list": [
            {"text": b.text, "style": b.style, "key": b.key} for b in buttons[:BUTTONS]
        ],
    }
    if source:
        card["source"] = {"desc": clip_utf8(source, TITLE_BYTES)}
    if subtitle:
        card["sub_title_text"] = clip_utf8(subtitle, SUBTITLE_BYTES)
    shown = [(name, clip_utf8(value, LINE_BYTES)) for name, value in lines if value]
    if shown:
        card["horizontal_content_list"] = [{"keyname": n, "value": v} for n, v in shown[:6]]
    if choice:
        card["button_selection"] = _pick_list(choice)
    if url:
        card["card_action"] = {"type": 1, "url": url}
    if done:
        card["replace_text"] = clip_utf8(done, TITLE_BYTES)
    return card
