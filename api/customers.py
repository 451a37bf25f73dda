"""Customers: what is known of a person, all that is held on them, and forgetting them."""

from datetime import datetime
from typing import Any, Literal

from aiohttp import web
from pydantic import Field

from api.audited import note, ordered
from api.fields import Body, Reason, View, iso
from api.lead_views import LeadView, lead_view
from api.masking import masked_phone
from api.roles import PEOPLE
from api.routing import Call, Routes, RowId, answer
from api.scoping import scope_of
from db.phone_vault import CannotDecrypt
from db.queries import customers as stored
from db.queries.campaigns import parts_of
from db.queries.leads import leads_of_customer
from db.queries.scope import EVERYTHING
from domain.errors import NotFound
from domain.people_commands import WithdrawConsent
from domain.privacy_commands import EraseCustomer
from texts import labels

routes = Routes("customers")


class IdentityView(View):
    """One way to recognise the customer. In the export `value` is whole, else masked."""

    kind: str = Field(examples=["phone"])
    value: str | None = Field(examples=["138****8000"])
    subscribed: bool
    since: str


class ConsentView(View):
    """A receipt of consent."""

    purpose: str
    version: str
    channel: str
    dealer_code: str | None
    obtained_at: str
    withdrawn_at: str | None


class CustomerView(View):
    """One person."""

    id: str
    customer_id: str
    name: str
    city: str
    pool: str
    pool_reason: str
    link: str
    opted_out_at: str | None
    erased_at: str | None
    identities: list[IdentityView]
    consents: list[ConsentView]
    leads: list[LeadView]
    created_at: str


class FollowUpView(View):
    """What a member of staff recorded."""

    lead_id: str
    userid: str
    result: str
    way: str
    note: str
    occurred_at: str
    undone_at: str | None


class HappenedView(View):
    """One line of the customer's timelines."""

    lead_id: str | None
    at: str
    kind: str
    actor: str
    text: str
    data: dict[str, Any]


class SentView(View):
    """One touch; unknown: perhaps it never arrived."""

    at: str
    channel: str
    state: str


class PartView(View):
    """A campaign the person was in, and what was sent to them in it."""

    code: str
    joined_at: str
    arm: str
    state: str
    touches: list[SentView]


class CustomerExport(View):
    """All that is held on the person."""

    exported_at: str
    customer: CustomerView
    follow_ups: list[FollowUpView]
    timeline: list[HappenedView]
    campaigns: list[PartView]


class WithdrawIn(Body):
    """What is taken back (nothing named: everything, an opt-out), and how the person said so."""

    purposes: list[Literal["contact", "share_with_dealer", "marketing"]] = Field(
        default=[], max_length=3
    )
    reason: Reason


@routes.get("/customers/{customer_id}", scope="leads:read", answers={200: CustomerView})
async def get_customer(call: Call, customer_id: RowId) -> web.StreamResponse:
    """One customer: pool, leading link, identities (masked), consents and leads.

    The id of a customer who was merged into another leads to that other one.
    """
    return answer(await _view(call, await _row(call, customer_id), whole=False))


@routes.post("/customers/{customer_id}/erase", scope=PEOPLE, answers={200: CustomerView})
async def erase_customer(call: Call, customer_id: RowId) -> web.StreamResponse:
    """Erase the person and keep the statistics."""
    row = await _row(call, customer_id)
    command = EraseCustomer(row["id"], call.caller.name)
    await ordered(call, command, "erase_customer", str(row["id"]))
    return answer(await _view(call, await _row(call, row["id"]), whole=False))


@routes.post(
    "/customers/{customer_id}/consents/withdraw", scope=PEOPLE, answers={200: CustomerView}
)
async def withdraw_consent(call: Call, customer_id: RowId, body: WithdrawIn) -> web.StreamResponse:
    """Take agreement back for a customer who said so elsewhere; it counts at once, everywhere.

    Without contact or share_with_dealer, leads come back from their advisers and wait.
    """
    row = await _row(call, customer_id)
    purposes = tuple(sorted(set(body.purposes)))
    await ordered(
        call,
        WithdrawConsent(row["id"], call.caller.name, purposes, body.reason),
        "withdraw_consent",
        str(row["id"]),
        purposes=list(purposes) or "all",
        reason=body.reason,
    )
    return answer(await _view(call, await _row(call, row["id"]), whole=False))


@routes.get("/customers/{customer_id}/export", scope=PEOPLE, answers={200: CustomerExport})
async def export_customer(call: Call, customer_id: RowId) -> web.StreamResponse:
    """All that is held on the person, phones in full: for the person's own request."""
    row = await _row(call, customer_id)
    await note(call, "export_customer", str(row["id"]), {})
    follow_ups = await stored.follow_ups(row["id"])
    happened = await stored.whole_timeline(row["id"])
    return answer(
        CustomerExport(
            exported_at=iso(call.now),
            customer=await _view(call, row, whole=True),
            follow_ups=[_follow_up(record) for record in follow_ups],
            timeline=[_happened(line, call.now) for line in happened],
            campaigns=[_part(part) for part in await parts_of(row["id"])],
        )
    )


def _part(part: dict[str, Any]) -> PartView:
    sent = [SentView(**{**touch, "at": iso(touch["at"])}) for touch in part["touches"]]
    return PartView(**{**part, "joined_at": iso(part["joined_at"]), "touches": sent})


async def _row(call: Call, customer_id: int) -> dict[str, Any]:
    row = await stored.find_customer(customer_id, await scope_of(call))
    if row is None:
        raise NotFound("no such customer")
    return row


async def _view(call: Call, row: dict[str, Any], *, whole: bool) -> CustomerView:
    scope = EVERYTHING if whole else await scope_of(call)
    sheets = await leads_of_customer(row["id"], scope)
    identities = await stored.identities(row["id"])
    return CustomerView(
        id=str(row["id"]),
        customer_id=str(row["id"]),
        name=row["name"],
        city=row["city"],
        pool=row["pool"],
        pool_reason=labels.reason_text(row["pool_reason"] or {}, call.now),
        link=row["link"],
        opted_out_at=_iso_or_none(row["opted_out_at"]),
        erased_at=_iso_or_none(row["erased_at"]),
        identities=[_identity(call, identity, whole=whole) for identity in identities],
        consents=[_consent(receipt) for receipt in await stored.consents(row["id"])],
        leads=[lead_view(sheet, call.deps.phones, call.now) for sheet in sheets],
        created_at=iso(row["created_at"]),
    )


def _identity(call: Call, row: dict[str, Any], *, whole: bool) -> IdentityView:
    return IdentityView(
        kind=row["kind"],
        value=_whole(call, row) if whole else _masked(call, row),
        subscribed=row["subscribed"],
        since=iso(row["created_at"]),
    )


def _masked(call: Call, row: dict[str, Any]) -> str | None:
    if row["kind"] == "phone":
        return masked_phone(row["cipher"], call.deps.phones)
    return f"{row['value'][:4]}****{row['value'][-4:]}" if len(row["value"]) > 12 else "****"


def _whole(call: Call, row: dict[str, Any]) -> str | None:
    if row["kind"] != "phone":
        return str(row["value"])
    try:
        return call.deps.phones.decrypt(row["cipher"])
    except CannotDecrypt:
        return None


def _consent(row: dict[str, Any]) -> ConsentView:
    return ConsentView(
        purpose=row["purpose"],
        version=row["version"],
        channel=row["channel"],
        dealer_code=row["dealer_code"],
        obtained_at=iso(row["obtained_at"]),
        withdrawn_at=_iso_or_none(row["withdrawn_at"]),
    )


def _follow_up(row: dict[str, Any]) -> FollowUpView:
    return FollowUpView(
        lead_id=str(row["lead_id"]),
        userid=row["staff_id"],
        result=row["result"],
        way=row["way"],
        note=row["note"],
        occurred_at=iso(row["occurred_at"]),
        undone_at=_iso_or_none(row["undone_at"]),
    )


def _happened(row: dict[str, Any], now: datetime) -> HappenedView:
    return HappenedView(
        lead_id=str(row["lead_id"]) if row["lead_id"] else None,
        at=iso(row["at"]),
        kind=row["kind"],
        actor=row["actor"],
        text=labels.timeline_text(row["kind"], row["data"], now),
        data=row["data"],
    )


def _iso_or_none(at: datetime | None) -> str | None:
    return iso(at) if at else None
