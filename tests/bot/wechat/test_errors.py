"""Every code WeChat is known to answer has one reaction per channel, and none leaks a secret."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.wechat.envelope import Channel
from bot.wechat.errors import (
    REACTIONS,
    Busy,
    CodeAlreadyUsed,
    ConfigurationAlarm,
    OurBug,
    QuotaUsedUp,
    RecipientInvalid,
    RecipientOptedOut,
    RecipientQuotaUsedUp,
    Refused,
    SignInCodeBad,
    SubscriptionUsedUp,
    TemplateUnknown,
    TicketStale,
    TokenStale,
    TryLater,
    UnknownOutcome,
    WeChatError,
    WindowClosed,
    error_code,
    map_error,
)

CHINA = timezone(timedelta(hours=8))
NOT_THERE = Refused  # the platform documents no such code on that channel

TABLE: list[tuple[list[int], type[WeChatError], type[WeChatError]]] = [
    # codes, official account, WeCom
    ([-1], Busy, Busy),
    ([40001], TokenStale, ConfigurationAlarm),
    ([40014, 42001, 41001], TokenStale, TokenStale),
    ([40029], SignInCodeBad, SignInCodeBad),
    ([40163, 42003], SignInCodeBad, NOT_THERE),
    ([40003], RecipientInvalid, RecipientInvalid),
    ([46004], RecipientInvalid, NOT_THERE),
    ([60111], NOT_THERE, RecipientInvalid),
    ([43004], RecipientInvalid, RecipientInvalid),
    ([43101], SubscriptionUsedUp, NOT_THERE),
    ([40037], TemplateUnknown, NOT_THERE),
    ([45009], QuotaUsedUp, QuotaUsedUp),
    ([45011], TryLater, NOT_THERE),
    ([45033], NOT_THERE, TryLater),
    ([45015], WindowClosed, NOT_THERE),
    ([45047], RecipientQuotaUsedUp, NOT_THERE),
    ([48001], ConfigurationAlarm, NOT_THERE),
    ([48002], RecipientOptedOut, ConfigurationAlarm),
    ([48004], ConfigurationAlarm, ConfigurationAlarm),
    ([50001, 50002], ConfigurationAlarm, ConfigurationAlarm),
    ([50003], NOT_THERE, ConfigurationAlarm),
    ([40164, 61004, 40243], ConfigurationAlarm, NOT_THERE),
    ([60020], NOT_THERE, ConfigurationAlarm),
    ([81013, 60011, 60021], NOT_THERE, RecipientInvalid),
    ([301002, 40056], NOT_THERE, ConfigurationAlarm),
    ([45002, 44004, 40058, 47001], OurBug, OurBug),
    ([42012], NOT_THERE, TicketStale),
    ([42022], NOT_THERE, CodeAlreadyUsed),
    # named elsewhere than in the platform's table of codes
    ([40013, 40125], ConfigurationAlarm, ConfigurationAlarm),
    ([43012], NOT_THERE, ConfigurationAlarm),
    ([84061, 40096], NOT_THERE, RecipientInvalid),
    ([41050], NOT_THERE, CodeAlreadyUsed),
    ([*range(42014, 42022), *range(42027, 42052)], NOT_THERE, OurBug),
]
ROWS = [
    (channel, code, error)
    for codes, oa, wecom in TABLE
    for code in codes
    for channel, error in (("oa", oa), ("wecom", wecom))
]


@pytest.mark.parametrize(("channel", "code", "error"), ROWS)
def test_each_code_has_its_reaction(channel: Channel, code: int, error: type[WeChatError]):
    assert type(map_error(channel, "cgi-bin/x", {"errcode": code})) is error


def test_no_reaction_is_without_a_row_here():
    here = {(channel, code) for channel, code, error in ROWS if error is not NOT_THERE}
    assert set(REACTIONS) == here


def test_every_alarm_says_what_to_do():
    silent = [
        key
        for key, reaction in REACTIONS.items()
        if issubclass(reaction.error, ConfigurationAlarm) and not reaction.advice
    ]
    assert silent == []


def test_unlisted_codes_are_refusals_that_are_not_repeated():
    error = map_error("oa", "cgi-bin/x", {"errcode": 99999, "errmsg": "?"})
    assert type(error) is Refused
    assert error.code == 99999


@pytest.mark.parametrize("api", ["cgi-bin/stable_token", "cgi-bin/gettoken"])
@pytest.mark.parametrize("channel", ["oa", "wecom"])
def test_a_stale_token_where_tokens_are_fetched_is_a_wrong_secret(channel: Channel, api: str):
    error = map_error(channel, api, {"errcode": 40001})
    assert type(error) is ConfigurationAlarm
    assert error.advice == "check_secret"


def test_only_busy_answers_are_unsafe_to_repeat():
    def safe(code: int, *, idempotent: bool) -> bool:
        answer = {"errcode": code}
        return map_error("wecom", "cgi-bin/x", answer, idempotent=idempotent).retry_is_safe

    assert safe(-1, idempotent=True)
    assert not safe(-1, idempotent=False)
    assert safe(45033, idempotent=False)


class TestQuotas:
    def test_official_account_waits_for_midnight_in_china(self):
        error = map_error("oa", "cgi-bin/x", {"errcode": 45009})
        assert isinstance(error, QuotaUsedUp)
        evening = datetime(2026, 11, 24, 23, 59, tzinfo=CHINA)
        assert error.resume_at(evening) == datetime(2026, 11, 25, tzinfo=CHINA)
        assert error.resume_at(evening + timedelta(minutes=1)) == datetime(
            2026, 11, 26, tzinfo=CHINA
        )

    def test_midnight_is_chinas_wherever_the_clock_is(self):
        error = map_error("oa", "cgi-bin/x", {"errcode": 45009})
        assert isinstance(error, QuotaUsedUp)
        already_tomorrow_in_china = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)
        assert error.resume_at(already_tomorrow_in_china) == datetime(2026, 11, 26, tzinfo=CHINA)

    def test_wecom_waits_a_minute(self):
        error = map_error("wecom", "cgi-bin/x", {"errcode": 45009})
        assert isinstance(error, QuotaUsedUp)
        now = datetime(2026, 11, 24, tzinfo=CHINA)
        assert error.resume_at(now) == now + timedelta(seconds=60)

    def test_no_time_opens_a_customers_quota_again(self):
        error = map_error("oa", "cgi-bin/x", {"errcode": 45047})
        assert isinstance(error, RecipientQuotaUsedUp)
        assert error.resume_at(datetime(2026, 11, 24, tzinfo=CHINA)) is None


class TestWhatIsKept:
    OA_IP = "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: 61bb0a-11-22"
    WECOM_IP = (
        "not allow to access from your ip, hint: [1692931893194018412], from ip: 203.0.113.8"
    )

    def test_our_address_is_kept_where_it_is_the_reason(self):
        error = map_error("oa", "cgi-bin/stable_token", {"errcode": 40164, "errmsg": self.OA_IP})
        assert error.egress_ip == "203.0.113.7"
        error = map_error("wecom", "cgi-bin/gettoken", {"errcode": 60020, "errmsg": self.WECOM_IP})
        assert error.egress_ip == "203.0.113.8"

    def test_the_trace_for_tencents_support_is_kept(self):
        oa = map_error("oa", "cgi-bin/x", {"errcode": 40164, "errmsg": self.OA_IP})
        wecom = map_error("wecom", "cgi-bin/x", {"errcode": 60020, "errmsg": self.WECOM_IP})
        assert (oa.trace, wecom.trace) == ("61bb0a-11-22", "1692931893194018412")

    def test_nothing_else_of_the_message_is_told(self):
        message = "invalid credential access_token=SECRETTOKEN openid oLEAD1 phone 13800138000"
        error = map_error("oa", "cgi-bin/x", {"errcode": 40001, "errmsg": message})
        told = f"{error} {error!r} {vars(error)}"
        for secret in ("SECRETTOKEN", "oLEAD1", "13800138000"):
            assert secret not in told

    def test_the_error_names_channel_api_and_code(self):
        assert str(map_error("oa", "cgi-bin/x", {"errcode": 40003})) == "oa cgi-bin/x: 40003"
        assert str(UnknownOutcome("oa", "cgi-bin/x", None)) == "oa cgi-bin/x: no answer"


class TestErrorCode:
    @pytest.mark.parametrize(
        "answer", [{}, {"errcode": 0}, {"errcode": "0"}, {"errcode": None}, {"errmsg": "ok"}]
    )
    def test_absent_and_zero_are_success(self, answer: dict[str, object]):
        assert error_code(answer) == 0

    def test_numbers_in_text_are_numbers(self):
        assert error_code({"errcode": "40001"}) == 40001

    @pytest.mark.parametrize("code", ["bad", [1], {"a": 1}])
    def test_anything_else_is_no_answer(self, code: object):
        with pytest.raises(ValueError, match=r"errcode|invalid literal"):
            error_code({"errcode": code})
