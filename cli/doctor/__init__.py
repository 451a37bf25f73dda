"""The doctor: looks at everything Leadloop needs and says in one line each what to do."""

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp

from cli.doctor import (
    callbacks,
    clock,
    configuration,
    database,
    faq_file,
    machine,
    redis_server,
    wechat,
)
from cli.doctor.finding import Finding, error
from settings import Settings, unknown_variables

PATIENCE_S = 5.0

Look = Callable[[Settings, aiohttp.ClientSession], Awaitable[list[Finding]]]

LOOKS: dict[str, Look] = {
    "machine": machine.look,
    "FAQ": faq_file.look,
    "database": database.look,
    "Redis": redis_server.look,
    "clock against WeChat": clock.look,
    "official account": wechat.look_at_oa,
    "WeCom app": wechat.look_at_wecom,
    "public address": callbacks.look,
}


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything at once, at nothing longer than five seconds; in a steady order."""
    async with aiohttp.ClientSession() as http:
        seen = await asyncio.gather(
            *(_bounded(what, look(settings, http)) for what, look in LOOKS.items())
        )
    findings = configuration.look(settings, unknown_variables())
    return findings + [finding for several in seen for finding in several]


async def _bounded(what: str, looking: Awaitable[list[Finding]]) -> list[Finding]:
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await looking
    except TimeoutError:
        todo = "something on the way swallows packets: look at firewall and DNS"
        return [error(what, f"no answer within {PATIENCE_S:.0f} s", todo)]
