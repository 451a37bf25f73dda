"""The account's own APIs: tokens, tickets, followers, QR codes, web authorisation."""

import secrets
from typing import Any

from sandbox.api import Api, Call
from sandbox.errors import Refused
from sandbox.people import Customer

LONGEST_SCENE_S = 2_592_000
DEFAULT_SCENE_S = 60
KEPT_SCENES = 2000
PAGE = 10_000
BATCH = 100
DAILY = {"message/custom/send": 500_000, "message/template/send": 100_000}


def stable_token(call: Call) -> dict[str, Any]:
    _check_credentials(call, call.body)
    force = bool(call.body.get("force_refresh", False))
    value, expires_in = call.world.tokens.stable(call.now, force=force)
    return {"access_token": value, "expires_in": expires_in}


def classic_token(call: Call) -> dict[str, Any]:
    _check_credentials(call, dict(call.query))
    value, expires_in = call.world.tokens.classic(call.now)
    return {"access_token": value, "expires_in": expires_in}


def _check_credentials(call: Call, given: dict[str, Any]) -> None:
    config = call.world.config
    if given.get("grant_type") != "client_credential":
        raise Refused(40002)
    if given.get("appid") != config.oa_app_id:
        raise Refused(40013)
    if given.get("secret") != config.oa_app_secret:
        raise Refused(40001)


def ticket(call: Call) -> dict[str, Any]:
    if call.query.get("type") != "jsapi":
        raise Refused(40058, "type")
    return call.world.tickets.get("oa.jsapi", call.now)


def callback_ips(_: Call) -> dict[str, Any]:
    return {"ip_list": ["127.0.0.1"]}


def quota(call: Call) -> dict[str, Any]:
    """openapi/quota/get: what one API may be called a day, and how often it was."""
    path = str(call.body.get("cgi_path", ""))
    api = path.removeprefix("/cgi-bin/")
    if api not in DAILY:
        raise Refused(76021)
    answers = call.world.counters.to_json().get(f"oa:{api}", {})
    used = sum(answers.values())
    return {"quota": {"daily_limit": DAILY[api], "used": used, "remain": DAILY[api] - used}}


def create_qrcode(call: Call) -> dict[str, Any]:
    """qrcode/create: temporary (at most 30 days) or permanent, with a number or a string."""
    action = str(call.body.get("action_name"))
    if action not in ("QR_SCENE", "QR_STR_SCENE", "QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE"):
        raise Refused(40053)
    scene = _scene(call, action)
    value = secrets.token_urlsafe(64)
    url = f"http://weixin.qq.com/q/{secrets.token_urlsafe(12)}"
    answer: dict[str, Any] = {"ticket": value, "url": url}
    expires_at = None
    if "LIMIT" not in action:
        answer["expire_seconds"] = _lifetime(call)
        expires_at = call.now + answer["expire_seconds"]
    scenes = call.world.scenes
    scenes[scene] = {"scene": scene, "ticket": value, "url": url, "expires_at": expires_at}
    while len(scenes) > KEPT_SCENES:
        scenes.popitem(last=False)
    call.world.changed(type="scenes")
    return answer


def _scene(call: Call, action: str) -> str:
    info = call.body.get("action_info")
    given = info.get("scene") if isinstance(info, dict) else None
    if not isinstance(given, dict):
        raise Refused(40053)
    if "STR" in action:
        text = given.get("scene_str")
        if not isinstance(text, str) or not 1 <= len(text) <= 64:
            raise Refused(40053, "scene_str")
        return text
    number, most = given.get("scene_id"), 100_000 if "LIMIT" in action else 2**32 - 1
    if not isinstance(number, int) or not 1 <= number <= most:
        raise Refused(40053, "scene_id")
    return str(number)


def _lifetime(call: Call) -> int:
    seconds = call.body.get("expire_seconds", DEFAULT_SCENE_S)
    if not isinstance(seconds, int) or seconds < 1:
        raise Refused(40058, "expire_seconds")
    return min(seconds, LONGEST_SCENE_S)


def user_info(call: Call) -> dict[str, Any]:
    return _profile(_user(call, call.query.get("openid")))


def batch_user_info(call: Call) -> dict[str, Any]:
    asked = call.body.get("user_list")
    if not isinstance(asked, list) or not 1 <= len(asked) <= BATCH:
        raise Refused(40032)
    return {"user_info_list": [_profile(_user(call, row.get("openid"))) for row in asked]}


def _user(call: Call, openid: Any) -> Customer:
    customer = call.world.customers.get(str(openid))
    if customer is None:
        raise Refused(40003)
    return customer


def _profile(customer: Customer) -> dict[str, Any]:
    """Nickname and picture are no longer given; a stranger is only `subscribe: 0`."""
    known = {"openid": customer.openid} | (
        {"unionid": customer.unionid} if customer.unionid else {}
    )
    if not customer.subscribed:
        return {"subscribe": 0, **known}
    return {
        "subscribe": 1,
        **known,
        "language": "zh_CN",
        "subscribe_time": customer.subscribed_at,
        "subscribe_scene": customer.subscribe_scene,
        "qr_scene": int(customer.scene) if customer.scene.isdecimal() else 0,
        "qr_scene_str": "" if customer.scene.isdecimal() else customer.scene,
        "remark": "",
        "groupid": 0,
        "tagid_list": [],
    }


def user_list(call: Call) -> dict[str, Any]:
    followers = [c.openid for c in call.world.customers.values() if c.subscribed]
    start = call.query.get("next_openid", "")
    first = followers.index(start) + 1 if start in followers else 0
    page = followers[first : first + PAGE]
    answer: dict[str, Any] = {"total": len(followers), "count": len(page)}
    if page:
        answer |= {"data": {"openid": page}}
    return answer | {"next_openid": page[-1] if page else ""}


def oauth_token(call: Call) -> dict[str, Any]:
    """sns/oauth2/access_token: a code for an openid; the snapshot page yields a virtual one."""
    config = call.world.config
    if call.query.get("appid") != config.oa_app_id:
        raise Refused(40013)
    if call.query.get("secret") != config.oa_app_secret:
        raise Refused(40001)
    if call.query.get("grant_type") != "authorization_code":
        raise Refused(40002)
    if not call.query.get("code"):
        raise Refused(41008)
    code = call.world.codes.redeem(call.query["code"], "oa", call.now)
    customer = call.world.customer(code.person)
    answer: dict[str, Any] = {
        "access_token": secrets.token_urlsafe(64),
        "expires_in": 7200,
        "refresh_token": secrets.token_urlsafe(64),
        "openid": customer.openid,
        "scope": code.scope,
    }
    if code.snapshot:
        return answer | {"openid": f"virtual_{secrets.token_urlsafe(15)}", "is_snapshotuser": 1}
    return answer | ({"unionid": customer.unionid} if customer.unionid else {})


APIS = [
    Api("oa", "POST", "stable_token", stable_token, token=False),
    Api("oa", "GET", "token", classic_token, token=False),
    Api("oa", "GET", "ticket/getticket", ticket),
    Api("oa", "GET", "getcallbackip", callback_ips),
    Api("oa", "POST", "openapi/quota/get", quota),
    Api("oa", "POST", "qrcode/create", create_qrcode),
    Api("oa", "GET", "user/info", user_info),
    Api("oa", "POST", "user/info/batchget", batch_user_info),
    Api("oa", "GET", "user/get", user_list),
    Api(
        "oa",
        "GET",
        "sns/oauth2/access_token",
        oauth_token,
        token=False,
        content_type="text/plain",
    ),
]
