"""Whatever a member does in the WeCom app, and whatever WeCom reports, is one typed event."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bot.wechat.xml import Unreadable
from bot.wecom import parse as wecom
from bot.wecom.parse import parse

PAYLOADS = Path(__file__).parents[2] / "payloads" / "wecom"
CODE = "s6yOtFBBrkDTfJ9Un7dYJ0mHvqFOqx1p"
CUSTOMER = "wmLEAD00000000000000000000000001"
EFFECTIVE = datetime.fromtimestamp(1764640000, UTC)

EXPECTED: dict[str, tuple[type[wecom.InboundEvent], dict[str, Any]]] = {
    "text": (wecom.TextMessage, {"content": "张先生已联系，周六下午来试驾", "sender": "WangFang"}),
    "image": (wecom.ImageMessage, {"media_id": "media-image-1"}),
    "voice": (wecom.VoiceMessage, {"media_id": "media-voice-1", "recognition": ""}),
    "video": (wecom.VideoMessage, {"media_id": "media-video-1"}),
    "location": (wecom.LocationMessage, {"lat": 43.886841, "lng": 125.3245}),
    "link": (wecom.LinkMessage, {"title": "活动", "url": "https://example.com/a"}),
    "subscribe": (wecom.MemberAdded, {"sender": "WangFang"}),
    "unsubscribe": (wecom.MemberRemoved, {"sender": "WangFang"}),
    "enter_agent": (wecom.EnteredAgent, {"sender": "WangFang"}),
    "location_reported": (wecom.LocationReported, {"lat": 43.886841, "precision_m": 60.0}),
    "click": (wecom.MenuClicked, {"key": "TODO_LIST"}),
    "view": (wecom.MenuViewed, {"url": "https://example.com/m/"}),
    "view_miniprogram": (wecom.MenuViewed, {"url": "pages/todo"}),
    "scancode_push": (wecom.MenuScanned, {"key": "SCAN_CAR", "waits": False}),
    "scancode_waitmsg": (wecom.MenuScanned, {"waits": True}),
    "pic_sysphoto": (wecom.MenuPicturesSent, {"count": 2}),
    "pic_photo_or_album": (wecom.MenuPicturesSent, {"count": 2}),
    "pic_weixin": (wecom.MenuPicturesSent, {"count": 2}),
    "location_select": (wecom.MenuLocationPicked, {"key": "CHECK_IN", "poi": "人民广场"}),
    "card_button": (
        wecom.CardClicked,
        {
            "task_id": "lead-42-1",
            "event_key": "accept",
            "response_code": CODE,
            "card_type": "button_interaction",
            "selected": {},
        },
    ),
    "card_text_notice": (wecom.CardClicked, {"card_type": "text_notice"}),
    "card_news_notice": (wecom.CardClicked, {"card_type": "news_notice"}),
    "card_button_with_selection": (wecom.CardClicked, {"selected": {"level": ("A",)}}),
    "card_vote": (wecom.CardClicked, {"selected": {"when": ("sat", "sun")}}),
    "card_multiple": (
        wecom.CardClicked,
        {"selected": {"level": ("H",), "models": ("tayron", "magotan")}},
    ),
    "card_menu": (wecom.CardMenuClicked, {"task_id": "lead-42-1", "event_key": "mute"}),
    "contact_create_user": (
        wecom.ContactChanged,
        {"change": "create_user", "subject": "ZhangSan", "sender": "sys"},
    ),
    "contact_update_user": (
        wecom.ContactChanged,
        {"change": "update_user", "subject": "ZhangSan", "new_userid": "zhangsan001"},
    ),
    "contact_delete_user": (wecom.ContactChanged, {"subject": "ZhangSan", "new_userid": ""}),
    "contact_create_party": (wecom.ContactChanged, {"change": "create_party", "subject": "2"}),
    "contact_update_party": (wecom.ContactChanged, {"change": "update_party", "subject": "2"}),
    "contact_delete_party": (wecom.ContactChanged, {"change": "delete_party", "subject": "2"}),
    "contact_update_tag": (wecom.ContactChanged, {"change": "update_tag", "subject": "1"}),
    "external_add_contact": (
        wecom.ExternalContactChanged,
        {
            "change": "add_external_contact",
            "userid": "WangFang",
            "external_userid": CUSTOMER,
            "state": "dealer_CC01",
            "welcome_code": "WELCOMECODE1",
        },
    ),
    **{
        f"external_{change}": (
            wecom.ExternalContactChanged,
            {"change": change, "external_userid": CUSTOMER, "welcome_code": ""},
        )
        for change in (
            "edit_external_contact",
            "add_half_external_contact",
            "del_external_contact",
            "del_follow_user",
            "transfer_fail",
            "msg_audit_approved",
        )
    },
    "external_chat_update": (
        wecom.ExternalChatChanged,
        {"change": "update", "chat_id": "wrLEAD0001", "detail": "add_member"},
    ),
    "external_tag_create": (
        wecom.ExternalTagChanged,
        {"change": "create", "tag_id": "etLEAD0001", "tag_type": "tag"},
    ),
    "kf_msg_or_event": (
        wecom.CustomerServiceWaiting,
        {
            "token": "ENCApHxnGDNAVNY4AaSJKj4Tb5mwsEMzxhFmHVGcra996NR",
            "open_kfid": "wkLEAD0001",
            "sender": "",
        },
    ),
    "batch_job_result": (wecom.BatchJobFinished, {"job_type": "sync_user", "error_code": "0"}),
    "open_approval_change": (wecom.ApprovalChanged, {"number": "201806010001"}),
    "sys_approval_change": (wecom.ApprovalChanged, {"number": "201909270001"}),
    "share_agent_change": (wecom.ShareChanged, {}),
    "share_chain_change": (wecom.ShareChanged, {}),
    "inactive_alert": (
        wecom.AppLifecycle,
        {"change": "inactive_alert", "effective_at": EFFECTIVE},
    ),
    "low_active_alert": (
        wecom.AppLifecycle,
        {"change": "low_active_alert", "effective_at": EFFECTIVE},
    ),
    **{
        change: (wecom.AppLifecycle, {"change": change, "effective_at": None})
        for change in (
            "close_inactive_agent",
            "reopen_inactive_agent",
            "low_active",
            "active_restored",
        )
    },
}


def recorded(name: str) -> bytes:
    return (PAYLOADS / f"{name}.xml").read_bytes()


@pytest.mark.parametrize("name", EXPECTED)
def test_every_documented_type_is_understood(name: str):
    event = parse(recorded(name), "wecom")
    kind, fields = EXPECTED[name]
    assert type(event) is kind
    assert {field: getattr(event, field) for field in fields} == fields
    assert event.sent_at == datetime(2025, 11, 25, 2, 8, 24, tzinfo=UTC)


def test_every_recorded_payload_is_tested():
    assert {path.stem for path in PAYLOADS.iterdir()} == set(EXPECTED)


def test_all_recorded_payloads_have_different_keys_except_messages():
    """All of them share one second, and the system's share one sender."""
    events = [parse(recorded(name), "wecom") for name in EXPECTED]
    hashed = [event.message_key for event in events if ":sha256:" in event.message_key]
    assert len(set(hashed)) == len(hashed) == len(EXPECTED) - 6


def test_two_clicks_on_one_card_are_two_events():
    first = recorded("card_button")
    second = first.replace(CODE.encode(), b"another-response-code")
    assert parse(first, "wecom").message_key != parse(second, "wecom").message_key
    assert parse(first, "wecom").message_key == parse(first, "wecom").message_key


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("text", b"WangFang", b""),
        ("card_button", b"lead-42-1", b""),
        ("card_vote", b"<QuestionKey><![CDATA[when]]></QuestionKey>", b""),
        ("card_vote", b"<OptionIds>", b"<OptionIds>x</OptionIds><OptionIds>"),
        ("card_vote", b"<OptionId><![CDATA[sat]]>", b"<OptionId><b>sat</b>"),
        ("contact_create_user", b"create_user", b""),
        ("contact_create_user", b"<UserID><![CDATA[ZhangSan]]></UserID>", b""),
        ("inactive_alert", b"1764640000", b"soon"),
        ("kf_msg_or_event", b"wkLEAD0001", b""),
        ("batch_job_result", b"<BatchJob>", b"<BatchJob>x</BatchJob><BatchJob>"),
    ],
)
def test_a_callback_without_what_its_type_promises_is_unknown(name: str, old: bytes, new: bytes):
    changed = recorded(name).replace(old, new)
    assert changed != recorded(name)
    assert type(parse(changed, "wecom")) is wecom.UnknownEvent


def test_a_new_event_of_wecoms_is_kept_as_unknown():
    event = parse(recorded("click").replace(b"[click]", b"[Brand_New]"), "wecom")
    assert isinstance(event, wecom.UnknownEvent)
    assert (event.kind, event.sender) == ("event.brand_new", "WangFang")


def test_no_format_at_all_is_unreadable():
    with pytest.raises(Unreadable):
        parse(b"<xml", "wecom")


def test_logs_of_a_click_show_neither_person_nor_code():
    shown = repr(parse(recorded("card_button"), "wecom"))
    assert "WangFang" not in shown
    assert CODE not in shown
