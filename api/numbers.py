"""My numbers: what an adviser did, and for who leads a store, how it stands."""

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

from aiohttp import web
from pydantic import Field

from api.desk import LEADERS, member_of, timezone_of
from api.fields import Query, View, iso
from api.roles import DESK
from api.routing import Call, Routes, answer
from db.queries.desk import AdviserNumbers, adviser_numbers, store_numbers
from db.queries.organisation import colleagues
from domain.sea import start_of_day

routes = Routes("desk")


class NumbersQuery(Query):
    """How many days, today included."""

    days: Annotated[int, Field(ge=1, le=92)] = 30


class Numbers(View):
    """What one member did. `answered` of the new leads got a first contact, `timely` in time."""

    userid: str
    name: str
    new: int
    followed: int
    appointments: int
    visits: int
    orders: int
    defeats: int
    answered: int
    timely: int


class Store(View):
    """A store now; `new` since midnight."""

    new: int
    late: int
    unaccepted: int
    waiting: int
    sea: int
    pending: int
    suspicious: int


class NumbersPage(View):
    """The member's own numbers; `store` and `colleagues` for who leads a store."""

    since: str
    mine: Numbers
    store: Store | None
    colleagues: list[Numbers]


@routes.get("/me/numbers", scope=DESK, answers={200: NumbersPage})
async def get_numbers(call: Call, query: NumbersQuery) -> web.StreamResponse:
    """What was done in the last days."""
    member = member_of(call)
    midnight = start_of_day(call.now, timezone_of(call))
    since = midnight - timedelta(days=query.days - 1)
    names, store = {member.userid: member.name}, None
    if member.dealer_code and member.role in LEADERS:
        names |= {row["userid"]: row["name"] for row in await colleagues(member.dealer_code)}
        store = Store(**await store_numbers(member.dealer_code, midnight, call.now))
    done = await adviser_numbers(list(names), since)
    others = [u for u in names if u != member.userid] if store else []
    ranked = sorted(others, key=lambda u: (done[u].merit, u))
    return answer(
        NumbersPage(
            since=iso(since),
            mine=_numbers(member.userid, member.name, done[member.userid]),
            store=store,
            colleagues=[_numbers(u, names[u], done[u]) for u in ranked],
        )
    )


def _numbers(userid: str, name: str, done: AdviserNumbers) -> Numbers:
    return Numbers(userid=userid, name=name, **asdict(done))
