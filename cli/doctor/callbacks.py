"""Does our public address answer, and does it pass WeChat's own verification handshake?"""

import hashlib
import ipaddress
import re
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

import aiohttp

from bot.wechat.envelope import Credentials, Envelope
from cli.doctor.finding import Finding, error, fine, warning
from settings import Settings

TIMEOUT = aiohttp.ClientTimeout(total=4.5, sock_connect=3)
WECOM_PATIENCE_S = 1.0  # WeCom's console gives up after one second, the official account's after 5
SEALED = re.compile(
    r"<Encrypt><!\[CDATA\[(?P<echostr>.+?)\]\].*<MsgSignature><!\[CDATA\[(?P<msg_signature>.+?)\]\]"
    r".*<TimeStamp>(?P<timestamp>\d+)<.*<Nonce><!\[CDATA\[(?P<nonce>.+?)\]\]"
)


async def look(settings: Settings, http: aiohttp.ClientSession) -> list[Finding]:
    """`/livez`, then the handshake of every configured channel, over PUBLIC_URL."""
    if absence := await _absence(settings, http):
        return [absence]
    findings = [fine("public address", f"{settings.public_url} answers"), *_scheme(settings)]
    if settings.has_oa:
        findings.append(await _handshake("oa", _oa_challenge(settings), settings, http))
    if settings.has_wecom:
        findings.append(await _handshake("wecom", _wecom_challenge(settings), settings, http))
    return findings


async def _absence(settings: Settings, http: aiohttp.ClientSession) -> Finding | None:
    """Why `/livez` cannot be had, or None."""
    url = f"{settings.public_url}/livez"
    try:
        async with http.get(url, timeout=TIMEOUT) as response:
            if response.status == 200:
                return None
            says = f"{url} answered {response.status}"
    except (aiohttp.ClientError, OSError) as failure:  # TimeoutError is an OSError
        says = f"{url} does not answer ({type(failure).__name__})"
    if _is_local(settings.public_url):
        todo = "start the system (`make run` or `python manage.py run`), then check again"
        return warning("public address", says, todo)
    todo = "check DNS, the reverse proxy and its certificate: WeChat calls this address"
    return error("public address", says, todo)


def _scheme(settings: Settings) -> list[Finding]:
    if _is_local(settings.public_url):
        todo = "give LEADLOOP_PUBLIC_URL the address the internet sees; fine in the sandbox"
        return [warning("public address", "WeChat cannot reach a local address", todo)]
    if not settings.public_url.startswith("https://"):
        todo = "serve it over https: phone numbers cross it"
        return [warning("public address", "is not encrypted", todo)]
    return []


async def _handshake(
    channel: str,
    challenge: tuple[str, Mapping[str, str]],
    settings: Settings,
    http: aiohttp.ClientSession,
) -> Finding:
    """Play WeChat's console: send a challenge, expect exactly the echo."""
    echo, query = challenge
    what, url = f"callback {channel}", f"{settings.public_url}/wechat/{channel}"
    began = time.monotonic()
    try:
        async with http.get(url, params=query, timeout=TIMEOUT) as response:
            status, body = response.status, await response.content.read(1024)
    except (aiohttp.ClientError, OSError) as failure:
        todo = "WeChat would give up: look at the proxy and at the process behind it"
        return error(what, f"{url} does not answer ({type(failure).__name__})", todo)
    took_s = time.monotonic() - began
    if status != 200 or body != echo.encode():
        todo = (
            "the running process has other credentials than this check (restart it), "
            "or a proxy changes the query or the answer"
        )
        return error(what, f"the handshake failed: {url} answered {status}", todo)
    if took_s > WECOM_PATIENCE_S:
        todo = "WeCom waits one second: move the proxy closer or give the machine more power"
        return warning(what, f"the handshake took {took_s:.1f} s", todo)
    return fine(what, f"the handshake works ({took_s * 1000:.0f} ms)")


def _oa_challenge(settings: Settings) -> tuple[str, dict[str, str]]:
    echo, nonce = str(secrets.randbelow(10**18)), str(secrets.randbelow(10**10))
    timestamp = str(int(_now().timestamp()))
    signed = "".join(sorted([settings.oa_token.get_secret_value(), timestamp, nonce]))
    signature = hashlib.sha1(signed.encode(), usedforsecurity=False).hexdigest()
    query = {"signature": signature, "timestamp": timestamp, "nonce": nonce, "echostr": echo}
    return echo, query


def _wecom_challenge(settings: Settings) -> tuple[str, dict[str, str]]:
    credentials = Credentials(
        settings.wecom_corp_id,
        settings.wecom_token.get_secret_value(),
        settings.wecom_aes_key.get_secret_value(),
    )
    echo = str(secrets.randbelow(10**18))
    sealed = Envelope(credentials, "wecom").seal(echo, _now()).decode()
    fields = SEALED.search(sealed)
    if fields is None:
        raise AssertionError("the envelope has another form than this check expects")
    return echo, fields.groupdict()


def _now() -> datetime:
    return datetime.now(UTC)


def _is_local(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith((".local", ".internal"))
