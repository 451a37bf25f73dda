"""The app's other APIs: token, tickets, members, and who has signed in to a page."""

import secrets
from typing import Any

from sandbox.api import OK, Api, Call
from sandbox.errors import Refused
from sandbox.people import Member

PAGE = 10_000
MAX_CODE_BYTES = 512
TICKET_LIFETIME_S = 1800


def token(call: Call) -> dict[str, Any]:
    config = call.world.config
    if call.query.get("corpid") != config.wecom_corp_id:
        raise Refused(40013)
    if call.query.get("corpsecret") != config.wecom_secret:
        raise Refused(40001)
    value, expires_in = call.world.tokens.wecom(call.now)
    return OK | {"access_token": value, "expires_in": expires_in}


def jsapi_ticket(call: Call) -> dict[str, Any]:
    return call.world.tickets.get("wecom.jsapi", call.now)


def agent_ticket(call: Call) -> dict[str, Any]:
    if call.query.get("type") != "agent_config":
        raise Refused(40058, "type")
    return call.world.tickets.get("wecom.agent_config", call.now)


def callback_ips(_: Call) -> dict[str, Any]:
    return OK | {"ip_list": ["127.0.0.1"]}


def user_info(call: Call) -> dict[str, Any]:
    """auth/getuserinfo: a member by userid; an outsider only by openid."""
    value = call.query.get("code", "")
    if not value or len(value.encode()) > MAX_CODE_BYTES:
        raise Refused(40029)
    code = call.world.codes.redeem(value, "wecom", call.now)
    member = call.world.find_member(code.person)
    if member is None:
        return OK | {"openid": f"outsider-{code.person}"}
    answer = OK | {"userid": member.userid}
    if code.scope == "snsapi_privateinfo":
        answer |= {"user_ticket": secrets.token_urlsafe(48), "expires_in": TICKET_LIFETIME_S}
    return answer


def list_ids(call: Call) -> dict[str, Any]:
    """user/list_id: member and department pairs, page by page."""
    limit, cursor = call.body.get("limit", PAGE), call.body.get("cursor", "")
    if not isinstance(limit, int) or not 1 <= limit <= PAGE:
        raise Refused(40058, "limit")
    if cursor and not str(cursor).isdigit():
        raise Refused(40058, "cursor")
    first = int(cursor or 0)
    members = list(call.world.members.values())
    page = members[first : first + limit]
    rows = [{"userid": m.userid, "department": department_of(call, m)} for m in page]
    after = str(first + limit) if first + limit < len(members) else ""
    return OK | {"next_cursor": after, "dept_user": rows}


def get_user(call: Call) -> dict[str, Any]:
    """user/get: no phone, no mail; those have not been given to apps since 2022."""
    member = call.world.find_member(call.query.get("userid", ""))
    if member is None:
        raise Refused(60111)
    department = department_of(call, member)
    return OK | {
        "userid": member.userid,
        "name": member.name,
        "department": [department],
        "main_department": department,
        "position": member.role,
        "status": 1,
        "isleader": int(member.role.endswith("manager")),
        "enable": 1,
    }


def department_of(call: Call, member: Member) -> int:
    """Department 1 is the enterprise; each dealer is one below it."""
    codes = [dealer.code for dealer in call.world.config.organisation.dealers]
    return codes.index(member.dealer) + 2 if member.dealer in codes else 1


APIS = [
    Api("wecom", "GET", "gettoken", token, token=False),
    Api("wecom", "GET", "get_jsapi_ticket", jsapi_ticket),
    Api("wecom", "GET", "ticket/get", agent_ticket),
    Api("wecom", "GET", "getcallbackip", callback_ips),
    Api("wecom", "GET", "auth/getuserinfo", user_info),
    Api("wecom", "POST", "user/list_id", list_ids),
    Api("wecom", "GET", "user/get", get_user),
]
