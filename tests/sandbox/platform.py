"""The sandbox in a test: as the product calls it, and as the two people hold it."""

from typing import Any

from aiohttp.test_utils import TestClient

from sandbox.config import Contact, Dealer, Organisation, SandboxConfig
from sandbox.world import World
from tests.sandbox.product import FakeProduct

KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"

ORGANISATION = Organisation(
    dealers=(Dealer("CC01", "长春净月店", "长春", 43.8, 125.3),),
    contacts=(
        Contact("wangfang", "王芳", "adviser", "CC01"),
        Contact("liqiang", "李强", "adviser", "CC01"),
        Contact("sunli", "孙丽", "store_manager", "CC01"),
    ),
    models=(("tayron", "探岳"),),
)


def a_config(**changes: Any) -> SandboxConfig:
    values: dict[str, Any] = {
        "oa_app_id": "wx5a4d8b0ff1e1c001",
        "oa_app_secret": "oa-secret",
        "oa_token": "oatoken",
        "oa_aes_key": KEY,
        "wecom_corp_id": "ww5a4d8b0ff1e1c002",
        "wecom_agent_id": "1000002",
        "wecom_secret": "wecom-secret",
        "wecom_token": "wecomtoken",
        "wecom_aes_key": KEY,
        "organisation": ORGANISATION,
        "retry_delay_s": 0.02,
        "callback_timeout_s": 0.3,
    }
    return SandboxConfig(**(values | changes))


class Platform:
    """The sandbox as the product sees it, and as the two people hold it."""

    def __init__(self, client: TestClient, world: World, product: FakeProduct) -> None:
        self.client, self.world, self.product = client, world, product

    async def control(self, method: str, path: str, body: Any = None, status: int = 200) -> Any:
        async with self.client.request(method, f"/sandbox/{path}", json=body) as response:
            assert response.status == status, await response.text()
            return await response.json()

    async def customer(self, action: str, openid: str = "oLiLei", **body: Any) -> Any:
        done = await self.control("POST", f"customers/{openid}/{action}", body)
        return done.get("delivery")

    async def member(self, action: str, userid: str = "wangfang", **body: Any) -> Any:
        done = await self.control("POST", f"staff/{userid}/{action}", body)
        return done.get("delivery")

    async def customer_phone(self, openid: str = "oLiLei") -> list[dict[str, Any]]:
        return (await self.control("GET", f"customers/{openid}/messages"))["messages"]

    async def member_phone(self, userid: str = "wangfang") -> list[dict[str, Any]]:
        return (await self.control("GET", f"staff/{userid}/messages"))["messages"]

    async def oa_token(self) -> str:
        body = {
            "grant_type": "client_credential",
            "appid": "wx5a4d8b0ff1e1c001",
            "secret": "oa-secret",
        }
        return (await self.call("stable_token", body))["access_token"]

    async def wecom_token(self) -> str:
        query = {"corpid": "ww5a4d8b0ff1e1c002", "corpsecret": "wecom-secret"}
        return (await self.call("gettoken", **query))["access_token"]

    async def call(self, path: str, body: Any = None, **query: str) -> Any:
        """One platform API, POST when there is a body. Answers come with status 200 or fail."""
        method = "GET" if body is None else "POST"
        url = f"/cgi-bin/{path}"
        async with self.client.request(method, url, params=query, json=body) as response:
            assert response.status == 200
            return await response.json(content_type=None)

    async def oa(self, path: str, body: Any = None, **query: str) -> Any:
        return await self.call(path, body, access_token=await self.oa_token(), **query)

    async def wecom(self, path: str, body: Any = None, **query: str) -> Any:
        return await self.call(path, body, access_token=await self.wecom_token(), **query)

    async def send_custom(self, words: str = "您好", openid: str = "oLiLei") -> int:
        body = {"touser": openid, "msgtype": "text", "text": {"content": words}}
        return (await self.oa("message/custom/send", body))["errcode"]

    async def send_text(self, words: str, to: str = "wangfang", **more: Any) -> Any:
        text = {"msgtype": "text", "text": {"content": words}, "agentid": 1000002}
        return await self.wecom("message/send", {"touser": to, **text, **more})

    async def send_card(self, card: dict[str, Any], to: str = "wangfang", **more: Any) -> Any:
        body = {"msgtype": "template_card", "template_card": card, "agentid": 1000002}
        return await self.wecom("message/send", {"touser": to, **body, **more})


def a_card(task_id: str = "lead-1", **changes: Any) -> dict[str, Any]:
    return {
        "card_type": "button_interaction",
        "main_title": {"title": "H 级新线索", "desc": "探岳"},
        "horizontal_content_list": [{"keyname": "来源", "value": "懂车帝"}],
        "task_id": task_id,
        "button_list": [
            {"text": "接单", "style": 1, "key": "accept"},
            {"text": "转派", "style": 2, "key": "transfer"},
        ],
        **changes,
    }
