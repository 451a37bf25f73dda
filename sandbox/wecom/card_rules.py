"""Which template cards WeCom accepts: the field checks of message/send and of updates."""

import re
from typing import Any

from sandbox.errors import Refused

Card = dict[str, Any]

TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")
INTERACTIVE = frozenset({"button_interaction", "vote_interaction", "multiple_interaction"})
NOTICES = frozenset({"text_notice", "news_notice"})
MAX_KEY_BYTES = 1024
MAX_LISTED = {"horizontal_content_list": 6, "jump_list": 3, "vertical_content_list": 4}


def check_card(card: Any, *, sending: bool = True) -> None:
    """Raise the errcode of the first thing WeCom would refuse; `sending` demands a task id."""
    if not isinstance(card, dict) or str(card.get("card_type")) not in INTERACTIVE | NOTICES:
        raise Refused(40058, "template_card.card_type")
    _check_task_id(card, required=sending and is_clickable(card))
    _check_lists(card)
    _check_head(card)
    if "action_menu" in card:
        _check_action_menu(card["action_menu"])
    if card["card_type"] == "button_interaction":
        _check_buttons(card)
    elif card["card_type"] == "vote_interaction":
        _check_vote(card)
    elif card["card_type"] == "multiple_interaction":
        _check_selects(card)
    else:
        _check_link(_dict(card, "card_action"), "card_action", type_required=True)


def is_clickable(card: Card) -> bool:
    """Cards that call back, and for which message/send returns a response code."""
    return card.get("card_type") in INTERACTIVE or "action_menu" in card


def clickable_keys(card: Card) -> set[str]:
    """The keys a member can press on the card's current face."""
    kind = card["card_type"]
    if kind == "button_interaction":
        buttons = (b for b in card["button_list"] if str(b.get("type", 0)) != "1")
        return {button["key"] for button in buttons}
    return {card["submit_button"]["key"]} if kind in INTERACTIVE else set()


def menu_keys(card: Card) -> set[str]:
    """The keys of the menu in the card's corner."""
    return {str(action["key"]) for action in card.get("action_menu", {}).get("action_list", [])}


def question_options(card: Card) -> dict[str, set[str]]:
    """Each question on the card and the option ids it offers."""
    own = {"button_interaction": "button_selection", "vote_interaction": "checkbox"}
    question = card.get(own.get(card["card_type"], ""))
    questions = [question] if question else []
    if card["card_type"] == "multiple_interaction":
        questions = card["select_list"]
    return {
        question["question_key"]: {str(option["id"]) for option in question["option_list"]}
        for question in questions
    }


def _check_task_id(card: Card, *, required: bool) -> None:
    task_id = card.get("task_id")
    if task_id is None and not required:
        return
    if not isinstance(task_id, str) or not TASK_ID.fullmatch(task_id):
        raise Refused(42014, "task_id")


def _check_head(card: Card) -> None:
    title = card.get("main_title", {})
    if not isinstance(title, dict):
        raise Refused(40058, "main_title")
    has_title = bool(title.get("title"))
    if card["card_type"] == "text_notice":
        has_title = has_title or bool(card.get("sub_title_text"))
    if not has_title:
        raise Refused(40058, "main_title.title")


def _check_lists(card: Card) -> None:
    for name, most in MAX_LISTED.items():
        rows = _rows(card, name, most)
        for row in rows:
            if name == "horizontal_content_list" and not row.get("keyname"):
                raise Refused(40058, "horizontal_content_list.keyname")
            if name != "horizontal_content_list" and not row.get("title"):
                raise Refused(40058, f"{name}.title")
            if name != "vertical_content_list":
                _check_link(row, name)


def _check_link(row: Card, where: str, *, type_required: bool = False) -> None:
    kind = str(row.get("type", "" if type_required else 0))
    allowed = {"1", "2"} if type_required else {"0", "1", "2", "3"}
    if kind not in allowed:
        raise Refused(40058, f"{where}.type")
    if kind == "1":
        check_url(row.get("url"), where)


def check_url(url: Any, where: str) -> None:
    """Raise 40058 without an address, 45034 for one without http(s)://."""
    if not url:
        raise Refused(40058, f"{where}.url")
    if not str(url).startswith(("http://", "https://")):
        raise Refused(45034, where)


def _check_buttons(card: Card) -> None:
    buttons = _rows(card, "button_list", 6)
    if not buttons:
        raise Refused(40058, "button_list")
    seen: set[str] = set()
    for button in buttons:
        if str(button.get("type", 0)) == "1":
            check_url(button.get("url"), "button_list")
        else:
            _check_button(button, seen)
    if "button_selection" in card:
        _check_options(_dict(card, "button_selection"), "button_selection", 10)


def _check_button(button: Card, seen: set[str]) -> None:
    if not button.get("text"):
        raise Refused(42020, "button text")
    key = button.get("key")
    if not key:
        raise Refused(42019, "button key")
    if not isinstance(key, str) or len(key.encode()) > MAX_KEY_BYTES or key in seen:
        raise Refused(42018, "button key")
    seen.add(key)


def _check_vote(card: Card) -> None:
    _check_options(_dict(card, "checkbox"), "checkbox", 20)
    _check_button(_dict(card, "submit_button"), set())


def _check_selects(card: Card) -> None:
    selects = _rows(card, "select_list", 3)
    if not selects:
        raise Refused(40058, "select_list")
    for select in selects:
        _check_options(select, "select_list", 10)
    if len({select["question_key"] for select in selects}) != len(selects):
        raise Refused(40058, "select_list.question_key")
    _check_button(_dict(card, "submit_button"), set())


def _check_options(question: Card, where: str, most: int) -> None:
    if not isinstance(question.get("question_key"), str) or not question["question_key"]:
        raise Refused(40058, f"{where}.question_key")
    options = _rows(question, "option_list", most)
    ids = {str(option.get("id", "")) for option in options}
    if not options or "" in ids or len(ids) != len(options):
        raise Refused(40058, f"{where}.option_list")
    if not all(option.get("text") for option in options):
        raise Refused(40058, f"{where}.option_list.text")


def _check_action_menu(menu: Any) -> None:
    if not isinstance(menu, dict):
        raise Refused(40058, "action_menu")
    actions = _rows(menu, "action_list", 3)
    if not actions:
        raise Refused(40058, "action_menu.action_list")
    seen: set[str] = set()
    for action in actions:
        _check_button(action, seen)


def _rows(card: Card, name: str, most: int) -> list[Card]:
    rows = card.get(name, [])
    if not isinstance(rows, list) or len(rows) > most:
        raise Refused(40058, f"{name}: a list of at most {most}")
    if not all(isinstance(row, dict) for row in rows):
        raise Refused(40058, name)
    return rows


def _dict(card: Card, name: str) -> Card:
    value = card.get(name)
    if not isinstance(value, dict):
        raise Refused(40058, name)
    return value
