"""An adviser's desk in a message: what to do next, and how today went."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.staff.words import lead_name, moment
from db.models import Assignment, FollowUp, Staff
from db.queries.desk import adviser_numbers, store_numbers
from db.queries.faces import AssignmentFace, held_by, lead_faces
from texts import staff as words

SHOWN = 10
MINE_DAYS = 30


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
    start = day_start(now, tz)
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


async def mine_text(userid: str, now: datetime, tz: str) -> str:
    """An adviser's own numbers of the last days."""
    since = now.astimezone(UTC) - timedelta(days=MINE_DAYS)
    done = await adviser_numbers([userid], since)
    mine = done[userid]
    head = words.say(
        "mine_head",
        days=MINE_DAYS,
        new=mine.new,
        followed=mine.followed,
        appointments=mine.appointments,
        visits=mine.visits,
        orders=mine.orders,
        defeats=mine.defeats,
    )
    if not mine.answered:
        return head
    rate = f"{mine.timely / mine.answered:.0%}"
    return f"{head}\n{words.say('mine_timely', rate=rate, timely=mine.timely, of=mine.answered)}"


async def store_text(userid: str, now: datetime, tz: str) -> str:
    """A manager's day: what is late and waiting, and who did how much."""
    manager = await Staff.get(userid=userid).select_related("dealer")
    if manager.dealer is None:
        return words.say("todo_none")
    start = day_start(now, tz)
    store = await store_numbers(manager.dealer.code, start, now)
    people = await Staff.filter(dealer_id=manager.dealer.code, role="adviser", active=True)
    done = await adviser_numbers([p.userid for p in people], start)
    ranked = sorted(people, key=lambda p: (-done[p.userid].followed, p.userid))
    lines = [
        words.say(
            "store_line",
            rank=rank,
            name=person.name,
            new=done[person.userid].new,
            followed=done[person.userid].followed,
            appointments=done[person.userid].appointments,
        )
        for rank, person in enumerate(ranked[:SHOWN], 1)
    ]
    return "\n".join([words.say("store_head", dealer=manager.dealer.name, **store), *lines])


def day_start(now: datetime, tz: str) -> datetime:
    """The local midnight before `now`, in UTC."""
    zone = ZoneInfo(tz)
    return datetime.combine(now.astimezone(zone).date(), time(), zone).astimezone(UTC)
