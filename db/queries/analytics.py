"""Figures counted by the database: the dictionary's formulas over many rows at once.

What a formula says of one row (`domain.kpi_formula`) is written here as SQL, so that both say the
same. A figure belongs to a cohort (by the day the lead came) or to a period (by its own moment).
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from db import sql
from db.models import CarModel, Dealer, Lead, Region, Staff
from db.queries.faces import phone_ciphers
from db.queries.stats import Selection
from domain.kpi import CAME, KPIS, STAGES, Counted, Kpi, Unit
from domain.kpi_formula import (
    Amount,
    Before,
    Every,
    Frame,
    Is,
    Known,
    Not,
    Passed,
    PromiseKept,
    PromiseOver,
    Some,
    Sum,
    Test,
)

View = Literal["cohort", "period"]
By = Literal["region", "dealer", "staff", "source", "model", "level", "pool"]
REGION: By = "region"
COLUMNS: Mapping[By, str] = {
    "region": "dealer_code",
    "dealer": "dealer_code",
    "staff": "staff_id",
    "source": "source",
    "model": "model_code",
    "level": "promised_level",
    "pool": "pool",
}

RELATIONS: Mapping[Unit, str] = {"lead": "lead_figure", "assignment": "assignment_figure"}
_DEFEATS = """(SELECT d.id, d.lead_id, f.dealer_code, f.source, f.model_code, f.pool,
        f.promised_level, f.state, f.opened_at, d.requested_at, d.reviewed_at, d.state AS review,
        CASE WHEN d.requested_by LIKE 'staff:%' THEN substr(d.requested_by, 7)
             ELSE f.staff_id END AS staff_id
      FROM defeat d {figures})"""
_BY_LEAD = "JOIN lead_figure f ON f.lead_id = d.lead_id"
_ONE_BY_ONE = """CROSS JOIN LATERAL (
        SELECT * FROM lead_figure x WHERE x.lead_id = d.lead_id OFFSET 0) f"""
"""The same, said so that PostgreSQL looks each up by its key: a month's defeats are few, while a
hash join reads the figures of every lead there is."""
KEYS: Mapping[Unit, str] = {"lead": "lead_id", "assignment": "assignment_id", "defeat": "id"}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rows count: a period and a place, and what else they are narrowed to."""

    chosen: Selection
    view: View = "cohort"
    only: tuple[tuple[By, str], ...] = ()


class Values:
    """The values of a statement, numbered as they are written into it."""

    def __init__(self) -> None:
        self.all: list[Any] = []

    def put(self, value: object) -> str:
        self.all.append(sql.moment(value) if isinstance(value, datetime) else value)
        return f"${len(self.all)}"


def where_true(test: Test, frame: Frame, values: Values) -> str:
    """The test as SQL that is true or false, never unknown."""
    match test:
        case Every(tests):
            return f"({' AND '.join(where_true(one, frame, values) for one in tests)})"
        case Some(tests):
            return f"({' OR '.join(where_true(one, frame, values) for one in tests)})"
        case Not(inner):
            return f"NOT {where_true(inner, frame, values)}"
        case Known(column):
            return f"(f.{column} IS NOT NULL)"
        case Is(column, wanted):
            listed = ", ".join(values.put(one) for one in wanted)
            return f"(coalesce(f.{column}, '') IN ({listed}))"
        case Passed(column):
            return f"(f.{column} IS NOT NULL AND f.{column} <= {values.put(frame.present)})"
        case Before(one, other):
            known = f"f.{one} IS NOT NULL AND f.{other} IS NOT NULL"
            return f"({known} AND f.{one} < f.{other})"
    return _promise(test, frame, values)


def _promise(test: PromiseKept | PromiseOver, frame: Frame, values: Values) -> str:
    column = test.days if isinstance(test, PromiseKept) else test.since
    levels = []
    for level, days in frame.windows.items():
        until = days if isinstance(test, PromiseKept) else frame.present - timedelta(days=days)
        levels.append(
            f"f.{test.level} = {values.put(level)} AND f.{column} <= {values.put(until)}"
        )
    met = " OR ".join(levels) or "1 = 0"
    return f"(f.{column} IS NOT NULL AND ({met}))"


def as_number(what: Amount, frame: Frame, values: Values) -> str:
    """How much a row counts."""
    if isinstance(what, Sum):
        return "(" + " + ".join(f"f.{column}" for column in what.columns) + ")"
    return f"(CASE WHEN {where_true(what, frame, values)} THEN 1 ELSE 0 END)"


async def counted(
    asked: Asked, kpis: Collection[Kpi], frame: Frame, by: By | None = None
) -> dict[str, dict[str, Counted]]:
    """Each figure of each part of a breakdown; of everything under the empty key without one."""
    found: dict[str, dict[str, Counted]] = defaultdict(dict)
    for unit, at, together in _scans(kpis, asked.view):
        values = Values()
        columns = [
            f"sum({_part_of(kpi, frame, values)}) AS part_{kpi.code},"
            f" sum({_whole_of(kpi, frame, values)}) AS whole_{kpi.code}"
            for kpi in together
        ]
        for row in await _grouped(unit, at, columns, asked, values, by):
            for kpi in together:
                part, whole = row[f"part_{kpi.code}"], row[f"whole_{kpi.code}"]
                found[row["key"]][kpi.code] = Counted(int(part or 0), int(whole or 0))
    return await _by_region(found) if by == REGION else dict(found)


async def reached(asked: Asked, frame: Frame, by: By | None = None) -> dict[str, dict[str, int]]:
    """How many leads that came in the period came how far."""
    values = Values()
    columns = [
        f"sum({as_number(test, frame, values)}) AS {stage}" for stage, test in STAGES.items()
    ]
    found: dict[str, dict[str, int]] = {}
    place = await _regions() if by == REGION else None
    for row in await _grouped("lead", CAME, columns, asked, values, by):
        key = place.get(row["key"], "") if place is not None else row["key"]
        known = found.setdefault(key, dict.fromkeys(STAGES, 0))
        for stage in STAGES:
            known[stage] += int(row[stage] or 0)
    return found


@dataclass(frozen=True, slots=True)
class Promise:
    """What became of the leads whose first level promised a time that is over, or was kept."""

    level: str
    judged: int
    kept: int
    later: int


async def promises(asked: Asked, frame: Frame) -> list[Promise]:
    """Level by level, hottest first."""
    kpi, values = KPIS["level_calibration"], Values()
    whole, part = _whole_of(kpi, frame, values), _part_of(kpi, frame, values)
    bought = where_true(Known("ordered_at"), frame, values)
    columns = [
        f"sum({whole}) AS judged",
        f"sum({part}) AS kept",
        f"sum(CASE WHEN {bought} THEN {whole} ELSE 0 END) AS bought",
    ]
    at = CAME if asked.view == "cohort" else kpi.at
    rows = {
        row["key"]: row for row in await _grouped(kpi.unit, at, columns, asked, values, "level")
    }
    return [
        Promise(level, int(row["judged"]), int(row["kept"]), int(row["bought"]) - int(row["kept"]))
        for level in frame.windows
        if (row := rows.get(level)) is not None
    ]


@dataclass(frozen=True, slots=True)
class FoundRow:
    """One row behind a figure. `counts`: whether it is wholly among what counts."""

    key: int
    lead_id: int
    dealer_code: str
    staff_id: str
    source: str
    model_code: str
    level: str
    state: str
    at: datetime | None
    part: int
    whole: int


async def behind(
    asked: Asked,
    kpi: Kpi,
    frame: Frame,
    show: Literal["all", "counted", "missed"],
    limit: int,
    before: int | None = None,
) -> list[FoundRow]:
    """The rows a figure is counted from, newest first."""
    values = Values()
    whole, part = _whole_of(kpi, frame, values), _part_of(kpi, frame, values)
    at = CAME if asked.view == "cohort" else kpi.at
    where = [*_limits(asked, at, values), f"{whole} > 0"]
    where += {"counted": [f"{part} > 0"], "missed": [f"{part} < {whole}"]}.get(show, [])
    key = KEYS[kpi.unit]
    if before is not None:
        where.append(f"f.{key} < {values.put(before)}")
    statement = f"""SELECT f.{key} AS key, f.lead_id, f.dealer_code, f.staff_id, f.source,
      f.model_code, f.promised_level AS level, f.state, f.{kpi.at} AS at, {part} AS part,
      {whole} AS whole
      FROM {_relation(kpi.unit, at)} f WHERE {" AND ".join(where)}
      ORDER BY f.{key} DESC LIMIT {int(limit)}"""  # noqa: S608
    rows = await sql.rows(statement, *values.all)
    return [FoundRow(**{**row, "at": _moment(row["at"])}) for row in rows]


async def names(by: By, keys: Collection[str]) -> dict[str, str]:
    """What the parts of a breakdown are called, where a table says so."""
    tables: Mapping[By, tuple[Any, str]] = {
        "dealer": (Dealer, "code"),
        "model": (CarModel, "code"),
        "region": (Region, "code"),
        "staff": (Staff, "userid"),
    }
    if by not in tables:
        return {}
    table, key = tables[by]
    found = await table.filter(**{f"{key}__in": list(keys)}).values_list(key, "name")
    return dict(found)


async def customers(lead_ids: Collection[int]) -> dict[int, tuple[str, str | None]]:
    """Name and phone, still encrypted, of the customer of each lead."""
    rows = await Lead.filter(id__in=list(lead_ids)).values("id", "customer_id", "customer__name")
    ciphers = await phone_ciphers([row["customer_id"] for row in rows])
    return {row["id"]: (row["customer__name"], ciphers.get(row["customer_id"])) for row in rows}


def _scans(kpis: Collection[Kpi], view: View) -> list[tuple[Unit, str, list[Kpi]]]:
    """Figures that one look at one table answers together."""
    scans: dict[tuple[Unit, str], list[Kpi]] = defaultdict(list)
    for kpi in kpis:
        scans[kpi.unit, CAME if view == "cohort" else kpi.at].append(kpi)
    return [(unit, at, together) for (unit, at), together in scans.items()]


def _whole_of(kpi: Kpi, frame: Frame, values: Values) -> str:
    return as_number(kpi.whole, frame, values)


def _part_of(kpi: Kpi, frame: Frame, values: Values) -> str:
    if isinstance(kpi.whole, Sum) or isinstance(kpi.part, Sum):
        return as_number(kpi.part, frame, values)
    return as_number(Every((kpi.whole, kpi.part)), frame, values)


async def _grouped(
    unit: Unit, at: str, columns: Sequence[str], asked: Asked, values: Values, by: By | None
) -> list[dict[str, Any]]:
    key = f"f.{COLUMNS[by]}" if by else "''"
    where = " AND ".join(_limits(asked, at, values))
    together = f" GROUP BY {key}" if by else ""
    return await sql.rows(
        f"SELECT {key} AS key, {', '.join(columns)} FROM {_relation(unit, at)} f"  # noqa: S608
        f" WHERE {where}{together}",
        *values.all,
    )


def _relation(unit: Unit, at: str) -> str:
    """Where the rows are; `at` is the moment they are narrowed by."""
    if unit != "defeat":
        return RELATIONS[unit]
    few = at != CAME and sql.dialect() == "postgres"
    return _DEFEATS.format(figures=_ONE_BY_ONE if few else _BY_LEAD)


def _limits(asked: Asked, at: str, values: Values) -> list[str]:
    chosen = asked.chosen
    limits = [
        f"f.{at} >= {values.put(chosen.since)}",
        f"f.{at} < {values.put(chosen.until)}",
        "f.state <> 'lapsed'",
    ]
    if chosen.dealer_codes is not None:
        limits.append(_one_of("dealer_code", chosen.dealer_codes, values))
    if chosen.staff:
        limits.append(f"f.staff_id = {values.put(chosen.staff)}")
    limits += [f"f.{COLUMNS[by]} = {values.put(value)}" for by, value in asked.only]
    return limits


def _one_of(column: str, wanted: Collection[str], values: Values) -> str:
    if not wanted:
        return "1 = 0"
    return f"f.{column} IN ({', '.join(values.put(one) for one in sorted(wanted))})"


async def _by_region(found: Mapping[str, dict[str, Counted]]) -> dict[str, dict[str, Counted]]:
    place = await _regions()
    folded: dict[str, dict[str, Counted]] = defaultdict(dict)
    for dealer, figures in found.items():
        into = folded[place.get(dealer, "")]
        for code, figure in figures.items():
            into[code] = into.get(code, Counted()) + figure
    return dict(folded)


async def _regions() -> dict[str, str]:
    rows = Dealer.filter(region_id__isnull=False).values_list("code", "region_id")
    return dict(await rows)


def _moment(value: datetime | str | None) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else value
