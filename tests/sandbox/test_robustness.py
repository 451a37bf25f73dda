"""Whatever JSON arrives, the platform answers with an errcode; it never stumbles."""

from typing import Any
from unittest.mock import sentinel

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.api import Call
from sandbox.errors import Refused
from sandbox.oa import account, menu
from sandbox.oa import messages as oa_messages
from sandbox.wecom import directory
from sandbox.wecom import messages as wecom_messages
from sandbox.world import World
from tests.sandbox.platform import a_card, a_config

WORDS = st.sampled_from(["", "x", "wangfang", "o1"])
SCALAR = st.none() | st.booleans() | st.integers(-2, 9) | WORDS
ANYTHING = st.recursive(
    SCALAR,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["title", "key", "text", "id", "url"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)
ALL = [*account.APIS, *menu.APIS, *oa_messages.APIS, *wecom_messages.APIS, *directory.APIS]
POSTED = [api for api in ALL if api.method == "POST"]
VALID: dict[str, dict[str, Any]] = {
    "message/send": {
        "touser": "wangfang",
        "agentid": 1000002,
        "msgtype": "template_card",
        "template_card": a_card(),
        "text": {"content": "x"},
        "news": {"articles": [{"title": "a", "url": "https://example.com/"}]},
    },
    "message/update_template_card": {
        "agentid": 1000002,
        "userids": ["wangfang"],
        "template_card": a_card(),
    },
    "message/custom/send": {
        "touser": "o1",
        "msgtype": "news",
        "news": {"articles": [{"title": "a"}]},
    },
    "qrcode/create": {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "x"}}},
    "menu/create": {
        "button": [{"name": "a", "sub_button": [{"type": "click", "name": "b", "key": "k"}]}]
    },
}


@st.composite
def bodies(draw: st.DrawFn, path: str) -> dict[str, Any]:
    """A valid body with one thing in it, at any depth, replaced."""
    body = _copy(VALID.get(path, {}))
    place: Any = body
    for _ in range(draw(st.integers(0, 4))):
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        deeper = [key for key in keys if isinstance(place[key], dict | list) and place[key]]
        if not deeper:
            break
        place = place[draw(st.sampled_from(deeper))]
    keys = list(place) if isinstance(place, dict) else list(range(len(place)))
    place[draw(st.sampled_from(keys or ["touser"]))] = draw(ANYTHING)
    return body


def _copy(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copy(inner) for key, inner in value.items()}
    return [_copy(inner) for inner in value] if isinstance(value, list) else value


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_no_body_makes_the_platform_stumble(data: st.DataObject) -> None:
    api = data.draw(st.sampled_from(POSTED))
    world = World(a_config())
    world.customer("o1").subscribed = True
    code = world.deck.issue_code(wecom_messages.SentCard("t", "m", ["wangfang"]), world.now())
    body = data.draw(bodies(api.path)) | {"response_code": code}
    if api.path.startswith(("message/template", "message/subscribe")):
        body["template_id"] = ""  # these would post a callback
    try:
        answer = api.function(Call(world, sentinel.request, {}, body))
    except Refused as refusal:
        answer = refusal.body
    assert isinstance(answer, dict)
