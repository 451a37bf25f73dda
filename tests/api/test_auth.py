"""Who may call, and which rows they see."""

from __future__ import annotations

import pytest
from aiohttp import web

from api.auth import AUTHENTICATORS, Caller, key_hash
from db.models import ApiKey
from domain.commands import CreateApiKey
from tests.api.conftest import Api, Taker, a_lead

LEADS = "/api/v1/leads"


async def status_with(api: Api, headers: dict[str, str], method: str = "GET") -> int:
    body = {"json": a_lead()} if method == "POST" else {}
    async with api.http.request(method, LEADS, headers=headers, **body) as response:
        return response.status


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer  "},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer wröng"},
        {"Authorization": "Basic dGVzdA=="},
        {"Authorization": "test-key-with-every-scope"},
    ],
)
async def test_without_a_known_key_nothing_is_answered(
    api_on_sqlite: Api, headers: dict[str, str]
) -> None:
    async with api_on_sqlite.http.get(LEADS, headers=headers) as response:
        assert response.status == 401
        assert response.headers["WWW-Authenticate"].startswith('Bearer realm="leadloop"')
        problem = await response.json()
    assert problem["code"] == "unauthenticated"
    assert "items" not in problem


SIGNING_IN = ("/api/v1/sign-in", "/api/v1/sign-in/code")


async def test_every_documented_route_but_health_and_signing_in_wants_a_key(
    api_on_sqlite: Api,
) -> None:
    _, document = await api_on_sqlite.get("/api/openapi.json")
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            url = path.replace("{", "").replace("}", "")
            async with api_on_sqlite.http.request(method, url) as response:
                healthy = path in ("/livez", "/readyz")
                assert (response.status == 200) == healthy, (method, path)
                assert bool(operation["security"]) != (healthy or path in SIGNING_IN)


async def test_a_key_is_good_for_its_scopes_only(api: Api) -> None:
    await api.bus.execute(CreateApiKey("crm", key_hash("crm-key"), ("leads:read",)))
    reader = api.auth("crm-key")

    assert await status_with(api, reader) == 200
    assert await status_with(api, reader, "POST") == 403
    async with api.http.post(LEADS, json=a_lead(), headers=reader) as response:
        assert (await response.json())["code"] == "missing_scope"
        assert "leads:write" in response.headers["WWW-Authenticate"]


async def test_admin_includes_every_scope(api_on_sqlite: Api) -> None:
    await api_on_sqlite.bus.execute(CreateApiKey("root", key_hash("root-key"), ("admin",)))

    assert await status_with(api_on_sqlite, api_on_sqlite.auth("root-key"), "POST") == 201


async def test_a_revoked_key_stops_working_once_the_cache_is_old(api_on_sqlite: Api) -> None:
    api = api_on_sqlite
    await api.bus.execute(CreateApiKey("crm", key_hash("crm-key"), ("leads:read",)))
    keys = api.app[AUTHENTICATORS][0]
    now = 1000.0
    keys.monotonic = lambda: now  # type: ignore[attr-defined]
    assert await status_with(api, api.auth("crm-key")) == 200

    await ApiKey.filter(name="crm").update(revoked_at=api.clock())

    now += 5.1
    assert await status_with(api, api.auth("crm-key")) == 401


async def test_the_timeline_names_the_key_that_ordered(api_on_sqlite: Api) -> None:
    api = api_on_sqlite
    await api.bus.execute(CreateApiKey("dms", key_hash("dms-key"), ("leads:write",)))
    _, taken = await api.post(LEADS, a_lead())
    path = f"{LEADS}/{taken['lead_id']}"

    async with api.http.post(
        f"{path}/accept", json={"userid": "wangfang"}, headers=api.auth("dms-key")
    ) as response:
        assert response.status == 200

    _, page = await api.get(f"{path}/timeline")
    actors = {line["kind"]: line["actor"] for line in page["items"]}
    assert actors["accepted"] == "api:dms"


# ── a session sees its own rows ──────────────────────────────────────────────────────────────


def sign_in(api: Api, dealers: set[str] | None = None, regions: set[str] | None = None) -> None:
    """From now on a request without a key comes from a member of staff with these rows."""
    caller = Caller(
        "staff:somebody",
        frozenset({"admin"}),
        frozenset(dealers) if dealers is not None else None,
        frozenset(regions) if regions is not None else None,
    )

    async def session(request: web.Request) -> Caller | None:
        return caller

    api.app[AUTHENTICATORS].append(session)


async def seen(api: Api, path: str) -> tuple[int, dict]:
    async with api.http.get(path) as response:
        return response.status, await response.json()


async def test_a_dealers_session_sees_its_own_leads_and_404_for_the_others(
    api: Api, take: Taker
) -> None:
    mine = await take("e-1")
    foreign = await take("e-2", customer={"phone": "13900139000"}, intent={"dealer_code": "CD01"})
    held = await take("e-3", customer={"phone": "13700137000"}, consent={"purposes": []})
    assert held["dealer_code"] == "CC01"
    sign_in(api, dealers={"CC01"})

    _, page = await seen(api, LEADS)
    assert [x["id"] for x in page["items"]] == [held["lead_id"], mine["lead_id"]]
    assert (await seen(api, f"{LEADS}/{mine['lead_id']}"))[0] == 200
    for path in (
        f"{LEADS}/{foreign['lead_id']}",
        f"{LEADS}/{foreign['lead_id']}/timeline",
        f"/api/v1/customers/{foreign['customer_id']}",
        "/api/v1/policies/dealer/CD01",
    ):
        status, problem = await seen(api, path)
        assert (status, problem["code"]) == (404, "not_found"), path


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("accept", {"userid": "zhouwei"}),
        ("follow-ups", {"result": "connected"}),
        ("transfer", {"dealer_code": "CC01", "reason": "x"}),
        ("defeat", {"reason": "invalid"}),
    ],
)
async def test_a_dealers_session_changes_no_foreign_lead(
    api_on_sqlite: Api, action: str, body: dict[str, str]
) -> None:
    api = api_on_sqlite
    _, foreign = await api.post(LEADS, a_lead(intent={"dealer_code": "CD01"}))
    sign_in(api, dealers={"CC01"})

    async with api.http.post(f"{LEADS}/{foreign['lead_id']}/{action}", json=body) as response:
        assert response.status == 404


async def test_a_regions_session_sees_its_dealers_and_sub_regions(api: Api, take: Taker) -> None:
    await api.put("/api/v1/regions/NE-JL", {"name": "吉林", "parent": "NE"})
    await api.put("/api/v1/dealers/JL01", {"name": "吉林店", "region": "NE-JL", "city": "吉林"})
    north = await take("e-1")
    deeper = await take("e-2", intent={"dealer_code": "JL01"}, customer={"phone": "13900139000"})
    await take("e-3", intent={"dealer_code": "CD01"}, customer={"phone": "13700137000"})
    sign_in(api, regions={"NE"})

    _, page = await seen(api, LEADS)

    assert [x["id"] for x in page["items"]] == [deeper["lead_id"], north["lead_id"]]
    _, funnel = await seen(api, "/api/v1/stats/funnel")
    assert funnel["leads"] == 2
    async with api.http.put("/api/v1/policies/brand", json={}) as response:
        assert response.status == 403
