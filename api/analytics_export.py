"""Figures and the rows behind them as files: phones masked, marked with who and when, noted."""

import asyncio
from datetime import datetime
from zoneinfo import ZoneInfo

from aiohttp import hdrs, web

from api.analytics import (
    Analytics,
    BrokenDown,
    Group,
    RowsQuery,
    RowView,
    definition,
    figures,
    row_views,
    rows_behind,
)
from api.audited import note
from api.desk import timezone_of
from api.routing import Call, Routes
from api.sheets import CONTENT_TYPES, Cell, Format, Sheet, packed
from domain.kpi import KPIS, STAGES
from texts import kpis as words

routes = Routes("analytics")

MOST_ROWS = 20_000
_BATCH = 1000
ACT = "export_figures"


class ExportFigures(BrokenDown):
    """The figures as a file."""

    format: Format = "xlsx"


class ExportRows(RowsQuery):
    """The rows behind a figure as a file: the newest 20,000 at most."""

    format: Format = "xlsx"


@routes.get("/analytics/export", scope="leads:read", answers={200: None})
async def export_figures(call: Call, query: ExportFigures) -> web.StreamResponse:
    """Every figure, in all and by one thing."""
    found = await figures(call, query)
    sheets = [_figures(found), _dictionary()]
    return await _file(call, query.format, sheets, query.by or "total", len(found.groups))


@routes.get("/analytics/rows/export", scope="leads:read", answers={200: None})
async def export_rows(call: Call, query: ExportRows) -> web.StreamResponse:
    """The rows a figure is counted from."""
    rows: list[RowView] = []
    before: int | None = None
    while len(rows) < MOST_ROWS:
        found = await rows_behind(call, query, _BATCH, before)
        rows += await row_views(call, found)
        if len(found) < _BATCH:
            break
        before = found[-1].key
    sheet = _rows(rows, ZoneInfo(timezone_of(call)), words.entry(query.kpi).label)
    return await _file(call, query.format, [sheet, _dictionary()], query.kpi, len(rows))


async def _file(
    call: Call, kind: Format, sheets: list[Sheet], what: str, rows: int
) -> web.StreamResponse:
    """Noted before it is handed out."""
    local = call.now.astimezone(ZoneInfo(timezone_of(call)))
    who = call.caller.member.name if call.caller.member else call.caller.name
    mark = words.mark(who, call.caller.name, f"{local:%Y-%m-%d %H:%M}")
    await note(call, ACT, what, {"format": kind, "rows": rows, **_asked(call)})
    body = await asyncio.to_thread(packed, kind, sheets, mark)
    name = f"leadloop-{what}-{local:%Y%m%d-%H%M}.{kind}"
    headers = {
        hdrs.CONTENT_DISPOSITION: f'attachment; filename="{name}"',
        hdrs.CACHE_CONTROL: "no-store",
    }
    return web.Response(body=body, content_type=CONTENT_TYPES[kind], headers=headers)


def _asked(call: Call) -> dict[str, str]:
    """What was asked for, as the address said it; all of it was checked before."""
    return {name: value for name, value in call.request.query.items() if value}


def _figures(found: Analytics) -> Sheet:
    headings = [words.export_text(found.by or "total")]
    for code in KPIS:
        label = words.entry(code).label
        headings += [label, words.export_text("part"), words.export_text("whole")]
    headings += [words.stage_text(stage) for stage in STAGES]
    whole = Group(
        key="", title=words.export_text("total"), values=found.total, funnel=found.funnel
    )
    return Sheet(
        words.export_text("figures"), headings, [_line(group) for group in (whole, *found.groups)]
    )


def _line(group: Group) -> list[Cell]:
    cells: list[Cell] = [group.title]
    for value in group.values:
        cells += [value.share, value.part, value.whole]
    return [*cells, *(stage.count for stage in group.funnel)]


def _rows(rows: list[RowView], zone: ZoneInfo, label: str) -> Sheet:
    columns = [
        *("number", "customer", "phone", "dealer", "adviser", "source", "model"),
        *("level", "state", "at", "part", "whole"),
    ]
    return Sheet(
        label,
        [words.export_text(column) for column in columns],
        [[_cell(getattr(row, column), column, zone) for column in columns] for row in rows],
    )


def _cell(value: Cell, column: str, zone: ZoneInfo) -> Cell:
    if column == "at" and isinstance(value, str):
        return f"{datetime.fromisoformat(value).astimezone(zone):%Y-%m-%d %H:%M}"
    return value


def _dictionary() -> Sheet:
    items = [definition(kpi) for kpi in KPIS.values()]
    names = ("label", "text", "part", "whole", "at")
    return Sheet(
        words.export_text("dictionary"),
        [words.export_text(name) for name in ("label", "text", "part", "whole", "day")],
        [[getattr(item, name) for name in names] for item in items],
    )
