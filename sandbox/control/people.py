"""Play customers and members, and read what their phones show."""

import asyncio
from contextlib import suppress
from typing import Any

from aiohttp import web

from sandbox.api import WORLD
from sandbox.callbacks import POSTMAN
from sandbox.control.bodies import json_body
from sandbox.control.leads import invent_name
from sandbox.control.views import customer_json, member_json, message_json
from sandbox.errors import NotPossible
from sandbox.oa import phone as oa_phone
from sandbox.oa.events import ACTIONS as CUSTOMER_ACTIONS
from sandbox.people import KEPT_MESSAGES, Customer, Member, Person
from sandbox.wecom import phone as wecom_phone
from sandbox.wecom.events import ACTIONS as MEMBER_ACTIONS
from sandbox.world import USERID, World, new_openid

LONGEST_WAIT_S = 30.0
MOST_COPIES = 10


async def list_customers(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    return web.json_response([customer_json(world, c) for c in world.customers.values()])


async def create_customer(request: web.Request) -> web.Response:
    """Invent a customer; all fields are optional: openid, unionid, name."""
    world, body = request.app[WORLD], await json_body(request)
    customer = world.customer(str(body.get("openid") or new_openid()))
    customer.name = str(body.get("name") or invent_name())[:40]
    customer.unionid = str(body.get("unionid") or customer.unionid)
    world.touched(customer)
    return web.json_response(customer_json(world, customer), status=201)


async def change_customer(request: web.Request) -> web.Response:
    """Settings WeChat keeps for a customer: blocks_templates, name."""
    world, body = request.app[WORLD], await json_body(request)
    customer = world.customer(request.match_info["openid"])
    customer.blocks_templates = bool(body.get("blocks_templates", customer.blocks_templates))
    customer.name = str(body.get("name", customer.name))[:40]
    world.touched(customer)
    return web.json_response(customer_json(world, customer))


async def customer_messages(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    customer = world.customers.get(request.match_info["openid"])
    if customer is None:
        raise NotPossible("no_such_customer", "nobody with this openid has done anything", 404)
    messages = await _messages(world, request, customer)
    return web.json_response({"customer": customer_json(world, customer), "messages": messages})


async def act_as_customer(request: web.Request) -> web.Response:
    """POST /sandbox/customers/{openid}/{action}."""
    world, postman = request.app[WORLD], request.app[POSTMAN]
    customer = world.customer(request.match_info["openid"])
    action, body = request.match_info["action"], await json_body(request)
    if action == "read":
        return _read(world, "oa", customer.openid, customer)
    if action not in CUSTOMER_ACTIONS:
        raise NotPossible("no_such_action", f"one of {sorted(CUSTOMER_ACTIONS)}", 404)
    copies = _copies(body)
    delivery = await oa_phone.act(world, postman, customer, action, body, copies)
    return web.json_response({"delivery": delivery.to_json()})


async def list_members(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    return web.json_response([member_json(world, m) for m in world.members.values()])


async def put_member(request: web.Request) -> web.Response:
    """Add somebody to the directory, or change name, role, dealer, licensed."""
    world, body = request.app[WORLD], await json_body(request)
    userid = request.match_info["userid"]
    if not USERID.fullmatch(userid):
        raise NotPossible("bad_userid", "letters, digits and _.@- (1 to 64)", 400)
    member = world.members.setdefault(userid, Member(name=userid, userid=userid))
    for name in ("name", "role", "dealer", "region"):
        setattr(member, name, str(body.get(name, getattr(member, name))))
    member.licensed = bool(body.get("licensed", member.licensed))
    world.touched(member)
    return web.json_response(member_json(world, member))


async def member_messages(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    member = world.member(request.match_info["userid"])
    messages = await _messages(world, request, member)
    return web.json_response({"member": member_json(world, member), "messages": messages})


async def act_as_member(request: web.Request) -> web.Response:
    """POST /sandbox/staff/{userid}/{action}."""
    world, postman = request.app[WORLD], request.app[POSTMAN]
    member = world.member(request.match_info["userid"])
    action, body = request.match_info["action"], await json_body(request)
    if action == "read":
        return _read(world, "wecom", member.userid, member)
    if action not in MEMBER_ACTIONS:
        raise NotPossible("no_such_action", f"one of {sorted(MEMBER_ACTIONS)}", 404)
    copies = _copies(body)
    delivery = await wecom_phone.act(world, postman, member, action, body, copies)
    return web.json_response({"delivery": delivery.to_json()})


def _copies(body: dict[str, Any]) -> int:
    """How many times at once the callback is posted: 1, or more to play a hasty retry."""
    copies = body.pop("copies", 1)
    if not isinstance(copies, int) or not 1 <= copies <= MOST_COPIES:
        raise NotPossible("bad_copies", f"copies is 1 to {MOST_COPIES}", 400)
    return copies


def _read(world: World, app: str, key: str, person: Person) -> web.Response:
    """The phone's chat was opened: nothing is unread, and this person signs in to pages."""
    person.mark_read()
    world.last_opened[app] = key
    world.touched(person)
    return web.json_response({"unread": 0})


async def _messages(
    world: World, request: web.Request, person: Customer | Member
) -> list[dict[str, Any]]:
    """The `last` messages after `after`; with `wait`, holds on for one from the product."""
    after = _number(request, "after", 0.0)
    wait = min(_number(request, "wait", 0.0), LONGEST_WAIT_S)
    if wait > 0 and not _arrived(person, after):
        await _wait_for_message(world, person, after, wait)
    newer = [m for m in person.messages if m.id > after]
    last = int(_number(request, "last", KEPT_MESSAGES))
    return [message_json(m) for m in newer[-last:]] if last > 0 else []


async def _wait_for_message(world: World, person: Person, after: float, wait: float) -> None:
    with world.stream.listen() as queue, suppress(TimeoutError):
        async with asyncio.timeout(wait):
            while not _arrived(person, after) and not world.stream.closing.is_set():
                await queue.get()


def _arrived(person: Person, after: float) -> bool:
    return any(m.id > after and m.sender not in ("customer", "staff") for m in person.messages)


def _number(request: web.Request, name: str, default: float) -> float:
    try:
        return float(request.query.get(name, default))
    except ValueError as error:
        raise NotPossible("bad_number", f"{name} is a number", 400) from error


def routes() -> list[web.RouteDef]:
    return [
        web.get("/sandbox/customers", list_customers),
        web.post("/sandbox/customers", create_customer),
        web.put("/sandbox/customers/{openid}", change_customer),
        web.get("/sandbox/customers/{openid}/messages", customer_messages),
        web.post("/sandbox/customers/{openid}/{action}", act_as_customer),
        web.get("/sandbox/staff", list_members),
        web.put("/sandbox/staff/{userid}", put_member),
        web.get("/sandbox/staff/{userid}/messages", member_messages),
        web.post("/sandbox/staff/{userid}/{action}", act_as_member),
    ]
