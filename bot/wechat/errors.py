"""What WeChat's refusals mean, grouped by what we do next; the table itself is data.

The same number means different things on the two channels, so the table is keyed (channel, code).
No error carries WeChat's message text: it can hold tokens, ids and addresses. What is safe to keep
of it is `trace` (the rid or hint that Tencent's support asks for) and, where the refusal is about
our address, `egress_ip`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from types import MappingProxyType

from bot.wechat.envelope import Channel

BUSY = -1
CHINA = timezone(timedelta(hours=8))  # WeChat's quota day; China has no daylight saving

_TRACE = re.compile(r"\brid: ?([0-9A-Za-z-]{8,64})|\bhint: ?\[([0-9A-Za-z_-]{8,64})\]")
_EGRESS_IP = re.compile(
    r"\b(?:invalid ip|from ip:?) ?((?:\d{1,3}\.){3}\d{1,3}|[0-9A-Fa-f:]{3,39})"
)


class WeChatError(Exception):
    """A call did not succeed. `code` is WeChat's errcode, or None where no answer was readable.

    `retry_is_safe` says that the call certainly had no effect, or that repeating it has none.
    `advice` names the text that tells ops what to do; empty where nobody has to do anything.
    """

    def __init__(
        self,
        channel: Channel,
        api: str,
        code: int | None,
        *,
        retry_is_safe: bool = True,
        retry_after_s: float = 0,
        advice: str = "",
        trace: str = "",
        egress_ip: str = "",
    ) -> None:
        super().__init__(f"{channel} {api}: {'no answer' if code is None else code}")
        self.channel = channel
        self.api = api
        self.code = code
        self.retry_is_safe = retry_is_safe
        self.retry_after_s = retry_after_s
        self.advice = advice
        self.trace = trace
        self.egress_ip = egress_ip


class TicketStale(WeChatError):
    """Fetch the JS-SDK ticket again, with the token of the app it is for."""


class TryLater(WeChatError):
    """Wait `retry_after_s` (seconds), then send the same call again if `retry_is_safe`."""


class HeldBack(TryLater):
    """Not asked at all: WeChat would drop it now, or an earlier message has to come first."""


class TokenStale(TryLater):
    """The access token was refused: the client refreshes once and retries once, then it waits."""


class Busy(TryLater):
    """WeChat is busy or cannot be reached: back off with jitter."""


class UnknownOutcome(WeChatError):
    """Sent, but no readable answer: it may have happened. Retry only if `retry_is_safe`."""


class QuotaUsedUp(WeChatError):
    """A quota of this API is used up: stop calling it until `resume_at`."""

    def resume_at(self, now: datetime) -> datetime | None:
        """When to try again: the official account's quotas end at midnight in China."""
        if self.retry_after_s:
            return now + timedelta(seconds=self.retry_after_s)
        tomorrow = now.astimezone(CHINA).date() + timedelta(days=1)
        return datetime.combine(tomorrow, time(), CHINA).astimezone(now.tzinfo)


class RecipientQuotaUsedUp(QuotaUsedUp):
    """This customer gets no free message until they write again: template message or wait."""

    def resume_at(self, now: datetime) -> datetime | None:
        """No time opens this quota again, only the customer does."""
        return None


class WindowClosed(WeChatError):
    """Out of the customer's 48 hours: template message, or wait until they write."""


class SubscriptionUsedUp(WeChatError):
    """No accepted subscription is left: ask the customer for one again."""


class TemplateUnknown(WeChatError):
    """The account has no template of this id: whatever names it waits until it is corrected."""


class RecipientInvalid(WeChatError):
    """This recipient cannot be reached now or ever: mark them, never retry."""


class RecipientOptedOut(RecipientInvalid):
    """The customer refuses messages: record the opt-out."""


class SignInCodeBad(WeChatError):
    """The OAuth code is wrong, used or expired: start the sign-in once more."""


class CodeAlreadyUsed(WeChatError):
    """The card's response code (or a welcome code) is used up or expired: drop the update."""


class ConfigurationAlarm(WeChatError):
    """Only a person can mend this (see `advice`): alarm, stop calling, keep what waits."""


class OurBug(WeChatError):
    """We built a call WeChat cannot accept: dead-letter it with its payload."""


class Refused(WeChatError):
    """A code the table does not know: dead-letter and look it up."""


@dataclass(frozen=True, slots=True)
class Reaction:
    """What one code means on one channel."""

    error: type[WeChatError]
    retry_after_s: float = 0
    advice: str = ""


def map_error(
    channel: Channel,
    api: str,
    answer: Mapping[str, object],
    *,
    idempotent: bool = True,
) -> WeChatError:
    """Turn an answer with an errcode into the error that says what to do next.

    `idempotent` is a promise about the call: only then may a busy answer be repeated.
    """
    code = error_code(answer)
    reaction = REACTIONS.get((channel, code), _UNLISTED)
    if api in TOKEN_APIS and reaction.error is TokenStale:
        reaction = _WRONG_SECRET  # there is no token yet that could be stale
    message = str(answer.get("errmsg", ""))
    trace, ip = _TRACE.search(message), _EGRESS_IP.search(message)
    return reaction.error(
        channel,
        api,
        code,
        retry_is_safe=idempotent or code != BUSY,
        retry_after_s=reaction.retry_after_s,
        advice=reaction.advice,
        trace=(trace[1] or trace[2]) if trace else "",
        egress_ip=ip[1] if ip and reaction.advice == "allow_our_address" else "",
    )


def error_code(answer: Mapping[str, object]) -> int:
    """The errcode of an answer, 0 for success; ValueError where it is not a number."""
    code = answer.get("errcode") or 0
    if not isinstance(code, int | str):
        raise ValueError("the errcode is not a number")
    return int(code)


TOKEN_APIS = frozenset({"cgi-bin/stable_token", "cgi-bin/token", "cgi-bin/gettoken"})

_STALE = Reaction(TokenStale, retry_after_s=10)
_UNLISTED = Reaction(Refused)
_WRONG_SECRET = Reaction(ConfigurationAlarm, advice="check_secret")
_OUR_ADDRESS = Reaction(ConfigurationAlarm, advice="allow_our_address")
_PERMISSION = Reaction(ConfigurationAlarm, advice="grant_api_permission")
_BANNED = Reaction(ConfigurationAlarm, advice="api_banned")
_OUT_OF_SCOPE = Reaction(RecipientInvalid, advice="sync_visible_range")


def _both(codes: Iterable[int], reaction: Reaction) -> dict[tuple[Channel, int], Reaction]:
    return _oa(codes, reaction) | _wecom(codes, reaction)


def _oa(codes: Iterable[int], reaction: Reaction) -> dict[tuple[Channel, int], Reaction]:
    return {("oa", code): reaction for code in codes}


def _wecom(codes: Iterable[int], reaction: Reaction) -> dict[tuple[Channel, int], Reaction]:
    return {("wecom", code): reaction for code in codes}


REACTIONS: Mapping[tuple[Channel, int], Reaction] = MappingProxyType(
    _both([BUSY], Reaction(Busy))
    | _both([40014, 42001, 41001], _STALE)
    | _oa([40001], _STALE)
    | _wecom([40001], _WRONG_SECRET)
    | _both([40013, 40125], _WRONG_SECRET)
    | _both([40029], Reaction(SignInCodeBad))
    | _oa([40163, 42003], Reaction(SignInCodeBad))
    # Recipients
    | _both([40003], Reaction(RecipientInvalid))
    | _oa([46004], Reaction(RecipientInvalid))
    | _wecom([60111, 84061, 40096], Reaction(RecipientInvalid))
    | _both([43004], Reaction(RecipientInvalid))
    | _wecom([81013, 60011, 60021], _OUT_OF_SCOPE)
    | _oa([43101], Reaction(SubscriptionUsedUp))
    | _oa([40037], Reaction(TemplateUnknown))
    | _oa([48002], Reaction(RecipientOptedOut))
    | _oa([45015], Reaction(WindowClosed))
    | _oa([45047], Reaction(RecipientQuotaUsedUp))
    # Quotas: the official account's 45009 lasts until midnight, WeCom's at least a minute
    | _oa([45009], Reaction(QuotaUsedUp, advice="daily_quota_used_up"))
    | _wecom([45009], Reaction(QuotaUsedUp, retry_after_s=60))
    | _oa([45011], Reaction(TryLater, retry_after_s=60))
    | _wecom([45033], Reaction(TryLater, retry_after_s=1))
    # Only a person can mend these
    | _oa([48001], _PERMISSION)
    | _wecom([48002], _PERMISSION)
    | _both([48004], _BANNED)
    | _oa([50001], _PERMISSION)
    | _wecom([50001], Reaction(ConfigurationAlarm, advice="set_trusted_domain"))
    | _oa([50002], Reaction(ConfigurationAlarm, advice="user_restricted"))
    | _wecom([50002], Reaction(ConfigurationAlarm, advice="sync_visible_range"))
    | _wecom([50003], Reaction(ConfigurationAlarm, advice="enable_app"))
    | _oa([40164, 61004], _OUR_ADDRESS)
    | _wecom([60020], _OUR_ADDRESS)
    | _oa([40243], Reaction(ConfigurationAlarm, advice="unfreeze_secret"))
    | _wecom([301002, 40056], Reaction(ConfigurationAlarm, advice="check_agent_id"))
    | _wecom([43012], Reaction(ConfigurationAlarm, advice="set_callback_url"))
    # Ours
    | _both([45002, 44004, 40058, 47001], Reaction(OurBug))
    | _wecom([*range(42014, 42022), *range(42027, 42052)], Reaction(OurBug))
    | _wecom([42012], Reaction(TicketStale))
    | _wecom([42022, 41050], Reaction(CodeAlreadyUsed))
)
