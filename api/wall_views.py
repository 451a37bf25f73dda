"""The live wall as it is told: numbers of one moment, in the words of the console."""

from typing import Literal

from pydantic import Field

from api.fields import View


class Measure(View):
    """A number of today and of the same day a week ago up to the same moment; hour by hour."""

    now: int = Field(description="Of the last five minutes.")
    today: int
    last_week: int
    by_hour: list[int] = Field(description="Of today, up to the hour that runs.")
    last_week_by_hour: list[int] = Field(description="Of the whole day a week ago.")


class Today(View):
    """Since midnight: leads opened, cards that reached an adviser, first contacts."""

    leads: Measure
    pushed: Measure
    answered: Measure


class QueueNow(View):
    """One queue. Rates are rows of the last minute."""

    name: str
    title: str
    ready: int
    held: int = Field(description="Of the ready: those whose receiver fails and is left alone.")
    scheduled: int
    active: int
    failed: int
    oldest_ready_seconds: float
    in_per_minute: int
    out_per_minute: int
    paused: bool


class LateDealer(View):
    """A dealer with leads whose first contact is overdue."""

    region_code: str
    region: str
    dealer_code: str
    dealer: str
    count: int
    oldest_due_at: str


class Backlog(View):
    """What is due and has not begun, over several queues."""

    ready: int
    oldest_seconds: float


class ProcessNow(View):
    """One process. `silent` for ten minutes after it stopped telling how it does."""

    id: str
    duties: list[str]
    state: Literal["ok", "silent"]
    seen_seconds_ago: float
    event_loop_lag_ms: float


class Stopped(View):
    """An API that is not called before `until`, since WeChat refused it."""

    api: str
    errcode: int
    until: str
    title: str
    todo: str


class QuotaLeft(View):
    """A quota of today. `about`: counted here, for an app that WeChat tells nothing of."""

    api: str
    title: str
    used: int
    limit: int
    left: int
    about: bool


class AppNow(View):
    """One WeChat app as all processes together know it."""

    app: str
    title: str
    token_age_seconds: float | None
    paused_until: str | None
    problem: str | None = Field(description="Why no calls are made now.")
    todo: str | None
    stopped: list[Stopped] = Field(description="The breaker: what is left alone now.")
    quotas: list[QuotaLeft]
    calls: int = Field(description="Of the last hour.")
    refusals: list["Refusal"]
    callbacks_per_minute: int
    last_callback_at: str | None


class Refusal(View):
    """An errcode of the last hour; `title` where a person can do something."""

    errcode: str
    count: int
    title: str | None


class TroubleView(View):
    """Rows of a queue with the same error: dead (`failed`), or waiting for another try."""

    queue: str
    queue_title: str
    kind: str
    kind_text: str
    error: str
    title: str
    todo: str
    failed: int
    waiting: int


class HistoryView(View):
    """All queues together over the last looks, oldest first."""

    at: list[str]
    ready: list[int]
    failed: list[int]
    came: list[int]
    left: list[int]


class Wall(View):
    """Everything at one moment. `troubles`, `processes` only for who sees every dealer."""

    number: int
    at: str
    database: str
    redis: str
    event_loop_lag_ms: float = Field(description="Of the slowest process.")
    processes: list[ProcessNow]
    inbox: Backlog
    outbox: Backlog
    today: Today
    queues: list[QueueNow]
    late: list[LateDealer]
    apps: list[AppNow]
    troubles: list[TroubleView]
    history: HistoryView
