"""Campaigns: written as data, looked at before anybody is, set going, paused and stopped."""

from typing import Any, Literal

from aiohttp import web
from pydantic import JsonValue, RootModel

from api import cursors
from api.audited import ordered
from api.campaign_views import (
    CampaignBrief,
    CampaignPage,
    CampaignView,
    PreviewView,
    ReadyMadeList,
    ReadyMadeView,
    Report,
    TouchPage,
    Vocabulary,
    brief,
    preview,
    report,
    touch,
    view,
    vocabulary,
)
from api.fields import Body, Code, Count, PageSize, Query
from api.names import actor_names
from api.roles import CONSOLE
from api.routing import Call, Routes, answer
from db.models import Campaign
from db.queries import campaigns as stored
from db.queries import touches
from db.queries.segments import size
from domain.campaign import Flow
from domain.campaign_commands import PauseCampaign, PutCampaign, StartCampaign, StopCampaign
from domain.campaign_reading import parse
from domain.commands import Command
from domain.defeat import resistance
from domain.errors import InvalidInput, NotFound
from handlers.campaigns import check_segment, members_of
from handlers.policies import policy_for
from texts import campaigns as words

routes = Routes("campaigns")
RESERVED = frozenset({"ready-made", "preview", "vocabulary", "trial-recipients"})


class CampaignsQuery(Query):
    """Which page."""

    limit: PageSize = 50
    cursor: str | None = None


class TouchesQuery(CampaignsQuery):
    """The same, of one state."""

    state: Literal["sending", "sent", "unknown"] | None = None


class CampaignDocument(RootModel[dict[str, JsonValue]]):
    """A campaign's flow: see docs/campaigns.md."""


class PreviewIn(Body):
    """A flow to look at, kept or not."""

    document: JsonValue


class StartIn(Body):
    """`count`: how many are expected to join; refused when it is far from the truth."""

    count: Count | None = None


@routes.get("/campaigns", scope=CONSOLE, answers={200: CampaignPage})
async def list_campaigns(call: Call, query: CampaignsQuery) -> web.StreamResponse:
    """All campaigns with what they had brought a few minutes ago, newest first."""
    check_sees_all(call)
    rows = await stored.page(cursors.id_before(query.cursor), query.limit + 1)
    shown = rows[: query.limit]
    more = cursors.encode(shown[-1].id) if len(rows) > query.limit else None
    return answer(CampaignPage(items=[brief(row) for row in shown], next_cursor=more))


@routes.get("/campaigns/ready-made", scope=CONSOLE, answers={200: ReadyMadeList})
async def list_ready_made(call: Call) -> web.StreamResponse:
    """Documents to begin with."""
    check_sees_all(call)
    items = [ReadyMadeView(code=code, document=d) for code, d in words.ready_made().items()]
    return answer(ReadyMadeList(items=items))


@routes.get("/campaigns/vocabulary", scope=CONSOLE, answers={200: Vocabulary})
async def get_vocabulary(call: Call) -> web.StreamResponse:
    """What a flow can be made of, in words."""
    check_sees_all(call)
    policy = await policy_for(None)
    weak = [code for code in policy.defeat.reasons if resistance(code, policy) == "weak"]
    return answer(vocabulary(weak))


@routes.post("/campaigns/preview", scope=CONSOLE, answers={200: PreviewView})
async def preview_campaign(call: Call, body: PreviewIn) -> web.StreamResponse:
    """What customers would read, and how many would join now."""
    check_sees_all(call)
    flow = await _read(call, body.document)
    members = await members_of(flow)
    count = await size(members, call.now) if members else None
    return answer(preview(flow, count))


@routes.get("/campaigns/{code}", scope=CONSOLE, answers={200: CampaignView})
async def get_campaign(call: Call, code: Code) -> web.StreamResponse:
    """One campaign with its flow."""
    return answer(await _shown(call, code))


@routes.put("/campaigns/{code}", scope="org:write", answers={200: CampaignView})
async def put_campaign(call: Call, code: Code, body: CampaignDocument) -> web.StreamResponse:
    """Write a campaign: a draft, or the next version, for whoever joins from then on."""
    check_sees_all(call)
    if code in RESERVED:
        raise InvalidInput([("code", "is taken")])
    await _read(call, body.root)
    await _order(call, PutCampaign(code, body.root, call.caller.name), "put_campaign", code)
    return answer(await _shown(call, code))


@routes.post("/campaigns/{code}/start", scope="org:write", answers={200: CampaignBrief})
async def start_campaign(call: Call, code: Code, body: StartIn) -> web.StreamResponse:
    """Set a draft or a paused campaign going."""
    return await _move(call, code, StartCampaign(code, call.caller.name, body.count), "start")


@routes.post("/campaigns/{code}/pause", scope="org:write", answers={200: CampaignBrief})
async def pause_campaign(call: Call, code: Code) -> web.StreamResponse:
    """Say nothing more until it is started again."""
    return await _move(call, code, PauseCampaign(code, call.caller.name), "pause")


@routes.post("/campaigns/{code}/stop", scope="org:write", answers={200: CampaignBrief})
async def stop_campaign(call: Call, code: Code) -> web.StreamResponse:
    """End a campaign for good."""
    return await _move(call, code, StopCampaign(code, call.caller.name), "stop")


@routes.get("/campaigns/{code}/report", scope=CONSOLE, answers={200: Report})
async def get_report(call: Call, code: Code) -> web.StreamResponse:
    """What it brought, against the group left alone; counted from the rows now."""
    campaign = await _found(call, code)
    return answer(report(campaign, await stored.figures(campaign.id)))


@routes.get("/campaigns/{code}/touches", scope=CONSOLE, answers={200: TouchPage})
async def list_touches(call: Call, code: Code, query: TouchesQuery) -> web.StreamResponse:
    """Who was touched, newest first; those of state `unknown` may not have got it."""
    campaign = await _found(call, code)
    before = cursors.id_before(query.cursor)
    rows = await touches.page(campaign.id, query.state, before, query.limit + 1)
    shown = rows[: query.limit]
    more = cursors.encode(shown[-1].id) if len(rows) > query.limit else None
    return answer(TouchPage(items=[touch(row) for row in shown], next_cursor=more))


async def _move(call: Call, code: str, command: Command, verb: str) -> web.StreamResponse:
    await _found(call, code)
    await _order(call, command, f"{verb}_campaign", code)
    return answer(brief(await _found(call, code)))


async def _order(call: Call, command: Command, action: str, code: str) -> None:
    await ordered(call, command, action, code, look=lambda: _look(code))


async def _look(code: str) -> dict[str, object] | None:
    campaign = await stored.find(code)
    if campaign is None:
        return None
    document = await stored.document(campaign.id, campaign.version)
    return {"state": campaign.state, "version": campaign.version, "document": document}


async def _shown(call: Call, code: str) -> CampaignView:
    campaign = await _found(call, code)
    named = await actor_names([campaign.updated_by])
    document = await stored.document(campaign.id, campaign.version)
    return view(campaign, document, named(campaign.updated_by))


async def _found(call: Call, code: str) -> Campaign:
    check_sees_all(call)
    campaign = await stored.find(code)
    if campaign is None:
        raise NotFound("no such campaign")
    return campaign


async def _read(call: Call, document: Any) -> Flow:
    """The flow meant. Programs are told in English what is wrong with it, people in Chinese."""
    try:
        flow = parse(document)
        await check_segment(flow)
    except InvalidInput as fault:
        if call.caller.member is None:
            raise
        told = [(loc, words.fault_text(message)) for loc, message in fault.errors]
        raise InvalidInput(told) from None
    return flow


def check_sees_all(call: Call) -> None:
    """Campaigns are the brand's: for others there are none."""
    if not call.caller.sees_everything:
        raise NotFound("no such campaign")
