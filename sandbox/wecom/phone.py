"""A member's action from tap to answer: callback out, passive reply or card update back."""

import re
from typing import Any

from sandbox.callbacks import Delivery, Postman
from sandbox.errors import Refused
from sandbox.people import Member
from sandbox.wecom.card_rules import check_card
from sandbox.wecom.events import ACTIONS
from sandbox.wecom.messages import cut_text, show_update
from sandbox.world import World

LISTS = frozenset(
    {
        "action_list",
        "button_list",
        "horizontal_content_list",
        "jump_list",
        "option_list",
        "select_list",
        "vertical_content_list",
    }
)


async def act(
    world: World,
    postman: Postman,
    member: Member,
    action: str,
    body: dict[str, Any],
    copies: int = 1,
) -> Delivery:
    """Do it and wait for the product's answer (at most three tries). Raises NotPossible."""
    delivery = await postman.post_copies("wecom", ACTIONS[action](world, member, body), copies)
    if delivery.reply is not None:
        _present(world, member, delivery)
    return delivery


def _present(world: World, member: Member, delivery: Delivery) -> None:
    reply = delivery.reply or {}
    task_id = str(delivery.payload.get("TaskId", ""))
    if reply["MsgType"] == "text":
        content, truncated = cut_text(str(reply["Content"]))
        world.put(member, "app", "text", content, "passive", truncated=truncated)
    elif reply["MsgType"] in ("update_button", "update_template_card"):
        _update(world, member, delivery, task_id)
    else:
        world.put(member, "app", str(reply["MsgType"]), reply, "passive")


def _update(world: World, member: Member, delivery: Delivery, task_id: str) -> None:
    """A passive update changes the card of the one who clicked, and only after a click."""
    reply = delivery.reply or {}
    try:
        if not task_id:
            raise Refused(40008)
        if reply["MsgType"] == "update_button":
            show_update(member, task_id, None, str(reply["Button"]["ReplaceName"]))
        else:
            face = as_card(reply["TemplateCard"])
            check_card(face, sending=False)
            face.pop("task_id", None)
            show_update(member, task_id, face, face.get("replace_text"))
    except (Refused, KeyError, TypeError) as error:
        delivery.result, delivery.problem = "bad_reply", f"{reply['MsgType']}: {error!r}"
        return
    world.touched(member)


def as_card(fields: Any) -> Any:
    """CamelCase XML to the JSON form of a card; lists are repeated elements."""
    if isinstance(fields, list):
        return [as_card(item) for item in fields]
    if not isinstance(fields, dict):
        return fields
    card = {_snake(name): as_card(value) for name, value in fields.items()}
    return {
        name: [value] if name in LISTS and not isinstance(value, list) else value
        for name, value in card.items()
    }


def _snake(name: str) -> str:
    if name == "KeyName":
        return "keyname"
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
