"""Customers at work: they ask, ask again, decide, come by, and answer what the brand writes."""

from dataclasses import replace
from datetime import timedelta

from db.models import Assignment, Lead, OutboxJob
from domain.commands import (
    ConsentGiven,
    HearCustomer,
    IngestLead,
    Interest,
    MeetCustomer,
    Person,
    SetConsent,
)
from domain.lead import HELD_BY_ADVISER
from market.customers import Life, chooses_us, reaction, warm
from market.floor import Floor
from market.world import MODELS, World

REPLY = "How much is it now?"
STOP = "TD"


class Crowd:
    """All customers. Each is known to the product by a phone, some by an openid as well."""

    def __init__(self, world: World, floor: Floor) -> None:
        self._world = world
        self._floor = floor
        self._known: dict[int, int] = {}
        self._touched: dict[int, int] = {}

    def arrive(self) -> None:
        """Plan everybody's first interest, a second one, and the day they decide."""
        for life in self._world.lives:
            self._world.plan(life.seen.at, lambda life=life: self._ask(life))  # type: ignore[misc]
            if life.seen.again_at:
                self._world.plan(life.seen.again_at, lambda life=life: self._ask_again(life))  # type: ignore[misc]
            if life.truth.kind == "buyer":
                self._world.plan(life.truth.decides_at, lambda life=life: self._decide(life))  # type: ignore[misc]

    async def _ask(self, life: Life) -> None:
        if life.seen.follows:
            self._world.product.platform.follow(openid_of(life))
            await self._world.product.order(MeetCustomer(openid_of(life), "followed"))
        await self._ingest(life, life.seen.source, "1")

    async def _ask_again(self, life: Life) -> None:
        if not life.decided:
            warm(life, "again", self._world.now, self._world.numbers.customers)
            await self._ingest(life, "search_ad", "2")

    async def _ingest(
        self, life: Life, source: str, which: str, met_by: str | None = None
    ) -> int | None:
        command = lead_of(life, source, which, sorted(self._world.stores), self._world)
        if met_by:
            dealer = self._world.workers[met_by].dealer
            command = _walk_in(command, met_by, dealer)
        taken = await self._world.product.order(command)
        if taken is None:
            return None
        self._known[life.seen.number] = taken.customer_id
        self._world.customer_of[taken.customer_id] = life.seen.number
        self._world.lead_of[taken.lead_id] = life.seen.number
        return int(taken.lead_id)

    # the decision ───────────────────────────────────────────────────────────────────────────

    async def _decide(self, life: Life) -> None:
        world = self._world
        life.decided_at = world.now
        ours = chooses_us(life, world.now, world.chance, world.numbers.customers)
        held = await self._held(life)
        in_touch = held is not None and life.talked_at is not None
        walks_in = world.chance.happens(
            world.numbers.customers.walks_in, "walks_in", life.seen.number
        )
        if not ours or not (in_touch or walks_in):
            life.decided = "elsewhere"
            return
        life.decided = "us"
        if held is not None:
            self._floor.order_comes(held.lead_id, held.staff_id)
            return
        store = sorted(world.stores)[life.seen.dealer]
        host = world.chance.pick(self._floor.advisers_of(store), "host", life.seen.number)
        lead_id = await self._ingest(life, "walk_in", "3", met_by=host.userid)
        if lead_id is not None:
            self._floor.order_comes(lead_id, host.userid)

    async def _held(self, life: Life) -> Assignment | None:
        customer = self._known.get(life.seen.number)
        leads = Lead.filter(customer_id=customer, state__in=[str(s) for s in HELD_BY_ADVISER])
        ids = await leads.order_by("id").values_list("id", flat=True)
        return await Assignment.filter(open_lead_id__in=list(ids)).order_by("id").first()

    # the brand writes ───────────────────────────────────────────────────────────────────────

    async def touched(self, job: OutboxJob) -> None:
        """A message of a campaign came; what they do with it, they do later."""
        if job.customer_id is None or job.customer_id not in self._world.customer_of:
            return
        world = self._world
        life = world.lives[world.customer_of[job.customer_id]]
        number = self._touched[life.seen.number] = self._touched.get(life.seen.number, 0) + 1
        does = reaction(life, world.now, number, world.chance, world.numbers.touches)
        minutes = world.chance.around(90, 1.0, "reads", life.seen.number, number)
        if does == "reply":
            world.plan(world.now + timedelta(minutes=minutes), lambda: self._reply(life))
        elif does == "opt_out":
            world.plan(world.now + timedelta(minutes=minutes), lambda: self._opt_out(life))

    async def _reply(self, life: Life) -> None:
        world = self._world
        warm(life, "reply", world.now, world.numbers.customers)
        world.product.platform.wrote(openid_of(life))
        said = HearCustomer(openid_of(life), "text", REPLY, ("asked_price",))
        await world.product.order(said)

    async def _opt_out(self, life: Life) -> None:
        self._world.product.platform.wrote(openid_of(life))
        await self._world.product.order(SetConsent(openid_of(life), False, STOP))


def openid_of(life: Life) -> str:
    return f"o{life.seen.number}"


def lead_of(life: Life, source: str, which: str, stores: list[str], world: World) -> IngestLead:
    """The intake as a source would send it: only what the customer shows goes in."""
    seen, now = life.seen, world.now
    purposes = ["contact"]
    purposes += ["share_with_dealer"] if seen.shares else []
    purposes += ["marketing"] if seen.markets else []
    store = stores[seen.dealer]
    person = Person(
        name=f"c{seen.number}",
        phone=f"+86139{seen.number:08d}",
        city=store,
        openid=openid_of(life) if seen.follows else None,
    )
    interest = Interest(
        model=MODELS[seen.number % len(MODELS)],
        dealer_code=store if seen.names_dealer else None,
        purchase_window_days=seen.window_days,
        signals=(seen.signal,) if seen.signal else (),
    )
    consent = ConsentGiven(tuple(purposes), "2026-01", f"{source}_form", now)
    by = f"api:{source}"
    return IngestLead(source, f"{seen.number}-{which}", now, person, interest, consent, by)


def _walk_in(command: IngestLead, met_by: str, dealer: str) -> IngestLead:
    interest = replace(command.interest, dealer_code=dealer, purchase_window_days=7)
    consent = replace(command.consent, purposes=("contact", "share_with_dealer"))
    return replace(command, interest=interest, consent=consent, met_by=met_by)
