"""A customer at the console: who they are, what they agreed to, everything that happened."""

from typing import Any

from aiohttp import web

from api import cursors
from api.desk import LeadBrief, brief, iso_or_none, timezone_of
from api.fields import PageSize, Query, View, iso
from api.masking import masked_phone
from api.merges import MergeView, merge_views
from api.names import actor_names
from api.roles import CONSOLE
from api.routing import Call, Routes, RowId, answer
from api.scoping import scope_of
from db.queries import customers as stored
from db.queries import merges, timelines
from db.queries.faces import lead_faces
from db.queries.organisation import staff_names
from db.queries.pulse import dealer_names
from domain.errors import NotFound
from domain.phone import mask_in_text
from texts import console, labels

routes = Routes("ops")


class PersonIdentity(View):
    """One way to recognise the person; phones and ids are masked."""

    kind_text: str
    value: str
    subscribed: bool
    since: str


class PersonConsent(View):
    """A receipt of consent, in words."""

    purpose: str
    purpose_text: str
    version: str
    channel_text: str
    dealer: str
    obtained_at: str
    withdrawn_at: str | None
    in_force: bool


class PersonSheet(View):
    """One person. `moved_from`: the id asked for, when it became part of this person."""

    id: str
    moved_from: str | None
    name: str
    city: str
    pool_text: str
    pool_why: str
    link_text: str
    opted_out_at: str | None
    erased_at: str | None
    created_at: str
    identities: list[PersonIdentity]
    consents: list[PersonConsent]
    leads: list[LeadBrief]
    merges: list[MergeView]


class PersonLine(View):
    """One thing that happened to the person or to one of their leads."""

    at: str
    kind: str
    text: str
    actor: str
    lead_id: str | None


class PersonTimeline(View):
    """What happened, newest first."""

    items: list[PersonLine]
    next_cursor: str | None


class TimelineQuery(Query):
    """Which page."""

    limit: PageSize = 50
    cursor: str | None = None


@routes.get("/ops/customers/{customer_id}", scope=CONSOLE, answers={200: PersonSheet})
async def get_person(call: Call, customer_id: RowId) -> web.StreamResponse:
    """Who this is: identities (masked), consents, leads, merges."""
    scope = await scope_of(call)
    row = await _row(call, customer_id)
    lead_ids = await stored.lead_ids(row["id"], scope)
    faces = await lead_faces(lead_ids)
    return answer(
        PersonSheet(
            id=str(row["id"]),
            moved_from=str(customer_id) if customer_id != row["id"] else None,
            name=row["name"],
            city=row["city"],
            pool_text=labels.pool_text(row["pool"]),
            pool_why=labels.reason_text(row["pool_reason"] or {}, call.now, timezone_of(call)),
            link_text=labels.link_text(row["link"]),
            opted_out_at=iso_or_none(row["opted_out_at"]),
            erased_at=iso_or_none(row["erased_at"]),
            created_at=iso(row["created_at"]),
            identities=[_identity(call, each) for each in await stored.identities(row["id"])],
            consents=await _consents(row),
            leads=[brief(faces[i], call) for i in lead_ids if i in faces],
            merges=await merge_views(await merges.merges_of(row["id"])),
        )
    )


@routes.get("/ops/customers/{customer_id}/timeline", scope=CONSOLE, answers={200: PersonTimeline})
async def get_person_timeline(
    call: Call, customer_id: RowId, query: TimelineQuery
) -> web.StreamResponse:
    """Everything that happened to the person and the leads one sees, newest first."""
    scope = await scope_of(call)
    row = await _row(call, customer_id)
    before = cursors.moment_and_id(query.cursor)
    rows = await timelines.of_customer(row["id"], scope, before, query.limit + 1)
    page = rows[: query.limit]
    names = await staff_names({str(line["data"].get("userid", "")) for line in page})
    acted = await actor_names(line["actor"] for line in page)
    last = page[-1] if len(rows) > query.limit else None
    items = []
    for line in page:
        data = {**line["data"], "name": names.get(str(line["data"].get("userid", "")))}
        text = labels.timeline_text(line["kind"], data, call.now, timezone_of(call))
        items.append(
            PersonLine(
                at=iso(line["at"]),
                kind=line["kind"],
                text=mask_in_text(text),
                actor=acted(line["actor"]),
                lead_id=str(line["lead_id"]) if line["lead_id"] else None,
            )
        )
    more = cursors.encode(last["at"], last["id"]) if last else None
    return answer(PersonTimeline(items=items, next_cursor=more))


async def _row(call: Call, customer_id: int) -> dict[str, Any]:
    row = await stored.find_customer(customer_id, await scope_of(call))
    if row is None:
        raise NotFound("no such customer")
    return row


def _identity(call: Call, row: dict[str, Any]) -> PersonIdentity:
    value = row["value"]
    if row["kind"] == "phone":
        value = masked_phone(row["cipher"], call.deps.phones)
    elif len(value) > 12:
        value = f"{value[:4]}****{value[-4:]}"
    else:
        value = "****"
    return PersonIdentity(
        kind_text=console.word("identity", row["kind"]),
        value=value or "****",
        subscribed=row["subscribed"],
        since=iso(row["created_at"]),
    )


async def _consents(person: dict[str, Any]) -> list[PersonConsent]:
    rows = await stored.consents(person["id"])
    dealers = await dealer_names({row["dealer_code"] for row in rows if row["dealer_code"]})
    silent = person["opted_out_at"]
    return [
        PersonConsent(
            purpose=row["purpose"],
            purpose_text=labels.purpose_text(row["purpose"]),
            version=row["version"],
            channel_text=console.word("channel", row["channel"]),
            dealer=dealers[row["dealer_code"]].name if row["dealer_code"] in dealers else "",
            obtained_at=iso(row["obtained_at"]),
            withdrawn_at=iso_or_none(row["withdrawn_at"]),
            in_force=not row["withdrawn_at"] and (silent is None or row["obtained_at"] > silent),
        )
        for row in rows
    ]
