"""A manager's day in one message: what is late, unaccepted and doubtful, and who did how much."""

from datetime import datetime

from bot.staff.approval_cards import name_of
from bot.staff.words import day_start, moment, short, within
from db.models import Dealer
from db.queries.desk import AdviserNumbers, adviser_numbers, store_numbers
from db.queries.faces import LeadFace, lead_faces
from db.queries.organisation import colleagues, staff_names
from db.queries.store_day import (
    Doubtful,
    Found,
    Neglected,
    doubtful_defeats,
    late_contacts,
    late_follow_ups,
    unaccepted,
)
from texts import staff as words
from texts.labels import defeat_reason_text, reason_text

NAMED = 3
"""Leads named in each paragraph; the pages show the others."""
RANKED = 8
FINDINGS = 2


async def store_text(dealer: Dealer, now: datetime, tz: str, page: str) -> str:
    """All of it within one message; `page` is where the manager decides."""
    start = day_start(now, tz)
    people = {row["userid"]: row["name"] for row in await colleagues(dealer.code)}
    done = await adviser_numbers(list(people), start)
    store = await store_numbers(dealer.code, start, now)
    head = words.say("store_head", dealer=dealer.name, **(_sums(done) | store))
    lines = [
        *await _neglected("store_late", await late_contacts(dealer.code, now, NAMED), now, tz),
        *await _neglected("store_missed", await late_follow_ups(dealer.code, now, NAMED), now, tz),
        *await _neglected("store_unaccepted", await unaccepted(dealer.code, now, NAMED), now, tz),
        *await _doubtful(await doubtful_defeats(dealer.code, start, NAMED), now, tz),
        *_ranking(people, done),
    ]
    foot = words.say("store_pending", count=store["pending"], page=page)
    return within(head, lines, foot if store["pending"] else "", "store_more")


def _sums(done: dict[str, AdviserNumbers]) -> dict[str, int]:
    names = ("followed", "appointments", "visits", "orders")
    return {name: sum(getattr(numbers, name) for numbers in done.values()) for name in names}


async def _neglected(key: str, found: Found[Neglected], now: datetime, tz: str) -> list[str]:
    if not found.count:
        return []
    faces = await lead_faces([row.lead_id for row in found.first])
    names = await staff_names({row.userid for row in found.first})
    lines = [
        words.say(
            "store_lead" if row.accepted or key == "store_unaccepted" else "store_lead_new",
            lead=_lead(faces[row.lead_id]),
            model=faces[row.lead_id].model,
            name=short(names.get(row.userid, row.userid)),
            due=moment(row.at, now, tz),
        )
        for row in found.first
        if row.lead_id in faces
    ]
    return [words.say(key, count=found.count), *lines]


async def _doubtful(found: Found[Doubtful], now: datetime, tz: str) -> list[str]:
    if not found.count:
        return []
    faces = await lead_faces([row.lead_id for row in found.first])
    lines = []
    for row in found.first:
        findings = [reason_text(finding, now, tz) for finding in row.findings[:FINDINGS]]
        line = words.say(
            "store_doubt",
            lead=_lead(faces[row.lead_id]),
            name=short(await name_of(row.asked_by)),
            reason=defeat_reason_text(row.reason),
            findings=words.say("list_comma").join(findings),
            state=words.say(f"store_doubt_{row.state}"),
        )
        lines.append(line)
    return [words.say("store_doubtful", count=found.count), *lines]


def _ranking(people: dict[str, str], done: dict[str, AdviserNumbers]) -> list[str]:
    """Orders count most, then visits, appointments and contacts; equals as their ids are."""
    best = sorted(people, key=lambda u: (done[u].merit, u))
    lines = [
        words.say(
            "store_line",
            rank=rank,
            name=short(people[userid]),
            new=done[userid].new,
            followed=done[userid].followed,
            appointments=done[userid].appointments,
            visits=done[userid].visits,
            orders=done[userid].orders,
            timely=words.say("store_timely", rate=f"{rate:.0%}")
            if (rate := done[userid].timely_share) is not None
            else "",
        )
        for rank, userid in enumerate(best[:RANKED], 1)
    ]
    return [words.say("store_ranking"), *lines] if lines else []


def _lead(face: LeadFace) -> str:
    return f"#{face.id} {short(face.name)}".strip()
