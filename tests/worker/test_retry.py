"""What failed is tried again at the right time, or shown to people: never lost, never hammered."""

import pytest

from bot.wechat.errors import (
    Busy,
    ConfigurationAlarm,
    HeldBack,
    OurBug,
    QuotaUsedUp,
    RecipientInvalid,
    TryLater,
    UnknownOutcome,
    WeChatError,
)
from db import queue_rows
from db.errors import LeaseLost, StorageDown
from db.models import OutboxJob
from db.models.queues import RowState
from db.tries import MOST
from domain.errors import NotFound
from tests.clock import FakeClock
from tests.jobs import a_job
from worker.retry import POLICIES, RetryPolicy, attempt, error_text, verdict_of

pytestmark = pytest.mark.usefixtures("sqlite_database")


async def a_failed_run(
    clock: FakeClock, error: Exception, attempts: int = 1, *, before: str = "Busy: -1"
) -> OutboxJob:
    """Run one job whose handler raises `error`, as its `attempts`-th attempt; what the ones
    before it ended with."""
    job = await a_job(clock)
    failed = {"then": "later", "error": before, "at_ms": 0}
    story = [failed | {"number": n} for n in range(1, attempts)][-MOST:] or None
    await OutboxJob.filter(id=job.id).update(attempts=attempts - 1, tries=story)
    [ref] = await queue_rows.claim_due("urgent", clock.ms(), 1, 30_000)
    started = await queue_rows.begin(ref, clock.ms(), 30_000)
    assert started is not None

    async def work() -> None:
        raise error

    await attempt(work, started, clock.ms)
    await job.refresh_from_db()
    return job


def wechat_error(kind: type[WeChatError], **extra: object) -> WeChatError:
    return kind("wecom", "message/send", 1, **extra)  # type: ignore[arg-type]


def test_pauses_double_from_five_seconds_to_an_hour() -> None:
    policy = RetryPolicy()
    assert [policy.delay_s(n, 0) for n in (1, 2, 3, 10, 11, 40)] == [5, 10, 20, 2560, 3600, 3600]


def test_jitter_only_adds_and_never_more_than_a_fifth() -> None:
    assert RetryPolicy().delay_s(1, 1) == pytest.approx(6)


async def test_a_busy_platform_is_asked_again_later(clock: FakeClock) -> None:
    job = await a_failed_run(clock, wechat_error(Busy))
    assert job.state == RowState.READY
    assert 5_000 <= job.due_at_ms - clock.ms() <= 6_000
    assert job.error == "Busy: 1"


async def test_a_platform_that_says_when_is_asked_then(clock: FakeClock) -> None:
    job = await a_failed_run(clock, wechat_error(TryLater, retry_after_s=60))
    assert job.due_at_ms - clock.ms() == 60_000


async def test_what_we_hold_back_ourselves_waits_its_time_as_often_as_it_takes(
    clock: FakeClock,
) -> None:
    job = await a_failed_run(clock, wechat_error(HeldBack, retry_after_s=7), attempts=500)
    assert (job.state, job.due_at_ms - clock.ms()) == (RowState.READY, 7_000)


async def test_what_is_held_back_forgets_nothing_of_its_story(clock: FakeClock) -> None:
    """That WeCom may have it already has to be known however long it waits."""
    job = await a_failed_run(clock, wechat_error(HeldBack), attempts=2, before="UnknownOutcome")
    assert [run["error"] for run in job.tries or []] == ["UnknownOutcome"]


async def test_an_unknown_error_is_tried_again(clock: FakeClock) -> None:
    assert (await a_failed_run(clock, LookupError("a name"))).state == RowState.READY


async def test_after_the_last_attempt_the_row_is_buried(clock: FakeClock) -> None:
    last = POLICIES["urgent"].max_attempts
    assert (await a_failed_run(clock, wechat_error(Busy), last - 1)).state == RowState.READY
    assert (await a_failed_run(clock, wechat_error(Busy), last)).state == RowState.DEAD


@pytest.mark.parametrize("waited", ["QuotaUsedUp: 45009", "StorageDown", "Stopped"])
async def test_having_waited_uses_up_no_patience(clock: FakeClock, waited: str) -> None:
    """A message that waited hours for a quota is not given up at the first hiccup after it."""
    job = await a_failed_run(clock, wechat_error(Busy), attempts=500, before=waited)
    assert job.state == RowState.READY
    assert job.due_at_ms - clock.ms() <= 6_000


async def test_a_quota_is_waited_for_evenly(clock: FakeClock) -> None:
    quota = wechat_error(QuotaUsedUp, retry_after_s=60)
    job = await a_failed_run(clock, quota, attempts=12, before="QuotaUsedUp: 45009")
    assert job.due_at_ms - clock.ms() == 60_000


@pytest.mark.parametrize(
    "error", [wechat_error(RecipientInvalid), wechat_error(OurBug), NotFound("no lead 1")]
)
async def test_what_cannot_succeed_is_buried_at_once(clock: FakeClock, error: Exception) -> None:
    assert (await a_failed_run(clock, error)).state == RowState.DEAD


async def test_an_error_that_calls_itself_permanent_is_buried(clock: FakeClock) -> None:
    error = LookupError()
    error.permanent = True  # type: ignore[attr-defined]
    assert (await a_failed_run(clock, error)).state == RowState.DEAD


async def test_what_may_have_happened_is_repeated_only_if_that_is_safe(clock: FakeClock) -> None:
    safe = wechat_error(UnknownOutcome, retry_is_safe=True)
    unsafe = wechat_error(UnknownOutcome, retry_is_safe=False)
    assert (await a_failed_run(clock, safe)).state == RowState.READY
    assert (await a_failed_run(clock, unsafe)).state == RowState.DEAD


@pytest.mark.parametrize("error", [wechat_error(ConfigurationAlarm), StorageDown("away")])
async def test_what_a_person_must_mend_is_waited_for_as_long_as_it_takes(
    clock: FakeClock, error: Exception
) -> None:
    assert (await a_failed_run(clock, error, attempts=500)).state == RowState.READY


async def test_a_misconfiguration_is_not_hammered(clock: FakeClock) -> None:
    job = await a_failed_run(clock, wechat_error(ConfigurationAlarm))
    assert job.due_at_ms - clock.ms() >= 600_000


async def test_a_lost_lease_touches_nothing(clock: FakeClock) -> None:
    job = await a_failed_run(clock, LeaseLost("outbox:1:1"))
    assert (job.state, job.error) == (RowState.LEASED, "")


def test_the_words_of_an_error_are_not_kept() -> None:
    assert error_text(LookupError("13800001234")) == "LookupError"


def test_which_address_of_ours_was_refused_is_kept() -> None:
    refused = wechat_error(ConfigurationAlarm)
    refused.egress_ip = "203.0.113.9"
    assert error_text(refused).endswith(" from 203.0.113.9")


def every_error(kind: type[Exception]) -> list[type[Exception]]:
    return [kind, *(below for child in kind.__subclasses__() for below in every_error(child))]


@pytest.mark.parametrize("kind", every_error(WeChatError))
def test_every_wechat_error_has_a_verdict(kind: type[WeChatError]) -> None:
    assert verdict_of(wechat_error(kind)) is not None
