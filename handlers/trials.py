"""Trials: a step of a campaign tried out on one of a few people of our own.

No touch is written, so it counts for no cap and nothing is its merit. It is asked for, and looked
at once more as it leaves: agreement may be taken back in between.
"""

from dataclasses import dataclass
from datetime import timedelta

from db.models import Campaign, Customer, Enrolment, OutboxJob, Touch, TrialRecipient
from db.sql import take_turn
from domain.campaign import Channel, Flow
from domain.campaign_commands import (
    AddTrialRecipient,
    BeginTrial,
    RecordTrial,
    RemoveTrialRecipient,
    SendTrial,
)
from domain.consent import may_market
from domain.contact_limits import in_quiet_hours
from domain.errors import InvalidInput, NotFound, NotReachable, WrongState
from domain.phone import mask_in_text
from domain.remarketing import Standing
from domain.service_commands import SpendSubscription
from domain.trial import MOST_A_DAY, MOST_RECIPIENTS, TrialWay, may_receive, trial_way
from handlers import campaigns, consents, policies, standing, windows
from handlers.remarketing import WAYS, ReadyTouch, ready
from handlers.standing import Situation
from handlers.tx import Notice, Tx, to_ms

NAME = "trial"
STALE = timedelta(minutes=10)
"""Nobody waits for it any longer."""


@dataclass(frozen=True, slots=True)
class NoTrial:
    """Why it does not leave."""

    reason: str


async def add_recipient(command: AddTrialRecipient, tx: Tx) -> None:
    """Only who may be written to at all; twice is once."""
    await take_turn("trial_recipients")
    customer = await tx.get(Customer, command.customer_id)
    if customer.merged_into_id or customer.erased_at:
        raise NotFound("no such customer")
    silent = customer.opted_out_at is not None
    agreed = may_market(await consents.purposes_of(customer))
    if refusal := may_receive(Standing(opted_out=silent, may_market=agreed)):
        raise NotReachable("this customer may not be written to", reason=refusal)
    listed = await TrialRecipient.all().values_list("customer_id", flat=True)
    if customer.id in listed:
        return
    if len(listed) >= MOST_RECIPIENTS:
        raise NotReachable("the list is full", reason="list_full")
    tx.append(TrialRecipient(customer_id=customer.id, added_at=tx.now, added_by=command.by))


async def remove_recipient(command: RemoveTrialRecipient, tx: Tx) -> None:
    """No more trials to this customer."""
    if not await TrialRecipient.filter(customer_id=command.customer_id).delete():
        raise NotFound("not on the list")


async def send_trial(command: SendTrial, tx: Tx) -> str:
    """Hand a trial to the outbox; returns the number it is asked after by."""
    campaign = await Campaign.get_or_none(code=command.code)
    if campaign is None:
        raise NotFound(f"no campaign {command.code}")
    if campaign.state == "stopped":
        raise WrongState("a stopped campaign says nothing more", state=campaign.state)
    flow = await campaigns.flow_of(campaign.id, campaign.version)
    if command.step >= len(flow.steps):
        raise InvalidInput([("step", "there is no such step")])
    if not await _is_listed(command.customer_id):
        raise NotReachable("not on the list", reason="not_listed")
    customer = await tx.get(Customer, command.customer_id)
    await _check_often(customer.id, tx)
    data: dict[str, object] = {
        "campaign_id": campaign.id,
        "version": campaign.version,
        "step": command.step,
        "channel": command.channel,
        "by": command.by,
    }
    way, _ = await _look(customer, flow, data, tx)
    if way.channel is None:
        raise NotReachable("no trial can reach them now", reason=way.refusal)
    tx.notify(Notice(NAME, key_of(tx.mark), data, customer=customer.id, lane="urgent"))
    return tx.mark


async def begin_trial(command: BeginTrial, tx: Tx) -> ReadyTouch | NoTrial:
    """What to send now, with the facts of this moment."""
    job = await tx.see(OutboxJob, command.outbox_id)
    if not job.data:
        return NoTrial("erased")
    if to_ms(tx.now - STALE) > job.created_at_ms:
        return NoTrial("too_late")
    campaign_id, version = int(str(job.data["campaign_id"])), int(str(job.data["version"]))
    flow = await campaigns.flow_of(campaign_id, version)
    customer = await tx.get(Customer, job.customer_id)
    way, situation = await _look(customer, flow, job.data, tx)
    if way.channel is None:
        return NoTrial(way.refusal)
    step = int(str(job.data["step"]))
    return ready(Touch(step=step, channel=way.channel), flow, situation)


async def record_trial(command: RecordTrial, tx: Tx) -> None:
    """For whoever asked, and on the timeline, so that its reader knows it was a trial."""
    job = tx.watch(await tx.see(OutboxJob, command.outbox_id))
    way = WAYS.get(command.channel, command.channel) or "none"
    delivered = command.outcome != "unsent"
    job.result = {
        "outcome": "delivered" if delivered else "obsolete",
        "way": way if delivered else "none",
        "detail": command.outcome if delivered else command.reason,
    }
    if not delivered or not job.data or job.customer_id is None:
        return
    if command.channel == "notice":
        await windows.spend_subscription(SpendSubscription(job.customer_id), tx)
    campaign = await tx.see(Campaign, int(str(job.data["campaign_id"])))
    tx.note(
        NAME,
        str(job.data["by"]),
        customer_id=job.customer_id,
        campaign=campaign.name,
        way=command.channel,
        state=command.outcome,
        text=mask_in_text(command.text),
    )


def key_of(number: str) -> str:
    """What the outbox calls a trial."""
    return f"{NAME}:{number}"


async def _look(
    customer: Customer, flow: Flow, data: dict[str, object], tx: Tx
) -> tuple[TrialWay, Situation]:
    step = int(str(data["step"]))
    nowhere = Enrolment(customer_id=customer.id, step=step, watched_until=tx.now)
    situation = await standing.look(customer, nowhere, flow, tx)
    quiet = in_quiet_hours(tx.now, await policies.policy_for(situation.dealer), tx.tz)
    wanted: Channel | None = data["channel"]  # type: ignore[assignment]
    way = trial_way(flow.steps[step], situation.standing, wanted, quiet=quiet)
    listed = await _is_listed(customer.id)
    return way if listed else TrialWay(None, "not_listed"), situation


async def _is_listed(customer_id: int) -> bool:
    return await TrialRecipient.exists(customer_id=customer_id)


async def _check_often(customer_id: int, tx: Tx) -> None:
    since = to_ms(tx.now - timedelta(days=1))
    lately = OutboxJob.filter(customer_id=customer_id, name=NAME, created_at_ms__gt=since)
    if await lately.count() >= MOST_A_DAY:
        raise NotReachable("enough for one day", reason="too_often")
