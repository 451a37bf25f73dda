"""Trials: a step of a campaign on one's own phone before customers read it."""

from typing import Any, Literal

from aiohttp import web
from pydantic import Field, model_validator

from api.audited import ordered
from api.campaigns import check_sees_all
from api.fields import Body, Code, Phone, PlatformId, View, iso
from api.masking import masked_name, masked_phone
from api.roles import CONSOLE
from api.routing import Call, Routes, RowId, answer
from db.models.queues import RowState
from db.queries import trials as stored
from db.queries.trials import Recipient
from domain.campaign_commands import AddTrialRecipient, RemoveTrialRecipient, SendTrial
from domain.errors import NotFound, NotReachable
from handlers.trials import key_of
from texts import campaigns as words

routes = Routes("campaigns")


class RecipientIn(Body):
    """Somebody of our own, who is known as a customer: by their whole number, or their openid."""

    phone: Phone | None = None
    openid: PlatformId | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> "RecipientIn":
        if (self.phone is None) == (self.openid is None):
            raise ValueError("must have either phone or openid")
        return self


class RecipientView(View):
    """One of the list; name and phone are masked. `window_until`: of customer-service messages."""

    customer_id: str
    name: str
    phone: str | None
    follows: bool
    window_until: str | None
    subscribed: bool
    added_at: str
    added_by: str


class RecipientList(View):
    """Everybody on the list, the newest first."""

    items: list[RecipientView]


class TrialIn(Body):
    """Which step (from 1) is tried on whom, by which way; without one as the real one would."""

    step: int = Field(ge=1, le=100)
    customer_id: RowId
    channel: Literal["message", "notice", "template"] | None = None


class TrialView(View):
    """What became of a trial: sending, sent, unknown, or unsent and why."""

    id: str
    state: str
    text: str


@routes.get("/campaigns/trial-recipients", scope=CONSOLE, answers={200: RecipientList})
async def list_trial_recipients(call: Call) -> web.StreamResponse:
    """Whom steps may be tried out on, and what WeChat takes for them now."""
    return answer(await _listed(call))


@routes.post("/campaigns/trial-recipients", scope="org:write", answers={200: RecipientList})
async def add_trial_recipient(call: Call, body: RecipientIn) -> web.StreamResponse:
    """Put somebody on the list: a customer who agreed to hear from the brand."""
    check_sees_all(call)
    kind = "phone" if body.phone else "openid"
    values = call.deps.phones.hashes(body.phone) if body.phone else [body.openid or ""]
    found = await stored.person_of(kind, values)
    if found is None:
        raise _worded(NotReachable("nobody is known by that", reason="no_customer"))
    await _order(call, AddTrialRecipient(found, call.caller.name), "add_trial_recipient", found)
    return answer(await _listed(call))


@routes.delete("/campaigns/trial-recipients/{customer_id}", scope="org:write", answers={204: None})
async def remove_trial_recipient(call: Call, customer_id: RowId) -> web.StreamResponse:
    """Take somebody off the list."""
    check_sees_all(call)
    command = RemoveTrialRecipient(customer_id)
    await _order(call, command, "remove_trial_recipient", customer_id)
    return answer(None)


@routes.post("/campaigns/{code}/trials", scope="org:write", answers={202: TrialView})
async def send_trial(call: Call, code: Code, body: TrialIn) -> web.StreamResponse:
    """Send a step, as it is kept now, to somebody on the list: marked, and no touch."""
    check_sees_all(call)
    command = SendTrial(code, body.step - 1, body.customer_id, call.caller.name, body.channel)
    told = {"step": body.step, "customer_id": str(body.customer_id), "channel": body.channel}
    number: str = await _order(call, command, "send_trial", code, **told)
    return answer(_view(number, "sending"), 202)


@routes.get("/campaigns/{code}/trials/{trial_id}", scope=CONSOLE, answers={200: TrialView})
async def get_trial(call: Call, code: Code, trial_id: Code) -> web.StreamResponse:
    """What became of a trial, as long as its job is kept."""
    check_sees_all(call)
    job = await stored.find(key_of(trial_id))
    if job is None:
        raise NotFound("no such trial")
    if job.state not in (RowState.DONE, RowState.DEAD, RowState.DISCARDED):
        return answer(_view(trial_id, "sending"))
    result: dict[str, Any] = job.result or {}
    if result.get("outcome") == "delivered":
        return answer(_view(trial_id, str(result["detail"])))
    return answer(_view(trial_id, "unsent", str(result.get("detail", ""))))


async def _order(call: Call, command: Any, action: str, target: object, **told: Any) -> Any:
    try:
        return await ordered(call, command, action, str(target), **told)
    except NotReachable as refusal:
        raise _worded(refusal) from None


def _worded(refusal: NotReachable) -> NotReachable:
    """The same refusal with its reason in words."""
    reason = str(refusal.facts["reason"])
    return NotReachable(refusal.detail, reason=reason, text=words.trial_text(reason))


async def _listed(call: Call) -> RecipientList:
    check_sees_all(call)
    return RecipientList(items=[_shown(call, one) for one in await stored.recipients(call.now)])


def _shown(call: Call, one: Recipient) -> RecipientView:
    return RecipientView(
        customer_id=str(one.customer_id),
        name=masked_name(one.name),
        phone=masked_phone(one.phone_cipher, call.deps.phones),
        follows=one.follows,
        window_until=iso(one.window_until) if one.window_until else None,
        subscribed=one.subscribed,
        added_at=iso(one.added_at),
        added_by=one.added_by,
    )


def _view(number: str, state: str, reason: str = "") -> TrialView:
    return TrialView(id=number, state=state, text=words.trial_text(reason or state))
