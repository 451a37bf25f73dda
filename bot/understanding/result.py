"""What was understood: one label and the slots the sentence fills."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Role = Literal["customer", "adviser"]
LABEL_KEY: dict[Role, str] = {"customer": "intent", "adviser": "result"}


@dataclass(frozen=True, slots=True)
class Understanding:
    """`label` is a customer's intent or an adviser's result; absent slots are absent keys."""

    label: str
    slots: dict[str, object] = field(default_factory=dict)

    def as_json(self, role: Role) -> dict[str, object]:
        """The object `manage.py understand` prints; times as ISO 8601 with offset."""
        slots = {name: _plain(value) for name, value in self.slots.items()}
        return {LABEL_KEY[role]: self.label, "slots": slots}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
