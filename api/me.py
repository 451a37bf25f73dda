"""Who is signed in, and whether they are on duty."""

from aiohttp import web
from pydantic import Field

from api.audited import ordered
from api.desk import LEADERS, member_of, timezone_of
from api.fields import Body, View, iso
from api.roles import ACCOUNT, DESK
from api.routing import Call, Routes, answer
from api.sessions import COOKIE
from db.queries.organisation import dealer_name, is_on_duty
from domain.account_commands import EndSessions
from domain.approval import REVIEWERS
from domain.commands import SetDuty
from texts import labels

routes = Routes("desk")


class Me(View):
    """The member of staff behind the session, and what their pages need to know."""

    userid: str
    name: str
    role: str
    role_text: str
    dealer_code: str | None
    dealer: str
    on_duty: bool
    leads_others: bool = Field(description="Sees the work of colleagues: `whose=all`.")
    reviews: bool = Field(description="Decides on defeats.")
    timezone: str
    now: str


class DutyIn(Body):
    """上岗 or 休息."""

    on_duty: bool


@routes.get("/me", scope=DESK, answers={200: Me})
async def get_me(call: Call) -> web.StreamResponse:
    """The signed-in member of staff."""
    return answer(await _me(call))


@routes.post("/me/duty", scope=DESK, answers={200: Me})
async def set_duty(call: Call, body: DutyIn) -> web.StreamResponse:
    """Go on or off duty: who is off gets no new leads."""
    member = member_of(call)
    await call.deps.bus.execute(SetDuty(member.userid, body.on_duty, call.caller.name))
    return answer(await _me(call))


@routes.post("/me/sign-out", scope=ACCOUNT, answers={204: None})
async def sign_out(call: Call) -> web.StreamResponse:
    """End this session."""
    member = member_of(call)
    end = EndSessions(member.userid, session_id=member.session_id)
    await ordered(call, end, "sign_out", member.userid)
    left = answer(status=204)
    left.del_cookie(COOKIE, path="/")
    return left


async def _me(call: Call) -> Me:
    member = member_of(call)
    return Me(
        userid=member.userid,
        name=member.name,
        role=member.role,
        role_text=labels.role_text(member.role),
        dealer_code=member.dealer_code,
        dealer=await dealer_name(member.dealer_code) if member.dealer_code else "",
        on_duty=await is_on_duty(member.userid),
        leads_others=member.role in LEADERS,
        reviews=member.role in REVIEWERS,
        timezone=timezone_of(call),
        now=iso(call.now),
    )
