"""Only what WeChat signed comes in, and WeChat can read what goes out."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wechatpy.crypto import WeChatCrypto
from wechatpy.crypto.cryptography import WeChatCipher

from bot.wechat.envelope import MAX_BODY_BYTES, Credentials, Envelope, NotAuthentic

OA_KEY = "A" * 43
OA_APP = "wxba5fad812f8e6fb9"
OA_CIPHERTEXT = (
    "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZq"
    "zDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pe"
    "de2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebu"
    "fAlr7F9mFUPAJGj04="
)
OA_QUERY = {
    "signature": "899cf89e464efb63f54ddac96b0a0a235f53aa78",
    "timestamp": "1714112445",
    "nonce": "415670741",
    "encrypt_type": "aes",
    "msg_signature": "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3",
}
OA_BODY = f"<xml><ToUserName>gh</ToUserName><Encrypt><![CDATA[{OA_CIPHERTEXT}]]></Encrypt></xml>"
WECOM = Credentials("wx5823bf96d3bd56c7", "QDG6eK", "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C")
WECOM_ECHO = {
    "msg_signature": "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3",
    "timestamp": "1409659589",
    "nonce": "263014780",
    "echostr": (
        "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
    ),
}
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)


def at(timestamp: int) -> datetime:
    return datetime.fromtimestamp(timestamp, UTC)


def oa(aes_key: str = OA_KEY) -> Envelope:
    return Envelope(Credentials(OA_APP, "AAAAA", aes_key), "oa")


def wecom() -> Envelope:
    return Envelope(WECOM, "wecom")


def signed(*parts: str, token: str = WECOM.token) -> str:
    return hashlib.sha1("".join(sorted([token, *parts])).encode()).hexdigest()  # noqa: S324  # WeChat's choice


def sealed_by_wechat(clear: str, now: datetime = NOW) -> tuple[dict[str, str], bytes]:
    """What WeCom would post: wechatpy's encrypting side is the oracle."""
    timestamp = str(int(now.timestamp()))
    crypto = WeChatCrypto(WECOM.token, WECOM.aes_key, WECOM.app_id)
    body = crypto.encrypt_message(clear, "nonce", timestamp)
    signature = re.search(r"<MsgSignature><!\[CDATA\[(\w+)", body)[1]
    return {"msg_signature": signature, "timestamp": timestamp, "nonce": "nonce"}, body.encode()


def with_ciphertext(ciphertext: str, now: datetime = NOW) -> tuple[dict[str, str], bytes]:
    """Rightly signed, whatever is inside."""
    timestamp = str(int(now.timestamp()))
    query = {
        "msg_signature": signed(timestamp, "nonce", ciphertext),
        "timestamp": timestamp,
        "nonce": "nonce",
    }
    return query, f"<xml><Encrypt><![CDATA[{ciphertext}]]></Encrypt></xml>".encode()


def reason_of(query: dict[str, str], body: bytes, now: datetime = NOW) -> str:
    with pytest.raises(NotAuthentic) as refusal:
        wecom().open(query, body, now)
    return refusal.value.reason


class TestWeChatsOwnExamples:
    def test_official_account_url_is_verified_with_the_echo_as_received(self):
        query = {
            "signature": "f464b24fc39322e44b38aa78f5edd27bd1441696",
            "timestamp": "1714036504",
            "nonce": "1514711492",
            "echostr": "4375120948345356249",
        }
        assert oa().verify_url(query, at(1714036504)) == "4375120948345356249"
        assert oa(aes_key="").verify_url(query, at(1714036504)) == "4375120948345356249"

    def test_wecom_url_is_verified_with_the_decrypted_echo(self):
        assert wecom().verify_url(WECOM_ECHO, at(1409659589)) == "1616140317555161061"

    def test_clear_message_opens_in_plain_mode(self):
        query = {
            "signature": "899cf89e464efb63f54ddac96b0a0a235f53aa78",
            "timestamp": "1714037059",
            "nonce": "486452656",
        }
        assert oa(aes_key="").open(query, b"<xml/>", at(1714037059)) == b"<xml/>"

    def test_sealed_message_opens_to_its_json(self):
        payload = oa().open(OA_QUERY, OA_BODY.encode(), at(1714112445))
        assert b'"Event":"debug_demo"' in payload.replace(b" ", b"")

    def test_sealed_message_opens_from_a_json_envelope_too(self):
        escaped = OA_CIPHERTEXT.replace("/", "\\/")
        body = f'{{"ToUserName": "gh", "Encrypt": "{escaped}"}}'.encode()
        assert b"debug_demo" in oa().open(OA_QUERY, body, at(1714112445))

    def test_reply_is_sealed_to_the_published_ciphertext(self):
        entropy = {16: b"707722b803182950", 4: (415670741).to_bytes(4, "big")}
        envelope = Envelope(
            Credentials(OA_APP, "AAAAA", OA_KEY), "oa", entropy=lambda size: entropy[size]
        )
        reply = envelope.seal('{"demo_resp":"good luck"}', at(1713424427)).decode()
        assert (
            "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ=="
        ) in reply
        assert "1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1" in reply
        assert "<TimeStamp>1713424427</TimeStamp><Nonce><![CDATA[415670741]]></Nonce>" in reply


class TestCredentials:
    def test_empty_token_is_refused(self):
        with pytest.raises(ValueError, match="token is empty"):
            Credentials(OA_APP, "", OA_KEY)

    @pytest.mark.parametrize("key", ["A" * 42, "A" * 44, "A" * 42 + "=", "A" * 42 + " "])
    def test_key_of_another_shape_is_refused_without_being_told(self, key: str):
        with pytest.raises(ValueError, match="43 base64 characters") as refusal:
            Credentials(OA_APP, "token", key)
        assert key not in str(refusal.value)

    def test_wecom_without_a_key_is_refused(self):
        with pytest.raises(ValueError, match="no plain mode"):
            Envelope(Credentials("corp", "token", ""), "wecom")

    def test_secrets_stay_out_of_its_repr(self):
        assert WECOM.aes_key not in repr(WECOM)
        assert WECOM.token not in repr(WECOM)


class TestRefusals:
    def test_clear_body_is_refused_where_there_is_a_key(self):
        query = {
            "signature": signed("1714037059", "486452656", token="AAAAA"),
            "timestamp": "1714037059",
            "nonce": "486452656",
        }
        with pytest.raises(NotAuthentic) as refusal:
            oa().open(query, b"<xml><Content>hi</Content></xml>", at(1714037059))
        assert refusal.value.reason == "envelope"

    def test_sealed_body_without_its_own_signature_is_refused(self):
        query = {name: value for name, value in OA_QUERY.items() if name != "msg_signature"}
        with pytest.raises(NotAuthentic) as refusal:
            oa().open(query, OA_BODY.encode(), at(1714112445))
        assert refusal.value.reason == "missing"

    @pytest.mark.parametrize("name", ["msg_signature", "timestamp", "nonce"])
    def test_every_query_field_is_needed(self, name: str):
        query, body = sealed_by_wechat("<xml/>")
        assert reason_of({**query, name: ""}, body) == "missing"

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("msg_signature", "0" * 40),
            ("msg_signature", "签名"),
            ("msg_signature", "\ud800"),
            ("timestamp", "1764000001"),
            ("nonce", "other"),
        ],
    )
    def test_changed_query_is_refused(self, name: str, value: str):
        query, body = sealed_by_wechat("<xml/>")
        assert reason_of({**query, name: value}, body) == "signature"

    @pytest.mark.parametrize("seconds", [-301, 301])
    def test_old_and_future_requests_are_refused(self, seconds: int):
        query, body = sealed_by_wechat("<xml/>")
        assert reason_of(query, body, NOW + timedelta(seconds=seconds)) == "stale"

    @pytest.mark.parametrize("seconds", [-300, 0, 300])
    def test_a_redelivery_within_the_window_is_accepted(self, seconds: int):
        query, body = sealed_by_wechat("<xml/>")
        assert wecom().open(query, body, NOW + timedelta(seconds=seconds)) == b"<xml/>"

    @pytest.mark.parametrize("timestamp", ["tomorrow", "1" * 5000, "-1764000000", "１７６４"])
    def test_timestamps_that_are_no_seconds_are_refused(self, timestamp: str):
        ciphertext = "AAAA"
        query = {
            "msg_signature": signed(timestamp, "n", ciphertext),
            "timestamp": timestamp,
            "nonce": "n",
        }
        body = f"<xml><Encrypt>{ciphertext}</Encrypt></xml>".encode()
        assert reason_of(query, body) == "stale"

    def test_body_over_64_kib_is_refused_before_anything_else(self):
        assert reason_of({}, b" " * (MAX_BODY_BYTES + 1)) == "size"

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"<xml/>",
            b"<xml><Encrypt></Encrypt></xml>",
            b"<xml><Encrypt>AAAA</Encrypt><Encrypt>BBBB</Encrypt></xml>",
            b"<xml><Encrypt><![CDATA[AAAA</Encrypt></xml>",
            b'{"Encrypt": "AAAA", "Encrypt": "BBBB"}',
            b'{"Encrypt": 1}',
        ],
    )
    def test_anything_but_one_ciphertext_is_refused(self, body: bytes):
        query, _ = sealed_by_wechat("<xml/>")
        assert reason_of(query, body) == "envelope"

    @pytest.mark.parametrize(
        ("ciphertext", "reason"),
        [
            ("A", "base64"),
            ("AAAA=AAAA", "base64"),
            (base64.b64encode(b"x" * 16).decode(), "length"),
            (base64.b64encode(b"x" * 33).decode(), "length"),
            (base64.b64encode(b"x" * 32).decode(), "padding"),
        ],
    )
    def test_signed_nonsense_is_refused(self, ciphertext: str, reason: str):
        query, body = with_ciphertext(ciphertext)
        assert reason_of(query, body) == reason

    @pytest.mark.parametrize(
        ("clear", "reason"),
        [
            (b"r" * 16 + b"\0\0\0\x04hi", "length"),
            (b"r" * 16 + b"\0\0\0\x02hi" + b"another-corp", "receiver"),
            (b"r" * 16 + b"\0\0\0\x02hi" + WECOM.app_id.encode() + b"x", "receiver"),
            (b"r" * 16 + b"\xff\xff\xff\xffhi" + WECOM.app_id.encode(), "length"),
            (b"r" * 3, "length"),
        ],
    )
    def test_well_encrypted_lies_are_refused(self, clear: bytes, reason: str):
        padding = 32 - len(clear) % 32
        query, body = with_ciphertext(_aes(clear + bytes([padding]) * padding))
        assert reason_of(query, body) == reason

    @pytest.mark.parametrize("tail", [b"\0", b"\x21", b"\x01\x02", b"\x1f" * 30 + b"\x20"])
    def test_every_byte_of_the_padding_counts(self, tail: bytes):
        clear = b"r" * 16 + b"\0\0\0\x02hi"
        query, body = with_ciphertext(_aes(clear.ljust(64 - len(tail), b"x") + tail))
        assert reason_of(query, body) == "padding"

    def test_a_refusal_says_nothing_of_the_content(self):
        query, body = sealed_by_wechat("<xml>13800138000</xml>")
        with pytest.raises(NotAuthentic) as refusal:
            wecom().open({**query, "nonce": "13800138000"}, body, NOW)
        assert str(refusal.value) == "signature"
        assert refusal.value.__context__ is None

    def test_wecom_echo_that_is_no_text_is_refused(self):
        clear = b"r" * 16 + b"\0\0\0\x02\xff\xfe" + WECOM.app_id.encode()
        padding = 32 - len(clear) % 32
        ciphertext = _aes(clear + bytes([padding]) * padding)
        query, _ = with_ciphertext(ciphertext)
        with pytest.raises(NotAuthentic) as refusal:
            wecom().verify_url({**query, "echostr": ciphertext}, NOW)
        assert refusal.value.reason == "text"


class TestAgainstWechatpy:
    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400))
    def test_what_wechat_seals_we_open(self, clear: str):
        query, body = sealed_by_wechat(clear)
        assert wecom().open(query, body, NOW) == clear.encode()

    @given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=400))
    def test_what_we_seal_wechat_opens(self, clear: str):
        reply = wecom().seal(clear, NOW).decode()
        found = dict(re.findall(r"<(MsgSignature|TimeStamp|Nonce)>(?:<!\[CDATA\[)?(\w+)", reply))
        opened = WeChatCrypto(WECOM.token, WECOM.aes_key, WECOM.app_id).decrypt_message(
            reply, found["MsgSignature"], found["TimeStamp"], found["Nonce"]
        )
        assert opened == clear

    @settings(max_examples=200)
    @given(st.data())
    def test_changed_bytes_are_refused_or_change_nothing(self, data: st.DataObject):
        query, body = sealed_by_wechat("<xml><Content>试驾</Content></xml>")
        position = data.draw(st.integers(0, len(body) - 1))
        changed = bytearray(body)
        changed[position] = data.draw(st.integers(0, 255))
        try:
            opened = wecom().open(query, bytes(changed), NOW)
        except NotAuthentic:
            return
        assert opened == "<xml><Content>试驾</Content></xml>".encode()

    @settings(max_examples=200)
    @given(
        st.dictionaries(
            st.sampled_from(["signature", "msg_signature", "timestamp", "nonce", "echostr"]),
            st.text(max_size=50),
        ),
        st.binary(max_size=300),
    )
    def test_garbage_is_never_anything_but_not_authentic(self, query: dict[str, str], body: bytes):
        for envelope in (wecom(), oa(), oa(aes_key="")):
            with pytest.raises(NotAuthentic):
                envelope.open(query, body, NOW)
            with pytest.raises(NotAuthentic):
                envelope.verify_url(query, NOW)

    @given(st.binary(max_size=200))
    def test_signed_garbage_is_never_anything_but_not_authentic(self, sealed: bytes):
        query, body = with_ciphertext(base64.b64encode(sealed).decode())
        with pytest.raises(NotAuthentic):
            wecom().open(query, body, NOW)


class TestReplies:
    def test_no_reply_is_an_empty_body_even_where_replies_are_sealed(self):
        assert wecom().seal("", NOW) == b""

    def test_plain_mode_replies_in_clear(self):
        assert oa(aes_key="").seal("<xml>好</xml>", NOW) == "<xml>好</xml>".encode()

    def test_the_same_reply_is_never_sealed_the_same_way_twice(self):
        assert wecom().seal("<xml/>", NOW) != wecom().seal("<xml/>", NOW)


def _aes(padded: bytes) -> str:
    """Encrypt an already padded text with the key of the WeCom example."""
    crypto = WeChatCrypto(WECOM.token, WECOM.aes_key, WECOM.app_id)
    return base64.b64encode(WeChatCipher(crypto.key).encrypt(padded)).decode()
