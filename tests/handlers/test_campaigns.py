"""Planning and sending survive being done twice, at once, or half: nobody is touched twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.customer.touching import TouchVoice
from db.engine import Database
from db.models import (
    Campaign,
    Consent,
    Customer,
    CustomerAct,
    Enrolment,
    Identity,
    OutboxJob,
    Outcome,
    Profile,
    TimelineEvent,
    Touch,
)
from db.models.queues import RowState
from db.phone_vault import PhoneVault
from db.profiles import draw_range
from db.queue_rows import claim_due
from db.sql import rows
from domain.campaign_commands import (
    ArmTouches,
    BeginTouch,
    GiveBackTouch,
    LetGoTouches,
    PauseCampaign,
    PutCampaign,
    RecordTouch,
    RefillCampaigns,
    StartCampaign,
)
from domain.commands import HearCustomer, PutPolicy
from domain.errors import CountChanged, WrongState
from domain.people_commands import MergeCustomers, WithdrawConsent
from domain.privacy_commands import EraseCustomer
from handlers import enrolling
from handlers.bus import Bus, Surroundings
from handlers.remarketing import ReadyTouch
from tests.clock import FakeClock
from tests.eventually import eventually
from tests.journeys.loop import at
from texts.campaigns import ready_made

PEOPLE = 60


@pytest.fixture
async def bus(database: Database, clock: FakeClock) -> Bus:
    return Bus(Surroundings(database, PhoneVault("s" * 32), clock, "Asia/Shanghai"), lambda: None)


async def people(clock: FakeClock, number: int = PEOPLE) -> None:
    """Owners who follow the account, have just written to it, and want to hear from the brand."""
    ids = range(1, number + 1)
    now, told = clock.now, {"version": "t", "channel": "t", "obtained_at": clock.now}
    await Customer.bulk_create(
        [Customer(id=i, name=f"客户{i}", pool="owners", created_at=now) for i in ids]
    )
    await Identity.bulk_create(
        [Identity(customer_id=i, kind="openid", value=f"o{i}", created_at=now) for i in ids]
    )
    await Consent.bulk_create(
        [Consent(customer_id=i, purpose=p, **told) for i in ids for p in ("contact", "marketing")]
    )
    await CustomerAct.bulk_create(
        [CustomerAct(customer_id=i, kind="message", at=now) for i in ids]
    )
    await draw_range(1, number)


def owners(**changes: Any) -> dict[str, Any]:
    pool = {"field": "pool", "op": "eq", "value": "owners"}
    return {
        "name": "车主",
        "audience": {"on": "segment", "segment": pool},
        "holdout": 0.2,
        "steps": [
            {"by": ["message"], "text": "{name}您好"},
            {"wait_days": 10, "by": ["message"], "text": "还好吗"},
        ],
    } | changes


async def started(bus: Bus, code: str = "owners", **changes: Any) -> int:
    await bus.execute(PutCampaign(code, owners(**changes), "test"))
    await bus.execute(StartCampaign(code, "test"))
    return (await Campaign.get(code=code)).id


async def react(bus: Bus, clock: FakeClock) -> int:
    """Run what is due in the lane of reactions, once; how much it was."""
    refs = await claim_due("reactions", clock.ms(), 10, 30_000)
    for ref in refs:
        await bus.react(ref)
    return len(refs)


async def filled(bus: Bus, clock: FakeClock) -> None:
    while await react(bus, clock):
        pass


async def armed(bus: Bus) -> list[OutboxJob]:
    await bus.execute(ArmTouches())
    return await OutboxJob.filter(name="touch", state=RowState.READY).order_by("id")


def begin(job: OutboxJob, *tried: str) -> BeginTouch:
    return BeginTouch(job.id, int(job.data["enrolment_id"]), int(job.data["step"]), tried)


async def test_everybody_of_the_segment_joins_once_however_often_it_is_planned(
    bus: Bus, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(enrolling, "BATCH", 7)
    await people(clock)
    await started(bus)
    for _ in range(3):  # the worker dies here, in the middle of the chain
        await react(bus, clock)
    assert 0 < await Enrolment.all().count() < PEOPLE
    await bus.execute(PauseCampaign("owners", "test"))
    await bus.execute(StartCampaign("owners", "test"))  # a second chain beside the first
    await filled(bus, clock)

    joined = await Enrolment.all().order_by("customer_id")
    assert [row.customer_id for row in joined] == list(range(1, PEOPLE + 1))
    arms = Counter(row.arm for row in joined)
    assert 0 < arms["held_out"] < PEOPLE / 2
    assert all((row.state == "held_out") == (row.arm == "held_out") for row in joined)
    before = {row.customer_id: row.arm for row in joined}
    await bus.execute(PauseCampaign("owners", "test"))
    await bus.execute(StartCampaign("owners", "test"))
    await filled(bus, clock)
    assert {row.customer_id: row.arm for row in await Enrolment.all()} == before


async def test_two_relays_arm_everybody_once_and_never_the_held_out(
    bus: Bus, clock: FakeClock
) -> None:
    await people(clock)
    await started(bus)
    await filled(bus, clock)
    for _ in range(4):
        await asyncio.gather(bus.execute(ArmTouches()), bus.execute(ArmTouches()))
        clock.advance(seconds=5)

    jobs = await OutboxJob.filter(name="touch")
    meant = Counter(job.customer_id for job in jobs)
    wanted = set(await Enrolment.filter(arm="touched").values_list("customer_id", flat=True))
    assert set(meant) == wanted
    assert set(meant.values()) == {1}


async def test_touches_are_armed_at_the_pace_of_the_policy(bus: Bus, clock: FakeClock) -> None:
    await people(clock)
    await bus.execute(PutPolicy("brand", {"contact": {"touches_per_minute": 12}}, "test"))
    await started(bus, holdout=0)
    await filled(bus, clock)
    sent, per_minute = 0, []
    for second in range(0, 180, 2):
        for job in await armed(bus):
            await OutboxJob.filter(id=job.id).update(state=RowState.DONE)
            sent += 1
        if second % 60 == 58:
            per_minute.append(sent)
            sent = 0
        clock.advance(seconds=2)

    assert per_minute[0] <= 14  # the seconds before were free
    assert per_minute[1:] == [12, 12]


async def test_a_backlog_is_not_added_to(bus: Bus, clock: FakeClock) -> None:
    await people(clock)
    await bus.execute(PutPolicy("brand", {"contact": {"touches_per_minute": 10}}, "test"))
    await started(bus, holdout=0)
    await filled(bus, clock)
    for _ in range(20):
        await bus.execute(ArmTouches())
        clock.advance(minutes=1)
    assert await OutboxJob.filter(name="touch").count() == 10


async def test_who_is_merged_at_that_very_moment_is_touched_all_the_same(
    postgres_database: Database, clock: FakeClock
) -> None:
    vault = PhoneVault("s" * 32)
    bus = Bus(Surroundings(postgres_database, vault, clock, "Asia/Shanghai"), lambda: None)
    await people(clock, 1)
    await Customer.create(id=2, name="客户1", pool="owners", created_at=clock.now)
    await started(bus, holdout=0)
    await filled(bus, clock)
    (job,) = await armed(bus)
    merged, go = asyncio.Event(), asyncio.Event()

    async def holding(carry_out: Any) -> Any:
        result = await carry_out()
        merged.set()
        await go.wait()
        return result

    merging = asyncio.create_task(bus.execute(MergeCustomers(2, 1, "test"), around=holding))
    await merged.wait()
    beginning = asyncio.create_task(bus.execute(begin(job)))

    async def is_waiting() -> bool:
        found = await rows("SELECT 1 FROM pg_locks WHERE NOT granted")
        return bool(found)

    await eventually(is_waiting)
    go.set()
    await merging
    assert isinstance(await beginning, ReadyTouch)
    assert (await Touch.get()).customer_id == 2


async def test_a_touch_begun_twice_is_sent_once(bus: Bus, clock: FakeClock) -> None:
    await people(clock, 1)
    await started(bus, holdout=0)
    await filled(bus, clock)
    (job,) = await armed(bus)
    answers = await asyncio.gather(*(bus.execute(begin(job)) for _ in range(3)))
    assert [answer.lost for answer in answers if answer].count(False) == 1
    assert await Touch.all().count() == 1

    again: ReadyTouch = await bus.execute(begin(job))  # the worker had died before it recorded
    assert again.lost
    for _ in range(2):
        await bus.execute(RecordTouch(job.id, again.touch_id, "unknown", again.text))
    enrolment = await Enrolment.get(customer_id=1)
    assert (enrolment.step, enrolment.state) == (1, "waiting")
    assert (await Touch.get()).state == "unknown"
    assert await bus.execute(begin(job)) is None


async def test_what_certainly_did_not_leave_does_not_count(bus: Bus, clock: FakeClock) -> None:
    await people(clock, 1)
    await started(bus, holdout=0)
    await filled(bus, clock)
    (job,) = await armed(bus)
    first = await bus.execute(begin(job))
    await bus.execute(GiveBackTouch(first.touch_id))
    assert not (await bus.execute(begin(job))).lost


async def test_a_template_message_may_be_repeated_as_long_as_wechat_remembers(
    bus: Bus, clock: FakeClock
) -> None:
    await people(clock, 1)
    template = {"id": "T", "fields": {"thing1": "{name}"}}
    await started(bus, holdout=0, steps=[{"by": ["template"], "template": template}])
    await filled(bus, clock)
    (job,) = await armed(bus)
    first = await bus.execute(begin(job))
    assert (first.template_id, first.fields) == ("T", {"thing1": "客户1"})
    clock.advance(minutes=5)
    again = await bus.execute(begin(job))
    assert (again.touch_id, again.lost) == (first.touch_id, False)
    clock.advance(minutes=5)
    assert (await bus.execute(begin(job))).lost


@pytest.mark.parametrize("since", ["opted_out", "night", "no_consent"])
async def test_a_repeated_touch_is_decided_anew(bus: Bus, clock: FakeClock, since: str) -> None:
    """Perhaps it never left: then it would be the first they hear after asking for silence."""
    clock.now = at("20:58") if since == "night" else clock.now
    await people(clock, 1)
    template = {"id": "T", "fields": {"thing1": "{name}"}}
    await started(bus, holdout=0, steps=[{"by": ["template"], "template": template}])
    await filled(bus, clock)
    (job,) = await armed(bus)
    first = await bus.execute(begin(job))
    if since == "opted_out":
        await Customer.filter(id=1).update(opted_out_at=clock.now)
    elif since == "no_consent":
        await Consent.filter(purpose="marketing").update(withdrawn_at=clock.now)
    clock.advance(minutes=3)
    again = await bus.execute(begin(job))
    assert (again.touch_id, again.lost) == (first.touch_id, True)


async def test_nobody_waits_for_a_touch_that_was_given_up(bus: Bus, clock: FakeClock) -> None:
    await people(clock, 3)
    await started(bus, holdout=0)
    await filled(bus, clock)
    gone, dead, _ = await armed(bus)
    await OutboxJob.filter(id=gone.id).update(state=RowState.DISCARDED)
    await OutboxJob.filter(id=dead.id).update(state=RowState.DEAD)
    assert await bus.execute(LetGoTouches()) == 1
    ended = await Enrolment.get(state="over")
    assert (ended.customer_id, ended.reason) == (gone.customer_id, "given_up")
    await OutboxJob.filter(id=gone.id).delete()
    assert await bus.execute(LetGoTouches()) == 0


async def test_who_waited_until_nobody_watches_is_let_go(bus: Bus, clock: FakeClock) -> None:
    """Paused for so long that the words are out of season, and nobody would count the answer."""
    await people(clock, 1)
    await started(bus, holdout=0)
    await filled(bus, clock)
    await bus.execute(PauseCampaign("owners", "test"))
    clock.advance(days=10 + 30)
    await bus.execute(StartCampaign("owners", "test"))
    (job,) = await armed(bus)
    assert await bus.execute(begin(job)) is None
    ended = await Enrolment.get()
    assert (ended.state, ended.reason) == ("over", "too_late")


async def test_an_answer_ends_a_campaign_in_which_it_counts_no_more(
    bus: Bus, clock: FakeClock
) -> None:
    await people(clock, 1)
    await started(bus, holdout=0, watch_days=1)
    await filled(bus, clock)
    await bus.execute(PauseCampaign("owners", "test"))
    clock.advance(days=20)  # late, but not so late that nothing is said
    await bus.execute(StartCampaign("owners", "test"))
    await CustomerAct.create(customer_id=1, kind="message", at=clock.now)
    (job,) = await armed(bus)
    ready = await bus.execute(begin(job))
    await bus.execute(RecordTouch(job.id, ready.touch_id, "sent", ready.text))
    await bus.execute(HearCustomer("o1", "text", "好的"))
    ended = await Enrolment.get()
    assert (ended.state, ended.reason) == ("over", "answered")
    assert (await Touch.get()).answered_at == clock.now
    assert await Outcome.all().count() == 0


async def test_hours_are_changed_for_those_on_their_way_too(bus: Bus, clock: FakeClock) -> None:
    """The words stay those of the version they joined."""
    await people(clock, 2)
    await started(bus, holdout=0)
    await filled(bus, clock)
    today, other = await armed(bus)
    day = clock.now.astimezone(ZoneInfo("Asia/Shanghai")).date().isoformat()
    steps = [{"by": ["message"], "text": "新的话"}]
    await bus.execute(PutCampaign("owners", owners(send={"not_on": [day]}, steps=steps), "test"))
    assert await bus.execute(begin(today)) is None
    waiting = await Enrolment.get(id=int(today.data["enrolment_id"]))
    assert (waiting.state, waiting.reason) == ("waiting", "silent_hours")
    await bus.execute(PutCampaign("owners", owners(steps=steps), "test"))
    assert (await bus.execute(begin(other))).text == "客户2您好"


async def test_of_who_is_erased_while_it_is_sent_no_word_stays(bus: Bus, clock: FakeClock) -> None:
    await people(clock, 1)
    await started(bus, holdout=0)
    await filled(bus, clock)
    (job,) = await armed(bus)
    (ref,) = await claim_due("campaign", clock.ms(), 10, 30_000)
    ready = await bus.execute(begin(job))
    await bus.execute(EraseCustomer(1, "test"))
    await bus.execute(RecordTouch(job.id, ready.touch_id, "sent", ready.text))
    (line,) = await TimelineEvent.filter(kind="touch")
    assert "客户1" not in str(line.data)
    assert (await Enrolment.get()).reason == "erased"
    # had the worker died instead, the next one finds a job of which nothing is left
    await TouchVoice(bus, None, lambda: clock.now).deliver(await OutboxJob.get(id=job.id), ref)
    assert await Touch.all().count() == 1


async def test_two_campaigns_share_the_week(bus: Bus, clock: FakeClock) -> None:
    await people(clock, 1)
    for code in ("one", "two"):
        await started(bus, code, holdout=0)
    await filled(bus, clock)
    jobs = await armed(bus)
    assert len(jobs) == 2
    answers = await asyncio.gather(*(bus.execute(begin(job)) for job in jobs))
    assert [answer is None for answer in answers].count(True) == 1
    waiting = await Enrolment.get(state="waiting")
    assert (waiting.reason, waiting.due_at) == ("touched_lately", clock.now + timedelta(days=7))


async def test_a_number_far_from_the_truth_starts_nothing(bus: Bus, clock: FakeClock) -> None:
    await people(clock)
    await bus.execute(PutCampaign("owners", owners(), "test"))
    with pytest.raises(CountChanged) as refused:
        await bus.execute(StartCampaign("owners", "test", PEOPLE + 11))
    assert refused.value.facts == {"count": PEOPLE}
    assert (await Campaign.get()).state == "draft"
    await bus.execute(StartCampaign("owners", "test", PEOPLE - 2))
    with pytest.raises(WrongState):
        await bus.execute(StartCampaign("owners", "test"))


async def test_a_segment_is_looked_at_again_once_a_day(bus: Bus, clock: FakeClock) -> None:
    await people(clock, 5)
    segment = {"on": "segment", "segment": owners()["audience"]["segment"], "refill": True}
    await started(bus, audience=segment, again_after_days=30)
    await filled(bus, clock)
    await Customer.create(id=6, pool="owners", created_at=clock.now)
    await Consent.create(
        customer_id=6, purpose="marketing", version="t", channel="t", obtained_at=clock.now
    )
    await draw_range(6, 6)
    assert await bus.execute(RefillCampaigns()) == 0
    clock.advance(days=1)
    assert await bus.execute(RefillCampaigns()) == 1
    assert await bus.execute(RefillCampaigns()) == 0
    await filled(bus, clock)
    assert await Enrolment.filter(round=1).count() == 6

    clock.advance(days=60)  # long over: who may, takes part again, in the same arm
    await Enrolment.filter(state="waiting").update(state="over")
    await bus.execute(RefillCampaigns())
    await filled(bus, clock)
    rounds = await Enrolment.all().order_by("customer_id", "round")
    assert [row.round for row in rounds] == [1, 2] * 6
    arms = {(row.customer_id, row.arm) for row in rounds}
    assert len(arms) == 6


async def test_insurance_is_to_be_renewed_every_year(bus: Bus, clock: FakeClock) -> None:
    await people(clock, 1)
    bought = clock.now - timedelta(days=320)
    await Profile.filter(customer_id=1).update(delivered_at=bought)
    await bus.execute(PutCampaign("renewal", ready_made()["owner_renewal"], "test"))
    await bus.execute(StartCampaign("renewal", "test"))
    for _ in range(30):
        clock.advance(days=30)
        await bus.execute(RefillCampaigns())
        await filled(bus, clock)
        await Enrolment.filter(state="waiting").update(state="over")
    joined = await Enrolment.all().order_by("round")
    assert [(row.joined_at - bought).days for row in joined] == [350, 710, 1070]


async def test_everything_at_once_still_speaks_once_a_week(bus: Bus, clock: FakeClock) -> None:
    """Three campaigns, a job of each for everybody, begun by all workers at the same moment; one
    in four asks for silence at that very moment."""
    await people(clock, 12)
    for code in ("one", "two", "three"):
        await started(bus, code, holdout=0)
    await filled(bus, clock)
    jobs = await armed(bus)
    assert len(jobs) == 36
    silent = {3, 6, 9}
    orders = [WithdrawConsent(n, "customer") for n in silent]
    answers = await asyncio.gather(
        *(bus.execute(each) for each in (*map(begin, jobs), *orders, *map(begin, jobs)))
    )
    first = Counter(touch.customer_id for touch in await Touch.all())
    assert set(first.values()) == {1}
    assert set(first) >= set(range(1, 13)) - silent
    sent = [each for each in answers if isinstance(each, ReadyTouch) and not each.lost]
    assert len(sent) == len(first)
    for late in await asyncio.gather(*(bus.execute(begin(job)) for job in jobs)):
        assert late is None or late.lost
