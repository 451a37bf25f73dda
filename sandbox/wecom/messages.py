"""message/send, message/recall and update_template_card: what the app may put on a phone."""

import hashlib
import json
from typing import Any

from sandbox.api import OK, Api, Call
from sandbox.errors import Refused
from sandbox.people import Member
from sandbox.wecom.card_rules import check_card, check_url, is_clickable
from sandbox.wecom.deck import SentCard

MAX_USERS = 1000
TEXT_BYTES = 2048
DUPLICATE_INTERVAL_S = 1800
LONGEST_DUPLICATE_INTERVAL_S = 4 * 3600
RECALL_WITHIN_S = 24 * 3600.0
MEDIA_TYPES = frozenset({"image", "voice", "video", "file"})


def send(call: Call) -> dict[str, Any]:
    """message/send. A duplicate is answered without a response code: the unkind reading."""
    _check_agent(call)
    members, invalid = _recipients(call)
    kind = str(call.body.get("msgtype"))
    content, truncated = _content(call, kind)
    answer = OK | {"invaliduser": "|".join(invalid).lower(), "invalidparty": "", "invalidtag": ""}
    answer["unlicenseduser"] = "|".join(m.userid for m in members if not m.licensed).lower()
    if not members:
        raise Refused(81013, **{k: v for k, v in answer.items() if k.startswith(("inv", "unl"))})
    answer["msgid"] = call.world.next_msgid()
    duplicate = _duplicate_key(call)
    if duplicate and call.world.sent_messages.find(duplicate, call.now) is not None:
        return answer
    if kind == "template_card":
        _check_unused(call, content.get("task_id"))
    call.world.app_sends.use(call.now, len(members))
    if duplicate:
        call.world.sent_messages.keep(duplicate, "", call.now, _duplicate_interval(call))
    if kind == "template_card":
        _register_card(call, members, content, answer)
    for member in (m for m in members if m.licensed):
        _deliver(call, member, kind, content, answer["msgid"], truncated=truncated)
    return answer


def _check_agent(call: Call) -> None:
    agent = call.body.get("agentid")
    if not isinstance(agent, int | str) or not str(agent).isdigit():
        raise Refused(40056)
    if str(agent) != call.world.config.wecom_agent_id:
        raise Refused(301002)


def _recipients(call: Call) -> tuple[list[Member], list[str]]:
    """The members meant by `touser`, each once, and the ids nobody has."""
    to = call.body.get("touser", "")
    if not isinstance(to, str):
        raise Refused(40058, "touser")
    if to == "@all":
        return list(call.world.members.values()), []
    ids = list(dict.fromkeys(part for part in to.split("|") if part))
    if len(ids) > MAX_USERS:
        raise Refused(40032)
    found = {userid: call.world.find_member(userid) for userid in ids}
    members = {member.userid: member for member in found.values() if member is not None}
    return list(members.values()), [userid for userid, member in found.items() if not member]


def _content(call: Call, kind: str) -> tuple[dict[str, Any], bool]:
    """Check the part of the body that `msgtype` names; tells whether text was cut off."""
    part = call.body.get(kind)
    if kind not in MEDIA_TYPES | {"text", "markdown", "textcard", "news", "template_card"}:
        raise Refused(40008)
    if not isinstance(part, dict):
        raise Refused(44004 if kind == "text" else 40058, kind)
    if kind in MEDIA_TYPES:
        call.world.media.get(str(part.get("media_id", "")), call.now)
        return part, False
    if kind == "text":
        return _text(part)
    if kind == "template_card":
        check_card(part)
        return part, False
    _check_rich(kind, part)
    return part, False


def _text(part: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    content = part.get("content")
    if not isinstance(content, str) or not content.strip():
        raise Refused(44004)
    return cut_text(content)


def cut_text(content: str) -> tuple[dict[str, Any], bool]:
    """A text as the phone shows it, and whether WeCom has cut it off."""
    raw = content.encode("utf-8", "replace")
    return {"content": raw[:TEXT_BYTES].decode("utf-8", "ignore")}, len(raw) > TEXT_BYTES


def _check_rich(kind: str, part: dict[str, Any]) -> None:
    if kind == "markdown":
        content = part.get("content")
        if not isinstance(content, str) or not content:
            raise Refused(44004)
        if len(content.encode("utf-8", "replace")) > TEXT_BYTES:
            raise Refused(45002)
        return
    articles = part.get("articles") if kind == "news" else [part]
    if not isinstance(articles, list) or not 1 <= len(articles) <= 8:
        raise Refused(45008, "articles")
    for article in articles:
        if not isinstance(article, dict) or not article.get("title"):
            raise Refused(40058, f"{kind}.title")
        if kind == "textcard" and not article.get("description"):
            raise Refused(40058, "textcard.description")
        check_url(article.get("url"), kind)


def _duplicate_key(call: Call) -> str | None:
    """What identical JSON has in common, where the sender asked for the check."""
    if call.body.get("enable_duplicate_check") != 1:
        return None
    return hashlib.sha256(json.dumps(call.body, sort_keys=True).encode()).hexdigest()


def _duplicate_interval(call: Call) -> int:
    interval = call.body.get("duplicate_check_interval", DUPLICATE_INTERVAL_S)
    if not isinstance(interval, int) or not 0 < interval <= LONGEST_DUPLICATE_INTERVAL_S:
        raise Refused(40058, "duplicate_check_interval")
    return interval


def _check_unused(call: Call, task_id: str | None) -> None:
    if task_id in call.world.deck.cards:
        raise Refused(42014, "task_id is in use")


def _register_card(
    call: Call, members: list[Member], card: dict[str, Any], answer: dict[str, Any]
) -> None:
    """Remember who holds the card; its answer then carries the code for one update."""
    task_id = card.get("task_id")
    if task_id and is_clickable(card):
        recipients = [member.userid for member in members if member.licensed]
        sent = SentCard(task_id, answer["msgid"], recipients)
        call.world.deck.add(sent)
        answer["response_code"] = call.world.deck.issue_code(sent, call.now)


def _deliver(
    call: Call,
    member: Member,
    kind: str,
    content: dict[str, Any],
    msgid: str,
    *,
    truncated: bool,
) -> None:
    shown = dict(content)
    if kind == "template_card":
        shown = {"task_id": content.get("task_id"), "card": content, "replaced": None}
    call.world.put(
        member,
        "app",
        kind,
        shown,
        "app",
        msgid=msgid,
        truncated=truncated,
        dropped=not member.rate.admit(call.now),
    )


def update_template_card(call: Call) -> dict[str, Any]:
    """One code, one update: a grey button text or a whole new face, for some or all holders."""
    _check_agent(call)
    deck = call.world.deck
    code = str(call.body.get("response_code", ""))
    card = deck.find_by_code(code, call.now)
    holders, invalid = _holders(call, card)
    face, replaced = _new_face(call, card)
    deck.use_code(code)
    for member in holders:
        show_update(member, card.task_id, face, replaced)
        call.world.touched(member)
    if face and face.get("task_id") not in (None, card.task_id):
        deck.rename(card, face["task_id"])
    return OK | {"invaliduser": invalid}


def _holders(call: Call, card: SentCard) -> tuple[list[Member], list[str]]:
    if call.body.get("atall") == 1:
        wanted = card.recipients
    else:
        wanted = call.body.get("userids") or []
        if not isinstance(wanted, list) or len(wanted) > MAX_USERS:
            raise Refused(40032)
        if not wanted:
            raise Refused(81013)
    found = {userid: call.world.find_member(str(userid)) for userid in wanted}
    holders = [m for m in found.values() if m and m.userid in card.recipients]
    held = {member.userid.lower() for member in holders}
    return holders, [str(userid) for userid in wanted if str(userid).lower() not in held]


def _new_face(call: Call, card: SentCard) -> tuple[dict[str, Any] | None, str | None]:
    if "template_card" in call.body:
        face = call.body["template_card"]
        check_card(face, sending=False)
        if face.get("task_id") not in (None, card.task_id):
            _check_unused(call, face["task_id"])
        return face, face.get("replace_text")
    button = call.body.get("button")
    if not isinstance(button, dict) or not button.get("replace_name"):
        raise Refused(42020, "button.replace_name")
    return None, str(button["replace_name"])


def show_update(
    member: Member, task_id: str, face: dict[str, Any] | None, replaced: str | None
) -> None:
    """Put the new face on one phone, or grey its buttons out with the given words."""
    message = member.find_card(task_id)
    if message is None:
        return
    content = message.content | {"replaced": replaced}
    if face is not None:
        content |= {"card": face, "task_id": face.get("task_id") or task_id}
    message.content = content


def recall(call: Call) -> dict[str, Any]:
    """Take a message back within 24 hours, from every phone that shows it."""
    msgid = str(call.body.get("msgid", ""))
    found = 0
    for member in call.world.members.values():
        for message in member.messages:
            if msgid and message.msgid == msgid and message.channel == "app":
                if call.now - message.at >= RECALL_WITHIN_S:
                    raise Refused(40058, "older than 24 hours")
                message.recalled = True
                found += 1
                call.world.touched(member)
    if not found:
        raise Refused(40058, "msgid")
    return dict(OK)


APIS = [
    Api("wecom", "POST", "message/send", send),
    Api("wecom", "POST", "message/update_template_card", update_template_card),
    Api("wecom", "POST", "message/recall", recall),
]
