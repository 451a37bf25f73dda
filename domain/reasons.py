"""Why something was decided: a stable code and its numbers; `texts` finds the words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, e.g. `Reason("window", {"days": 7})`; params hold only JSON values."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @classmethod
    def of(cls, code: str, /, **params: Any) -> Reason:
        """Short form: `Reason.of("asked_price", times=2)`; datetimes become ISO 8601 text."""
        return cls(code, {name: _plain(value) for name, value in params.items()})

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, **({"params": dict(self.params)} if self.params else {})}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Reason:
        """Raises ValueError when `data` is not what `as_json` wrote."""
        code, params = data.get("code"), data.get("params", {})
        if not isinstance(code, str) or not isinstance(params, Mapping):
            raise ValueError("a reason is {code, params}")
        return cls(code, dict(params))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
