"""The rules' numbers: one JSON document per scope, laid over each other, read as a typed tree.

Brand, region and dealer each override what they need to; the nearest scope wins. What may be
overridden is in `policy_check`, what is delivered in `policy_document`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from domain.levels import STANDARD, Level, LevelTable
from domain.policy_check import InvalidPolicy, faults_of_entries, faults_of_whole
from domain.policy_document import DEFAULT_DOCUMENT

__all__ = ["DEFAULT_DOCUMENT", "InvalidPolicy", "Policy", "check_overrides", "merge"]


def merge(base: Mapping[str, Any], *overrides: Mapping[str, Any]) -> dict[str, Any]:
    """A new document: objects are laid over each other key by key, anything else is replaced."""
    merged = {key: _copy(value) for key, value in base.items()}
    for override in overrides:
        for key, value in override.items():
            under = merged.get(key)
            both = isinstance(under, Mapping) and isinstance(value, Mapping)
            merged[key] = merge(under, value) if both else _copy(value)  # type: ignore[arg-type]
    return merged


def check_overrides(document: object, base: Mapping[str, Any] = DEFAULT_DOCUMENT) -> None:
    """Raise `InvalidPolicy` naming every fault of `document` as overrides of `base`."""
    faults = list(faults_of_entries(document))
    if not faults and isinstance(document, Mapping):
        faults = list(faults_of_whole(merge(base, document), STANDARD.order))
    if faults:
        raise InvalidPolicy(faults)


@dataclass(frozen=True, slots=True)
class GradingPolicy:
    """Points per observed behaviour, and the points a level needs when no window is stated."""

    points: Mapping[str, float]
    thresholds: Mapping[str, float]
    strong: frozenset[str]
    price_questions_for_lift: int
    weekly_decay: float
    source_quality: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class DispatchPolicy:
    """How much quota and quality weigh (exponents; 0 switches one off)."""

    quota_weight: float
    quality_weight: float


@dataclass(frozen=True, slots=True)
class SlaPolicy:
    """Minutes are business minutes of the dealer; `*_at` are shares of the first response."""

    first_response_minutes: float
    first_response_minutes_by_level: Mapping[str, float]
    remind_at: float
    escalate_at: float
    escalate_to_manager_at: float
    unaccepted_minutes: float
    untouched_minutes: float
    recycles_before_region: int

    def first_response_minutes_for(self, level: str) -> float:
        return self.first_response_minutes_by_level.get(level, self.first_response_minutes)


@dataclass(frozen=True, slots=True)
class DefeatPolicy:
    """`reasons` is the reason tree: code → resistance (weak, strong or none).

    `recall_share` of approved defeats, 0 to 1, is called again by the brand.
    """

    min_attempts: int
    min_days: int
    needs_approval: bool
    suspicious_at: int
    recall_share: float
    reasons: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LinkPolicy:
    """While an adviser's contact with the customer is so fresh, the brand keeps silent."""

    fresh_contact_days: float


@dataclass(frozen=True, slots=True)
class RequestPolicy:
    """Whether a manager must agree, and the reasons to choose from (codes, or own words)."""

    needs_approval: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ContactPolicy:
    """Quiet hours are local clock times, the start within and the end outside.

    `touches_per_minute` is over all campaigns and the brand's alone to say; on blackout days no
    campaign speaks.
    """

    quiet_from: time
    quiet_until: time
    touches_per_week: int
    touches_per_minute: int
    blackout_days: frozenset[date]


@dataclass(frozen=True, slots=True)
class AppointmentPolicy:
    """Slots last `duration_minutes`, start `lead_time_minutes` ahead, between two clock times."""

    duration_minutes: float
    lead_time_minutes: float
    capacity: int
    earliest: time
    latest: time


@dataclass(frozen=True, slots=True)
class WecomPolicy:
    """The platform's limits per member, with a margin: it drops what is over without a word."""

    member_sends_per_minute: int
    member_sends_per_hour: int


@dataclass(frozen=True, slots=True)
class BotPolicy:
    """How the bot talks: undo by staff, a person's time to answer, when a conversation is over."""

    undo_minutes: float
    answer_minutes: float
    idle_minutes: float


@dataclass(frozen=True, slots=True)
class SeaPolicy:
    """How often one member may claim in a day, and how long a lead's last owner may not."""

    claims_per_day: int
    cool_down_minutes: float


@dataclass(frozen=True, slots=True)
class CallingPolicy:
    """Whom to call again: how many a clerk and day, not how soon nor how late, and the points.

    Days count from when the lead was closed; `rest_days` from the last such call. Points of what
    was done together halve in `half_life_days`; below `least` nobody is called.
    """

    calls_per_day: int
    not_before_days: float
    not_after_days: float
    rest_days: float
    half_life_days: float
    least: float
    points: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class TicketPolicy:
    """Business minutes of the store until a ticket must be answered, by its kind."""

    complaint_minutes: float
    rescue_minutes: float
    maintenance_minutes: float

    def minutes_for(self, kind: str) -> float:
        return float(getattr(self, f"{kind}_minutes"))


@dataclass(frozen=True, slots=True)
class DigestPolicy:
    """Local clock times of the summaries; off the full and half hour, when WeCom is busiest."""

    morning: time
    evening: time


@dataclass(frozen=True, slots=True)
class Policy:
    """All rules' numbers in force for one scope."""

    levels: LevelTable
    grading: GradingPolicy
    dispatch: DispatchPolicy
    sla: SlaPolicy
    defeat: DefeatPolicy
    links: LinkPolicy
    dormant: RequestPolicy
    transfer: RequestPolicy
    contact: ContactPolicy
    appointment: AppointmentPolicy
    wecom: WecomPolicy
    bot: BotPolicy
    sea: SeaPolicy
    calling: CallingPolicy
    tickets: TicketPolicy
    digests: DigestPolicy
    offers: Mapping[str, str]
    """What is on offer now, in words for customers: by model, and under `any` for all."""
    merge_days: float

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Policy:
        """Read a whole document: overrides checked by `check_overrides`, merged by `merge`."""
        contact, quiet = document["contact"], document["contact"]["quiet_hours"]
        return cls(
            levels=_levels(document["levels"]),
            grading=_grading(document["grading"]),
            dispatch=DispatchPolicy(**document["dispatch"]),
            sla=_sla(document["sla"]),
            defeat=DefeatPolicy(**document["defeat"]),
            links=LinkPolicy(**document["links"]),
            dormant=_request(document["dormant"]),
            transfer=_request(document["transfer"]),
            contact=ContactPolicy(
                quiet_from=time.fromisoformat(quiet["start"]),
                quiet_until=time.fromisoformat(quiet["end"]),
                touches_per_week=contact["touches_per_week"],
                touches_per_minute=contact["touches_per_minute"],
                blackout_days=frozenset(map(date.fromisoformat, contact["blackout_days"])),
            ),
            appointment=_appointment(document["appointment"]),
            wecom=WecomPolicy(**document["wecom"]),
            bot=BotPolicy(**document["bot"]),
            sea=SeaPolicy(**document["sea"]),
            calling=CallingPolicy(**document["calling"]),
            tickets=TicketPolicy(**document["tickets"]),
            digests=DigestPolicy(
                **{name: time.fromisoformat(at) for name, at in document["digests"].items()}
            ),
            offers=_without_nulls(document["offers"]),
            merge_days=document["merge_days"],
        )


def _levels(document: Mapping[str, Any]) -> LevelTable:
    rows = [
        Level(
            code,
            window_days=row.get("window_days"),
            follow_up_days=row["follow_up_days"],
            states_window="window_days" in row,
        )
        for code, row in document.items()
        if isinstance(row, Mapping)
    ]
    return LevelTable(tuple(rows), missed_cycles=document["missed_cycles"])


def _grading(document: Mapping[str, Any]) -> GradingPolicy:
    return GradingPolicy(
        **{
            **document,
            "strong": frozenset(document["strong"]),
            "thresholds": _without_nulls(document["thresholds"]),
        }
    )


def _request(document: Mapping[str, Any]) -> RequestPolicy:
    return RequestPolicy(document["needs_approval"], tuple(document["reasons"]))


def _sla(document: Mapping[str, Any]) -> SlaPolicy:
    by_level = _without_nulls(document["first_response_minutes_by_level"])
    return SlaPolicy(**{**document, "first_response_minutes_by_level": by_level})


def _appointment(document: Mapping[str, Any]) -> AppointmentPolicy:
    hours = {name: time.fromisoformat(document[name]) for name in ("earliest", "latest")}
    return AppointmentPolicy(**{**document, **hours})


def _without_nulls(document: Mapping[str, Any]) -> dict[str, Any]:
    """Rows an override took away by setting them to null."""
    return {key: value for key, value in document.items() if value is not None}


def _copy(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(item) for key, item in value.items()}
    return list(value) if isinstance(value, list) else value
