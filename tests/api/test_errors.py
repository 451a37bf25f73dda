"""Every refusal is a problem document, and nothing private leaves in one."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs

import domain.business_hours
import domain.consent
import domain.phone
import domain.policy_check
from api.deps import DEPS
from api.errors import STATUS, problem_of, problems
from api.tracing import add_headers, traced
from domain import errors
from tests.api.conftest import Api

_DEFINED_ELSEWHERE = (domain.business_hours, domain.consent, domain.phone, domain.policy_check)


def every_refusal() -> list[type[errors.DomainError]]:
    found, left = [], [errors.DomainError]
    while left:
        left += (cls := left.pop()).__subclasses__()
        found.append(cls)
    return found


@pytest.mark.parametrize("refusal", every_refusal(), ids=lambda cls: cls.__name__)
def test_every_refusal_of_the_rules_has_a_status_and_its_code(
    refusal: type[errors.DomainError],
) -> None:
    error = refusal.__new__(refusal)
    error.detail, error.facts, error.errors = "as it is", {}, [("phone", "is wrong")]

    problem = problem_of(error)

    assert problem["status"] in {403, 404, 409, 422}
    assert problem["code"] == refusal.code
    assert problem["type"].endswith(refusal.code)


def test_the_statuses_are_those_of_the_contract() -> None:
    expected = {
        errors.NotFound: 404,
        errors.NotAllowed: 403,
        errors.InvalidInput: 422,
        errors.WrongState: 409,
        errors.DefeatNotEarned: 409,
    }
    for refusal, status in expected.items():
        nearest = next(STATUS[cls] for cls in refusal.__mro__ if cls in STATUS)
        assert nearest == status


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/api/v1/nothing", 404),
        ("DELETE", "/api/v1/leads", 405),
        ("GET", "/nowhere", 404),
    ],
)
async def test_unknown_paths_and_methods_are_problems_too(
    api_on_sqlite: Api, method: str, path: str, status: int
) -> None:
    async with api_on_sqlite.http.request(method, path) as response:
        assert response.status == status
        assert response.content_type == "application/problem+json"
        problem = await response.json()
        assert {"type", "title", "status", "detail"} <= problem.keys()
        assert status != 405 or "POST" in response.headers["Allow"]


async def test_an_unexpected_error_is_logged_and_not_shown(api_on_sqlite: Api) -> None:
    async def broken(request: web.Request) -> web.Response:
        raise RuntimeError("the phone is 13800138000")

    app = web.Application(middlewares=[traced, problems])
    app[DEPS] = api_on_sqlite.app[DEPS]
    app.on_response_prepare.append(add_headers)
    app.router.add_get("/broken", broken)
    with capture_logs() as logs:
        async with TestClient(TestServer(app)) as client, client.get("/broken") as response:
            text, status = await response.text(), response.status

    assert status == 500
    assert "13800138000" not in text
    assert "Runtime" not in text
    failed = next(line for line in logs if line["event"] == "request.failed")
    assert failed["error"] == "RuntimeError"
    assert failed["at"][-1].endswith("broken")
    assert "13800138000" not in str(failed)


@pytest.mark.parametrize(
    ("sent", "kept"), [("abc-1", True), ("x" * 65, False), ("a b", False), ("", False)]
)
async def test_a_usable_request_id_is_kept_another_replaced(
    api_on_sqlite: Api, sent: str, *, kept: bool
) -> None:
    async with api_on_sqlite.http.get("/livez", headers={"X-Request-Id": sent}) as response:
        answered = response.headers["X-Request-Id"]

    assert (answered == sent) == kept
    assert answered


async def test_answers_about_people_are_not_cached(api_on_sqlite: Api) -> None:
    async with api_on_sqlite.http.get("/api/v1/leads", headers=api_on_sqlite.auth()) as response:
        assert response.headers["Cache-Control"] == "no-store"


async def test_a_garbled_compressed_body_is_a_400(api_on_sqlite: Api) -> None:
    headers = {**api_on_sqlite.auth(), "Content-Encoding": "gzip"}
    async with api_on_sqlite.http.post("/api/v1/leads", data=b"junk", headers=headers) as response:
        assert response.status == 400


async def test_a_caller_who_goes_away_in_the_middle_harms_nobody(api_on_sqlite: Api) -> None:
    server = api_on_sqlite.http.server
    for _ in range(5):
        _, writer = await asyncio.open_connection(server.host, server.port)
        head = f"GET /api/v1/leads HTTP/1.1\r\nHost: x\r\nAuthorization: {api_on_sqlite.auth()}"
        writer.write(head.encode())
        writer.close()

    assert (await api_on_sqlite.get("/api/v1/leads"))[0] == 200
