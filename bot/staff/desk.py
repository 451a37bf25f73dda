"""An adviser's desk in a message: what to do next, and how today went."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.staff.words import lead_name, moment
from db.models import Assignment, FollowUp
from db.queries.faces import AssignmentFace, held_by, lead_faces
from texts import staff as words

SHOWN = 10


async def last_follow_up(userid: str) -> FollowUp | None:
    """The newest record of this adviser that still stands."""
    return await FollowUp.filter(staff_id=userid, undone_at__isnull=True).order_by("-id").first()


async def todo_text(userid: str, now: datetime, tz: str) -> str:
    """Whom to call: first contacts and follow-ups that are due, the most overdue first."""
    due = [(at, face) for face in await held_by(userid) if (at := due_at(face)) is not None]
    if not due:
        return words.say("todo_none")
    due.sort(key=lambda pair: pair[0])
    lines = [words.say("todo_head", count=len(due))]
    for at, face in due[:SHOWN]:
        key = "todo_late" if at <= now else "todo_open"
        line = words.say(
            key, lead=lead_name(face.lead), model=face.lead.model, due=moment(at, now, tz)
        )
        lines.append(line)
    if len(due) > SHOWN:
        lines.append(words.say("todo_more", count=len(due) - SHOWN))
    return "\n".join(lines)


def due_at(face: AssignmentFace) -> datetime | None:
    """When this lead next needs its adviser."""
    return face.due_at if face.first_response_at is None else face.next_follow_up_at


async def today_text(userid: str, now: datetime, tz: str) -> str:
    """Today's numbers and appointments of one adviser."""
    zone = ZoneInfo(tz)
    start = datetime.combine(now.astimezone(zone).date(), time(), zone)
    end = start + timedelta(days=1)
    new = await Assignment.filter(staff_id=userid, assigned_at__gte=start).count()
    mine = FollowUp.filter(staff_id=userid, undone_at__isnull=True)
    followed = await mine.filter(logged_at__gte=start).count()
    visits = await mine.filter(appointment_at__gte=start, appointment_at__lt=end)
    todo = [f for f in await held_by(userid) if (at := due_at(f)) and at < end]
    faces = await lead_faces([visit.lead_id for visit in visits])
    head = words.say("today", new=new, followed=followed, appointments=len(visits), todo=len(todo))
    lines = [
        words.say(
            "appointment_line",
            at=f"{visit.appointment_at.astimezone(zone):%H:%M}",
            lead=lead_name(faces[visit.lead_id]),
            model=faces[visit.lead_id].model,
        )
        for visit in visits
        if visit.appointment_at and visit.lead_id in faces
    ]
    return "\n".join([head, *lines])
