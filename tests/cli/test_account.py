"""The menu and the codes, put to WeChat from the command line."""

import pytest
from aiohttp.test_utils import TestServer

from bootstrap import desk
from cli.account import create_code, push_menu, show_menu
from cli.trouble import CannotStart
from demo.load import FOLDER, load_demo
from sandbox.app import create_app
from sandbox.config import SandboxConfig, read_organisation
from settings import Settings

APP = {"oa_app_id": "wx1", "oa_app_secret": "oa-secret", "oa_token": "oatoken", "oa_aes_key": ""}
WECOM = {
    "wecom_corp_id": "ww1",
    "wecom_agent_id": "1",
    "wecom_secret": "wecom-secret",
    "wecom_token": "wecomtoken",
    "wecom_aes_key": "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
}


@pytest.fixture
async def settings(sqlite_url):
    organisation = read_organisation(FOLDER / "organisation.toml", FOLDER / "models.toml")
    nowhere = "http://127.0.0.1:1"
    config = SandboxConfig(product_url=nowhere, organisation=organisation, **APP, **WECOM)
    async with TestServer(create_app(config)) as sandbox:
        base = str(sandbox.make_url("")).rstrip("/")
        found = Settings(secret_key="k" * 32, database_url=sqlite_url, oa_api_base=base, **APP)
        async with desk(found) as opened:
            await load_demo(opened.bus.execute)
        yield found


async def test_the_menu_of_the_file_is_what_wechat_shows_afterwards(settings):
    assert await push_menu(settings) == 3

    shown = (await show_menu(settings))["button"]
    assert [button["name"] for button in shown] == ["看车", "预约试驾", "找我们"]


@pytest.mark.parametrize(("name", "begins"), [("cc01.svg", b"<?xml"), ("cc01.png", b"\x89PNG")])
async def test_a_code_is_made_and_drawn(settings, tmp_path, name, begins):
    picture = tmp_path / name
    scene, url = await create_code(settings, "dealer", "CC01", picture, None)

    assert scene == "dealer_CC01"
    assert url.startswith("http")
    assert picture.read_bytes().startswith(begins)


@pytest.mark.parametrize(
    ("kind", "value", "picture", "reason"),
    [
        ("dealer", "CC99", None, "there is no dealer CC99"),
        ("staff", "nobody", None, "there is no staff nobody"),
        ("campaign", "x" * 80, None, "64"),
        ("campaign", "spring", "code.gif", "png"),
    ],
)
async def test_a_code_for_nobody_is_not_printed(settings, tmp_path, kind, value, picture, reason):
    with pytest.raises(CannotStart, match=reason):
        await create_code(settings, kind, value, tmp_path / picture if picture else None, None)


async def test_without_an_account_it_is_said_what_to_set(sqlite_url):
    with pytest.raises(CannotStart, match="LEADLOOP_OA_APP_ID"):
        await show_menu(Settings(secret_key="k" * 32, database_url=sqlite_url))


async def test_a_refusal_of_wechat_is_one_line(settings):
    wrong = settings.model_copy(update={"oa_app_id": "wx2"})
    with pytest.raises(CannotStart, match="WeChat refused"):
        await push_menu(wrong)
