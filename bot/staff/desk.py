"""An adviser's desk in a message: what to do next, how today went, and their own numbers."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.staff.words import day_start, lead_name, moment, within
from db.models import FollowUp
from db.queries.calling import open_calls
from db.queries.desk import AdviserNumbers, adviser_numbers
from db.queries.faces import LeadFace, lead_faces
from db.queries.worklist import Due, WorkOf, due_next, planned
from domain.sla import is_late
from texts import staff as words
from texts.labels import reason_texts

SHOWN = 10
MOST = 100
"""As many as are counted; more than anybody does in a day."""
MINE_DAYS = 30
DAY = timedelta(days=1)


async def last_follow_up(userid: str) -> FollowUp | None:
    """The newest record of this adviser that still stands."""
    return await FollowUp.filter(staff_id=userid, undone_at__isnull=True).order_by("-id").first()


async def todo_text(userid: str, now: datetime, tz: str) -> str:
    """Whom to call before the day is over, the most overdue first, and who comes today."""
    due = await _due_today(userid, now, tz)
    visits = await _visitors("visits_today", userid, day_start(now, tz), tz)
    calls = await _calls_again(userid, now, tz)
    if not due and not visits:
        return within(calls[0], calls[1:]) if calls else words.say("todo_none")
    faces = await lead_faces([row.lead_id for row in due[:SHOWN]])
    late = sum(is_late(row.at, now) for row in due)
    key = "todo_head_late" if late else "todo_head"
    lines = [
        _todo_line(row, faces[row.lead_id], now, tz) for row in due[:SHOWN] if row.lead_id in faces
    ]
    if len(due) > SHOWN:
        lines.append(words.say("todo_more", count=len(due) - SHOWN))
    return within(words.say(key, count=len(due), late=late), [*lines, *visits, *calls])


async def _calls_again(userid: str, now: datetime, tz: str) -> list[str]:
    """Who of the given-up and the dormant is to be called today, the worthiest first."""
    day = now.astimezone(ZoneInfo(tz)).date().isoformat()
    tasks = await open_calls(WorkOf(userid), day, MOST)
    faces = await lead_faces([task.lead_id for task in tasks[:SHOWN]])
    lines = [
        words.say(
            "call_line",
            lead=lead_name(faces[task.lead_id]),
            model=faces[task.lead_id].model,
            why=words.say("between").join(reason_texts(task.reasons[:2], now, tz)),
        )
        for task in tasks[:SHOWN]
        if task.lead_id in faces
    ]
    return [words.say("calls_head", count=len(tasks)), *lines] if tasks else []


async def todo_count(userid: str, now: datetime, tz: str) -> int:
    """How many calls are due before the day is over."""
    return len(await _due_today(userid, now, tz))


async def today_text(userid: str, now: datetime, tz: str) -> str:
    """What one adviser did today, what is still to be done, and who comes."""
    start = day_start(now, tz)
    done = (await adviser_numbers([userid], start))[userid]
    left = await _left(userid, now, tz)
    return within(_done(done), [*left, *await _visitors("visits_today", userid, start, tz)])


async def evening_text(userid: str, now: datetime, tz: str) -> str | None:
    """How the day went and who comes tomorrow; None of a day without anything."""
    start = day_start(now, tz)
    done = (await adviser_numbers([userid], start))[userid]
    lines = await _left(userid, now, tz)
    lines += await _visitors("visits_tomorrow", userid, start + DAY, tz)
    if not lines and done == AdviserNumbers():
        return None
    return within(words.notice("evening", today=_done(done)), lines)


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
    if mine.timely_share is None:
        return head
    rate = f"{mine.timely_share:.0%}"
    return f"{head}\n{words.say('mine_timely', rate=rate, timely=mine.timely, of=mine.answered)}"


async def _due_today(userid: str, now: datetime, tz: str) -> list[Due]:
    end = day_start(now, tz) + DAY
    return [row for row in await due_next(WorkOf(userid), MOST) if row.at < end]


def _todo_line(row: Due, face: LeadFace, now: datetime, tz: str) -> str:
    key = "todo_late" if is_late(row.at, now) else "todo_open"
    what = words.say(f"due_{row.kind}")
    due = moment(row.at, now, tz)
    return words.say(key, lead=lead_name(face), model=face.model, what=what, due=due)


def _done(numbers: AdviserNumbers) -> str:
    return words.say(
        "today",
        new=numbers.new,
        followed=numbers.followed,
        appointments=numbers.appointments,
        visits=numbers.visits,
        orders=numbers.orders,
    )


async def _left(userid: str, now: datetime, tz: str) -> list[str]:
    """What the day still asks for, in a line; nothing when all is done."""
    due = await _due_today(userid, now, tz)
    late = sum(is_late(row.at, now) for row in due)
    if not due:
        return []
    return [words.say("left_late" if late else "left", count=len(due), late=late)]


async def _visitors(key: str, userid: str, start: datetime, tz: str) -> list[str]:
    """Who comes on the day that begins then, under a line that counts them."""
    plans = await planned(WorkOf(userid), start, start + DAY, MOST)
    visits = [plan for plan in plans if plan.kind == "appointment"]
    if not visits:
        return []
    faces = await lead_faces([visit.lead_id for visit in visits[:SHOWN]])
    lines = [
        words.say(
            "appointment_line",
            at=f"{visit.at.astimezone(ZoneInfo(tz)):%H:%M}",
            lead=lead_name(faces[visit.lead_id]),
            model=faces[visit.lead_id].model,
        )
        for visit in visits[:SHOWN]
        if visit.lead_id in faces
    ]
    return [words.say(key, count=len(visits)), *lines]
