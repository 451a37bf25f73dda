"""The KPI dictionary over HTTP: every figure of a period or a cohort, broken down, compared with
the period before, and the rows behind it."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from aiohttp import web
from pydantic import Field

from api import cursors
from api.fields import Code, LevelCode, PageSize, Source, View, Word, iso
from api.masking import masked_name, masked_phone
from api.routing import Call, Routes, answer
from api.stats import StatsQuery, selection
from db.queries import analytics as stored
from db.queries.analytics import Asked, By, FoundRow, Promise
from domain.errors import NotFound
from domain.kpi import KPIS, STAGES, Counted, Kpi, windows_of
from domain.kpi_formula import Frame
from handlers import policies
from texts import kpis as words
from texts import labels

routes = Routes("analytics")

MOST_GROUPS = 1000


class AnalyticsQuery(StatsQuery):
    """Which rows count, and by which day: the one the lead came, or that of the event itself."""

    view: Literal["cohort", "period"] = "cohort"
    source: Source | None = None
    model: Code | None = None
    level: LevelCode | None = None
    pool: Word | None = None


class BrokenDown(AnalyticsQuery):
    """The same, broken down by one thing if asked."""

    by: By | None = None


class RowsQuery(AnalyticsQuery):
    """Which figure's rows: all, those that count, or those that do not; and which page of them."""

    kpi: Word
    show: Literal["all", "counted", "missed"] = "all"
    limit: PageSize = 50
    cursor: str | None = None


class Definition(View):
    """One figure of the dictionary. `rising`: what is hoped for; null: neither is better."""

    code: str
    label: str
    text: str
    whole: str = Field(description="What is counted of.")
    part: str = Field(description="What counts of it.")
    at: str = Field(description="The moment by which a row belongs to a period.")
    unit: str
    unit_text: str
    rising: bool | None


class Definitions(View):
    """The whole dictionary, in its order."""

    items: list[Definition]


class Value(View):
    """One figure: `part` of `whole`. `before` is the share of the period before this one."""

    code: str
    part: int
    whole: int
    share: float | None
    before: float | None


class StageCount(View):
    """How many leads came at least so far."""

    stage: str
    stage_text: str
    count: int


class Group(View):
    """One part of a breakdown; the key is empty where nothing is known."""

    key: str
    title: str
    values: list[Value]
    funnel: list[StageCount]


class PromiseView(View):
    """Leads first graded so: of those `judged`, how many bought in the level's time, or later."""

    level: str
    level_text: str
    window_days: float
    judged: int
    kept: int
    later: int


class Span(View):
    """From a moment up to another, exclusive."""

    since: str = Field(serialization_alias="from")
    until: str = Field(serialization_alias="to")


class Analytics(View):
    """`funnel` is of the leads that came in the period, however figures are viewed."""

    since: str = Field(serialization_alias="from")
    until: str = Field(serialization_alias="to")
    previous: Span
    view: str
    by: str | None
    total: list[Value]
    funnel: list[StageCount]
    calibration: list[PromiseView]
    groups: list[Group]


class RowView(View):
    """One row behind a figure; phone masked, name shortened."""

    lead_id: str
    number: int
    customer: str
    phone: str | None
    dealer: str
    adviser: str
    source: str
    model: str
    level: str
    state: str
    at: str | None
    part: int
    whole: int


class Rows(View):
    """Rows behind a figure, newest first."""

    items: list[RowView]
    next_cursor: str | None


@routes.get("/analytics", scope="leads:read", answers={200: Analytics})
async def get_analytics(call: Call, query: BrokenDown) -> web.StreamResponse:
    """Every figure of the dictionary, in all and by one thing."""
    return answer(await figures(call, query))


@routes.get("/analytics/definitions", scope="leads:read", answers={200: Definitions})
async def get_definitions(call: Call) -> web.StreamResponse:
    """What each figure means."""
    return answer(Definitions(items=[definition(kpi) for kpi in KPIS.values()]))


@routes.get("/analytics/rows", scope="leads:read", answers={200: Rows})
async def get_rows(call: Call, query: RowsQuery) -> web.StreamResponse:
    """The rows a figure is counted from."""
    before = cursors.id_before(query.cursor)
    found = await rows_behind(call, query, query.limit + 1, before)
    page = found[: query.limit]
    more = cursors.encode(page[-1].key) if len(found) > query.limit else None
    return answer(Rows(items=await row_views(call, page), next_cursor=more))


async def figures(call: Call, query: BrokenDown) -> Analytics:
    """The figures with those of as long a time just before."""
    asked, frame = await asked_of(call, query), await frame_of(call)
    chosen = asked.chosen
    length = chosen.until - chosen.since
    earlier = replace(
        asked, chosen=replace(chosen, since=chosen.since - length, until=chosen.since)
    )
    kpis = list(KPIS.values())
    now, before, funnel, promised = await asyncio.gather(
        stored.counted(asked, kpis, frame, query.by),
        stored.counted(earlier, kpis, frame, query.by),
        stored.reached(asked, frame, query.by),
        stored.promises(asked, frame),
    )
    return Analytics(
        since=iso(chosen.since),
        until=iso(chosen.until),
        previous=Span(since=iso(earlier.chosen.since), until=iso(chosen.since)),
        view=query.view,
        by=query.by,
        total=_values(_whole(now), _whole(before)),
        funnel=_stages({s: sum(each[s] for each in funnel.values()) for s in STAGES}),
        calibration=_calibration(promised, frame),
        groups=await _groups(query.by, now, before, funnel) if query.by else [],
    )


async def asked_of(call: Call, query: AnalyticsQuery) -> Asked:
    """The rows of a question, within what the caller may see."""
    narrowed: Mapping[By, str | None] = {
        "source": query.source,
        "model": query.model,
        "level": query.level,
        "pool": query.pool,
    }
    only = tuple((by, value) for by, value in narrowed.items() if value is not None)
    return Asked(await selection(call, query), query.view, only)


async def frame_of(call: Call) -> Frame:
    """Now, and what the brand's levels promise."""
    brand = await policies.policy_for(None)
    return Frame(call.now, windows_of(brand.levels))


async def rows_behind(
    call: Call, query: RowsQuery, limit: int, before: int | None = None
) -> list[FoundRow]:
    """Raises `NotFound` for a figure that is not in the dictionary."""
    kpi = KPIS.get(query.kpi)
    if kpi is None:
        raise NotFound("no such figure")
    asked, frame = await asked_of(call, query), await frame_of(call)
    return await stored.behind(asked, kpi, frame, query.show, limit, before)


async def row_views(call: Call, found: list[FoundRow]) -> list[RowView]:
    """Rows as people read them."""
    dealers = await stored.names("dealer", {row.dealer_code for row in found})
    staff = await stored.names("staff", {row.staff_id for row in found})
    models = await stored.names("model", {row.model_code for row in found})
    customers = await stored.customers({row.lead_id for row in found})
    phones = call.deps.phones
    return [
        RowView(
            lead_id=str(row.lead_id),
            number=row.lead_id,
            customer=masked_name(customers[row.lead_id][0]),
            phone=masked_phone(customers[row.lead_id][1], phones),
            dealer=dealers.get(row.dealer_code, row.dealer_code),
            adviser=staff.get(row.staff_id, row.staff_id),
            source=labels.source_text(row.source),
            model=models.get(row.model_code, row.model_code),
            level=row.level,
            state=labels.state_text(row.state),
            at=iso(row.at) if row.at else None,
            part=row.part,
            whole=row.whole,
        )
        for row in found
    ]


def definition(kpi: Kpi) -> Definition:
    """A figure in words."""
    said = words.entry(kpi.code)
    return Definition(
        code=kpi.code,
        label=said.label,
        text=said.text,
        whole=said.whole,
        part=said.part,
        at=said.at,
        unit=kpi.unit,
        unit_text=words.unit_text(kpi.unit),
        rising=kpi.rising,
    )


def _calibration(promised: list[Promise], frame: Frame) -> list[PromiseView]:
    return [
        PromiseView(
            level=promise.level,
            level_text=labels.level_text(promise.level),
            window_days=frame.windows[promise.level],
            judged=promise.judged,
            kept=promise.kept,
            later=promise.later,
        )
        for promise in promised
    ]


async def _groups(
    by: By,
    now: Mapping[str, dict[str, Counted]],
    before: Mapping[str, dict[str, Counted]],
    funnel: Mapping[str, dict[str, int]],
) -> list[Group]:
    """The biggest first."""

    def size(key: str) -> int:
        return sum(figure.whole for figure in now.get(key, {}).values())

    keys = sorted({*now, *funnel}, key=lambda key: (-size(key), key))[:MOST_GROUPS]
    named = await stored.names(by, keys)
    return [
        Group(
            key=key,
            title=named.get(key) or _title(by, key),
            values=_values(now.get(key, {}), before.get(key, {})),
            funnel=_stages(funnel.get(key, dict.fromkeys(STAGES, 0))),
        )
        for key in keys
    ]


def _title(by: By, key: str) -> str:
    if not key:
        return words.unknown_text(by)
    said = {"source": labels.source_text, "level": labels.level_text, "pool": labels.pool_text}
    return said[by](key) if by in said else key


def _whole(groups: Mapping[str, dict[str, Counted]]) -> dict[str, Counted]:
    return {
        code: sum((each.get(code, Counted()) for each in groups.values()), Counted())
        for code in KPIS
    }


def _values(now: Mapping[str, Counted], before: Mapping[str, Counted]) -> list[Value]:
    nothing = Counted()
    return [
        Value(
            code=code,
            part=(figure := now.get(code, nothing)).part,
            whole=figure.whole,
            share=figure.share,
            before=before.get(code, nothing).share,
        )
        for code in KPIS
    ]


def _stages(counts: Mapping[str, int]) -> list[StageCount]:
    return [
        StageCount(stage=stage, stage_text=words.stage_text(stage), count=count)
        for stage, count in counts.items()
    ]
