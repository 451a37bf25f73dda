"""One lead as a source sends it, and the command it becomes. Single, batch and file share this."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from api.catalogue import Catalogue
from api.fields import (
    Body,
    Code,
    Count,
    ExternalId,
    Moment,
    Phone,
    PlatformId,
    Source,
    Text32,
    Text64,
    Text4000,
)
from bot.understanding.signals import LeadSignals
from domain.commands import ConsentGiven, IngestLead, Interest, Person

MOST_WINDOW_DAYS = 3650
GRADED = ("asked_price", "asked_finance", "asked_delivery", "asked_test_drive", "trade_in")
"""Signs of a message that count for the grade, named alike on both sides."""

Purpose = Literal["contact", "share_with_dealer", "marketing"]


class CustomerIn(Body):
    """Who is interested: at least a phone, an openid or a unionid."""

    name: Text64 | None = None
    phone: Phone | None = Field(default=None, examples=["13800138000"])
    city: Text32 | None = None
    openid: PlatformId | None = None
    unionid: PlatformId | None = None

    @model_validator(mode="after")
    def _is_somebody(self) -> Self:
        if not (self.phone or self.openid or self.unionid):
            raise ValueError("needs a phone, an openid or a unionid")
        return self


class IntentIn(Body):
    """What they want. `model` may be a code, a name or an alias of the catalogue."""

    model: Text64 | None = Field(default=None, examples=["tayron"])
    dealer_code: Code | None = None
    purchase_window_days: Annotated[int, Field(ge=0, le=MOST_WINDOW_DAYS)] | None = None
    message: Text4000 | None = None
    budget: Count | None = Field(default=None, description="In yuan.")
    finance: bool | None = None
    trade_in: bool | None = None


class ConsentIn(Body):
    """What was agreed to; an empty list: nothing. The channel is the source unless given."""

    purposes: Annotated[list[Purpose], Field(max_length=3)]
    version: Text32 | None = None
    channel: Text64 | None = None
    obtained_at: Moment | None = None


class LeadIn(Body):
    """One lead. `(source, external_id)` is the idempotency key."""

    source: Source = Field(examples=["dongchedi"])
    external_id: ExternalId
    occurred_at: Moment | None = None
    customer: CustomerIn
    intent: IntentIn | None = None
    consent: ConsentIn


@dataclass(frozen=True, slots=True)
class Intake:
    """Turns leads as sent into commands."""

    catalogue: Catalogue
    signals: Callable[[str, datetime], LeadSignals]

    async def command(
        self, lead: LeadIn, by: str, now: datetime, met_by: str | None = None
    ) -> IngestLead:
        """Raises `InvalidInput` for a model or dealer nobody knows."""
        intent = lead.intent or IntentIn()
        occurred_at = lead.occurred_at or now
        return IngestLead(
            source=lead.source,
            external_id=lead.external_id,
            occurred_at=occurred_at,
            person=_person(lead.customer),
            interest=await self._interest(intent, occurred_at),
            consent=ConsentGiven(
                purposes=tuple(sorted(set(lead.consent.purposes))),
                version=lead.consent.version or "",
                channel=lead.consent.channel or lead.source,
                obtained_at=lead.consent.obtained_at or occurred_at,
            ),
            by=by,
            met_by=met_by,
        )

    async def _interest(self, intent: IntentIn, at: datetime) -> Interest:
        """What was stated; where nothing was, what the message says."""
        said = self.signals(intent.message, at) if intent.message else LeadSignals()
        model = said.models[0] if len(said.models) == 1 else None
        if intent.model:
            model = await self.catalogue.model_code(intent.model, "intent.model")
        if intent.dealer_code:
            await self.catalogue.check_dealer(intent.dealer_code, "intent.dealer_code")
        window = intent.purchase_window_days
        return Interest(
            model=model,
            dealer_code=intent.dealer_code,
            purchase_window_days=said.purchase_window_days if window is None else window,
            message=intent.message or "",
            budget=intent.budget,
            finance=intent.finance,
            trade_in=intent.trade_in,
            signals=tuple(kind for kind in GRADED if getattr(said, kind)),
            wished_at=said.wished_at,
        )


def _person(customer: CustomerIn) -> Person:
    return Person(
        name=(customer.name or "").strip(),
        phone=customer.phone,
        city=(customer.city or "").strip(),
        openid=customer.openid,
        unionid=customer.unionid,
    )
