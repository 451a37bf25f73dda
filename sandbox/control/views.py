"""People and phones as JSON, for the page and for tests."""

from dataclasses import asdict
from typing import Any

from sandbox.people import Customer, Member, Message
from sandbox.world import World

ROLES = {
    "adviser": "销售顾问",
    "dcc": "DCC 邀约专员",
    "store_manager": "店总",
    "region_manager": "大区经理",
    "brand_ops": "品牌运营",
    "ops": "运维",
}


def customer_json(world: World, customer: Customer) -> dict[str, Any]:
    return {
        "openid": customer.openid,
        "unionid": customer.unionid,
        "name": customer.name,
        "subscribed": customer.subscribed,
        "scene": customer.scene,
        "blocks_templates": customer.blocks_templates,
        "accepted_templates": customer.accepted_templates,
        "replies_left": customer.windows.left(world.now()),
        "unread": customer.unread(),
        "last": _last(customer.messages),
    }


def member_json(world: World, member: Member) -> dict[str, Any]:
    return {
        "userid": member.userid,
        "name": member.name,
        "role": member.role,
        "dealer": member.dealer,
        "region": member.region,
        "licensed": member.licensed,
        "label": label_of(world, member),
        "unread": member.unread(),
        "last": _last(member.messages),
    }


def label_of(world: World, member: Member) -> str:
    """Where somebody works and as what, e.g. 长春净月店 · 销售顾问."""
    organisation = world.config.organisation
    places = {dealer.code: dealer.name for dealer in organisation.dealers}
    places |= dict(organisation.regions)
    code = member.dealer or member.region
    place = places.get(code, code)
    role = ROLES.get(member.role, member.role)
    return " · ".join(part for part in (place, role) if part)


def message_json(message: Message) -> dict[str, Any]:
    return asdict(message)


def _last(messages: Any) -> dict[str, Any] | None:
    return message_json(messages[-1]) if messages else None
