"""Every Prometheus series Leadloop has, in one registry of its own.

The names are part of the outer contract. Nothing here holds a phone, an openid or a userid: labels
are channels, sources and codes, of which there are few.
"""

from collections.abc import Iterable
from typing import Protocol

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

CALLBACK_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5)
PUSH_BUCKETS_S = (0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1800)
MOST_SOURCES = 200


class QueueNumbers(Protocol):
    """One queue as ops see it."""

    @property
    def name(self) -> str: ...
    @property
    def ready(self) -> int: ...
    @property
    def scheduled(self) -> int: ...
    @property
    def active(self) -> int: ...
    @property
    def failed(self) -> int: ...
    @property
    def oldest_ready_seconds(self) -> float: ...
    @property
    def paused(self) -> bool: ...


class Metrics:
    """One process's counters. Build one and hand it to whoever has something to count."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # a second series for each
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._sources: set[str] = set()
        self._callbacks = self._counter("callbacks", "WeChat callbacks", "channel", "result")
        self._leads = self._counter("leads", "Leads taken in", "source", "outcome")
        self._calls = self._counter("wechat_calls", "Calls to WeChat", "app", "api", "errcode")
        self._sla = self._counter("sla", "Clocks that ended or passed a mark", "clock", "result")
        self._sign_ins = self._counter("sign_ins", "Staff who signed in, or not", "way", "result")
        self._pools_checked = self._counter("pools_checked", "Customers whose pool was compared")
        self._pools_differed = self._counter("pools_differed", "Pools that were not as worked out")
        self._callback_seconds = Histogram(
            "leadloop_callback_seconds",
            "From the callback's body read to its answer",
            ["channel"],
            buckets=CALLBACK_BUCKETS_S,
            registry=self.registry,
        )
        self._push_seconds = Histogram(
            "leadloop_push_seconds",
            "From the lead durable to its card accepted by WeCom",
            buckets=PUSH_BUCKETS_S,
            registry=self.registry,
        )
        self._add_gauges()

    def _add_gauges(self) -> None:
        self._jobs = self._gauge("queue_jobs", "Rows of a queue", "queue", "state")
        self._oldest = self._gauge("queue_oldest_seconds", "Age of the oldest ready row", "queue")
        self._paused = self._gauge("queue_paused", "1 while a queue is stopped by hand", "queue")
        self._token_age = self._gauge("token_age_seconds", "Age of the access token", "app")
        self._refused = self._gauge("wechat_paused", "1 while an app is not called", "app")
        self._parts = self._gauge("part_up", "1 while this process reaches it", "part")

    def callback(self, channel: str, result: str, seconds: float) -> None:
        """One callback answered. Results: ok, forged, too_large, too_slow, unavailable."""
        self._callbacks.labels(channel, result).inc()
        self._callback_seconds.labels(channel).observe(seconds)

    def lead_taken(self, source: str, outcome: str) -> None:
        """One lead of the intake. Beyond 200 sources the rest count as `other`."""
        if source not in self._sources and len(self._sources) >= MOST_SOURCES:
            source = "other"
        self._sources.add(source)
        self._leads.labels(source, outcome).inc()

    def wechat_call(self, app: str, api: str, errcode: int | str) -> None:
        """One call to WeChat answered with this errcode, or `timeout`, `network`."""
        self._calls.labels(app, api, str(errcode)).inc()

    def pushed(self, seconds: float) -> None:
        """A lead card was accepted by WeCom, `seconds` after the lead was durable."""
        self._push_seconds.observe(seconds)

    def clock(self, clock: str, result: str) -> None:
        """A clock (remind, escalate, manager …) ended: met, late, recycled."""
        self._sla.labels(clock, result).inc()

    def signed_in(self, way: str, result: str) -> None:
        """Somebody came `in` by wecom, qr or password, or was turned away, for this reason."""
        self._sign_ins.labels(way, result).inc()

    def pools_compared(self, checked: int, differed: int) -> None:
        """A batch of the nightly comparison; each difference is a defect."""
        self._pools_checked.inc(checked)
        self._pools_differed.inc(differed)

    def wechat_app(self, app: str, age_s: float | None, *, paused: bool) -> None:
        """How old the app's access token is now, and whether calls wait after a refusal."""
        self._refused.labels(app).set(paused)
        if age_s is not None:
            self._token_age.labels(app).set(age_s)

    def part(self, part: str, state: str) -> None:
        """Whether the database or Redis answers: `ok`, something else, or `none`."""
        if state != "none":
            self._parts.labels(part).set(state == "ok")

    def render(self, queues: Iterable[QueueNumbers]) -> bytes:
        """The exposition text; the gauges of queues as they stand now."""
        for queue in queues:
            self._paused.labels(queue.name).set(queue.paused)
            for state in ("ready", "scheduled", "active", "failed"):
                self._jobs.labels(queue.name, state).set(getattr(queue, state))
            self._oldest.labels(queue.name).set(queue.oldest_ready_seconds)
        return generate_latest(self.registry)

    def _counter(self, name: str, help_text: str, *labels: str) -> Counter:
        return Counter(f"leadloop_{name}", help_text, labels, registry=self.registry)

    def _gauge(self, name: str, help_text: str, *labels: str) -> Gauge:
        return Gauge(f"leadloop_{name}", help_text, labels, registry=self.registry)
