"""Who joins a campaign: by what happened to a lead, or as a member of a segment.

A customer is in a campaign once (the database sees to it), so that joining may be done again
after a crash at any point. By chance, but for ever, some are left alone for comparison.
"""

from collections.abc import Sequence

from db.models import Campaign, Customer, Defeat, Enrolment, Lead
from db.queries.segments import members
from domain.campaign import HELD_OUT, OCCASIONS, OVER, TOUCHED, WAITING, Flow
from domain.consent import may_market
from domain.defeat import resistance
from domain.events import AudienceOpened, LeadClosed
from domain.holdout import is_held_out
from domain.lead import LeadState
from handlers import campaigns, consents, policies
from handlers.tx import Tx

BATCH = 500


async def join_by_occasion(event: LeadClosed, tx: Tx) -> None:
    """A weak defeat, a dormant lead, a delivery: the customer joins the campaigns about it."""
    if event.state not in OCCASIONS:
        return
    running = await Campaign.filter(state=campaigns.RUNNING, occasion=event.state).order_by("id")
    lead = await tx.see(Lead, event.lead_id)
    if not running or lead.state != event.state:
        return
    customer = await tx.see(Customer, lead.customer_id)
    if customer.opted_out_at or not may_market(await consents.purposes_of(customer)):
        return
    reason = await _reason(lead) if lead.state == LeadState.DEFEATED else None
    for campaign in running:
        flow = await campaigns.flow_of(campaign.id, campaign.version)
        if reason is None or await _is_about(flow, reason):
            await enrol(tx, campaign, flow, [customer.id], lead.id)


async def join_by_segment(event: AudienceOpened, tx: Tx) -> None:
    """The next batch of a segment joins; the batch after it is a job of the same transaction."""
    campaign = await tx.see(Campaign, event.campaign_id)
    flow = await campaigns.flow_of(campaign.id, campaign.version)
    wanted = await campaigns.members_of(flow)
    if campaign.state != campaigns.RUNNING or wanted is None:
        return
    found = await members(wanted, tx.now, after=event.after, limit=BATCH)
    await enrol(tx, campaign, flow, found)
    if len(found) == BATCH:
        tx.emit(AudienceOpened(campaign.id, found[-1]))


async def enrol(
    tx: Tx, campaign: Campaign, flow: Flow, customer_ids: Sequence[int], lead_id: int | None = None
) -> None:
    """Let these customers join, if they are not in it and may be (again)."""
    rows = Enrolment.filter(campaign_id=campaign.id, customer_id__in=list(customer_ids))
    last = {row.customer_id: row for row in await rows.order_by("round")}
    joining = []
    for customer_id in customer_ids:
        number = _round(last.get(customer_id), flow, tx)
        if number:
            row = _enrolment(campaign, flow, customer_id, number, tx)
            row.lead_id = lead_id
            joining.append(row)
    await Enrolment.bulk_create(joining, ignore_conflicts=True)


def _round(last: Enrolment | None, flow: Flow, tx: Tx) -> int | None:
    """The how-manyeth time it would be; None: not now."""
    if last is None:
        return 1
    is_over = last.state == OVER or (last.state == HELD_OUT and last.watched_until <= tx.now)
    again = flow.again_after is not None and last.joined_at + flow.again_after <= tx.now
    return last.round + 1 if is_over and again else None


def _enrolment(campaign: Campaign, flow: Flow, customer_id: int, number: int, tx: Tx) -> Enrolment:
    held_out = is_held_out(campaign.code, customer_id, flow.holdout)
    return Enrolment(
        campaign_id=campaign.id,
        customer_id=customer_id,
        round=number,
        version=campaign.version,
        arm=HELD_OUT if held_out else TOUCHED,
        state=HELD_OUT if held_out else WAITING,
        due_at=tx.now + flow.steps[0].wait,
        joined_at=tx.now,
        watched_until=tx.now + flow.watched,
    )


async def _reason(lead: Lead) -> str:
    defeat = await Defeat.filter(lead_id=lead.id).order_by("-id").first()
    return defeat.reason if defeat else "other"


async def _is_about(flow: Flow, reason: str) -> bool:
    policy = await policies.policy_for(None)
    if resistance(reason, policy) != "weak":
        return False
    return not flow.audience.reasons or reason in flow.audience.reasons
