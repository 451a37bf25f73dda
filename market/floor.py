"""Staff at work: what reaches their phone makes them act, each after their own habits."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from db.models import Assignment, CallTask, Defeat, FollowUp, Lead, OutboxJob
from db.queries.calling import RESTS, open_calls
from db.queries.worklist import WorkOf
from domain.calling_commands import RecordCall
from domain.commands import (
    AcceptLead,
    ClaimLead,
    LogFollowUp,
    ReopenLead,
    RequestDefeat,
    ReviewDefeat,
    TransferLead,
)
from domain.lead import CLOSED, LeadState
from handlers.calling import CALLERS
from market.advisers import Worker, at_work
from market.customers import Life, is_near, warm
from market.seasons import ZONE
from market.talking import Call, call
from market.world import World, soon

TRIES, TRY_DAYS = 3, 2
"""What staff know the rules ask for before a lead may be given up."""
NEXT_TRY_MINUTES = 240.0
MOST_CALLS = 100
Seen = Callable[[OutboxJob, Worker], Awaitable[None]]


class Floor:
    """Everybody who works for the dealers and the region."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._planned: dict[int, datetime] = {}
        self._gives_up: dict[int, str] = {}
        self._notices: dict[str, Seen] = {
            "lead_card": self._new_lead,
            "digest": self._many,
            "overdue": self._overdue,
            "lead_again": self._customer_stirs,
            "customer_spoke": self._customer_stirs,
            "recycled": self._recycled,
            "defeat_card": self._defeat_asked,
            "touch_task": self._task,
            "morning_digest": self._calls_of_the_day,
        }

    def advisers_of(self, store: str) -> list[Worker]:
        return [worker for worker in self._world.stores[store] if worker.role == "adviser"]

    async def told(self, job: OutboxJob) -> None:
        """A notice arrived on somebody's phone."""
        worker = self._world.workers.get(job.staff_id or "")
        seen = self._notices.get(job.name)
        if worker and seen:
            await seen(job, worker)

    # what arrives ───────────────────────────────────────────────────────────────────────────

    async def _new_lead(self, job: OutboxJob, worker: Worker) -> None:
        self._see_lead(_number(job.lead_id), worker)

    def _see_lead(self, lead_id: int, worker: Worker) -> None:
        about = ("card", self._world.lead_of.get(lead_id, lead_id))
        if not self._world.chance.happens(worker.habit.misses, "misses", worker.userid, *about):
            self._turn_to(worker, lead_id, worker.habit.sees_after, *about)

    async def _many(self, job: OutboxJob, worker: Worker) -> None:
        for lead_id in _numbers(job.data.get("lead_ids")):
            self._see_lead(lead_id, worker)

    async def _overdue(self, job: OutboxJob, worker: Worker) -> None:
        """A reminder; the manager's is passed on to whoever holds the lead, in person."""
        assignment = await Assignment.get(id=_number(job.data["assignment_id"]))
        holder = self._world.workers[assignment.staff_id]
        mark, staff = str(job.data["mark"]), self._world.numbers.staff
        pressed = worker.role == "store_manager"
        if worker is not holder and not pressed:
            return
        heeds = staff.pressed if pressed else holder.habit.heeds
        about = ("overdue", assignment.id, mark, self._world.now.date())
        if self._world.chance.happens(heeds, "heeds", *about):
            self._turn_to(holder, assignment.lead_id, staff.reminded_after, *about)

    async def _customer_stirs(self, job: OutboxJob, worker: Worker) -> None:
        about = ("stirs", job.id)
        if self._world.chance.happens(worker.habit.heeds, "heeds", *about):
            self._turn_to(worker, _number(job.lead_id), worker.habit.sees_after, *about)

    async def _recycled(self, job: OutboxJob, worker: Worker) -> None:
        """The clerk takes it out of the sea; the region hands it on."""
        lead_id = _number(job.lead_id)
        at = self._world.worked(worker, self._world.numbers.staff.claims_after, "sea", lead_id)
        if worker.role == "dcc" and not job.data["to_region"]:
            self._world.plan(at, lambda: self._claim(worker, lead_id))
        elif worker.role == "region_manager":
            self._world.plan(at, lambda: self._hand_on(worker, lead_id))

    async def _defeat_asked(self, job: OutboxJob, worker: Worker) -> None:
        defeat_id = _number(job.data["defeat_id"])
        at = self._world.worked(
            worker, self._world.numbers.staff.review_after, "defeat", defeat_id
        )
        self._world.plan(at, lambda: self._review(worker, defeat_id))

    async def _task(self, job: OutboxJob, worker: Worker) -> None:
        about = ("task", job.lead_id, self._world.now.date())
        if self._world.chance.happens(self._world.numbers.staff.does_tasks, "does", *about):
            at = self._world.worked(worker, worker.habit.sees_after, *about)
            self._world.plan(at, lambda: self.call_again(worker, _number(job.lead_id)))

    async def _calls_of_the_day(self, job: OutboxJob, worker: Worker) -> None:
        """Their list of the given-up and the dormant who are worth a call, one after another."""
        if worker.role not in CALLERS:
            return
        now, staff = self._world.now, self._world.numbers.staff
        day = now.astimezone(ZONE).date().isoformat()
        tasks = await open_calls(WorkOf(worker.userid), day, MOST_CALLS)
        for number, task in enumerate(tasks, 1):
            if self._world.chance.happens(staff.does_tasks, "calls", task.lead_id, day):
                at = at_work(worker, now, number * staff.minutes_a_call, staff)
                self._world.plan(at, lambda task=task: self._call_resting(worker, task.id))  # type: ignore[misc]

    # what they do ───────────────────────────────────────────────────────────────────────────

    def _turn_to(self, worker: Worker, lead_id: int, minutes: float, *about: object) -> None:
        at = self._world.worked(worker, minutes, *about)
        self._plan_call(worker, lead_id, at)

    def _plan_call(self, worker: Worker, lead_id: int, at: datetime) -> None:
        """A lead is on somebody's mind once, for the earliest of its times."""
        planned = self._planned.get(lead_id)
        if planned is None or at < planned or planned <= self._world.now:
            self._planned[lead_id] = at
            self._world.plan(at, lambda: self._work_on(worker, lead_id, at))

    async def _work_on(self, worker: Worker, lead_id: int, at: datetime) -> None:
        if self._planned.get(lead_id) != at:
            return
        del self._planned[lead_id]
        assignment = await Assignment.get_or_none(open_lead_id=lead_id)
        if assignment is None or assignment.staff_id != worker.userid:
            return
        if assignment.accepted_at is None:
            await self._world.product.order(
                AcceptLead(lead_id, worker.userid, f"staff:{worker.userid}", assignment.id)
            )
            self._plan_call(worker, lead_id, soon(self._world, 2))
            return
        lead = await Lead.get(id=lead_id)
        life = await self._world.life_of(lead_id)
        if life and lead.state == LeadState.ACCEPTED:
            await self._call(worker, lead_id, life)

    async def _call(self, worker: Worker, lead_id: int, life: Life) -> None:
        spoken = call(life, self._world.now, self._world.chance, self._world.numbers)
        if spoken.wish == "orders":
            await self._log(worker, lead_id, Call("connected", spoken.level))
            self.order_comes(lead_id, worker.userid)
            return
        await self._log(worker, lead_id, spoken)
        if spoken.appointment_at:
            due = spoken.appointment_at
            self._world.plan(due, lambda: self._expect(worker, lead_id, life))
            return
        await self._go_on(worker, lead_id, life, spoken)

    async def _log(self, worker: Worker, lead_id: int, spoken: Call, way: str = "phone") -> None:
        await self._world.product.order(
            LogFollowUp(
                lead_id,
                f"staff:{worker.userid}",
                spoken.result,
                way,
                self._world.now,
                userid=worker.userid,
                level=spoken.level,
                appointment_at=spoken.appointment_at,
                reason="cannot_reach" if spoken.result == "dormant" else "",
            )
        )

    async def _go_on(self, worker: Worker, lead_id: int, life: Life, spoken: Call) -> None:
        """Give the lead up, or plan the next call as far as their diligence goes."""
        tries = FollowUp.filter(lead_id=lead_id, undone_at__isnull=True)
        results = await tries.order_by("-occurred_at", "-id").values_list("result", "occurred_at")
        silent = next(
            (n for n, row in enumerate(results) if row[0] != "unreachable"), len(results)
        )
        reason = self._reason_to_give_up(worker, lead_id, life, spoken, silent)
        earned = reason == "wrong_number" or _earned([row[1] for row in results])
        if reason and earned:
            await self._give_up(worker, lead_id, life, reason)
            return
        habit, about = worker.habit, ("cycle", life.seen.number, life.calls)
        if reason or self._world.chance.happens(habit.keeps_cycle, "keeps", *about):
            assignment = await Assignment.get_or_none(open_lead_id=lead_id)
            days = self._cycle_days(spoken, assignment)
            again = self._world.worked(worker, NEXT_TRY_MINUTES, *about)
            self._plan_call(worker, lead_id, again + timedelta(days=1 if reason else days))

    def _reason_to_give_up(
        self, worker: Worker, lead_id: int, life: Life, spoken: Call, silent: int
    ) -> str:
        about = (life.seen.number, life.calls)
        if spoken.wish == "objects":
            self._gives_up[lead_id] = life.truth.objection
        elif spoken.wish:
            self._gives_up[lead_id] = spoken.wish
        elif silent >= worker.habit.gives_up_after:
            self._gives_up[lead_id] = "cannot_reach"
        elif spoken.level == "C" and self._world.chance.happens(
            worker.habit.defeats_distant, "distant", *about
        ):
            self._gives_up[lead_id] = "timing"
        elif spoken.level in ("H", "A"):
            self._gives_up.pop(lead_id, None)
        return self._gives_up.get(lead_id, "")

    def _cycle_days(self, spoken: Call, assignment: Assignment | None) -> float:
        if spoken.result == "unreachable" or assignment is None:
            return 0
        cycle = self._world.numbers.staff.cycle_days
        return cycle.get(spoken.level or "B", 5)

    async def _give_up(self, worker: Worker, lead_id: int, life: Life, reason: str) -> None:
        rests = reason == "cannot_reach"
        if rests and self._world.chance.happens(0.5, "rests", life.seen.number, life.calls):
            await self._log(worker, lead_id, Call("dormant"))
            return
        told = "other" if rests else reason
        await self._world.product.order(RequestDefeat(lead_id, f"staff:{worker.userid}", told))
        self._gives_up.pop(lead_id, None)

    async def _expect(self, worker: Worker, lead_id: int, life: Life) -> None:
        """The agreed hour has come: they are there, or they are not."""
        c, chance, now = self._world.numbers.customers, self._world.chance, self._world.now
        about = (life.seen.number, life.calls)
        if life.decided or not chance.happens(c.shows_up, "shows_up", *about):
            self._plan_call(worker, lead_id, now + timedelta(hours=20))
            return
        life.visited, life.talked_at = True, now
        warm(life, "visit", now, c)
        drives = chance.happens(c.drives_at_visit, "drives", *about)
        if drives:
            warm(life, "drive", now, c)
        done = Call("test_drive" if drives else "visited", "H")
        await self._log(worker, lead_id, done, way="visit")
        await self._log(worker, lead_id, Call("quoted"), way="visit")
        self._plan_call(worker, lead_id, now + timedelta(days=2))

    # orders and deliveries ──────────────────────────────────────────────────────────────────

    def order_comes(self, lead_id: int, userid: str) -> None:
        """A customer has decided for us: they sign when their adviser is next at work."""
        worker = self._world.workers[userid]
        at = self._world.worked(worker, 30, "order", self._world.lead_of.get(lead_id, lead_id))
        self._world.plan(at, lambda: self._sign(worker, lead_id))

    async def _sign(self, worker: Worker, lead_id: int) -> None:
        assignment = await Assignment.get_or_none(open_lead_id=lead_id)
        lead = await Lead.get(id=lead_id)
        if assignment is None or lead.state not in (LeadState.ASSIGNED, LeadState.ACCEPTED):
            return
        holder = self._world.workers[assignment.staff_id]
        await self._log(holder, lead_id, Call("ordered"), way="visit")
        least, most = self._world.numbers.customers.delivery_days
        days = self._world.chance.between(least, most, "delivery", self._world.lead_of[lead_id])
        at = self._world.worked(holder, 60, "delivery", lead_id) + timedelta(days=days)
        self._world.plan(at, lambda: self._deliver(lead_id))

    async def _deliver(self, lead_id: int) -> None:
        assignment = await Assignment.get_or_none(open_lead_id=lead_id)
        if assignment:
            holder = self._world.workers[assignment.staff_id]
            await self._log(holder, lead_id, Call("delivered"), way="visit")

    # others than the adviser ────────────────────────────────────────────────────────────────

    async def _claim(self, worker: Worker, lead_id: int) -> None:
        lead = await Lead.get(id=lead_id)
        if lead.state == LeadState.SEA:
            claim = ClaimLead(lead_id, worker.userid, f"staff:{worker.userid}")
            claimed = self._world.product.refused.total()
            await self._world.product.order(claim)
            if self._world.product.refused.total() > claimed:  # enough for today
                later = self._world.worked(worker, 60, "claims", lead_id) + timedelta(days=1)
                self._world.plan(later, lambda: self._claim(worker, lead_id))

    async def _hand_on(self, worker: Worker, lead_id: int) -> None:
        lead = await Lead.get(id=lead_id)
        if lead.state == LeadState.REGION:
            await self._world.product.order(
                TransferLead(lead_id, "busy", f"staff:{worker.userid}", dealer_code=lead.dealer_id)
            )

    async def _review(self, worker: Worker, defeat_id: int) -> None:
        defeat = await Defeat.get(id=defeat_id)
        if defeat.state != "requested":
            return
        staff = self._world.numbers.staff
        approves = staff.approves_suspicious if defeat.suspicious else staff.approves
        agreed = self._world.chance.happens(approves, "approves", defeat.lead_id, defeat.reason)
        decision = ReviewDefeat(defeat_id, f"staff:{worker.userid}", approve=agreed)
        await self._world.product.order(decision)

    async def call_again(self, worker: Worker, lead_id: int) -> bool:
        """Call somebody who was given up; whether they take it up again."""
        lead, life = await Lead.get(id=lead_id), await self._world.life_of(lead_id)
        if life is None or lead.state == LeadState.LAPSED:
            return False
        if lead.state not in CLOSED:
            self._turn_to(worker, lead_id, 10, "task", lead_id)
            return False
        spoken = call(life, self._world.now, self._world.chance, self._world.numbers)
        if not self._is_willing(life, spoken):
            return False
        await self._world.product.order(
            ReopenLead(lead_id, f"staff:{worker.userid}", "interested again")
        )
        return True

    def _is_willing(self, life: Life, spoken: Call) -> bool:
        """Whether somebody who was given up, and has just been called, takes it up again."""
        t, about = self._world.numbers.touches, (life.seen.number, life.calls)
        near = spoken.result != "unreachable" and is_near(life, self._world.now, t)
        return near and self._world.chance.happens(t.task_willing, "willing", *about)

    async def _call_resting(self, worker: Worker, task_id: int) -> None:
        """One call of the day's list, and what is written down about it."""
        task = await CallTask.get(id=task_id)
        lead, life = await Lead.get(id=task.lead_id), await self._world.life_of(task.lead_id)
        if life is None or lead.state not in RESTS:
            return
        spoken = call(life, self._world.now, self._world.chance, self._world.numbers)
        outcome = _OUTCOMES.get(spoken.wish) or _OUTCOMES.get(spoken.result, "not_now")
        if outcome == "not_now" and self._is_willing(life, spoken):
            outcome = "interested"
        await self._world.product.order(RecordCall(task_id, f"staff:{worker.userid}", outcome))


_OUTCOMES = {
    "unreachable": "unreachable",
    "wrong_number": "unreachable",
    "refuses_contact": "refuses",
    "bought_elsewhere": "bought_elsewhere",
    "orders": "interested",
}
"""What a clerk can say of a call, by the wish or else the result of it; else: not now."""


def _earned(tries: list[datetime]) -> bool:
    return len(tries) >= TRIES and len({at.date() for at in tries}) >= TRY_DAYS


def _number(value: object) -> int:
    return int(str(value))


def _numbers(value: object) -> list[int]:
    return [int(i) for i in value if i is not None] if isinstance(value, list) else []
