"""Many leads in one request."""

from __future__ import annotations

import asyncio
import io
import json

from tests.api.conftest import Api, a_lead

BATCH = "/api/v1/leads/batch"


async def send(api: Api, lines: list[object]) -> tuple[int, list[dict]]:
    """Lines are JSON values, or bytes as they are."""
    written = [x if isinstance(x, bytes) else json.dumps(x).encode() for x in lines]
    body = io.BytesIO(b"\n".join(written))
    async with api.http.post(BATCH, data=body, headers=api.auth()) as response:
        return response.status, [json.loads(line) for line in (await response.read()).splitlines()]


def phone(number: int) -> dict:
    return {"phone": f"139{number:08d}"}


async def test_every_line_gets_its_result_in_order(api: Api) -> None:
    lines = [a_lead(f"b-{n}", customer=phone(n)) for n in range(120)]

    status, results = await send(api, [*lines, lines[0]])

    assert status == 200
    assert [r["outcome"] for r in results] == ["created"] * 120 + ["duplicate"]
    assert results[-1]["lead_id"] == results[0]["lead_id"]
    assert len({r["lead_id"] for r in results}) == 120
    async with api.http.get("/metrics") as response:
        text = await response.text()
    assert 'leadloop_leads_total{outcome="created",source="dongchedi"} 120.0' in text


async def test_a_bad_line_is_its_own_problem_and_stops_nobody(api: Api) -> None:
    lines: list[object] = [
        a_lead("b-1", customer=phone(1)),
        b"{not json",
        a_lead("b-2", customer={"phone": "123"}),
        a_lead("b-3", intent={"model": "unheard-of"}),
        b"",
        a_lead("b-4", customer=phone(4)),
        b"",
    ]

    status, results = await send(api, lines)

    assert status == 200
    assert [r.get("outcome", r.get("status")) for r in results] == [
        "created",
        400,
        422,
        422,
        400,
        "created",
    ]
    assert [r["line"] for r in results if "line" in r] == [2, 3, 4, 5]
    assert results[2]["errors"][0]["loc"] == "customer.phone"


async def test_more_than_five_thousand_lines_are_refused_as_a_whole(api_on_sqlite: Api) -> None:
    status, results = await send(api_on_sqlite, [b"{}"] * 5001)

    assert status == 413
    assert results[0]["code"] == "too_many_lines"
    _, page = await api_on_sqlite.get("/api/v1/leads")
    assert page["items"] == []


async def test_a_batch_over_eight_mebibytes_is_refused(api_on_sqlite: Api) -> None:
    status, results = await send(api_on_sqlite, [b" " * (8 * 1024 * 1024 + 1)])

    assert (status, results[0]["code"]) == (413, "too_large")


async def test_an_empty_batch_is_one_bad_line(api_on_sqlite: Api) -> None:
    status, results = await send(api_on_sqlite, [b"\n"])

    assert status == 200
    assert [(r["status"], r["line"]) for r in results] == [(400, 1)]


async def test_two_batches_of_the_same_leads_at_once_take_each_lead_once(api: Api) -> None:
    lines: list[object] = [a_lead(f"b-{n}", customer=phone(n)) for n in range(30)]

    (_, one), (_, other) = await asyncio.gather(send(api, lines), send(api, lines))

    assert [r["lead_id"] for r in one] == [r["lead_id"] for r in other]
    for mine, theirs in zip(one, other, strict=True):
        assert sorted([mine["outcome"], theirs["outcome"]]) == ["created", "duplicate"]
