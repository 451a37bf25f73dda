"""Deliveries of a webhook: what was sent, how it went, and sending it again."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

import orjson
from aiohttp import web
from pydantic import Field

from api import cursors
from api.audited import ordered
from api.fields import Body, Moment, PageSize, Query, View, iso
from api.roles import CONSOLE
from api.routing import Call, Routes, RowId, answer
from api.troubles import explain
from api.webhooks import webhook_or_404
from db.models import WebhookDelivery
from db.models.queues import RowState
from db.queries import webhooks as stored
from domain.errors import NotFound
from domain.webhook_commands import PingWebhook, ReplayWebhook, ResendDelivery
from texts import console
from webhooks.message import body_of

routes = Routes("webhooks")

State = Literal["waiting", "sending", "delivered", "dead", "given_up"]
STATES: Mapping[str, RowState] = {
    "waiting": RowState.READY,
    "sending": RowState.LEASED,
    "delivered": RowState.DONE,
    "dead": RowState.DEAD,
    "given_up": RowState.DISCARDED,
}
_NAMES: dict[int, State] = {int(state): name for name, state in STATES.items()}  # type: ignore[misc]


class DeliveriesQuery(Query):
    """Which deliveries, and which page of them."""

    state: State | None = None
    limit: PageSize = 50
    cursor: str | None = None


class DeliveryView(View):
    """One event on its way to the receiver, or arrived. `event_id` is the header `webhook-id`."""

    id: str
    event_id: str
    type: str
    type_text: str
    lead_id: str | None
    state: State
    attempts: int
    status: int | None = Field(description="What the receiver answered last; null: nothing.")
    took_ms: int | None
    error: str
    error_text: str = Field(description="The error in plain words.")
    created_at: str
    next_at: str | None = Field(description="When it is tried again.")
    delivered_at: str | None


class DeliveryPage(View):
    """Deliveries, newest first. What was delivered is kept for seven days."""

    items: list[DeliveryView]
    next_cursor: str | None


class DeliveryInFull(DeliveryView):
    """With the body as it would be sent now; null once the event is no longer kept."""

    body: dict[str, Any] | None


class Asked(View):
    """The delivery that was written."""

    delivery_id: str


class ReplayIn(Body):
    """From when on; events are kept for 14 days."""

    since: Moment


@routes.get("/webhooks/{webhook_id}/deliveries", scope=CONSOLE, answers={200: DeliveryPage})
async def list_deliveries(
    call: Call, webhook_id: RowId, query: DeliveriesQuery
) -> web.StreamResponse:
    """What was or is to be sent to a webhook."""
    await webhook_or_404(call, webhook_id)
    states = None if query.state is None else [STATES[query.state]]
    before = cursors.id_before(query.cursor)
    rows = await stored.deliveries(webhook_id, states, before, query.limit + 1)
    page = rows[: query.limit]
    more = cursors.encode(page[-1]["id"]) if len(rows) > query.limit else None
    return answer(DeliveryPage(items=[DeliveryView(**_view(r)) for r in page], next_cursor=more))


@routes.get(
    "/webhooks/{webhook_id}/deliveries/{delivery_id}",
    scope=CONSOLE,
    answers={200: DeliveryInFull},
)
async def get_delivery(call: Call, webhook_id: RowId, delivery_id: RowId) -> web.StreamResponse:
    """One delivery with its body."""
    row = await _delivery_or_404(call, webhook_id, delivery_id)
    event = await stored.find_event(row.event_uid)
    body = orjson.loads(await body_of(event, call.deps.phones)) if event else None
    columns = {name: getattr(row, name) for name in row._meta.fields_db_projection}
    return answer(DeliveryInFull(**_view(columns), body=body))


@routes.post(
    "/webhooks/{webhook_id}/deliveries/{delivery_id}/retry", scope="ops", answers={204: None}
)
async def retry_delivery(call: Call, webhook_id: RowId, delivery_id: RowId) -> web.StreamResponse:
    """Send it now, whatever became of it. 409 while it is being sent."""
    row = await _delivery_or_404(call, webhook_id, delivery_id)
    order = ResendDelivery(webhook_id, row.id)
    await ordered(call, order, "retry_webhook", _target(webhook_id), delivery=str(row.id))
    return answer()


@routes.post("/webhooks/{webhook_id}/ping", scope="ops", answers={202: Asked})
async def ping_webhook(call: Call, webhook_id: RowId) -> web.StreamResponse:
    """Send a trial event of type `ping`; the list of deliveries tells how it went."""
    await webhook_or_404(call, webhook_id)
    delivery_id = await ordered(call, PingWebhook(webhook_id), "ping_webhook", _target(webhook_id))
    return answer(Asked(delivery_id=str(delivery_id)), 202)


@routes.post("/webhooks/{webhook_id}/replay", scope="ops", answers={202: None})
async def replay_webhook(call: Call, webhook_id: RowId, body: ReplayIn) -> web.StreamResponse:
    """Send again what it wants of all that happened since then, under the same event ids."""
    await webhook_or_404(call, webhook_id)
    order = ReplayWebhook(webhook_id, body.since)
    await ordered(call, order, "replay_webhook", _target(webhook_id), since=iso(body.since))
    return web.Response(status=202)


async def _delivery_or_404(call: Call, webhook_id: int, delivery_id: int) -> WebhookDelivery:
    await webhook_or_404(call, webhook_id)
    row = await stored.find_delivery(webhook_id, delivery_id)
    if row is None:
        raise NotFound("no such delivery")
    return row


def _target(webhook_id: int) -> str:
    return f"webhook {webhook_id}"


def _view(row: Mapping[str, Any]) -> dict[str, Any]:
    state = RowState(row["state"])
    return {
        "id": str(row["id"]),
        "event_id": row["event_uid"],
        "type": row["kind"],
        "type_text": console.word("job", row["kind"]),
        "lead_id": str(row["lead_id"]) if row["lead_id"] else None,
        "state": _NAMES[state],
        "attempts": row["attempts"],
        "status": row["status"],
        "took_ms": row["took_ms"],
        "error": row["error"],
        "error_text": explain(row["error"], "webhook").title if row["error"] else "",
        "created_at": _iso(row["created_at_ms"]),
        "next_at": _iso(row["due_at_ms"]) if state == RowState.READY else None,
        "delivered_at": _iso(row["done_at_ms"]) if state == RowState.DONE else None,
    }


def _iso(at_ms: int) -> str:
    return iso(datetime.fromtimestamp(at_ms / 1000, UTC))
