"""The menu file becomes what WeChat takes, or a line that says what is wrong with it."""

import pytest

from bot.oa.menu import BadMenu, menu_body
from bot.understanding.catalogue import Catalogue
from bot.understanding.customer import understand_customer
from tests.clock import A_TUESDAY_MORNING
from texts import menu


def test_the_menu_of_the_house_is_taken() -> None:
    body = menu_body(menu.read(), "https://leads.example.cn")
    assert len(body["button"]) == 3


def test_every_sentence_of_the_menu_is_understood() -> None:
    keys = [
        entry["key"]
        for button in menu_body(menu.read(), "")["button"]
        for entry in button.get("sub_button", [button])
    ]
    meant = {key: understand_customer(key, A_TUESDAY_MORNING, Catalogue([])).label for key in keys}
    assert meant["转人工"] == "human"
    assert [key for key, label in meant.items() if label == "other"] == []


def test_a_page_may_be_ours() -> None:
    button = {"name": "我的", "page": "{public_url}/m/"}
    assert menu_body([button], "https://x.cn")["button"][0] == {
        "type": "view",
        "name": "我的",
        "url": "https://x.cn/m/",
    }


@pytest.mark.parametrize(
    "buttons",
    [
        [],
        [{"name": "一", "say": "一"}] * 4,
        [{"name": "六个", "below": [{"name": "一", "say": "一"}] * 6}],
        [{"name": "没有动作"}],
        [{"name": "两个动作", "say": "一", "page": "http://x"}],
        [{"say": "没有名字"}],
        [{"name": "名字太长太长", "say": "一"}],
        [{"name": "太长", "say": "长" * 43}],
    ],
)
def test_what_wechat_would_refuse_is_refused_here(buttons: list) -> None:
    with pytest.raises(BadMenu):
        menu_body(buttons, "")
