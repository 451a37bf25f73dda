"""How campaigns, their messages and their proof are shown."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from api.fields import View, iso
from db.models import Campaign, Touch
from domain.campaign import ARMED, FORMS, WAITING, Flow, Form, Step
from domain.lift import Arm, lift_of
from domain.wording import filled
from texts import campaigns as words
from texts.labels import defeat_reason_text

KINDS = ("reply", "new_intent", "visit", "order")
DAY = timedelta(days=1)


class ArmView(View):
    """One group and how many of it did what; each person counts once in a kind."""

    people: int
    reply: int = 0
    new_intent: int = 0
    visit: int = 0
    order: int = 0


class LiftView(View):
    """Touched against left alone: the difference of the rates with its 95 % interval."""

    kind: str
    kind_text: str
    touched_rate: float
    held_out_rate: float
    difference: float
    low: float
    high: float
    verdict: str
    verdict_text: str


class CampaignBrief(View):
    """A campaign in a list. `lift` is that of orders, as of `figures_at`."""

    code: str
    name: str
    state: str
    state_text: str
    occasion: str
    occasion_text: str
    version: int
    joined: int
    touched: int
    orders: int
    lift: LiftView | None
    figures_at: str | None
    started_at: str | None
    updated_at: str
    updated_by: str


class CampaignPage(View):
    """Campaigns, newest first."""

    items: list[CampaignBrief]
    next_cursor: str | None


class CampaignView(CampaignBrief):
    """A campaign with its flow as it now is."""

    updated_by_name: str
    document: Any


class ReadyMadeView(View):
    """A document to begin with."""

    code: str
    document: Any


class ReadyMadeList(View):
    """Every ready-made campaign."""

    items: list[ReadyMadeView]


class WordView(View):
    """A code and what people call it."""

    code: str
    text: str


class Vocabulary(View):
    """What a flow can be made of. `variables` are shown with what a preview fills in."""

    occasions: list[WordView]
    reasons: list[WordView]
    channels: list[WordView]
    variables: list[WordView]


class StepView(View):
    """One step as customers and advisers would see it, after `day` days at the earliest."""

    day: float
    by: list[str]
    by_text: list[str]
    text: str
    notice: dict[str, str]
    template: dict[str, str]
    task: str
    conditional: bool


class PreviewView(View):
    """`count`: how many would join now; null where it depends on what happens to leads."""

    count: int | None
    steps: list[StepView]


class SentView(View):
    """Touches of one step by one way, and how many of them were answered."""

    step: int
    channel: str
    channel_text: str
    state: str
    state_text: str
    count: int
    answered: int


class TouchView(View):
    """One touch. `step` counts from 1."""

    customer_id: str
    step: int
    channel: str
    channel_text: str
    state: str
    state_text: str
    at: str
    answered_at: str | None


class TouchPage(View):
    """Touches, newest first."""

    items: list[TouchView]
    next_cursor: str | None


class CountView(View):
    """So many for a reason."""

    code: str
    text: str
    count: int


class Report(View):
    """What a campaign brought. `credited`: by kind and attribution, each the merit of this one."""

    state: str
    touched: ArmView
    held_out: ArmView
    lifts: list[LiftView]
    sent: list[SentView]
    places: list[CountView]
    endings: list[CountView]
    credited: dict[str, dict[str, int]]


def brief(row: Campaign) -> CampaignBrief:
    """A campaign in a list."""
    return CampaignBrief(**_brief(row))


def view(row: Campaign, document: object, by: str) -> CampaignView:
    """A campaign with its flow."""
    return CampaignView(**_brief(row), updated_by_name=by, document=document)


def preview(flow: Flow, count: int | None) -> PreviewView:
    """What a flow would say, to somebody we made up."""
    day, steps = timedelta(), []
    for step in flow.steps:
        day += step.wait
        steps.append(_step(step, day))
    return PreviewView(count=count, steps=steps)


def vocabulary(reasons: Sequence[str]) -> Vocabulary:
    """The codes with their words; `reasons` are those of a weak defeat."""

    def worded(kind: str) -> list[WordView]:
        return [WordView(code=code, text=text) for code, text in words.words(kind).items()]

    return Vocabulary(
        occasions=worded("occasion"),
        reasons=[WordView(code=code, text=defeat_reason_text(code)) for code in reasons],
        channels=worded("channel"),
        variables=worded("sample"),
    )


def report(row: Campaign, figures: Mapping[str, Any]) -> Report:
    """What a campaign brought, in numbers and what may be said of them."""
    return Report(
        state=row.state,
        touched=ArmView(**figures["arms"]["touched"]),
        held_out=ArmView(**figures["arms"]["held_out"]),
        lifts=[_lift(kind, figures["arms"]) for kind in KINDS],
        sent=[_sent(each) for each in figures["steps"]],
        places=_counts("place", _places(row, figures["states"])),
        endings=_counts("reason", figures["endings"]),
        credited=figures["labels"],
    )


def _places(row: Campaign, states: Mapping[str, int]) -> dict[str, int]:
    """Of a stopped campaign nobody waits for a next step: they are left where they were."""
    places: Counter[str] = Counter()
    for state, people in states.items():
        on_the_way = row.state == "stopped" and state in (WAITING, ARMED)
        places["left" if on_the_way else state] += people
    return places


def touch(row: Touch) -> TouchView:
    """One touch in a list."""
    return TouchView(
        customer_id=str(row.customer_id),
        step=row.step + 1,
        channel=row.channel,
        channel_text=words.word("channel", row.channel),
        state=row.state,
        state_text=words.word("touch", row.state),
        at=iso(row.at),
        answered_at=_moment(row.answered_at),
    )


def _brief(row: Campaign) -> dict[str, Any]:
    arms: Mapping[str, Any] = row.figures.get("arms") or {}  # type: ignore[assignment]
    joined = sum(arm["people"] for arm in arms.values())
    return {
        "code": row.code,
        "name": row.name,
        "state": row.state,
        "state_text": words.word("state", row.state),
        "occasion": row.occasion,
        "occasion_text": words.word("occasion", row.occasion),
        "version": row.version,
        "joined": joined,
        "touched": sum(each["n"] for each in row.figures.get("steps") or []),  # type: ignore[attr-defined]
        "orders": sum(arm.get("order", 0) for arm in arms.values()),
        "lift": _lift("order", arms) if joined else None,
        "figures_at": _moment(row.figures_at),
        "started_at": _moment(row.started_at),
        "updated_at": iso(row.updated_at),
        "updated_by": row.updated_by,
    }


def _lift(kind: str, arms: Mapping[str, Any]) -> LiftView:
    touched, held_out = (
        Arm(arms[name]["people"], arms[name].get(kind, 0)) for name in ("touched", "held_out")
    )
    lift = lift_of(touched, held_out)
    return LiftView(
        kind=kind,
        kind_text=words.word("kind", kind),
        touched_rate=touched.rate,
        held_out_rate=held_out.rate,
        difference=lift.difference,
        low=lift.low,
        high=lift.high,
        verdict=lift.verdict,
        verdict_text=words.word("verdict", lift.verdict),
    )


def _step(step: Step, day: timedelta) -> StepView:
    sample = words.words("sample")
    return StepView(
        day=day / DAY,
        by=list(step.by),
        by_text=[words.word("channel", channel) for channel in step.by],
        text=filled(step.text, sample),
        **{form: _filled(step.forms.get(form), sample) for form in FORMS},
        task=filled(step.task, sample),
        conditional=step.only_if is not None,
    )


def _filled(form: Form | None, sample: Mapping[str, str]) -> dict[str, str]:
    return {name: filled(text, sample) for name, text in form.fields.items()} if form else {}


def _sent(row: Mapping[str, Any]) -> SentView:
    return SentView(
        step=row["step"] + 1,
        channel=row["channel"],
        channel_text=words.word("channel", row["channel"]),
        state=row["state"],
        state_text=words.word("touch", row["state"]),
        count=row["n"],
        answered=row["answered"],
    )


def _counts(kind: str, counts: Mapping[str, int]) -> list[CountView]:
    most_first = sorted(counts.items(), key=lambda pair: -pair[1])
    return [CountView(code=c, text=words.word(kind, c), count=n) for c, n in most_first]


def _moment(at: datetime | None) -> str | None:
    return iso(at) if at else None
