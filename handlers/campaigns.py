"""Campaigns are written, set going, paused and stopped; every version of a flow is kept."""

from datetime import timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import orjson

from db.models import Campaign, CampaignVersion
from db.queries import campaigns as stored
from db.queries.segment_documents import find_segment
from db.queries.segments import size
from domain.campaign import MOVES, SEGMENT, Flow, willing
from domain.campaign_commands import (
    MeasureCampaigns,
    PauseCampaign,
    PutCampaign,
    RefillCampaigns,
    StartCampaign,
    StopCampaign,
)
from domain.campaign_reading import parse
from domain.errors import CountChanged, InvalidInput, NotFound, WrongState
from domain.events import AudienceOpened
from domain.segment import Segment
from domain.segment import parse as parse_segment
from handlers.tx import Tx

RUNNING = "running"
FINE_ANYWAY = 10
FINE_SHARE = 0.05
"""So many more or fewer than expected are still what was meant: customers come and go."""
MEASURED_EVERY = timedelta(minutes=5)


async def put_campaign(command: PutCampaign, tx: Tx) -> int:
    """Write a flow; returns its version. The same flow again is the same version."""
    flow = parse(command.document)
    document: dict[str, object] = dict(command.document)  # type: ignore[call-overload]
    await check_segment(flow)
    campaign = await Campaign.filter(code=command.code).select_for_update().first()
    if campaign is None:
        campaign = await tx.add(
            Campaign(code=command.code, version=0, created_at=tx.now, **_told(flow, command, tx))
        )
    elif campaign.state == "stopped":
        raise WrongState("a stopped campaign stays as it is", state=campaign.state)
    elif await stored.document(campaign.id, campaign.version) == document:
        return campaign.version
    tx.watch(campaign)
    for name, value in _told(flow, command, tx).items():
        setattr(campaign, name, value)
    campaign.version += 1
    tx.append(
        CampaignVersion(
            campaign_id=campaign.id,
            version=campaign.version,
            document=document,
            created_at=tx.now,
            created_by=command.by,
        )
    )
    return campaign.version


def _told(flow: Flow, command: PutCampaign, tx: Tx) -> dict[str, object]:
    return {
        "name": flow.name,
        "occasion": flow.audience.on,
        "refill": flow.audience.refill,
        "updated_at": tx.now,
        "updated_by": command.by,
    }


async def start_campaign(command: StartCampaign, tx: Tx) -> None:
    """Set it going. A segment's members join batch by batch; what happens to leads from now on
    makes others join."""
    campaign = await _move(command.code, RUNNING, command.by, tx)
    campaign.started_at = campaign.started_at or tx.now
    if campaign.occasion == SEGMENT:
        if command.count is not None:
            await _check_count(campaign, command.count, tx)
        _fill(campaign, tx)


async def pause_campaign(command: PauseCampaign, tx: Tx) -> None:
    """What is on its way looks at this before it leaves."""
    await _move(command.code, "paused", command.by, tx)


async def stop_campaign(command: StopCampaign, tx: Tx) -> None:
    """Whoever is in the middle of it stays there for ever."""
    await _move(command.code, "stopped", command.by, tx)


async def refill_campaigns(command: RefillCampaigns, tx: Tx) -> int:
    """Fill the campaigns that ask for it and were not filled today. Returns how many."""
    zone = ZoneInfo(tx.tz)
    today = tx.now.astimezone(zone).date()
    due = [
        campaign
        for campaign in await Campaign.filter(state=RUNNING, refill=True).select_for_update()
        if campaign.filled_at is None or campaign.filled_at.astimezone(zone).date() < today
    ]
    for campaign in due:
        _fill(tx.watch(campaign), tx)
    return len(due)


async def measure_campaigns(command: MeasureCampaigns, tx: Tx) -> int:
    """Count anew what is older than a few minutes and may have changed. Returns how many."""
    stale = [
        campaign
        for campaign in await Campaign.exclude(state="draft")
        if campaign.figures_at is None or campaign.figures_at <= tx.now - MEASURED_EVERY
    ]
    for campaign in stale:
        figures = await stored.figures(campaign.id)
        changed = {"figures": figures, "figures_at": tx.now}
        await Campaign.filter(id=campaign.id).update(**changed)
    return len(stale)


async def flow_of(campaign_id: int, version: int) -> Flow:
    """The flow as it was written in this version."""
    return _parsed(orjson.dumps(await stored.document(campaign_id, version)))


async def members_of(flow: Flow) -> Segment | None:
    """The segment a flow is for, as far as its people may be written to; None: an occasion."""
    audience = flow.audience
    if audience.segment_code:
        named = await find_segment(audience.segment_code)
        return willing(parse_segment(named.document)) if named else None
    return willing(audience.segment) if audience.segment else None


async def check_segment(flow: Flow) -> None:
    """Raise `InvalidInput` when the flow names a segment that is not kept."""
    code = flow.audience.segment_code
    if code and await find_segment(code) is None:
        raise InvalidInput([("audience.segment", f"there is no segment {code}")])


@lru_cache(maxsize=256)
def _parsed(document: bytes) -> Flow:
    return parse(orjson.loads(document))


async def _move(code: str, target: str, by: str, tx: Tx) -> Campaign:
    campaign = await Campaign.filter(code=code).select_for_update().first()
    if campaign is None:
        raise NotFound(f"no campaign {code}")
    if target not in MOVES[campaign.state]:
        raise WrongState(
            f"a {campaign.state} campaign cannot become {target}", state=campaign.state
        )
    campaign = tx.watch(campaign)
    campaign.state, campaign.updated_at, campaign.updated_by = target, tx.now, by
    return campaign


async def _check_count(campaign: Campaign, expected: int, tx: Tx) -> None:
    members = await members_of(await flow_of(campaign.id, campaign.version))
    there = await size(members, tx.now) if members else 0
    if abs(there - expected) > max(FINE_ANYWAY, FINE_SHARE * there):
        raise CountChanged(f"there are {there} in the segment now", count=there)


def _fill(campaign: Campaign, tx: Tx) -> None:
    campaign.filled_at = tx.now
    tx.emit(AudienceOpened(campaign.id, 0))
