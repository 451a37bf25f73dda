"""Traces to OpenTelemetry and errors to Sentry: both optional, both off unless set.

Neither is given exceptions, requests or variables: only names, ids and codes that a log line may
hold, and of those nothing that looks like a phone.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from importlib.util import find_spec
from typing import Any

from structlog.typing import EventDict, Processor

from bot.spans import Fact, Span, Spans, no_spans
from settings import Settings, env_name

EXPORT_WITHIN_S = 2.0
PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
STARRED = "1**********"
NEEDS = {
    "otel_endpoint": ("opentelemetry.sdk", "opentelemetry.exporter.otlp.proto.http"),
    "sentry_dsn": ("sentry_sdk",),
}
TOLD_TO_SENTRY = frozenset({"error", "critical"})
ALSO_TOLD = frozenset({"row.buried"})


def missing_extras(settings: Settings) -> list[str]:
    """One line for each setting whose packages are not installed."""
    wanted = {"otel_endpoint": settings.otel_endpoint, "sentry_dsn": settings.has_sentry}
    return [
        f"{env_name(name)}: its packages are not installed: pip install -r requirements-extras.txt"
        for name, value in wanted.items()
        if value and not all(_is_there(module) for module in NEEDS[name])
    ]


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


@asynccontextmanager
async def traced_to(settings: Settings, version: str) -> AsyncIterator[Spans]:
    """Spans that go to the collector of the settings; what is left is sent at the end."""
    if not settings.otel_endpoint:
        yield no_spans
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(
        resource=Resource({"service.name": "leadloop", "service.version": version}),
        shutdown_on_exit=False,
    )
    exporter = OTLPSpanExporter(f"{settings.otel_endpoint}/v1/traces", timeout=EXPORT_WITHIN_S)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    try:
        yield _Tracer(provider.get_tracer("leadloop"))
    finally:
        await asyncio.to_thread(provider.shutdown)


class _Tracer:
    """`Spans` by OpenTelemetry. An exception is noted by its class: its words may name people."""

    def __init__(self, tracer: Any) -> None:
        self._tracer = tracer

    @contextmanager
    def __call__(self, name: str, **facts: Fact) -> Iterator[Span]:
        with self._tracer.start_as_current_span(
            name, attributes=cleaned(facts), record_exception=False, set_status_on_exception=False
        ) as span:
            noted = _OpenSpan(span)
            try:
                yield noted
            except BaseException as error:
                noted.note(error=type(error).__name__)
                raise


class _OpenSpan:
    def __init__(self, span: Any) -> None:
        self._span = span

    def note(self, **facts: Fact) -> None:
        """Add what is known by now."""
        self._span.set_attributes(cleaned(facts))


def errors_to_sentry(settings: Settings, version: str) -> list[Processor]:
    """The step of the logs that tells Sentry of errors and dead letters; none if it is off."""
    if not settings.has_sentry:
        return []
    import sentry_sdk

    sentry_sdk.init(
        dsn=settings.sentry_dsn.get_secret_value(),
        release=f"leadloop@{version}",
        default_integrations=False,
        auto_enabling_integrations=False,
        send_default_pii=False,
        include_local_variables=False,
        max_breadcrumbs=0,
        traces_sample_rate=0,
    )

    def tell(logger: Any, method: str, line: EventDict) -> EventDict:
        if method in TOLD_TO_SENTRY or line.get("event") in ALSO_TOLD:
            sentry_sdk.capture_event(_event(line))  # type: ignore[arg-type]
        return line

    return [tell]


def _event(line: EventDict) -> dict[str, Any]:
    """A log line as an event; lines of one kind are one issue."""
    facts = cleaned({k: v if isinstance(v, int) else str(v) for k, v in line.items()})
    name, error = str(facts.pop("event", "")), str(facts.get("error", ""))
    return {
        "message": f"{name} {error}".strip(),
        "level": "error",
        "logger": "leadloop",
        "fingerprint": [name, error, str(facts.get("where", facts.get("at", "")))],
        "extra": facts,
    }


def cleaned(facts: dict[str, Fact]) -> dict[str, Fact]:
    """The same facts; what looks like a phone is starred."""
    return {
        name: PHONE.sub(STARRED, value) if isinstance(value, str) else value
        for name, value in facts.items()
    }
