"""What the account may send: customer-service, template and subscribe messages."""

from typing import Any

from sandbox.api import OK, Api, Call
from sandbox.callbacks import POSTMAN
from sandbox.errors import Refused
from sandbox.oa.events import event
from sandbox.people import Customer
from sandbox.quota import TEMPLATE_MEMORY_S

TEXT_BYTES = 2048
MEDIA_TYPES = frozenset({"image", "voice", "video"})
OTHER_TYPES = frozenset({"music", "mpnews", "mpnewsarticle", "wxcard", "miniprogrampage"})


def custom_send(call: Call) -> dict[str, Any]:
    """message/custom/send: inside a window that the customer's own action has opened."""
    customer = _addressee(call)
    kind, content = _content(call)
    if not customer.subscribed:
        raise Refused(45015)
    customer.windows.spend(call.now)
    call.world.put(customer, "account", kind, content, "custom", msgid=call.world.next_msgid())
    return dict(OK)


def custom_typing(call: Call) -> dict[str, Any]:
    """message/custom/typing: shows 对方正在输入 until the next message."""
    customer = _addressee(call)
    if call.body.get("command") not in ("Typing", "CancelTyping"):
        raise Refused(40058, "command")
    customer.windows.require_open(call.now)
    typing = call.body["command"] == "Typing"
    call.world.stream.publish(type="typing", id=customer.openid, typing=typing)
    return dict(OK)


def _addressee(call: Call) -> Customer:
    customer = call.world.customers.get(str(call.body.get("touser", "")))
    if customer is None:
        raise Refused(40003)
    return customer


def _content(call: Call) -> tuple[str, dict[str, Any]]:
    kind = str(call.body.get("msgtype"))
    if kind not in MEDIA_TYPES | OTHER_TYPES | {"text", "news", "msgmenu"}:
        raise Refused(40008)
    part = call.body.get(kind)
    if not isinstance(part, dict):
        raise Refused(44004 if kind == "text" else 40058, kind)
    if kind in MEDIA_TYPES:
        call.world.media.get(str(part.get("media_id", "")), call.now)
    if kind == "text":
        _check_text(part.get("content"))
    if kind == "news":
        _check_article(part.get("articles"))
    if kind == "msgmenu" and not part.get("list"):
        raise Refused(40058, "msgmenu.list")
    return kind, part


def _check_text(content: Any) -> None:
    if not isinstance(content, str) or not content.strip():
        raise Refused(44004)
    if len(content.encode("utf-8", "replace")) > TEXT_BYTES:
        raise Refused(45002)


def _check_article(articles: Any) -> None:
    """Exactly one; older documents allow eight."""
    if not isinstance(articles, list) or len(articles) != 1:
        raise Refused(45008)
    if not isinstance(articles[0], dict) or not articles[0].get("title"):
        raise Refused(40058, "news.title")


def template_send(call: Call) -> dict[str, Any]:
    """message/template/send; TEMPLATESENDJOBFINISH follows by callback."""
    customer = _addressee(call)
    data, template = call.body.get("data"), call.body.get("template_id")
    if not isinstance(template, str) or not template:
        raise Refused(40037)
    if not isinstance(data, dict) or not all(isinstance(row, dict) for row in data.values()):
        raise Refused(47001, "data")
    if not customer.subscribed:
        raise Refused(43004)
    client_id = f"{customer.openid} {call.body.get('client_msg_id')}"
    known = call.world.sent_templates.find(client_id, call.now)
    if known is not None:
        return OK | {"msgid": int(known)}
    msgid = call.world.next_msgid()
    if call.body.get("client_msg_id"):
        call.world.sent_templates.keep(client_id, msgid, call.now, TEMPLATE_MEMORY_S)
    status = "failed:user block" if customer.blocks_templates else "success"
    if not customer.blocks_templates:
        shown = {"template_id": template, "data": data, "url": call.body.get("url", "")}
        call.world.put(customer, "account", "template", shown, "template", msgid=msgid)
    report = {"Event": "TEMPLATESENDJOBFINISH", "MsgID": int(msgid), "Status": status}
    call.request.app[POSTMAN].post_later("oa", event(call.world, customer, report))
    return OK | {"msgid": int(msgid)}


def subscribe_send(call: Call) -> dict[str, Any]:
    """message/subscribe/bizsend: one for each time the customer allowed that template."""
    customer = _addressee(call)
    template, data = call.body.get("template_id"), call.body.get("data")
    if not isinstance(template, str) or not template:
        raise Refused(40037)
    if not isinstance(data, dict):
        raise Refused(47001, "data")
    if customer.accepted_templates.get(template, 0) < 1:
        raise Refused(43101)
    customer.accepted_templates[template] -= 1
    msgid = call.world.next_msgid()
    shown = {"template_id": template, "data": data, "url": call.body.get("page", "")}
    call.world.put(customer, "account", "template", shown, "subscribe", msgid=msgid)
    sent = {"TemplateId": template, "MsgID": msgid, "ErrorCode": 0, "ErrorStatus": "success"}
    report = {"Event": "subscribe_msg_sent_event", "SubscribeMsgSentEvent": {"List": sent}}
    call.request.app[POSTMAN].post_later("oa", event(call.world, customer, report))
    return dict(OK)


APIS = [
    Api("oa", "POST", "message/custom/send", custom_send),
    Api("oa", "POST", "message/custom/typing", custom_typing),
    Api("oa", "POST", "message/template/send", template_send),
    Api("oa", "POST", "message/subscribe/bizsend", subscribe_send),
]
