"""The record of acts: who, what, before and after, from where; found again by any of these."""

from __future__ import annotations

import pytest

from db.queries import audit
from tests.api.conftest import Api

V1 = "/api/v1"
BROWSER = "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0"


async def acts(api: Api, **query: str) -> list[dict]:
    status, page = await api.get(f"{V1}/ops/audit", **query)
    assert status == 200, page
    return page["items"]


async def pause(api: Api, **headers: str) -> None:
    url = f"{V1}/queues/urgent/pause"
    async with api.http.post(url, headers={**api.auth(), **headers}) as response:
        assert response.status == 204


async def test_what_a_key_does_is_recorded_with_where_it_came_from(api: Api) -> None:
    await pause(api, **{"User-Agent": BROWSER})

    (act,) = await acts(api)

    assert (act["actor"], act["action"], act["target"]) == (
        "api:bootstrap",
        "pause_queue",
        "urgent",
    )
    assert (act["address"], act["agent"]) == ("127.0.0.1", BROWSER)


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("203.0.113.9, 10.1.2.3", "203.0.113.9"),
        ("203.0.113.9, nonsense", "127.0.0.1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8::1", "2001:db8::1"),
        ("", "127.0.0.1"),
    ],
)
async def test_a_proxy_of_ours_is_believed_and_nobody_before_it(
    api_on_sqlite: Api, forwarded: str, address: str
) -> None:
    await pause(api_on_sqlite, **{"X-Forwarded-For": forwarded})

    assert [act["address"] for act in await acts(api_on_sqlite)] == [address]


async def several(api: Api) -> None:
    for number, (actor, action, target) in enumerate(
        [
            ("staff:ops", "pause_queue", "urgent"),
            ("staff:ops", "resume_queue", "urgent"),
            ("api:crm", "pause_queue", "campaign"),
        ]
    ):
        api.clock.advance(minutes=1)
        await audit.write(api.clock(), actor, action, target, {"n": number})


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [2, 1, 0]),
        ({"actor": "staff:ops"}, [1, 0]),
        ({"action": "pause_queue"}, [2, 0]),
        ({"target": "urgent", "action": "pause_queue"}, [0]),
        ({"since": "2026-11-24T10:02:00+08:00"}, [2, 1]),
        ({"until": "2026-11-24T10:02:00+08:00"}, [0]),
        ({"actor": "staff:nobody"}, []),
    ],
)
async def test_acts_are_found_by_who_what_which_and_when(
    api: Api, query: dict[str, str], found: list[int]
) -> None:
    await several(api)

    assert [act["data"]["n"] for act in await acts(api, **query)] == found


async def test_pages_follow_each_other_without_gaps_even_within_one_moment(api: Api) -> None:
    for number in range(5):
        await audit.write(api.clock(), "api:x", "pause_queue", "urgent", {"n": number})
    seen, cursor = [], None
    while cursor != "":
        _, page = await api.get(
            f"{V1}/ops/audit", limit="2", **({"cursor": cursor} if cursor else {})
        )
        seen += [act["data"]["n"] for act in page["items"]]
        cursor = page["next_cursor"] or ""

    assert seen == [4, 3, 2, 1, 0]


async def test_every_kind_of_act_has_words(api_on_sqlite: Api) -> None:
    _, actions = await api_on_sqlite.get(f"{V1}/ops/audit/actions")

    assert {"action": "pause_queue", "text": "暂停队列"} in actions
