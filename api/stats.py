"""Figures: how far leads come, how fast they are answered."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from aiohttp import web
from pydantic import Field

from api.fields import Code, Day, Query, QueryMoment, Userid, View, iso
from api.routing import Call, Routes, answer
from api.scoping import scope_of
from db.queries import stats as stored
from db.queries.scope import dealers_in
from db.queries.stats import Selection
from domain.errors import InvalidInput, NotFound

routes = Routes("stats")

DEFAULT_DAYS = 30
_STAGES = ("appointment", "visited", "test_drive", "quoted", "ordered", "delivered")
"""Results that are stages of a deal, in order; reaching one counts for those before it."""


class StatsQuery(Query):
    """Which rows count: the last 30 days of everything one may see, unless narrowed."""

    since: QueryMoment | Day | None = Field(
        default=None, alias="from", description="Day or moment."
    )
    until: QueryMoment | Day | None = Field(
        default=None,
        alias="to",
        description="A day is counted whole; a moment is the end, exclusive.",
    )
    region: Code | None = None
    dealer: Code | None = None
    staff: Userid | None = None


class Stage(View):
    """How many leads came at least this far, and which share of all."""

    stage: str
    count: int
    share: float


class Funnel(View):
    """Leads opened in the period, by how far they came and where they stand."""

    since: str = Field(serialization_alias="from")
    until: str = Field(serialization_alias="to")
    leads: int
    stages: list[Stage]
    by_level: dict[str, int]
    by_pool: dict[str, int]
    by_state: dict[str, int]
    by_attribution: dict[str, int]


class Responses(View):
    """First responses. `overdue`: still waiting past the deadline."""

    key: str
    assigned: int
    accepted: int
    on_time: int
    late: int
    overdue: int
    on_time_share: float | None


class Timeliness(View):
    """First responses of the assignments of the period; minutes are of the newest 5,000."""

    since: str = Field(serialization_alias="from")
    until: str = Field(serialization_alias="to")
    total: Responses
    median_minutes: float | None
    p90_minutes: float | None
    by: str = Field(description="What the groups are: dealer, or staff where a dealer is given.")
    groups: list[Responses]


@routes.get("/stats/funnel", scope="leads:read", answers={200: Funnel})
async def get_funnel(call: Call, query: StatsQuery) -> web.StreamResponse:
    """How far the leads of a period came."""
    chosen = await selection(call, query)
    by_state = await stored.leads_by("state", chosen)
    total = sum(by_state.values())
    reached = [
        ("captured", total),
        ("dispatched", await stored.leads_assigned(chosen)),
        ("accepted", await stored.leads_assigned(chosen, accepted_at__isnull=False)),
        ("contacted", await stored.leads_assigned(chosen, first_response_at__isnull=False)),
    ]
    for index, stage in enumerate(_STAGES):
        reached.append((stage, await stored.leads_with_result(chosen, _STAGES[index:])))
    return answer(
        Funnel(
            since=iso(chosen.since),
            until=iso(chosen.until),
            leads=total,
            stages=[Stage(stage=s, count=n, share=share(n, total) or 0.0) for s, n in reached],
            by_level=await stored.leads_by("level", chosen),
            by_pool=await stored.leads_by("customer__pool", chosen),
            by_state=by_state,
            by_attribution=await stored.leads_by("attribution", chosen),
        )
    )


@routes.get("/stats/timeliness", scope="leads:read", answers={200: Timeliness})
async def get_timeliness(call: Call, query: StatsQuery) -> web.StreamResponse:
    """How fast leads were answered, in all and by dealer or adviser."""
    chosen = await selection(call, query)
    by = "staff" if query.dealer or query.staff else "dealer"
    column = "staff_id" if by == "staff" else "dealer_code"
    groups = await stored.response_counts(chosen, column, call.now)
    minutes = await stored.response_minutes(chosen)
    names = ("assigned", "accepted", "on_time", "late", "overdue")
    total = {name: sum(group[name] for group in groups) for name in names}
    return answer(
        Timeliness(
            since=iso(chosen.since),
            until=iso(chosen.until),
            total=_responses({"key": "total", **total}),
            median_minutes=_quantile(minutes, 0.5),
            p90_minutes=_quantile(minutes, 0.9),
            by=by,
            groups=[_responses(group) for group in groups],
        )
    )


async def selection(call: Call, query: StatsQuery) -> Selection:
    """The period and the rows of a question, within what the caller may see."""
    zone = ZoneInfo(call.deps.facts.get("timezone", "UTC"))
    until = _moment(query.until, zone, after=True) or call.now + timedelta(seconds=1)
    since = _moment(query.since, zone, after=False) or until - timedelta(days=DEFAULT_DAYS)
    if since >= until:
        raise InvalidInput([("from", "must come before to")])
    own = (await scope_of(call)).userid
    if own is not None and query.staff not in (None, own):
        raise NotFound("no such staff")
    return Selection(since, until, await _dealers(call, query), own or query.staff)


async def _dealers(call: Call, query: StatsQuery) -> frozenset[str] | None:
    """The dealers asked for that the caller may see; None: all, also leads without one."""
    visible = (await scope_of(call)).dealer_codes
    for wanted in (
        {query.dealer} if query.dealer else None,
        await dealers_in([query.region]) if query.region else None,
    ):
        if wanted is not None:
            visible = frozenset(wanted) if visible is None else visible & wanted
    return visible


def _moment(value: datetime | date | None, zone: ZoneInfo, *, after: bool) -> datetime | None:
    if value is None or isinstance(value, datetime):
        return value
    day = value + timedelta(days=1) if after else value
    return datetime.combine(day, time(), zone)


def _responses(row: dict[str, object]) -> Responses:
    counted = {name: value for name, value in row.items() if name != "key"}
    on_time, late, overdue = (int(str(row[name])) for name in ("on_time", "late", "overdue"))
    in_time = share(on_time, on_time + late + overdue)
    return Responses(key=str(row["key"]), on_time_share=in_time, **counted)  # type: ignore[arg-type]


def share(part: int, whole: int) -> float | None:
    """`part` of `whole`, to four digits; None of nothing."""
    return round(part / whole, 4) if whole else None


def _quantile(ordered: Sequence[float], share: float) -> float | None:
    if not ordered:
        return None
    return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 2)
