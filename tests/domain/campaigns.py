"""Campaign documents for the tests of the rules."""

from __future__ import annotations

from typing import Any


def a_document(**changes: Any) -> dict[str, Any]:
    """Two steps for customers who found the car too dear."""
    document: dict[str, Any] = {
        "name": "嫌贵的客户",
        "audience": {"on": "defeated", "reasons": ["price"]},
        "steps": [
            {
                "wait_days": 7,
                "by": ["message", "task"],
                "text": "您好[，{name}]",
                "task": "请回访",
            },
            {"wait_days": 14, "by": ["message"], "text": "{model}有新优惠"},
        ],
    }
    return document | changes
