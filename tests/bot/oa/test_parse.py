"""Whatever a customer does on the official account arrives as one typed event."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.oa import parse as oa
from bot.oa.parse import parse
from bot.wechat.fields import EPOCH
from bot.wechat.xml import Unreadable

PAYLOADS = Path(__file__).parents[2] / "payloads" / "oa"
SENDER = "oLEAD0000000000000000000001"

EXPECTED: dict[str, tuple[type[oa.InboundEvent], dict[str, Any]]] = {
    "text": (oa.TextMessage, {"content": "探岳 周六下午能试驾吗", "menu_id": ""}),
    "text_menu_click": (oa.TextMessage, {"content": "满意", "menu_id": "101"}),
    "text_from_article": (oa.TextMessage, {"content": "多少钱"}),
    "image": (oa.ImageMessage, {"media_id": "media-image-1"}),
    "voice": (
        oa.VoiceMessage,
        {"media_id": "media-voice-1", "format": "amr", "recognition": "我想看看探岳。"},
    ),
    "voice_without_recognition": (oa.VoiceMessage, {"recognition": ""}),
    "video": (oa.VideoMessage, {"media_id": "media-video-1", "thumb_media_id": "media-thumb-1"}),
    "shortvideo": (oa.VideoMessage, {"media_id": "media-video-2"}),
    "location": (
        oa.LocationMessage,
        {"lat": 43.886841, "lng": 125.3245, "label": "吉林省长春市南关区人民大街"},
    ),
    "link": (oa.LinkMessage, {"title": "探岳试驾", "url": "https://example.com/tayron"}),
    "file": (oa.UnknownEvent, {"kind": "file"}),
    "miniprogrampage": (oa.UnknownEvent, {"kind": "miniprogrampage"}),
    "subscribe": (oa.Followed, {"scene": "", "ticket": ""}),
    "subscribe_scanned": (
        oa.Followed,
        {"scene": "dealer_CC01", "ticket": "gQH47joAAAAAAAAAASxodHRw"},
    ),
    "subscribe_after_payment": (oa.Followed, {"scene": ""}),
    "unsubscribe": (oa.Unfollowed, {}),
    "scan": (oa.Scanned, {"scene": "dealer_CC01", "ticket": "gQH47joAAAAAAAAAASxodHRw"}),
    "location_reported": (
        oa.LocationReported,
        {"lat": 43.886841, "lng": 125.3245, "precision_m": 119.38504},
    ),
    "click": (oa.MenuClicked, {"key": "TEST_DRIVE"}),
    "view": (oa.MenuViewed, {"url": "https://example.com/models"}),
    "view_miniprogram": (oa.MenuViewed, {"url": "pages/index/index"}),
    "scancode_push": (
        oa.MenuScanned,
        {"key": "SCAN_CAR", "scan_type": "qrcode", "waits": False},
    ),
    "scancode_waitmsg": (
        oa.MenuScanned,
        {"result": "https://example.com/car/1", "waits": True},
    ),
    "pic_sysphoto": (oa.MenuPicturesSent, {"key": "TRADE_IN", "count": 2}),
    "pic_photo_or_album": (oa.MenuPicturesSent, {"count": 2}),
    "pic_weixin": (oa.MenuPicturesSent, {"count": 2}),
    "location_select": (
        oa.MenuLocationPicked,
        {"key": "NEAREST", "lat": 43.886841, "lng": 125.3245, "poi": "人民广场"},
    ),
    "template_sent": (oa.TemplateSent, {"msgid": "200163836", "delivered": True}),
    "template_blocked": (oa.TemplateSent, {"status": "failed:user block", "delivered": False}),
    "mass_sent": (oa.MassSent, {"msgid": "1000001625", "sent": 75, "failed": 5}),
    "subscribe_msg_popup": (
        oa.SubscriptionsAnswered,
        {
            "answers": (
                oa.SubscriptionAnswer("TPL_TESTDRIVE", accepted=True),
                oa.SubscriptionAnswer("TPL_NEWS", accepted=False),
            )
        },
    ),
    "subscribe_msg_change": (
        oa.SubscriptionsAnswered,
        {"answers": (oa.SubscriptionAnswer("TPL_TESTDRIVE", accepted=False),)},
    ),
    "subscribe_msg_change_as_in_docs": (
        oa.SubscriptionsAnswered,
        {"answers": (oa.SubscriptionAnswer("TPL_TESTDRIVE", accepted=False),)},
    ),
    "subscribe_msg_sent": (
        oa.SubscriptionMessageSent,
        {"deliveries": (oa.SubscriptionDelivery("TPL_TESTDRIVE", "1864323726461255680", "0"),)},
    ),
    "kf_create_session": (oa.HumanSessionOpened, {"kf_account": "kf1@leadloop"}),
    "kf_close_session": (oa.HumanSessionClosed, {"kf_account": "kf1@leadloop"}),
    "kf_switch_session": (
        oa.HumanSessionSwitched,
        {"from_kf_account": "kf1@leadloop", "to_kf_account": "kf2@leadloop"},
    ),
    "user_info_modified": (oa.UserInfoModified, {"openid": "oLEAD0000000000000000000009"}),
    "user_authorization_revoke": (
        oa.AuthorizationRevoked,
        {"openid": "oLEAD0000000000000000000009", "revoke_info": "301"},
    ),
    "user_authorization_cancellation": (
        oa.AuthorizationCancelled,
        {"openid": "oLEAD0000000000000000000009"},
    ),
}


def recorded(name: str) -> bytes:
    return (PAYLOADS / f"{name}.xml").read_bytes()


def message(**fields: str) -> bytes:
    given_fields = {
        "ToUserName": "gh_1",
        "FromUserName": SENDER,
        "CreateTime": "1764036504",
        "MsgType": "text",
        "Content": "你好",
        "MsgId": "1",
    } | fields
    inner = "".join(
        f"<{name}><![CDATA[{value}]]></{name}>" for name, value in given_fields.items()
    )
    return f"<xml>{inner}</xml>".encode()


@pytest.mark.parametrize("name", EXPECTED)
def test_every_documented_type_is_understood(name: str):
    event = parse(recorded(name), "oa")
    kind, fields = EXPECTED[name]
    assert type(event) is kind
    assert {field: getattr(event, field) for field in fields} == fields
    assert event.sender == SENDER
    assert event.sent_at == datetime(2025, 11, 25, 2, 8, 24, tzinfo=UTC)


def test_every_recorded_payload_is_tested():
    assert {path.stem for path in PAYLOADS.iterdir()} == set(EXPECTED)


class TestMessageKey:
    def test_messages_are_known_by_their_id_as_text(self):
        event = parse(message(MsgId="18446744073709551615"), "oa")
        assert event.message_key == "oa:18446744073709551615"

    def test_a_redelivered_message_has_the_same_key_whatever_else_differs(self):
        first = parse(message(MsgId="7", CreateTime="1764036504"), "oa")
        again = parse(message(MsgId="7", CreateTime="1764036509"), "oa")
        assert first.message_key == again.message_key

    def test_two_apps_do_not_share_keys(self):
        assert parse(message(), "oa").message_key != parse(message(), "other").message_key

    def test_different_events_of_one_person_in_one_second_have_different_keys(self):
        keys = {
            parse(recorded(name), "oa").message_key
            for name in ("scan", "click", "location_reported", "template_sent", "template_blocked")
        }
        assert len(keys) == 5

    def test_the_order_of_fields_does_not_matter(self):
        click = recorded("click")
        head, event_tag, tail = click.partition(b"  <Event><![CDATA[CLICK]]></Event>\n")
        moved = head.replace(b"<xml>\n", b"<xml>\n" + event_tag) + tail
        assert parse(moved, "oa").message_key == parse(click, "oa").message_key

    def test_an_event_is_not_known_by_an_id_it_carries(self):
        """Only messages have an id of their own; an event's speaks of something else."""
        events = [
            parse(message(MsgType="event", Event="CLICK", EventKey=key, MsgId="9"), "oa")
            for key in ("A", "B")
        ]
        assert events[0].message_key != events[1].message_key

    def test_the_id_inside_an_event_is_not_the_events_own(self):
        reports = [
            parse(recorded("template_sent").replace(b"success", status), "oa")
            for status in (b"success", b"failed: system failed")
        ]
        assert reports[0].message_key != reports[1].message_key


class TestMalformed:
    @pytest.mark.parametrize(
        "fields",
        [
            {"FromUserName": ""},
            {"CreateTime": ""},
            {"CreateTime": "yesterday"},
            {"CreateTime": "-5"},
            {"CreateTime": "9" * 18},
            {"CreateTime": "٣"},
            {"MsgType": ""},
            {"MsgType": "location", "Location_X": "north", "Location_Y": "1"},
            {"MsgType": "location", "Location_X": "nan", "Location_Y": "1"},
            {"MsgType": "location", "Location_X": "91", "Location_Y": "1"},
            {"MsgType": "location", "Location_X": "1"},
            {"MsgType": "image"},
            {"MsgType": "event", "Event": ""},
            {"MsgType": "event", "Event": "SCAN", "EventKey": ""},
            {"MsgType": "event", "Event": "brand_new"},
        ],
    )
    def test_unusable_messages_are_unknown_events(self, fields: dict[str, str]):
        assert type(parse(message(**fields), "oa")) is oa.UnknownEvent

    @pytest.mark.parametrize("field", ["MsgType", "FromUserName", "CreateTime", "Content"])
    def test_a_field_that_comes_twice_is_not_guessed(self, field: str):
        twice = message().replace(b"</xml>", f"<{field}>x</{field}></xml>".encode())
        assert type(parse(twice, "oa")) is oa.UnknownEvent

    def test_an_unknown_event_keeps_what_could_be_read(self):
        event = parse(message(MsgType="hologram", CreateTime="soon"), "oa")
        assert isinstance(event, oa.UnknownEvent)
        assert (event.kind, event.sender, event.sent_at) == ("hologram", SENDER, EPOCH)
        assert event.raw["Content"] == "你好"
        assert event.message_key == "oa:1"

    def test_no_format_at_all_is_unreadable(self):
        with pytest.raises(Unreadable):
            parse(b"hello", "oa")

    @given(
        st.dictionaries(
            st.sampled_from(
                ["MsgType", "Event", "EventKey", "FromUserName", "CreateTime", "MsgId", "List"]
            ),
            st.one_of(
                st.sampled_from(["event", "text", "SCAN", "subscribe", "1764036504", "location"]),
                st.text(st.characters(codec="ascii", categories=["L", "N"]), max_size=10),
            ),
            min_size=1,
        )
    )
    def test_no_combination_of_fields_is_an_exception(self, fields: dict[str, str]):
        inner = "".join(f"<{name}>{value}</{name}>" for name, value in fields.items())
        assert isinstance(parse(f"<xml>{inner}</xml>".encode(), "oa"), oa.InboundEvent)


class TestJson:
    def test_json_callbacks_are_the_same_events(self):
        payload = (
            b'{"ToUserName":"gh_1","FromUserName":"o1","CreateTime":1764036504,'
            b'"MsgType":"text","Content":"hi","MsgId":24542123345678901}'
        )
        event = parse(payload, "oa")
        assert isinstance(event, oa.TextMessage)
        assert event.message_key == "oa:24542123345678901"

    @pytest.mark.parametrize(
        "listed",
        [
            '{"TemplateId":"T","SubscribeStatusString":"accept"}',
            '[{"TemplateId":"T","SubscribeStatusString":"accept"}]',
        ],
    )
    def test_one_answer_comes_as_an_object_or_a_list(self, listed: str):
        payload = (
            '{"FromUserName":"o1","CreateTime":1764036504,"MsgType":"event",'
            f'"Event":"subscribe_msg_popup_event","List":{listed}}}'
        )
        event = parse(payload.encode(), "oa")
        assert isinstance(event, oa.SubscriptionsAnswered)
        assert event.answers == (oa.SubscriptionAnswer("T", accepted=True),)


def test_an_account_without_a_sender_is_still_erased():
    payload = recorded("user_authorization_cancellation")
    nameless = payload.replace(SENDER.encode(), b"")
    event = parse(nameless, "oa")
    assert isinstance(event, oa.AuthorizationCancelled)
    assert event.openid == "oLEAD0000000000000000000009"


def test_logs_of_an_event_show_no_person_and_no_words():
    shown = repr(parse(message(Content="我的电话13800138000"), "oa"))
    assert shown == "<TextMessage oa:1>"
