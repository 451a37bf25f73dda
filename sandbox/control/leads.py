"""A lead from a media site at one click: realistic, invented, and posted to the product."""

import random
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import ClientError, ClientTimeout, web

from sandbox.api import WORLD
from sandbox.callbacks import POSTMAN
from sandbox.config import Organisation
from sandbox.control.bodies import json_body
from sandbox.errors import NotPossible

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = (
    "伟",
    "芳",
    "娜",
    "敏",
    "静",
    "磊",
    "洋",
    "艳",
    "勇",
    "军",
    "思远",
    "雨桐",
    "子涵",
    "欣怡",
)
RARE = ("欧阳若曦", "司马静怡", "阿依古丽·买买提江", "诺敏", "上官云帆", "尼玛次仁")
SOURCES = {"dongchedi": "懂车帝", "autohome": "汽车之家", "yiche": "易车", "douyin": "抖音"}
WINDOWS = (7, 30, 90, None)
QUESTIONS = (
    "想看{model}，本周能试驾吗",
    "{model}现在落地多少钱",
    "{model}有现车吗，什么颜色",
    "旧车置换{model}能补贴多少",
    "{model}分期怎么算，首付最低多少",
)
PREFIXES = ("138", "139", "150", "158", "186", "199")
CHINA = timedelta(hours=8)


def invent_name() -> str:
    """A usual name mostly, a long one sometimes."""
    if random.random() < 0.15:
        return random.choice(RARE)
    return random.choice(SURNAMES) + random.choice(GIVEN)


def invent(organisation: Organisation) -> dict[str, Any]:
    """A filled-in form. The phone is valid in form and plainly invented: its middle is 0000."""
    model = random.choice(organisation.models or (("", "新车"),))
    dealer = random.choice(organisation.dealers) if organisation.dealers else None
    return {
        "source": random.choice(list(SOURCES)),
        "name": invent_name(),
        "phone": f"{random.choice(PREFIXES)}0000{secrets.randbelow(10_000):04d}",
        "city": dealer.city if dealer else "",
        "dealer_code": dealer.code if dealer else "",
        "model": model[0],
        "purchase_window_days": random.choice(WINDOWS),
        "message": random.choice(QUESTIONS).format(model=model[1]),
    }


def to_lead(form: dict[str, Any], now: float) -> dict[str, Any]:
    """The body of the product's POST /api/v1/leads."""
    at = (datetime.fromtimestamp(now, UTC) + CHINA).replace(tzinfo=None, microsecond=0)
    stamp = f"{at.isoformat()}+08:00"
    customer = {name: form.get(name) or None for name in ("name", "phone", "city", "openid")}
    wanted = ("model", "dealer_code", "purchase_window_days", "message")
    intent = {name: form[name] for name in wanted if form.get(name)}
    return {
        "source": form.get("source") or "dongchedi",
        "external_id": f"sandbox-{secrets.token_hex(8)}",
        "occurred_at": stamp,
        "customer": {name: value for name, value in customer.items() if value},
        "intent": intent,
        "consent": {
            "purposes": ["contact", "share_with_dealer", "marketing"],
            "version": "2026-01",
            "channel": f"{form.get('source') or 'dongchedi'}_form",
            "obtained_at": stamp,
        },
    }


async def sample(request: web.Request) -> web.Response:
    """GET /sandbox/leads/sample: the form, filled in by chance."""
    world = request.app[WORLD]
    form = invent(world.config.organisation)
    return web.json_response({"form": form, "sources": SOURCES})


async def post(request: web.Request) -> web.Response:
    """POST /sandbox/leads: hand the form to the product with the sandbox's API key."""
    world, form = request.app[WORLD], await json_body(request)
    if not world.config.api_key:
        raise NotPossible("no_api_key", "start the sandbox with SANDBOX_API_KEY")
    headers = {"Authorization": f"Bearer {world.config.api_key}"}
    url = f"{world.product_url}/api/v1/leads"
    lead = to_lead(form, world.now())
    try:
        async with request.app[POSTMAN].session.post(
            url, json=lead, headers=headers, timeout=ClientTimeout(total=10)
        ) as response:
            answer = await response.json(content_type=None)
            status = response.status
    except (ClientError, TimeoutError, ValueError) as error:
        raise NotPossible("product_down", type(error).__name__, 502) from error
    return web.json_response({"status": status, "lead": lead, "answer": answer})


def routes() -> list[web.RouteDef]:
    return [web.get("/sandbox/leads/sample", sample), web.post("/sandbox/leads", post)]
