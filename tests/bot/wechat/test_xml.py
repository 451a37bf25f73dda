"""A payload is read as it was meant or not at all; nothing in a reply's text can break out."""

from __future__ import annotations

import contextlib
import json
from datetime import UTC, datetime
from xml.parsers import expat

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wechatpy.replies import ArticlesReply, TextReply

from bot.wechat.xml import (
    MAX_DEPTH,
    MAX_NODES,
    Article,
    Unreadable,
    clean_text,
    clip_utf8,
    image_reply,
    news_reply,
    parse_payload,
    text_reply,
    transfer_reply,
    update_button_reply,
)

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


def xml(inner: str) -> bytes:
    return f"<xml>{inner}</xml>".encode()


class TestReading:
    def test_fields_are_text_and_children_nest(self):
        payload = xml("<MsgId>7234567890123456789</MsgId><A><B><![CDATA[试驾]]></B><C/></A>")
        assert parse_payload(payload) == {
            "MsgId": "7234567890123456789",
            "A": {"B": "试驾", "C": ""},
        }

    def test_repeated_children_become_a_list_in_their_order(self):
        payload = xml("<O>1</O><O>2</O><O>3</O>")
        assert parse_payload(payload) == {"O": ["1", "2", "3"]}

    def test_white_space_of_a_text_is_kept_and_between_tags_dropped(self):
        payload = xml("\n  <Content><![CDATA[  两行\n ]]></Content>\n")
        assert parse_payload(payload) == {"Content": "  两行\n "}

    def test_predefined_entities_and_character_references_are_understood(self):
        assert parse_payload(xml("<C>&lt;&amp;&#x1F600;</C>")) == {"C": "<&😀"}

    def test_forbidden_characters_are_dropped_rather_than_the_message(self):
        payload = "<xml><C><![CDATA[a\x08b\x00c\ufffe]]></C></xml>".encode()
        assert parse_payload(payload) == {"C": "abc"}

    def test_broken_utf8_costs_a_character_and_not_the_message(self):
        assert parse_payload(b"<xml><C>a\xffb</C></xml>") == {"C": "a\ufffdb"}

    def test_a_declared_encoding_does_not_matter(self):
        payload = '<?xml version="1.0" encoding="GBK"?><xml><C>好</C></xml>'.encode()
        assert parse_payload(payload) == {"C": "好"}

    def test_json_comes_in_the_same_shape(self):
        payload = json.dumps(
            {
                "MsgId": 7234567890123456789,
                "Lat": 43.886841,
                "List": [{"A": 1}, {"A": None}],
                "On": True,
                "Text": "x\x00\ud800y",
            }
        ).encode()
        assert parse_payload(payload) == {
            "MsgId": "7234567890123456789",
            "Lat": "43.886841",
            "List": [{"A": "1"}, {"A": ""}],
            "On": "true",
            "Text": "xy",
        }


class TestUnreadable:
    @pytest.mark.parametrize(
        "payload",
        [
            b"",
            b"hello",
            b"<xml>",
            b"<xml/>",
            b"<xml>text</xml>",
            b"<xml><a></b></xml>",
            b"<xml><a/></xml><xml/>",
            b"<xml>&undefined;<a/></xml>",
            b"{",
            b"[1]",
            b'{"a": }',
            b'{"a": 1} trailing',
        ],
    )
    def test_what_is_not_well_formed(self, payload: bytes):
        with pytest.raises(Unreadable):
            parse_payload(payload)

    @pytest.mark.parametrize(
        "declaration",
        [
            "<!DOCTYPE xml><xml><a>1</a></xml>",
            '<!DOCTYPE x [<!ENTITY a "b">]><xml><a>&a;</a></xml>',
            '<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml><a>1</a></xml>',
        ],
    )
    def test_doctypes(self, declaration: str):
        with pytest.raises(Unreadable, match="DOCTYPE"):
            parse_payload(declaration.encode())

    def test_depth_and_size_have_limits_that_wechat_never_reaches(self):
        def nested(depth: int) -> bytes:
            return b"<x>" * (depth - 1) + b"<y>1</y>" + b"</x>" * (depth - 1)

        assert parse_payload(nested(MAX_DEPTH))
        with pytest.raises(Unreadable, match="deep"):
            parse_payload(nested(MAX_DEPTH + 1))
        assert parse_payload(xml("<a/>" * (MAX_NODES - 1)))
        with pytest.raises(Unreadable, match="large"):
            parse_payload(xml("<a/>" * MAX_NODES))

    @pytest.mark.parametrize(
        "payload",
        [
            b'{"a":' * 60_000,
            b'{"a":' + b"[" * 11 + b"]" * 11 + b"}",
            b'{"a":[' + b"1," * 2000 + b"1]}",
        ],
    )
    def test_deep_and_large_json(self, payload: bytes):
        with pytest.raises(Unreadable):
            parse_payload(payload)

    @given(st.binary(max_size=300))
    def test_bytes_are_read_or_unreadable_and_nothing_else(self, payload: bytes):
        with contextlib.suppress(Unreadable):
            assert isinstance(parse_payload(payload), dict)

    @given(st.binary(max_size=100))
    def test_any_content_is_read_or_unreadable(self, content: bytes):
        try:
            assert set(parse_payload(b"<xml><C><![CDATA[" + content + b"]]></C></xml>")) == {"C"}
        except Unreadable:
            assert b"]]>" in content


class TestReplies:
    @given(TEXTS, TEXTS)
    def test_no_text_can_break_out_of_its_tag(self, content: str, name: str):
        read = parse_payload(text_reply(name, "me", content, NOW).encode())
        assert read.keys() == {"ToUserName", "FromUserName", "CreateTime", "MsgType", "Content"}
        assert read["MsgType"] == "text"

    def test_injected_nodes_stay_words(self):
        attack = "]]></Content><MsgType><![CDATA[news]]></MsgType><Content><![CDATA["
        assert parse_payload(text_reply("a", "b", attack, NOW).encode())["Content"] == attack

    def test_forbidden_characters_are_stripped(self):
        reply = text_reply("a", "b", "好\x00\x0b\ud800\uffff的\t\n", NOW)
        assert parse_payload(reply.encode())["Content"] == "好的\t\n"

    def test_reads_like_wechatpys(self):
        ours = parse_payload(text_reply("to", "from", "你好", NOW).encode())
        theirs = TextReply(content="你好", source="from", target="to", time=int(NOW.timestamp()))
        assert ours == parse_payload(theirs.render().encode())

    def test_news_read_like_wechatpys(self):
        articles = [Article("探岳", "长测", "https://example.com/1", "https://example.com/1.jpg")]
        theirs = ArticlesReply(source="from", target="to", time=int(NOW.timestamp()))
        theirs.add_article(
            {
                "title": "探岳",
                "description": "长测",
                "url": "https://example.com/1",
                "image": "https://example.com/1.jpg",
            }
        )
        ours = news_reply("to", "from", articles, NOW)
        assert parse_payload(ours.encode()) == parse_payload(theirs.render().encode())

    def test_the_other_kinds_carry_their_fields(self):
        assert parse_payload(image_reply("a", "b", "m1", NOW).encode())["Image"] == {
            "MediaId": "m1"
        }
        assert "TransInfo" not in parse_payload(transfer_reply("a", "b", NOW).encode())
        desk = parse_payload(transfer_reply("a", "b", NOW, "kf1@x").encode())
        assert desk["TransInfo"] == {"KfAccount": "kf1@x"}
        button = parse_payload(update_button_reply("a", "b", "已接单", NOW).encode())
        assert button["Button"] == {"ReplaceName": "已接单"}

    def test_long_texts_are_cut_at_2048_bytes_between_characters(self):
        content = parse_payload(text_reply("a", "b", "车" * 1000, NOW).encode())["Content"]
        assert content == "车" * (2048 // 3)


class TestTexts:
    @given(st.text(max_size=50), st.integers(0, 60))
    def test_clipping_gives_the_longest_beginning_that_fits(self, text: str, limit: int):
        text = clean_text(text)
        clipped = clip_utf8(text, limit)
        assert text.startswith(clipped)
        assert len(clipped.encode()) <= limit
        if clipped != text:
            assert len(text[: len(clipped) + 1].encode()) > limit

    @given(st.text(st.characters(), max_size=50))
    def test_cleaned_text_can_be_stored(self, text: str):
        assert "\x00" not in clean_text(text).encode().decode()

    def test_expat_is_the_parser_these_limits_were_tried_on(self):
        assert expat.version_info >= (2, 4, 1)  # refuses exponential entity growth by itself
