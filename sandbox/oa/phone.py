"""A customer's action from tap to answer: callback out, passive reply onto the phone."""

from typing import Any

from sandbox.callbacks import Delivery, Postman
from sandbox.oa.events import ACTIONS
from sandbox.people import Customer
from sandbox.world import World

APOLOGY = "该公众号暂时无法提供服务，请稍后再试"
# Only what the customer did in the chat is apologised for, not what the phone reports by itself.
SILENT_EVENTS = frozenset({"LOCATION", "unsubscribe", "VIEW", "subscribe_msg_popup_event"})


async def act(
    world: World,
    postman: Postman,
    customer: Customer,
    action: str,
    body: dict[str, Any],
    copies: int = 1,
) -> Delivery:
    """Do it and wait for the product's answer (at most three tries). Raises NotPossible."""
    payload = ACTIONS[action](world, customer, body)
    delivery = await postman.post_copies("oa", payload, copies)
    present(world, customer, delivery)
    return delivery


def present(world: World, customer: Customer, delivery: Delivery) -> None:
    """Show the passive reply, or WeChat's apology when there was no acceptable one."""
    if delivery.result in ("failed", "bad_reply"):
        if delivery.payload.get("Event") not in SILENT_EVENTS:
            world.put(customer, "notice", "apology", {"text": APOLOGY}, "passive")
    elif delivery.reply is not None and customer.subscribed:
        kind, content = _shown(delivery.reply)
        world.put(customer, "account", kind, content, "passive")


def _shown(reply: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """A passive reply in the same form as a customer-service message."""
    kind = str(reply["MsgType"])
    if kind == "text":
        return kind, {"content": reply["Content"]}
    if kind == "news":
        items = reply["Articles"]["item"]
        rows = items if isinstance(items, list) else [items]
        names = {"title": "Title", "description": "Description", "picurl": "PicUrl", "url": "Url"}
        articles = [{k: str(row.get(tag, "")) for k, tag in names.items()} for row in rows]
        return kind, {"articles": articles}
    if kind == "transfer_customer_service":
        return "event", {"text": "已转接人工客服"}
    part = reply.get(kind.capitalize())
    media_id = part.get("MediaId", "") if isinstance(part, dict) else ""
    return kind, {"media_id": media_id}
