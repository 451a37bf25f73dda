"""Queues as ops see and handle them."""

from __future__ import annotations

import os

import pytest

from db import queue_rows
from db.models import InboxMessage, OutboxJob
from db.models.queues import RowState
from db.phone_vault import PhoneVault
from tests.api.conftest import Api, Taker

QUEUES = "/api/v1/queues"


async def numbers(api: Api, name: str) -> dict:
    status, queues = await api.get(QUEUES)
    assert status == 200
    return next(queue for queue in queues if queue["name"] == name)


async def a_dead_letter(api: Api) -> OutboxJob:
    """The lead card's notice, dead after three attempts."""
    job = await OutboxJob.filter(queue="urgent").first()
    job.state, job.attempts, job.error = RowState.DEAD, 3, "WeCom: 81013 for 13800138000"
    job.data = {**job.data, "text": "电话 13800138000", "nested": [{"phone": "13800138000"}]}
    await job.save()
    return job


async def test_every_queue_is_listed_in_numbers(api: Api, take: Taker) -> None:
    await take()
    api.clock.advance(30)

    urgent = await numbers(api, "urgent")
    timers = await numbers(api, "timers")

    assert (urgent["ready"], urgent["oldest_ready_seconds"]) == (1, 30)
    assert timers["scheduled"] > 0
    assert {
        "name",
        "ready",
        "scheduled",
        "active",
        "failed",
        "oldest_ready_seconds",
        "done",
        "retried",
        "paused",
    } == urgent.keys()


async def test_a_dead_letter_shows_what_it_held_with_phones_masked(api: Api, take: Taker) -> None:
    taken = await take()
    await a_dead_letter(api)

    status, page = await api.get(f"{QUEUES}/urgent/failed")

    assert status == 200
    letter = page["items"][0]
    assert (letter["attempts"], letter["lead_id"]) == (3, taken["lead_id"])
    assert "81013" in letter["error"]
    assert letter["payload"]["text"] == "电话 138****8000"
    assert "13800138000" not in str(page)


async def test_a_job_tells_its_story(api: Api, take: Taker) -> None:
    await take()
    for error in ("ConfigurationAlarm: 60020 from 1.2.3.4", "Busy: -1"):
        [ref] = await queue_rows.claim_due("urgent", api.clock.ms(), 1, 30_000)
        started = await queue_rows.begin(ref, api.clock.ms(), 30_000)
        assert started is not None
        api.clock.advance(2)
        again = api.clock.ms() + 60_000
        assert await queue_rows.put_back(started.ref, again, error, api.clock.ms())
        api.clock.advance(60)

    status, page = await api.get(f"{QUEUES}/urgent/jobs", state="waiting")

    assert status == 200
    first, second = page["items"][0]["tries"]
    assert "企业可信IP 未包含 1.2.3.4" in first["title"]
    assert (first["number"], first["took_seconds"]) == (1, 2)
    assert (first["then"], first["then_text"]) == ("later", "稍后再试")
    assert first["next_at"] > first["at"]
    assert first["process"].endswith(f":{os.getpid()}")
    assert (second["number"], second["error"]) == (2, "Busy: -1")

    _, others = await api.get(f"{QUEUES}/timers/jobs", state="scheduled")
    assert all(job["tries"] == [] for job in others["items"])


async def test_a_dead_letter_is_retried_or_discarded_once(api: Api, take: Taker) -> None:
    await take()
    await a_dead_letter(api)
    _, page = await api.get(f"{QUEUES}/urgent/failed")
    path = f"{QUEUES}/urgent/failed/{page['items'][0]['id']}"

    async with api.http.post(f"{path}/retry", headers=api.auth()) as response:
        assert response.status == 204
    assert (await numbers(api, "urgent"))["ready"] == 1
    assert (await api.post(f"{path}/retry"))[0] == 404

    await a_dead_letter(api)
    async with api.http.delete(path, headers=api.auth()) as response:
        assert response.status == 204
    assert (await numbers(api, "urgent"))["failed"] == 0
    assert (await api.get(f"{QUEUES}/urgent/failed"))[1]["items"] == []


async def test_a_dead_callback_is_shown_in_the_clear_but_masked(api: Api) -> None:
    payload = "<xml><Content>打 13800138000</Content></xml>".encode()
    for number, sealed in enumerate((PhoneVault("s" * 32).seal(payload), b"\x00" * 40)):
        await InboxMessage.create(
            queue="inbox",
            state=RowState.DEAD,
            due_at_ms=0,
            created_at_ms=0,
            app="oa",
            message_key=str(number),
            sender="o",
            payload=sealed,
        )

    _, page = await api.get(f"{QUEUES}/inbox/failed")

    assert [letter["payload"] for letter in page["items"]] == [
        None,
        "<xml><Content>打 138****8000</Content></xml>",
    ]


async def test_a_queue_is_paused_and_goes_on(api: Api) -> None:
    for action, paused in (("pause", True), ("pause", True), ("resume", False), ("resume", False)):
        async with api.http.post(f"{QUEUES}/urgent/{action}", headers=api.auth()) as response:
            assert response.status == 204
        assert (await numbers(api, "urgent"))["paused"] is paused


@pytest.mark.parametrize("name", ["nothing", "URGENT", "urgent%00"])
async def test_a_queue_that_is_not_there_is_404(api_on_sqlite: Api, name: str) -> None:
    assert (await api_on_sqlite.get(f"{QUEUES}/{name}/failed"))[0] == 404
    assert (await api_on_sqlite.post(f"{QUEUES}/{name}/pause"))[0] == 404


@pytest.mark.parametrize("row_id", ["1", "outbox-x", "timer-1", "outbox-999", "inbox-" + "9" * 30])
async def test_a_dead_letter_that_is_not_there_is_404(api_on_sqlite: Api, row_id: str) -> None:
    assert (await api_on_sqlite.post(f"{QUEUES}/urgent/failed/{row_id}/retry"))[0] == 404
