"""Webhooks over HTTP: made, changed, shown, for whom; the secret is told once and kept sealed."""

from __future__ import annotations

import pytest

from db.models import AuditEntry, Webhook
from domain.commands import PutStaff
from domain.webhooks import EVENT_TYPES, MOST_WEBHOOKS
from tests.api.conftest import Api, AsStaff, signed_in

V1 = "/api/v1/webhooks"
CRM = {"name": "CRM", "url": "https://crm.example.com/in", "types": ["lead.created"]}


async def delete(api: Api, path: str) -> int:
    async with api.http.delete(path, headers=api.auth()) as response:
        return response.status


async def staff(api: Api, role: str) -> AsStaff:
    where = {"region_code": "NE"} if role == "region_manager" else {}
    await api.bus.execute(PutStaff(role, role, role, **where))
    return await signed_in(api, role)


async def test_the_secret_is_told_once_and_kept_sealed(api: Api) -> None:
    status, made = await api.post(V1, CRM)

    assert status == 201
    assert made["secret"].startswith("whsec_")
    _, shown = await api.get(f"{V1}/{made['id']}")
    assert "secret" not in shown
    assert (shown["state"], shown["types"], shown["enabled"]) == ("ok", ["lead.created"], True)
    row = await Webhook.get(id=int(made["id"]))
    assert made["secret"].encode() not in row.secret
    assert made["secret"] not in str(await AuditEntry.all().values())


async def test_what_is_changed_is_recorded_with_before_and_after(api: Api) -> None:
    _, made = await api.post(V1, CRM)
    changed = {**CRM, "dealers": ["CC01"], "regions": ["SW"], "enabled": False}

    status, now = await api.put(f"{V1}/{made['id']}", changed)

    assert (status, now["state"], now["disabled_why"]) == (200, "disabled", "by_hand")
    entry = await AuditEntry.all().order_by("-id").first()
    assert (entry.action, entry.target) == ("change_webhook", f"webhook {made['id']}")
    assert entry.data["before"] == {"dealers": [], "regions": [], "enabled": True}
    assert entry.data["after"] == {"dealers": ["CC01"], "regions": ["SW"], "enabled": False}


@pytest.mark.parametrize(
    ("change", "loc"),
    [
        ({"url": "http://crm.example.com/"}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": "https://10.0.0.8/in"}, "url"),
        ({"types": ["lead.eaten"]}, "types.0"),
        ({"dealers": ["CC01", "XX99"]}, "dealers.1"),
        ({"regions": ["XX"]}, "regions.0"),
        ({"name": ""}, "name"),
        ({"secret": "mine"}, "secret"),
    ],
)
async def test_what_cannot_be_is_refused_by_its_field(
    api_on_sqlite: Api, change: dict, loc: str
) -> None:
    status, problem = await api_on_sqlite.post(V1, {**CRM, **change})

    assert status == 422
    assert [error["loc"] for error in problem["errors"]] == [loc]


async def test_there_is_a_most(api_on_sqlite: Api) -> None:
    for number in range(MOST_WEBHOOKS):
        assert (await api_on_sqlite.post(V1, {**CRM, "name": f"n{number}"}))[0] == 201
    status, problem = await api_on_sqlite.post(V1, CRM)
    assert (status, problem["code"]) == (409, "too_many_webhooks")


@pytest.mark.parametrize(
    ("role", "looks", "acts"),
    [("ops", 200, 201), ("brand_ops", 200, 403), ("region_manager", 403, 403)],
)
async def test_ops_keep_them_who_sees_everything_may_look(
    desk_on_sqlite: Api, role: str, looks: int, acts: int
) -> None:
    _, made = await desk_on_sqlite.post(V1, CRM)
    page = await staff(desk_on_sqlite, role)

    assert (await page.get("webhooks"))[0] == looks
    one = (await page.get(f"webhooks/{made['id']}/deliveries"))[0]
    assert one == (200 if looks == 200 else 404)
    assert (await page.post("webhooks", CRM))[0] == acts


async def test_what_is_not_there_is_404(api_on_sqlite: Api) -> None:
    _, made = await api_on_sqlite.post(V1, CRM)
    for path in ("999", f"{made['id']}/deliveries/999", "x"):
        assert (await api_on_sqlite.get(f"{V1}/{path}"))[0] == 404, path
    assert await delete(api_on_sqlite, f"{V1}/{made['id']}") == 204
    assert await delete(api_on_sqlite, f"{V1}/{made['id']}") == 404
    assert (await api_on_sqlite.post(f"{V1}/{made['id']}/ping"))[0] == 404
    assert (await api_on_sqlite.get(V1))[1]["items"] == []


async def test_deliveries_are_listed_with_their_body_newest_first(api: Api) -> None:
    _, made = await api.post(V1, CRM)
    _, other = await api.post(V1, CRM)
    path = f"{V1}/{made['id']}/deliveries"
    for _ in range(3):
        assert (await api.post(f"{V1}/{made['id']}/ping"))[0] == 202

    _, first = await api.get(path, limit="2")
    _, second = await api.get(path, limit="2", cursor=first["next_cursor"])
    rows = [*first["items"], *second["items"]]

    assert [row["id"] for row in rows] == ["3", "2", "1"]
    assert {(row["type"], row["state"], row["status"]) for row in rows} == {
        ("ping", "waiting", None)
    }
    assert (await api.get(path, state="delivered"))[1]["items"] == []
    _, one = await api.get(f"{path}/3")
    assert one["body"]["data"] == {"webhook_id": made["id"]}
    assert (await api.get(f"{V1}/{other['id']}/deliveries/3"))[0] == 404


async def test_a_replay_of_the_future_is_refused(api_on_sqlite: Api) -> None:
    _, made = await api_on_sqlite.post(V1, CRM)

    status, problem = await api_on_sqlite.post(
        f"{V1}/{made['id']}/replay", {"since": "2026-12-24T10:00:00+08:00"}
    )

    assert (status, problem["errors"][0]["loc"]) == (422, "since")


async def test_every_kind_of_event_is_listed_with_words(api_on_sqlite: Api) -> None:
    _, kinds = await api_on_sqlite.get(f"{V1}/event-types")

    assert [kind["type"] for kind in kinds] == list(EVENT_TYPES)
    assert all(kind["text"] != kind["type"] for kind in kinds)
