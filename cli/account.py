"""`menu` and `qrcode`: what the official account shows, and the codes that lead to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import segno

import bootstrap
from bot.oa.menu import BadMenu, menu_body
from bot.wechat.client import Connection, OfficialAccountClient
from bot.wechat.errors import Refused, WeChatError
from cli.storage import database_needed
from cli.trouble import CannotStart
from db.models import Dealer, Staff
from domain.scenes import scene_text
from settings import Settings
from texts import menu

NO_MENU = 46003
PICTURES = (".png", ".svg")
SCALE = 10  # pixels a module of the picture


async def show_menu(settings: Settings) -> dict[str, Any]:
    """The menu as WeChat has it now; empty when there is none."""
    async with account_of(settings) as account:
        try:
            found: dict[str, Any] = (await account.get("menu/get")).get("menu", {})
        except Refused as refusal:
            if refusal.code != NO_MENU:
                raise
            found = {}
    return found


async def push_menu(settings: Settings) -> int:
    """Replace the account's menu by that of the file. Returns how many buttons it has."""
    try:
        body = menu_body(menu.read(), settings.public_url)
    except BadMenu as fault:
        raise CannotStart(f"texts/menu.toml: {fault}") from None
    async with account_of(settings) as account:
        await account.push_menu(body)
    return len(body["button"])


async def create_code(
    settings: Settings, kind: str, value: str, picture: Path | None, days: int | None
) -> tuple[str, str]:
    """Make a code that leads to the account. Returns its scene and address. Raises CannotStart."""
    if picture and picture.suffix not in PICTURES:
        raise CannotStart("the picture is a .png or a .svg file")
    try:
        scene = scene_text(kind, value)
    except ValueError as fault:
        raise CannotStart(str(fault)) from None
    await _check_known(settings, kind, value)
    async with account_of(settings) as account:
        code = await account.create_qrcode(scene, expires_in_s=days * 86400 if days else None)
    if picture:
        segno.make(code.url, error="m").save(str(picture), scale=SCALE)
    return scene, code.url


async def _check_known(settings: Settings, kind: str, value: str) -> None:
    """A code for nobody would be printed before anybody notices."""
    with database_needed(settings):
        async with bootstrap.desk(settings):
            known = {
                "dealer": Dealer.exists(code=value),
                "staff": Staff.exists(userid=value, active=True),
            }.get(kind)
            if known is not None and not await known:
                raise CannotStart(f"there is no {kind} {value}")


@asynccontextmanager
async def account_of(settings: Settings) -> AsyncIterator[OfficialAccountClient]:
    """The official account's client for one command; WeChat's refusals become one line."""
    if not settings.has_oa:
        raise CannotStart("no official account is configured: set LEADLOOP_OA_APP_ID and the rest")
    async with aiohttp.ClientSession() as http:
        connection = Connection(
            http=http, redis=None, clock=bootstrap.utc_now, app="oa", api_base=settings.oa_api_base
        )
        secret = settings.oa_app_secret.get_secret_value()
        try:
            yield OfficialAccountClient(settings.oa_app_id, secret, connection)
        except WeChatError as error:
            raise CannotStart(f"WeChat refused: {error}") from None
