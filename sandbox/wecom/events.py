"""What a member does on the phone, as the callback the WeCom app gets for it."""

from typing import Any

from sandbox.errors import NotPossible
from sandbox.people import Member, Message
from sandbox.wecom.card_rules import clickable_keys, menu_keys, question_options
from sandbox.world import World

Fields = dict[str, Any]


def _base(world: World, member: Member, kind: str) -> Fields:
    return {
        "ToUserName": world.config.wecom_corp_id,
        "FromUserName": member.userid,
        "CreateTime": int(world.now()),
        "MsgType": kind,
    }


def _event(world: World, member: Member, fields: Fields) -> Fields:
    return _base(world, member, "event") | fields | _agent(world)


def _message(world: World, member: Member, kind: str, fields: Fields) -> Fields:
    msgid = {"MsgId": int(world.next_msgid())}
    return _base(world, member, kind) | fields | msgid | _agent(world)


def _agent(world: World) -> Fields:
    return {"AgentID": int(world.config.wecom_agent_id)}


def text(world: World, member: Member, body: Fields) -> Fields:
    content = str(body.get("content", "")).strip()
    if not content:
        raise NotPossible("missing", "content is required", 400)
    world.put(member, "staff", "text", {"content": content}, "user")
    return _message(world, member, "text", {"Content": content})


def voice(world: World, member: Member, _: Fields) -> Fields:
    """WeCom gives no recognition with voice."""
    medium = world.media.add("voice", "audio/amr", b"#!AMR\n", world.now())
    world.put(member, "staff", "voice", {"recognition": ""}, "user")
    fields = {"MediaId": medium.media_id, "Format": "amr"}
    return _message(world, member, "voice", fields)


def location(world: World, member: Member, body: Fields) -> Fields:
    try:
        lat, lng = float(body["lat"]), float(body["lng"])
    except (KeyError, TypeError, ValueError) as error:
        raise NotPossible("bad_position", "lat and lng are numbers", 400) from error
    label = str(body.get("label", ""))
    world.put(member, "staff", "location", {"lat": lat, "lng": lng, "label": label}, "user")
    fields = {"Location_X": lat, "Location_Y": lng, "Scale": 15, "Label": label}
    return _message(world, member, "location", fields | {"AppType": "wxwork"})


def enter(world: World, member: Member, _: Fields) -> Fields:
    """Open the app's chat."""
    return _event(world, member, {"Event": "enter_agent", "EventKey": ""})


def click(world: World, member: Member, body: Fields) -> Fields:
    """Press a button of a card, with what was selected above it; the callback carries a code."""
    task_id, key = str(body.get("task_id", "")), str(body.get("key", ""))
    message = _find_card(world, member, task_id)
    card = message.content["card"]
    in_menu = key in menu_keys(card)
    if not in_menu and key not in clickable_keys(card):
        raise NotPossible("no_such_button", f"no button {key!r} on this card", 404)
    if message.content["replaced"] and not in_menu:
        raise NotPossible("button_disabled", "the buttons of this card are greyed out")
    fields: Fields = {
        "Event": "template_card_menu_event" if in_menu else "template_card_event",
        "EventKey": key,
        "TaskId": task_id,
        "CardType": card["card_type"],
        "ResponseCode": world.deck.issue_code(world.deck.cards[task_id], world.now()),
    }
    selected = _selected(card, body.get("selected") or {})
    if selected:
        fields["SelectedItems"] = {"SelectedItem": selected}
    return _event(world, member, fields)


def _find_card(world: World, member: Member, task_id: str) -> Message:
    message = member.find_card(task_id)
    if message is None or message.dropped or message.recalled or task_id not in world.deck.cards:
        raise NotPossible("no_such_card", f"no card {task_id!r} on this phone", 404)
    return message


def _selected(card: Fields, chosen: Any) -> list[Fields]:
    """`chosen` is question key → list of option ids. Raises NotPossible for what is not there."""
    offered = question_options(card)
    if not isinstance(chosen, dict) or not all(isinstance(ids, list) for ids in chosen.values()):
        raise NotPossible("bad_selection", "question key → list of option ids", 400)
    for question, ids in chosen.items():
        if question not in offered or not offered[question].issuperset(map(str, ids)):
            raise NotPossible("bad_selection", f"no such option in {question!r}", 400)
    return [
        {"QuestionKey": question, "OptionIds": {"OptionId": [str(i) for i in ids]}}
        for question, ids in chosen.items()
    ]


def raw(world: World, member: Member, body: Fields) -> Fields:
    """Any fields at all, e.g. FromUserName sys for the events of the directory."""
    return _base(world, member, "event") | body | _agent(world)


ACTIONS = {
    "text": text,
    "voice": voice,
    "location": location,
    "enter": enter,
    "click": click,
    "raw": raw,
}
