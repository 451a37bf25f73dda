"""Signatures are Standard Webhooks': checked against the published example."""

from __future__ import annotations

from base64 import b64decode
from datetime import UTC, datetime

from webhooks.message import sealed_up, shown

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
RAW = b64decode(SECRET.removeprefix("whsec_"))
MOMENT = datetime.fromtimestamp(1614265330, UTC)
UID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
BODY = b'{"test": 2432232314}'
PUBLISHED = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_published_example_comes_out() -> None:
    message = sealed_up(UID, BODY, [RAW], MOMENT)

    assert message.headers["webhook-id"] == UID
    assert message.headers["webhook-timestamp"] == "1614265330"
    assert message.headers["webhook-signature"] == PUBLISHED
    assert message.body == BODY


def test_a_secret_is_shown_the_way_receivers_expect_it() -> None:
    assert shown(RAW) == SECRET


def test_while_a_secret_changes_both_sign_the_new_one_first() -> None:
    both = sealed_up(UID, BODY, [b"n" * 32, RAW], MOMENT).headers["webhook-signature"].split(" ")

    assert len(both) == 2
    assert both[1] == PUBLISHED
    assert both[0] == sealed_up(UID, BODY, [b"n" * 32], MOMENT).headers["webhook-signature"]
