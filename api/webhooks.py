"""Webhooks: who is told what, and where. The secret is shown when it is made, and never again."""

from typing import Annotated, Any, Literal

from aiohttp import web
from pydantic import Field, RootModel, StringConstraints

from api.audited import ordered
from api.errors import Refused
from api.fields import Body, Code, Name64, View, iso
from api.roles import CONSOLE
from api.routing import Call, Routes, RowId, answer
from db.models import Webhook
from db.models.queues import RowState
from db.queries import webhooks as stored
from domain.errors import NotFound
from domain.webhook_commands import DeleteWebhook, PutWebhook, RotateWebhookSecret
from domain.webhooks import EVENT_TYPES, LONGEST_URL
from texts import console
from webhooks.message import secrets_in_force, shown

routes = Routes("webhooks")

MOST_LISTED = 200
Kind = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,16}\.[a-z_]{1,16}$")]
Url = Annotated[str, StringConstraints(max_length=LONGEST_URL, pattern=r"^[!-~]+$")]
State = Literal["ok", "failing", "disabled"]


class WebhookIn(Body):
    """A receiver and what it wants. An empty list: everything; dealers and regions add up."""

    name: Name64
    url: Url = Field(examples=["https://crm.example.com/leadloop"])
    types: Annotated[list[Kind], Field(default_factory=list, max_length=len(EVENT_TYPES))]
    dealers: Annotated[list[Code], Field(default_factory=list, max_length=MOST_LISTED)]
    regions: Annotated[list[Code], Field(default_factory=list, max_length=MOST_LISTED)]
    enabled: bool = True


class WebhookView(View):
    """A webhook and how its receiver does."""

    id: str
    name: str
    url: str
    types: list[str]
    dealers: list[str]
    regions: list[str]
    enabled: bool
    state: State
    failures: int = Field(description="Failed tries since the last success.")
    failing_since: str | None
    disabled_at: str | None
    disabled_why: str = Field(description="`failing` for a day, `gone` (410), or `by_hand`.")
    missed_since: str | None = Field(description="Replay from here to send what was missed.")
    previous_secret_until: str | None
    waiting: int
    dead: int
    created_at: str
    created_by: str


class WebhookWithSecret(WebhookView):
    """With the secret, this once."""

    secret: str = Field(examples=["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"])


class WebhookList(View):
    """Every webhook, oldest first; there are never many."""

    items: list[WebhookView]
    next_cursor: None = None


class KindView(View):
    """A kind of event, and what people call it."""

    type: str = Field(examples=["lead.created"])
    text: str


class KindList(RootModel[list[KindView]]):
    """Every kind of event."""


@routes.get("/webhooks", scope=CONSOLE, answers={200: WebhookList})
async def list_webhooks(call: Call) -> web.StreamResponse:
    """All webhooks; for who sees every dealer."""
    check_sees_all(call)
    counts = await stored.open_counts()
    rows = await stored.active_webhooks()
    return answer(WebhookList(items=[_view(row, counts, call) for row in rows]))


@routes.get("/webhooks/event-types", scope=CONSOLE, answers={200: KindList})
async def list_event_types(call: Call) -> web.StreamResponse:
    """The kinds of events there are."""
    return answer(
        KindList([KindView(type=kind, text=console.word("job", kind)) for kind in EVENT_TYPES])
    )


@routes.post("/webhooks", scope="ops", answers={201: WebhookWithSecret})
async def create_webhook(call: Call, body: WebhookIn) -> web.StreamResponse:
    """Tell a receiver what happens from now on. The secret is in this answer only."""
    check_sees_all(call)
    webhook_id = await ordered(call, _order(call, None, body), "create_webhook", body.name)
    return await _with_secret(call, webhook_id, 201)


@routes.get("/webhooks/{webhook_id}", scope=CONSOLE, answers={200: WebhookView})
async def get_webhook(call: Call, webhook_id: RowId) -> web.StreamResponse:
    """One webhook."""
    return await _answer(call, webhook_id)


@routes.put("/webhooks/{webhook_id}", scope="ops", answers={200: WebhookView})
async def put_webhook(call: Call, webhook_id: RowId, body: WebhookIn) -> web.StreamResponse:
    """Change a webhook. Switched off, it keeps nothing waiting; switched on, it starts afresh."""
    await webhook_or_404(call, webhook_id)
    await _ordered(call, _order(call, webhook_id, body), "change_webhook", webhook_id)
    return await _answer(call, webhook_id)


@routes.delete("/webhooks/{webhook_id}", scope="ops", answers={204: None})
async def delete_webhook(call: Call, webhook_id: RowId) -> web.StreamResponse:
    """Send it nothing any more, also of what waits."""
    await webhook_or_404(call, webhook_id)
    await _ordered(call, DeleteWebhook(webhook_id), "delete_webhook", webhook_id)
    return answer()


@routes.post("/webhooks/{webhook_id}/rotate-secret", scope="ops", answers={200: WebhookWithSecret})
async def rotate_secret(call: Call, webhook_id: RowId) -> web.StreamResponse:
    """A new secret. For 24 hours each delivery carries a signature by the old one too."""
    await webhook_or_404(call, webhook_id)
    target = f"webhook {webhook_id}"
    await ordered(call, RotateWebhookSecret(webhook_id), "rotate_webhook_secret", target)
    return await _with_secret(call, webhook_id, 200)


def check_sees_all(call: Call) -> None:
    """Webhooks are told of every dealer: they are for who sees every dealer."""
    if not call.caller.sees_everything:
        raise Refused(403, "not_allowed", "this is for who sees every dealer")


async def webhook_or_404(call: Call, webhook_id: int) -> Webhook:
    """The webhook, for who sees every dealer. Raises `NotFound`."""
    webhook = await stored.find_webhook(webhook_id) if call.caller.sees_everything else None
    if webhook is None:
        raise NotFound("no such webhook")
    return webhook


def _order(call: Call, webhook_id: int | None, body: WebhookIn) -> PutWebhook:
    return PutWebhook(
        webhook_id=webhook_id,
        name=body.name,
        url=body.url,
        types=tuple(body.types),
        dealers=tuple(body.dealers),
        regions=tuple(body.regions),
        enabled=body.enabled,
        by=call.caller.name,
        allow_private=call.deps.private_webhooks,
    )


async def _ordered(
    call: Call, order: PutWebhook | DeleteWebhook, action: str, webhook_id: int
) -> None:
    async def look() -> dict[str, Any] | None:
        row = await stored.find_webhook(webhook_id)
        return {name: getattr(row, name) for name in WebhookIn.model_fields} if row else None

    await ordered(call, order, action, f"webhook {webhook_id}", look=look)


async def _answer(call: Call, webhook_id: int) -> web.StreamResponse:
    row = await webhook_or_404(call, webhook_id)
    return answer(_view(row, await stored.open_counts(), call))


async def _with_secret(call: Call, webhook_id: int, status: int) -> web.StreamResponse:
    row = await webhook_or_404(call, webhook_id)
    secret = shown(secrets_in_force(row, call.deps.phones, call.now)[0])
    view = _view(row, await stored.open_counts(), call)
    return answer(WebhookWithSecret(**view.model_dump(), secret=secret), status)


def _view(row: Webhook, counts: dict[tuple[int, int], int], call: Call) -> WebhookView:
    waiting = sum(counts.get((row.id, state), 0) for state in (RowState.READY, RowState.LEASED))
    old = row.previous_until if row.previous_until and row.previous_until > call.now else None
    return WebhookView(
        id=str(row.id),
        name=row.name,
        url=row.url,
        types=row.types,
        dealers=row.dealers,
        regions=row.regions,
        enabled=row.enabled,
        state="disabled" if not row.enabled else "failing" if row.failures else "ok",
        failures=row.failures,
        failing_since=iso(row.failing_since) if row.failing_since else None,
        disabled_at=iso(row.disabled_at) if row.disabled_at else None,
        disabled_why=row.disabled_why,
        missed_since=iso(row.missed_since) if row.missed_since else None,
        previous_secret_until=iso(old) if old else None,
        waiting=waiting,
        dead=counts.get((row.id, RowState.DEAD), 0),
        created_at=iso(row.created_at),
        created_by=row.created_by,
    )
