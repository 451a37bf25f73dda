"""Faults to inject, and the count of every call with what it was answered."""

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.errors import NotPossible

API_KINDS = frozenset({"http_500", "html", "timeout", "delay", "errcode", "lost_answer"})
CALLBACK_KINDS = frozenset({"drop", "lost_answer"})
LONGEST_S = 120.0


@dataclass(slots=True)
class Fault:
    """What goes wrong with one API, for the next `times` calls or (None) until cleared."""

    api: str
    kind: str
    errcode: int = -1
    seconds: float = 30.0
    times: int | None = None

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> "Fault":
        """Check a fault given to the control API. Raises NotPossible."""
        try:
            fault = cls(**body)
        except TypeError as error:
            raise NotPossible("bad_fault", str(error), 400) from error
        kinds = CALLBACK_KINDS if fault.api.startswith("callback:") else API_KINDS
        if fault.kind not in kinds:
            raise NotPossible("bad_fault", f"kind is one of {sorted(kinds)}", 400)
        if not 0 <= fault.seconds <= LONGEST_S or (fault.times is not None and fault.times < 1):
            raise NotPossible("bad_fault", "seconds 0 to 120, times at least 1", 400)
        return fault


class Faults:
    """At most one fault for each API; `*` stands for every platform API."""

    def __init__(self) -> None:
        self._by_api: dict[str, Fault] = {}

    def put(self, fault: Fault) -> None:
        self._by_api[fault.api] = fault

    def clear(self, api: str | None = None) -> None:
        if api is None:
            self._by_api.clear()
        else:
            self._by_api.pop(api, None)

    def take(self, api: str) -> Fault | None:
        """The fault that hits this call, counted down; None when the call is to go well."""
        fault = self._by_api.get(api)
        if fault is None and not api.startswith("callback:"):
            fault = self._by_api.get("*")
        if fault is not None and fault.times is not None:
            fault.times -= 1
            if fault.times == 0:
                del self._by_api[fault.api]
        return fault

    def to_json(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self._by_api.values()]


class Counters:
    """Calls by API and answer: an errcode, or the injected fault's name."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._minute = -1
        self._this_minute: Counter[str] = Counter()

    def add(self, api: str, answer: str) -> None:
        self._counts[api, answer] += 1

    def add_in_minute(self, api: str, now: float) -> int:
        """Count one call and return how many this API has had in the current minute."""
        if int(now // 60) != self._minute:
            self._minute = int(now // 60)
            self._this_minute.clear()
        self._this_minute[api] += 1
        return self._this_minute[api]

    def clear(self) -> None:
        self._counts.clear()

    def to_json(self) -> dict[str, dict[str, int]]:
        table: dict[str, dict[str, int]] = {}
        for (api, answer), count in sorted(self._counts.items()):
            table.setdefault(api, {})[answer] = count
        return table
