"""What each notice to dealer staff says: facts read at the moment of sending.

A renderer returns None when there is nothing left to say: the card's assignment is over, the
contact was made meanwhile.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime

from bot.staff import desk
from bot.staff.approval_cards import findings_of, name_of
from bot.staff.cards import card_face
from bot.staff.drives import test_drive
from bot.staff.link_notices import LINKS, brands_turn
from bot.staff.look import Look, Message
from bot.staff.service_notices import SERVICE
from bot.staff.store_day import store_text
from bot.staff.words import lead_name, within
from db.models import Approval, Assignment, Card, Defeat, OutboxJob, Staff, Touchpoint
from db.queries.faces import AssignmentFace, assignment_face, lead_face, lead_faces
from texts import staff as words
from texts.labels import (
    defeat_reason_text,
    dormant_reason_text,
    level_text,
    source_text,
)

Renderer = Callable[[OutboxJob, Look], Awaitable[Message | None]]


async def _card_message(job: OutboxJob, look: Look) -> Message | None:
    card = await Card.get_or_none(task_id=str(job.data["task_id"]))
    if card is None:
        return None
    if card.kind == "lead" and await _is_over(card):
        return None
    face = await card_face(card, look)
    return Message.card(face) if face else None


async def _is_over(card: Card) -> bool:
    return await Assignment.exists(id=card.assignment_id, ended_at__isnull=False)


async def _said(job: OutboxJob, look: Look) -> Message | None:
    return Message.text(str(job.data["text"]))


async def _lead_again(job: OutboxJob, look: Look) -> Message | None:
    lead = await lead_face(int(str(job.data["lead_id"])))
    seen = await Touchpoint.get_or_none(id=job.data["touchpoint_id"])
    if lead is None or seen is None:
        return None
    said = words.card("pick_hint", text=seen.data["message"]) if seen.data.get("message") else ""
    text = words.notice(
        "lead_again",
        lead=lead_name(lead),
        model=lead.model,
        source=source_text(seen.source),
        message=said,
    )
    return Message.text(text)


async def _overdue(job: OutboxJob, look: Look) -> Message | None:
    face = await assignment_face(int(str(job.data["assignment_id"])))
    mark = str(job.data["mark"])
    if face is None or face.ended_at or (mark != "follow_up" and face.first_response_at):
        return None
    return Message.text(_of_assignment(mark, face, look))


async def _recycled(job: OutboxJob, look: Look) -> Message | None:
    face = await assignment_face(int(str(job.data["assignment_id"])))
    if face is None:
        return None
    key = "recycled_to_region" if job.data["to_region"] else "recycled"
    return Message.text(_of_assignment(key, face, look))


def _of_assignment(key: str, face: AssignmentFace, look: Look) -> str:
    return words.notice(
        key,
        lead=lead_name(face.lead),
        model=face.lead.model,
        due=look.at(face.due_at),
        name=face.adviser,
    )


async def _level_lowered(job: OutboxJob, look: Look) -> Message | None:
    lead = await lead_face(int(str(job.data["lead_id"])))
    if lead is None:
        return None
    level = level_text(str(job.data["level"]))
    return Message.text(words.notice("level_lowered", lead=lead_name(lead), level=level))


async def _customer_spoke(job: OutboxJob, look: Look) -> Message | None:
    lead = await lead_face(int(str(job.data["lead_id"])))
    if lead is None:
        return None
    text = words.notice("customer_spoke", lead=lead_name(lead), text=job.data["text"])
    return Message.text(text)


async def _defeat_result(job: OutboxJob, look: Look) -> Message | None:
    defeat = await Defeat.get_or_none(id=job.data["defeat_id"])
    lead = await lead_face(defeat.lead_id) if defeat else None
    if defeat is None or lead is None:
        return None
    reason = defeat_reason_text(defeat.reason)
    key = f"defeat_{'passed_on' if defeat.passed_to else defeat.state}"
    text = words.notice(key, lead=lead_name(lead), reason=reason)
    return Message.text(text + await brands_turn(lead.customer_id))


async def _approval_result(job: OutboxJob, look: Look) -> Message | None:
    asked = await Approval.get_or_none(id=job.data["approval_id"])
    lead = await lead_face(asked.lead_id) if asked else None
    if asked is None or lead is None:
        return None
    reason = dormant_reason_text(asked.reason)
    key = f"{asked.kind}_{'passed_on' if asked.passed_to else asked.state}"
    text = words.notice(key, lead=lead_name(lead), reason=reason)
    goes_on = await brands_turn(lead.customer_id) if lead.state == "dormant" else ""
    return Message.text(text + goes_on)


async def _recall(job: OutboxJob, look: Look) -> Message | None:
    defeat = await Defeat.get_or_none(id=job.data["defeat_id"])
    lead = await lead_face(defeat.lead_id) if defeat else None
    if defeat is None or lead is None:
        return None
    reason = defeat_reason_text(defeat.reason)
    against = words.say("list_comma").join(findings_of(defeat.suspicion, look))
    text = words.notice(
        "recall",
        lead=lead_name(lead),
        model=lead.model,
        dealer=lead.dealer,
        name=await name_of(defeat.requested_by),
        reason=reason,
        findings=words.notice("recall_findings", findings=against) if against else "",
        page=look.page(lead.id),
    )
    return Message.text(text)


async def _touch_task(job: OutboxJob, look: Look) -> Message | None:
    lead = await lead_face(int(str(job.data["lead_id"])))
    if lead is None:
        return None
    text = words.notice(
        "touch_task",
        lead=lead_name(lead),
        model=lead.model,
        page=look.page(lead.id),
        text=job.data["text"],
    )
    return Message.text(text)


async def _app_lifecycle(job: OutboxJob, look: Look) -> Message | None:
    """What WeCom says is about to happen to the app, or has happened, and what to do."""
    change, begins = str(job.data["change"]), job.data.get("effective_at")
    at = look.at(datetime.fromisoformat(str(begins))) if begins else words.notice("soon")
    return Message.text(words.app_change(change, at))


async def _pools_differ(job: OutboxJob, look: Look) -> Message | None:
    return Message.text(words.notice("pools_differ", day=job.data["day"], count=job.data["count"]))


async def _webhook_off(job: OutboxJob, look: Look) -> Message | None:
    return Message.text(words.notice(job.name, **job.data))


async def _digest(job: OutboxJob, look: Look) -> Message | None:
    brought, others = (_ids(job, name) for name in ("lead_ids", "other_ids"))
    faces = await lead_faces([*brought, *others])
    head = words.notice("digest_head", count=job.data["count"])
    lines = [
        words.notice(
            "digest_lead",
            lead=lead_name(faces[i]),
            level=level_text(faces[i].level),
            model=faces[i].model,
            phone=look.phone(faces[i], shown=False),
        )
        for i in brought
        if i in faces
    ]
    return Message.text(within(head, lines))


def _ids(job: OutboxJob, name: str) -> list[int]:
    ids = job.data.get(name, [])
    return [int(i) for i in ids if i is not None] if isinstance(ids, list) else []


async def _morning(job: OutboxJob, look: Look) -> Message | None:
    text = await desk.todo_text(str(job.staff_id), look.now, look.tz)
    nothing = text == words.say("todo_none")
    return None if nothing else Message.text(f"{words.notice('morning')}\n{text}")


async def _evening(job: OutboxJob, look: Look) -> Message | None:
    text = await desk.evening_text(str(job.staff_id), look.now, look.tz)
    return Message.text(text) if text else None


async def _manager(job: OutboxJob, look: Look) -> Message | None:
    manager = await Staff.get(userid=job.staff_id).select_related("dealer")
    if manager.dealer is None:
        return None
    return Message.text(await store_text(manager.dealer, look.now, look.tz, look.approvals))


RENDERERS: dict[str, Renderer] = {
    **SERVICE,
    **LINKS,
    "test_drive": test_drive,
    "lead_card": _card_message,
    "follow_up_card": _card_message,
    "defeat_card": _card_message,
    "transfer_card": _card_message,
    "reason_card": _card_message,
    "pick_card": _card_message,
    "rest_card": _card_message,
    "approval_card": _card_message,
    "reassign_card": _card_message,
    "confirm_card": _card_message,
    "amend_card": _card_message,
    "said": _said,
    "lead_again": _lead_again,
    "overdue": _overdue,
    "recycled": _recycled,
    "level_lowered": _level_lowered,
    "customer_spoke": _customer_spoke,
    "defeat_result": _defeat_result,
    "approval_result": _approval_result,
    "recall": _recall,
    "touch_task": _touch_task,
    "app_lifecycle": _app_lifecycle,
    "pools_differ": _pools_differ,
    "webhook_failing": _webhook_off,
    "webhook_gone": _webhook_off,
    "digest": _digest,
    "morning_digest": _morning,
    "evening_digest": _evening,
    "manager_digest": _manager,
}
"""Notice name → how it looks. `refresh_card` changes a card instead; see the messenger."""
