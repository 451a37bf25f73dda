"""Looking leads up."""

from __future__ import annotations

import pytest

from tests.api.conftest import Api, Taker, a_lead

LEADS = "/api/v1/leads"


async def ids(api: Api, **params: str) -> list[str]:
    status, page = await api.get(LEADS, **params)
    assert status == 200, page
    return [item["id"] for item in page["items"]]


async def test_leads_are_found_by_each_filter(api: Api, take: Taker) -> None:
    mine = await take("e-1")
    other = await take(
        "e-2",
        source="autohome",
        customer={"phone": "13900139000"},
        intent={"dealer_code": "CD01", "purchase_window_days": 60, "message": ""},
    )

    for params in (
        {"source": "dongchedi"},
        {"source": "dongchedi", "external_id": "e-1"},
        {"external_id": "e-1"},
        {"phone": "+86 138 0013 8000"},
        {"dealer_code": "CC01"},
        {"level": "H"},
        {"staff": "wangfang"},
        {"source": "dongchedi", "level": "H", "state": "assigned", "pool": "prospects"},
    ):
        assert await ids(api, **params) == [mine["lead_id"]], params
    assert await ids(api) == [other["lead_id"], mine["lead_id"]]
    assert await ids(api, phone="13700137000") == []
    assert await ids(api, source="autohome", external_id="e-1") == []


async def test_updated_since_shows_what_changed(api: Api, take: Taker) -> None:
    await take("e-1")
    api.clock.advance(minutes=10)
    late = await take("e-2", customer={"phone": "13900139000"})

    assert await ids(api, updated_since="2026-11-24T10:05:00+08:00") == [late["lead_id"]]
    async with api.http.get(
        f"{LEADS}?updated_since=2026-11-24T10:05:00+08:00", headers=api.auth()
    ) as unescaped:
        assert len((await unescaped.json())["items"]) == 1


async def test_a_blank_filter_is_no_filter(api: Api, take: Taker) -> None:
    mine = await take()

    assert await ids(api, source="", phone="", level="") == [mine["lead_id"]]


async def test_pages_follow_each_other_without_gap_or_repetition(api: Api, take: Taker) -> None:
    taken = [
        (await take(f"e-{n}", customer={"phone": f"139{n:08d}"}))["lead_id"] for n in range(5)
    ]
    seen, cursor = [], ""
    for _ in range(3):
        _, page = await api.get(LEADS, limit="2", cursor=cursor)
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"] or ""

    assert seen == taken[::-1]
    assert cursor == ""


@pytest.mark.parametrize(
    "params",
    [
        {"limit": "0"},
        {"limit": "201"},
        {"limit": "many"},
        {"cursor": "!"},
        {"cursor": "AAAA"},
        {"cursor": "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"},
        {"updated_since": "yesterday"},
        {"updated_since": "2026-11-24T10:00:00"},
        {"phone": "123"},
        {"colour": "red"},
        {"pool": "swimming"},
        {"state": "solid"},
        {"source": "a\x00b"},
    ],
)
async def test_a_wrong_query_is_a_422_problem(api_on_sqlite: Api, params: dict[str, str]) -> None:
    status, problem = await api_on_sqlite.get(LEADS, **params)

    assert status == 422
    assert problem["errors"][0]["loc"] == next(iter(params))


async def test_a_parameter_given_twice_is_refused(api_on_sqlite: Api) -> None:
    url = f"{LEADS}?level=H&level=A"
    async with api_on_sqlite.http.get(url, headers=api_on_sqlite.auth()) as response:
        assert response.status == 422


@pytest.mark.parametrize("lead_id", ["999", "abc", "0", "-1", "9" * 40, "１", "1.0", "%00"])
async def test_an_id_that_is_not_there_is_404(api_on_sqlite: Api, lead_id: str) -> None:
    for path in (f"{LEADS}/{lead_id}", f"{LEADS}/{lead_id}/timeline"):
        status, problem = await api_on_sqlite.get(path)
        assert (status, problem["code"]) == (404, "not_found")


async def test_a_lead_shows_its_phone_masked_only(api: Api, take: Taker) -> None:
    taken = await take()

    _, lead = await api.get(f"{LEADS}/{taken['lead_id']}")

    assert lead["customer"]["phone"] == "138****8000"
    assert lead["number"] == int(lead["id"])
    assert "13800138000" not in str(lead)


async def test_the_response_clock_is_late_exactly_at_its_deadline(api: Api, take: Taker) -> None:
    taken = await take()
    path = f"{LEADS}/{taken['lead_id']}"

    api.clock.advance(minutes=14, seconds=59)
    _, before = await api.get(path)
    api.clock.advance(1)
    _, at = await api.get(path)

    assert before["assignment"]["sla"] == "ok"
    assert at["assignment"]["sla"] == "late"


async def test_a_contact_in_time_stays_ok_however_late_it_is_looked_at(
    api: Api, take: Taker
) -> None:
    taken = await take()
    path = f"{LEADS}/{taken['lead_id']}"
    api.clock.advance(minutes=20)
    called = {"result": "connected", "way": "phone", "occurred_at": "2026-11-24T10:14:59+08:00"}
    await api.post(f"{path}/follow-ups", called)

    api.clock.advance(hours=5)
    _, lead = await api.get(path)

    assert lead["assignment"]["sla"] == "ok"
    assert lead["assignment"]["first_response_at"] == "2026-11-24T02:14:59+00:00"


async def test_the_timeline_tells_in_chinese_what_happened_oldest_first(
    api: Api, take: Taker
) -> None:
    taken = await take()

    _, page = await api.get(f"{LEADS}/{taken['lead_id']}/timeline")

    kinds = [line["kind"] for line in page["items"]]
    assert {"captured", "consent", "graded", "dispatched", "handed_over"} <= set(kinds)
    assert kinds.index("captured") < kinds.index("graded") < kinds.index("dispatched")
    texts = {line["kind"]: line["text"] for line in page["items"]}
    assert texts["captured"] == "新线索，来自懂车帝：想看探岳，本周能试驾吗"
    assert texts["dispatched"].startswith("分配给王芳")
    assert texts["graded"] == "意向由未定级定为H级：计划7天内购车 · 想试驾"


async def test_a_timeline_is_paged_like_every_list(api: Api, take: Taker) -> None:
    taken = await take()
    path = f"{LEADS}/{taken['lead_id']}/timeline"
    _, whole = await api.get(path)

    seen, cursor = [], ""
    for _ in range(len(whole["items"])):
        _, page = await api.get(path, limit="2", cursor=cursor)
        seen += page["items"]
        cursor = page["next_cursor"] or ""
        if not cursor:
            break

    assert seen == whole["items"]


async def test_what_concerns_the_customer_stands_on_each_of_their_leads(
    api: Api, take: Taker
) -> None:
    one = await take("e-1")
    two = await take("e-2", intent={"dealer_code": "CD01"})
    assert one["customer_id"] == two["customer_id"]

    for taken in (one, two):
        _, page = await api.get(f"{LEADS}/{taken['lead_id']}/timeline")
        kinds = [line["kind"] for line in page["items"]]
        assert kinds.count("consent") == 2
        assert kinds.count("captured") == 1


async def test_a_replayed_lead_keeps_its_version(api: Api, take: Taker) -> None:
    taken = await take()
    _, before = await api.get(f"{LEADS}/{taken['lead_id']}")

    await api.post(LEADS, a_lead())

    _, after = await api.get(f"{LEADS}/{taken['lead_id']}")
    assert after["version"] == before["version"]
