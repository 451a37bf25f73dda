"""Two customers prove to be one, or not after all: what moves comes back exactly."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from db import models
from db.models import (
    Appointment,
    Assignment,
    AuditEntry,
    Consent,
    Customer,
    CustomerAct,
    Defeat,
    FollowUp,
    Handoff,
    Identity,
    Lead,
    OutboxJob,
    Ticket,
    TimelineEvent,
    Timer,
    Touchpoint,
)
from db.models.queues import RowState
from domain import commands as order
from domain.appointment_commands import BookTestDrive
from domain.service_commands import AskForPerson, OpenTicket
from handlers.merging import OWNED
from tests.api.conftest import Api, Taker, a_lead

V1 = "/api/v1"
EVERY_TABLE = [getattr(models, name) for name in models.__all__]
KEPT_OF = {
    Customer: ("updated_at",),
    Lead: ("version", "updated_at"),
    Identity: (),
    Consent: (),
    Touchpoint: (),
    Assignment: (),
    FollowUp: (),
    Defeat: (),
    Appointment: ("updated_at",),
    Handoff: (),
    Ticket: (),
    CustomerAct: (),
    TimelineEvent: (),
}
"""Table → columns that count changes, and so may differ after an undo."""

ZHANG = {"name": "张伟", "phone": "13900139000", "openid": "oZHANG", "city": "长春"}


MOVED_WITH_CARE = {Lead, Handoff, Ticket, models.Enrolment}
"""Two of them may be in each other's way."""
WORKED_OUT = {models.Profile, models.LeadFigure}
"""Drawn anew from the rest."""
STAYS = {models.PoolMove, models.PoolDifference, models.CallTask}
"""Which pools each of the two was in is and remains the history of each; a call is found by its
lead."""
TOLD = {models.WebhookEvent}
"""What others were told stays as it was told; that the two are one is told too."""


def test_whatever_belongs_to_a_customer_moves_with_them() -> None:
    theirs = {"customer", "customer_id"}
    owned = {model for model in EVERY_TABLE if theirs & model._meta.fields_map.keys()}
    assert owned == {*OWNED, *MOVED_WITH_CARE, *WORKED_OUT, *STAYS, *TOLD}


async def everything() -> dict[str, dict[int, dict]]:
    """All rows that speak of customers, by table and id, and the clocks that run."""
    found = {}
    for model, ignored in KEPT_OF.items():
        rows = await model.all().values()
        found[model.__name__] = {
            row["id"]: {name: value for name, value in row.items() if name not in ignored}
            for row in rows
        }
    running = await Timer.filter(state=RowState.READY).values("kind", "lead_id", "due_at_ms")
    found["Timer"] = {(t["kind"], t["lead_id"]): t for t in running}
    jobs = await OutboxJob.filter(customer_id__isnull=False).values("id", "customer_id")
    found["OutboxJob"] = {job["id"]: job for job in jobs}
    return found


def without_news(before: dict, after: dict) -> dict:
    """After, with only the rows that were there before."""
    return {
        table: {i: row for i, row in rows.items() if i in before[table]}
        for table, rows in after.items()
    }


async def two_people(api: Api, take: Taker) -> tuple[dict, dict]:
    """Li Lei with a lead at CC01; Zhang Wei, there and at CD01, with a talk, a ticket, a date."""
    lilei = await take("e-1", customer={"name": ""})
    zhang = await take("e-2", customer=ZHANG, intent={"message": "有现车吗", "model": "magotan"})
    await take("e-3", customer=ZHANG, intent={"dealer_code": "CD01"})
    saturday = datetime(2026, 11, 28, 3, 0, tzinfo=UTC)
    await api.bus.execute(order.HearCustomer("oZHANG", "text", "能便宜吗", ("asked_price",)))
    await api.bus.execute(OpenTicket("oZHANG", "complaint", "车机老是黑屏"))
    await api.bus.execute(AskForPerson("oZHANG", "转人工"))
    await api.bus.execute(
        BookTestDrive("CC01", "magotan", saturday, "customer", "drive-1", openid="oZHANG")
    )
    return lilei, zhang


async def merged(api: Api, survivor: dict, other: dict) -> dict:
    path = f"{V1}/customers/{survivor['customer_id']}/merges"
    body = {"other_id": other["customer_id"], "reason": "同一人两个号码"}
    status, merge = await api.post(path, body)
    assert status == 201, merge
    return merge


async def undone(api: Api, merge: dict, status: int = 200) -> dict:
    path = f"{V1}/customers/{merge['customer_id']}/merges/{merge['id']}/undo"
    found, answer = await api.post(path, {"reason": "认错人了"})
    assert found == status, answer
    return answer


@pytest.mark.parametrize("in_work", ["lilei", "zhang"])
async def test_a_merge_moves_everything_and_its_undo_brings_everything_back(
    api: Api, take: Taker, in_work: str
) -> None:
    lilei, zhang = await two_people(api, take)
    working = {"lilei": lilei, "zhang": zhang}[in_work]["lead_id"]
    await api.post(f"{V1}/leads/{working}/accept", {"userid": "wangfang"})
    await api.post(f"{V1}/leads/{working}/follow-ups", {"result": "connected", "note": "要现车"})
    before = await everything()
    preview = await api.get(
        f"{V1}/customers/{lilei['customer_id']}/merges/preview", other=zhang["customer_id"]
    )
    api.clock.advance(minutes=3)

    merge = await merged(api, lilei, zhang)

    other = {"lilei": zhang, "zhang": lilei}[in_work]["lead_id"]
    named = {"dealer_code": "CC01", "kept_lead_id": working, "lapsed_lead_id": other}
    assert merge["conflicts"] == preview[1]["conflicts"] == [named]
    for table in ("Identity", "Consent", "Appointment", "Ticket", "Handoff", "TimelineEvent"):
        owners = {row["customer_id"] for row in (await everything())[table].values()}
        assert owners == {int(lilei["customer_id"])}, table
    _, lead = await api.get(f"{V1}/leads/{working}")
    assert (lead["customer_id"], lead["state"]) == (lilei["customer_id"], "accepted")
    assert {t["external_id"] for t in lead["touchpoints"]} >= {"e-1", "e-2"}
    assert (await api.get(f"{V1}/leads/{other}"))[1]["state"] == "lapsed"
    _, one = await api.get(f"{V1}/customers/{zhang['customer_id']}")
    assert (one["id"], one["name"]) == (lilei["customer_id"], "张伟")
    told = await OutboxJob.filter(name="lead_again").order_by("-id").first()
    assert (told.lead_id, told.staff_id) == (int(working), "wangfang")
    api.clock.advance(minutes=4)

    apart = await undone(api, merge)

    assert (apart["stayed_lead_ids"], apart["not_reopened_lead_ids"]) == ([], [])
    after = await everything()
    back = without_news(before, after)
    for table in before:
        assert back[table] == before[table], table
    for table in ("Customer", "Lead", "Identity", "Consent", "Touchpoint", "Assignment", "Ticket"):
        assert after[table].keys() == before[table].keys(), table
    acts = await AuditEntry.all().order_by("id").values_list("action", flat=True)
    assert acts[-2:] == ["merge_customers", "unmerge_customers"]


async def test_what_came_since_the_merge_goes_where_it_belongs(api: Api, take: Taker) -> None:
    lilei, zhang = await two_people(api, take)
    merge = await merged(api, lilei, zhang)
    api.clock.advance(minutes=1)
    _, leads = await api.get(f"{V1}/customers/{lilei['customer_id']}")
    chengdu = next(lead for lead in leads["leads"] if lead["dealer_code"] == "CD01")
    await api.post(f"{V1}/leads/{chengdu['id']}/follow-ups", {"result": "connected"})
    await api.bus.execute(order.HearCustomer("oZHANG", "text", "几点开门"))
    late = await take("e-9", customer={"phone": "13800138000"}, intent={"dealer_code": "CC02"})

    apart = await undone(api, merge)

    assert apart["stayed_lead_ids"] == [late["lead_id"]]
    zhangs = int(zhang["customer_id"])
    assert await TimelineEvent.filter(kind="follow_up", customer_id=zhangs).exists()
    heard = await TimelineEvent.filter(kind="message_in", customer_id=zhangs)
    assert "几点开门" in [line.data["text"] for line in heard]


async def test_what_fell_due_meanwhile_gets_the_time_it_had_left(
    api_on_sqlite: Api,
) -> None:
    api = api_on_sqlite
    _, older = await api.post(f"{V1}/leads", a_lead("e-1"))
    _, younger = await api.post(f"{V1}/leads", a_lead("e-2", customer=ZHANG))
    api.clock.advance(minutes=5)
    merge = await merged(api, older, younger)
    api.clock.advance(days=2)

    await undone(api, merge)

    _, lead = await api.get(f"{V1}/leads/{younger['lead_id']}")
    due = datetime.fromisoformat(lead["assignment"]["first_response_due_at"])
    assert due - api.clock.now == timedelta(minutes=10)
    assert lead["assignment"]["sla"] == "ok"
    card = await OutboxJob.filter(name="lead_card").order_by("-id").first()
    assert card.lead_id == int(younger["lead_id"])


async def test_silence_of_one_is_silence_of_both_until_they_are_two_again(
    api_on_sqlite: Api,
) -> None:
    api = api_on_sqlite
    _, talks = await api.post(f"{V1}/leads", a_lead("e-1"))
    _, silent = await api.post(f"{V1}/leads", a_lead("e-2", customer=ZHANG))
    await api.bus.execute(order.SetConsent("oZHANG", wanted=False, text="退订"))
    merge = await merged(api, talks, silent)
    assert (await api.get(f"{V1}/leads/{talks['lead_id']}"))[1]["state"] == "held"

    await undone(api, merge)

    _, one = await api.get(f"{V1}/customers/{talks['customer_id']}")
    _, two = await api.get(f"{V1}/customers/{silent['customer_id']}")
    assert (one["opted_out_at"], one["pool"]) == (None, "prospects")
    assert one["leads"][0]["assignment"]["userid"] == "wangfang"
    assert two["opted_out_at"]


async def test_the_newest_merge_is_undone_first_and_each_only_once(api_on_sqlite: Api) -> None:
    api = api_on_sqlite
    people = []
    for number in range(3):
        phone = {"phone": f"1390013900{number}"}
        people.append((await api.post(f"{V1}/leads", a_lead(f"e-{number}", customer=phone)))[1])
    first = await merged(api, people[0], people[1])
    second = await merged(api, people[0], people[2])
    assert (await undone(api, first, 409))["facts"] == {"why": "built_upon"}
    await undone(api, second)
    await undone(api, first)
    assert (await undone(api, first, 409))["facts"] == {"why": "undone"}
    for person in people:
        _, customer = await api.get(f"{V1}/customers/{person['customer_id']}")
        assert [lead["id"] for lead in customer["leads"]] == [person["lead_id"]]
        assert customer["leads"][0]["assignment"], "everybody has their adviser again"


async def test_what_the_intake_brought_together_can_be_taken_apart(api: Api, take: Taker) -> None:
    by_phone = await take("e-1")
    by_openid = await take("e-2", customer={"phone": None, "openid": "oABC"})
    await take("e-3", customer={"openid": "oABC"})
    _, merges = await api.get(f"{V1}/customers/{by_phone['customer_id']}/merges")
    assert [(m["by_name"], m["can_undo"]) for m in merges["items"]] == [("系统", True)]

    await undone(api, merges["items"][0])

    _, one = await api.get(f"{V1}/customers/{by_phone['customer_id']}")
    _, other = await api.get(f"{V1}/customers/{by_openid['customer_id']}")
    assert [i["kind"] for i in one["identities"]] == ["phone"]
    assert [i["kind"] for i in other["identities"]] == ["openid"]


async def test_who_is_erased_cannot_be_taken_apart_and_leaves_no_name(
    api: Api, take: Taker
) -> None:
    lilei, zhang = await two_people(api, take)
    merge = await merged(api, lilei, zhang)
    await api.post(f"{V1}/customers/{lilei['customer_id']}/erase")

    assert (await undone(api, merge, 409))["facts"] == {"why": "erased"}
    assert set(await Customer.all().values_list("name", flat=True)) == {""}
    assert "张伟" not in str(await api.get(f"{V1}/customers/{lilei['customer_id']}/merges"))


@pytest.mark.parametrize(("other", "why"), [("1", "same"), ("999", None)])
async def test_what_makes_no_sense_is_not_merged(
    api_on_sqlite: Api, other: str, why: str | None
) -> None:
    await api_on_sqlite.post(f"{V1}/leads", a_lead("e-1"))
    body = {"other_id": other, "reason": "同一人"}
    status, problem = await api_on_sqlite.post(f"{V1}/customers/1/merges", body)
    assert status == (409 if why else 404)
    assert not why or problem["facts"] == {"why": why}


async def test_agreement_taken_back_brings_the_lead_home(api: Api, take: Taker) -> None:
    taken = await take()
    path = f"{V1}/customers/{taken['customer_id']}/consents/withdraw"
    await api.post(path, {"purposes": ["marketing"], "reason": "来电要求"})
    assert (await api.get(f"{V1}/leads/{taken['lead_id']}"))[1]["assignment"]

    status, customer = await api.post(path, {"purposes": ["share_with_dealer"], "reason": "来电"})

    assert status == 200
    lead = customer["leads"][0]
    assert (lead["state"], lead["hold_reason"]["code"]) == ("held", "no_consent")
    assert {c["purpose"] for c in customer["consents"] if not c["withdrawn_at"]} == {"contact"}
    _, customer = await api.post(path, {"reason": "什么都不要"})
    assert (customer["pool"], bool(customer["opted_out_at"])) == ("out", True)
    assert await AuditEntry.filter(action="withdraw_consent").count() == 3
