"""One sandbox and one stand-in product, talking over real HTTP on free ports."""

from collections.abc import AsyncIterator

import pytest
from aiohttp.test_utils import TestClient, TestServer
from wechatpy.crypto import WeChatCrypto
from wechatpy.enterprise import WeChatCrypto as WeComCrypto

from sandbox.api import WORLD
from sandbox.app import create_app
from tests.clock import FakeClock
from tests.sandbox.platform import KEY, Platform, a_config
from tests.sandbox.product import FakeProduct


@pytest.fixture
async def platform(clock: FakeClock) -> AsyncIterator[Platform]:
    config = a_config(clock=lambda: clock.now.timestamp(), api_key="key")
    product = FakeProduct(
        WeChatCrypto(config.oa_token, KEY, config.oa_app_id),
        WeComCrypto(config.wecom_token, KEY, config.wecom_corp_id),
    )
    async with (
        TestServer(product.app()) as server,
        TestClient(TestServer(create_app(config))) as client,
    ):
        world = client.app[WORLD]
        world.product_url = world.public_url = f"http://127.0.0.1:{server.port}"
        yield Platform(client, world, product)
