"""Does WeChat take our credentials and our address? Asked with one real call for each channel."""

import json

import aiohttp

from bot.wechat.envelope import Channel
from bot.wechat.errors import UnknownOutcome, WeChatError
from bot.wechat.transport import Transport
from cli.doctor.finding import Finding, error, fine, warning
from settings import Settings

CALL_TIMEOUT_S = 4.0
NAMES: dict[Channel, str] = {"oa": "official account", "wecom": "WeCom app"}
VARIABLES: dict[Channel, str] = {
    "oa": "LEADLOOP_OA_APP_ID and LEADLOOP_OA_APP_SECRET",
    "wecom": "LEADLOOP_WECOM_CORP_ID and LEADLOOP_WECOM_SECRET",
}
ADVICE = {
    "check_secret": "compare {variables} with the console; a reset secret is a new secret",
    "allow_our_address": "add {ip} to the account's IP whitelist or the app's trusted addresses; "
    "it takes effect about a minute after saving",
    "unfreeze_secret": "the AppSecret is frozen: unfreeze it in the console",
    "check_agent_id": "LEADLOOP_WECOM_AGENT_ID is not the app this secret belongs to",
    "enable_app": "the app is disabled: enable it in the WeCom console",
    "grant_api_permission": "grant this API to the account or app in its console",
    "api_banned": "Tencent has blocked this API: see the notices in the console",
    "sync_visible_range": "check the app's visible range",
    "daily_quota_used_up": "today's quota is used up; it opens again at midnight in China",
}


async def look_at_oa(settings: Settings, http: aiohttp.ClientSession) -> list[Finding]:
    """A token by stable_token, and the calls it opens."""
    if not settings.has_oa:
        return [_absent("oa")]
    transport = _transport("oa", settings.oa_api_base, http)
    wanted = {
        "grant_type": "client_credential",
        "appid": settings.oa_app_id,
        "secret": settings.oa_app_secret.get_secret_value(),
    }
    try:
        answer = await transport.exchange(
            "post", "cgi-bin/stable_token", params={}, body=json.dumps(wanted).encode()
        )
        await _ask(transport, "cgi-bin/getcallbackip", answer)
    except WeChatError as refusal:
        return [_refused("oa", refusal)]
    return [fine(NAMES["oa"], "the credentials work and our address is allowed")]


async def look_at_wecom(settings: Settings, http: aiohttp.ClientSession) -> list[Finding]:
    """A token by gettoken; then whether our address is trusted and the agent is this secret's."""
    if not settings.has_wecom:
        return [_absent("wecom")]
    transport = _transport("wecom", settings.wecom_api_base, http)
    wanted = {
        "corpid": settings.wecom_corp_id,
        "corpsecret": settings.wecom_secret.get_secret_value(),
    }
    try:
        answer = await transport.exchange("get", "cgi-bin/gettoken", params=wanted)
        await _ask(transport, "cgi-bin/getcallbackip", answer)
        await _ask(transport, "cgi-bin/agent/get", answer, agentid=settings.wecom_agent_id)
    except WeChatError as refusal:
        return [_refused("wecom", refusal)]
    return [fine(NAMES["wecom"], "the credentials work and our address is trusted")]


def _transport(channel: Channel, base: str, http: aiohttp.ClientSession) -> Transport:
    return Transport(http, channel=channel, app="doctor", api_base=base, timeout_s=CALL_TIMEOUT_S)


async def _ask(transport: Transport, api: str, answer: dict[str, object], **more: str) -> None:
    """Make one harmless call with the token; an API that is not there says nothing about us."""
    token = str(answer.get("access_token", ""))
    try:
        await transport.exchange("get", api, params={"access_token": token, **more})
    except UnknownOutcome:
        return


def _absent(channel: Channel) -> Finding:
    return warning(
        NAMES[channel],
        "not configured",
        f"fill LEADLOOP_{channel.upper()}_* (docs/wechat-setup.md), or try `make run` first",
    )


def _refused(channel: Channel, refusal: WeChatError) -> Finding:
    """One line for whatever WeChat said, with our own address where it is about that."""
    if refusal.code is None:
        todo = f"check LEADLOOP_{channel.upper()}_API_BASE, DNS and the firewall's way out"
        return error(NAMES[channel], f"no answer from {refusal.api}", todo)
    ip = refusal.egress_ip or "this machine's outgoing address"
    advice = ADVICE.get(refusal.advice) or "look the code up in the platform's documentation"
    says = f"{refusal.api} answered {refusal.code}"
    if refusal.egress_ip:
        says += f" to our address {refusal.egress_ip}"
    if refusal.trace:
        says += f" (trace {refusal.trace})"
    return error(NAMES[channel], says, advice.format(ip=ip, variables=VARIABLES[channel]))
