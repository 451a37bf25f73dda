"""Remember that WeChat keeps saying no, and stay quiet for a growing while.

A wrong secret or an address that is not on the list does not mend itself by asking again; asking
again is what gets an address banned for an hour.
"""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from bot.wechat.envelope import Channel
from bot.wechat.errors import (
    BUSY,
    QuotaUsedUp,
    TryLater,
    UnknownOutcome,
    WeChatError,
    map_error,
)

LASTING_PAUSE_S = (60.0, 600.0)  # first, longest: a person has to act
PASSING_PAUSE_S = (1.0, 30.0)  # busy, unreachable


@dataclass(frozen=True, slots=True)
class Pause:
    """No call before `until` (epoch seconds) because of `code`, the `failures`-th time running."""

    until: float
    failures: int
    lasting: bool
    code: int
    egress_ip: str

    def remaining_s(self, now: datetime) -> float:
        """Seconds still to wait; 0 when the next call may try."""
        return max(0.0, self.until - now.timestamp())

    @property
    def until_at(self) -> datetime:
        """The end of the pause, aware UTC."""
        return datetime.fromtimestamp(self.until, UTC)

    def refusal(self, channel: Channel, api: str, now: datetime) -> WeChatError:
        """What WeChat said, said again, with the wait that is left."""
        error = map_error(channel, api, {"errcode": self.code})
        error.retry_after_s, error.egress_ip = self.remaining_s(now), self.egress_ip
        return error

    def to_text(self) -> str:
        """For the shared store; holds no secret."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str | None) -> "Pause | None":
        """Read what `to_text` wrote; None for nothing or for anything else."""
        try:
            return cls(**json.loads(text)) if text else None
        except (ValueError, TypeError):
            return None


def next_pause(before: Pause | None, now: datetime, error: WeChatError) -> Pause:
    """The pause after one more failure: twice as long each time, up to the longest.

    A quota is waited for as long as it takes. Where WeChat gave no code at all the pause says
    busy: nothing was done, everything may be repeated.
    """
    lasting = not isinstance(error, TryLater | UnknownOutcome)
    first, longest = LASTING_PAUSE_S if lasting else PASSING_PAUSE_S
    failures = 1 + (before.failures if before and before.lasting == lasting else 0)
    doubled = min(first * 2 ** min(failures - 1, 16), longest)
    return Pause(
        until=now.timestamp() + max(doubled, _asked_s(error, now)),
        failures=failures,
        lasting=lasting,
        code=BUSY if error.code is None else error.code,
        egress_ip=error.egress_ip,
    )


def _asked_s(error: WeChatError, now: datetime) -> float:
    resume_at = error.resume_at(now) if isinstance(error, QuotaUsedUp) else None
    return (resume_at - now).total_seconds() if resume_at else error.retry_after_s
