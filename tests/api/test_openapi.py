"""The document says what the routes do; no input, allowed by it or not, makes a 500."""

from __future__ import annotations

import asyncio
import json
import re
from collections import defaultdict

import pytest
import schemathesis
import yarl
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from schemathesis.core import NotSet
from schemathesis.generation import GenerationMode

from api.app import all_routes
from api.openapi import document
from tests.api.conftest import KEY, Api, a_lead

NOT_JSON_API = (
    "/m",
    "/console",
    "/drive/",
    "/wechat/",
    "/metrics",
    "/api/docs",
    "/api/openapi.json",
)
EXAMPLES = 8
DOCUMENT = document(all_routes(), {"version": "0.1.0"})


def test_the_document_is_openapi_3_1_with_sound_schemas() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    schemas = DOCUMENT["components"]["schemas"]
    for schema in schemas.values():
        Draft202012Validator.check_schema(schema)
    for name in re.findall(r'"#/components/schemas/(\w+)"', json.dumps(DOCUMENT)):
        assert name in schemas


async def test_the_document_and_the_router_know_the_same_routes(api_on_sqlite: Api) -> None:
    routed = {
        (route.method.lower(), route.resource.canonical)
        for route in api_on_sqlite.app.router.routes()
        if route.method != "HEAD" and not route.resource.canonical.startswith(NOT_JSON_API)
    }
    documented = {
        (method, path) for path, methods in DOCUMENT["paths"].items() for method in methods
    }

    assert routed == documented


def test_every_operation_is_named_summed_up_and_scoped() -> None:
    names = []
    for operations in DOCUMENT["paths"].values():
        for operation in operations.values():
            names.append(operation["operationId"])
            assert operation["summary"]
            assert "default" in operation["responses"]
    assert len(names) == len(set(names))


async def test_the_page_loads_nothing_from_elsewhere(api_on_sqlite: Api) -> None:
    async with api_on_sqlite.http.get("/api/docs") as response:
        page = await response.text()
        assert response.status == 200
    linked = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert linked
    for address in linked:
        assert address.startswith("/api/docs/")
        async with api_on_sqlite.http.get(address) as response:
            assert response.status == 200


SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
BY_RESOURCE: dict[str, list[schemathesis.schemas.APIOperation]] = defaultdict(list)
for result in SCHEMA.get_all_operations():
    operation = result.ok()
    if not operation.path.endswith("/batch"):  # its lines are those of /leads
        BY_RESOURCE[operation.path.removeprefix("/api/v1").split("/")[1]].append(operation)


@pytest.mark.parametrize("resource", BY_RESOURCE)
async def test_no_input_makes_a_500(api_on_postgres: Api, resource: str) -> None:
    await api_on_postgres.post("/api/v1/leads", a_lead())
    for operation in BY_RESOURCE[resource]:
        await _survives_anything(api_on_postgres, operation)


async def _survives_anything(api: Api, operation: schemathesis.schemas.APIOperation) -> None:
    loop = asyncio.get_running_loop()

    async def status_of(case: schemathesis.Case) -> int:
        path = yarl.URL(case.formatted_path, encoded=True)
        async with api.http.request(
            case.method, path, params=_flat(case.query), headers=api.auth(KEY), data=_body(case)
        ) as response:
            await response.read()
            return response.status

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(*map(operation.as_strategy, GenerationMode)), known=st.booleans())
    def probe(case: schemathesis.Case, *, known: bool) -> None:
        if known:
            case.path_parameters.update(_known(case.path_parameters))
        status = asyncio.run_coroutine_threadsafe(status_of(case), loop).result(20)
        assert status < 500, (case.method, case.path_parameters, case.query, case.body)

    await asyncio.to_thread(probe)


def _known(parameters: dict) -> dict:
    """Ids and codes that are there, so that the probe gets past the 404."""
    there = {"lead_id": "1", "customer_id": "1", "code": "CC01", "name": "urgent"}
    return {name: there[name] for name in parameters if name in there}


def _flat(query: dict | None) -> dict[str, str]:
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in (query or {}).items()
    }


def _body(case: schemathesis.Case) -> bytes:
    if isinstance(case.body, NotSet):
        return b""
    return case.body if isinstance(case.body, bytes) else json.dumps(case.body).encode()
