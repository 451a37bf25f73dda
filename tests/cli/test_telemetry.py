"""Traces and errors leave only if somebody wants them, and carry ids and codes alone."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from cli import telemetry
from cli.telemetry import STARRED, cleaned, missing_extras
from settings import InvalidSettings, Settings, load_settings
from tests.eventually import eventually
from tests.test_manage import A_LEAD, environment, fetch, outcome, running  # noqa: F401

PHONE = A_LEAD["customer"]["phone"]
SAID = "探岳多少钱"
KEY = "k" * 32


class Outside:
    """A collector and a Sentry in one; keeps every byte it is sent."""

    def __init__(self) -> None:
        self.traces: list[bytes] = []
        self.events: list[bytes] = []
        app = web.Application()
        app.router.add_post("/v1/traces", self._trace)
        app.router.add_post("/api/7/envelope/", self._event)
        self.server = TestServer(app)

    async def _trace(self, request: web.Request) -> web.Response:
        self.traces.append(await request.read())
        return web.Response(content_type="application/x-protobuf")

    async def _event(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.events.append(gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body)
        return web.json_response({})

    def spans(self) -> dict[str, list[dict[str, object]]]:
        """What the spans say, by name."""
        found: dict[str, list[dict[str, object]]] = {}
        for body in self.traces:
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in resource.scope_spans:
                    for span in scope.spans:
                        facts = {f.key: f.value.string_value for f in span.attributes}
                        found.setdefault(span.name, []).append(facts)
        return found


@pytest.fixture
async def outside() -> AsyncIterator[Outside]:
    stub = Outside()
    async with stub.server:
        yield stub


async def test_spans_and_errors_tell_what_happened_and_nothing_about_people(
    environment: dict[str, str],  # noqa: F811
    outside: Outside,
    tmp_path,
) -> None:
    port = outside.server.port
    wanted = environment | {
        "LEADLOOP_OTEL_ENDPOINT": f"http://127.0.0.1:{port}",
        "LEADLOOP_SENTRY_DSN": f"http://publickey@127.0.0.1:{port}/7",
        "OTEL_BSP_SCHEDULE_DELAY": "200",
    }
    sandbox = f"http://127.0.0.1:{wanted['LEADLOOP_SANDBOX_PORT']}/sandbox"
    async with running(wanted), aiohttp.ClientSession(sandbox + "/") as http:
        refusal = {"api": "wecom:message/send", "kind": "errcode", "errcode": 40058}
        async with http.put("faults", json=refusal) as answer:
            assert answer.status == 200
        status, _ = await fetch(wanted, "/api/v1/leads", method="POST", json=A_LEAD)
        assert status == 201
        for action, body in (("follow", {}), ("text", {"content": SAID})):
            async with http.post(f"customers/oLiLei/{action}", json=body) as answer:
                assert answer.status == 200
        await eventually(lambda: outside.events, within_s=20)
        kinds = {"request", "callback", "job", "wechat"}
        await eventually(lambda: kinds <= set(outside.spans()), within_s=20)
        secrets = json.loads((tmp_path / "sandbox.json").read_text())

    spans = outside.spans()
    assert {"method": "POST", "route": "/api/v1/leads", "status": ""} in spans["request"]
    assert {"channel": "oa", "result": "ok"} in spans["callback"]
    assert {"app": "wecom", "api": "cgi-bin/message/send", "errcode": "40058"} in spans["wechat"]
    assert any(b"row.buried" in event for event in outside.events)
    sent = b"".join([*outside.traces, *outside.events])
    hidden = [PHONE, SAID, "oLiLei", "access_token", *secrets.values()]
    for text in hidden:
        if text != secrets["wecom_agent_id"]:
            assert text.encode() not in sent, text


def test_what_looks_like_a_phone_is_starred() -> None:
    assert cleaned({"request_id": f"for-{PHONE}.", "row": "outbox:1", "n": 3}) == {
        "request_id": f"for-{STARRED}.",
        "row": "outbox:1",
        "n": 3,
    }


def test_nothing_is_missing_while_nothing_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telemetry, "find_spec", lambda name: None)
    assert missing_extras(Settings(secret_key=KEY)) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [("otel_endpoint", "http://127.0.0.1:4318"), ("sentry_dsn", "http://key@127.0.0.1/1")],
)
def test_an_extra_that_is_wanted_and_not_installed_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setattr(telemetry, "find_spec", lambda module: None)
    (line,) = missing_extras(Settings(secret_key=KEY, **{name: value}))
    assert line.startswith(f"LEADLOOP_{name.upper()}: ")
    assert "requirements-extras.txt" in line


@pytest.mark.parametrize(
    ("name", "value"), [("OTEL_ENDPOINT", "collector:4318"), ("SENTRY_DSN", "https://o1.ingest/1")]
)
def test_an_address_that_cannot_be_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"LEADLOOP_{name}", value)
    monkeypatch.setenv("LEADLOOP_SECRET_KEY", KEY)
    with pytest.raises(InvalidSettings) as refusal:
        load_settings(None)
    assert f"LEADLOOP_{name}" in str(refusal.value)


async def test_a_collector_that_is_away_holds_nobody_up() -> None:
    settings = Settings(secret_key=KEY, otel_endpoint="http://127.0.0.1:1")
    async with asyncio.timeout(10):
        async with telemetry.traced_to(settings, "0") as spans:
            with spans("request", route="/") as span:
                span.note(status=200)
