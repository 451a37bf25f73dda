"""Puts the demo organisation into the database, by the same commands the API uses."""

import tomllib
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

from db.models import Staff
from domain.commands import Command, PutDealer, PutModel, PutRegion, PutStaff

FOLDER = Path(__file__).parent

Execute = Callable[[Command], Awaitable[object]]


async def load_demo(execute: Execute) -> None:
    """Run every Put command of the demo, until it is complete once.

    After that nothing is touched: what somebody changed since stays changed.
    """
    commands = list(demo_commands())
    last = commands[-1]
    if isinstance(last, PutStaff) and await Staff.exists(userid=last.userid):
        return
    for command in commands:
        await execute(command)


def demo_commands() -> Iterator[Command]:
    """Regions before dealers before staff, so that each finds what it belongs to."""
    organisation = _read("organisation.toml")
    yield from (PutModel(**_model(row)) for row in _read("models.toml")["model"])
    yield from (PutRegion(**row) for row in organisation["region"])
    yield from (PutDealer(**row) for row in organisation["dealer"])
    yield from (PutStaff(**_staff(row)) for row in organisation["staff"])


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / name).read_text(encoding="utf-8"))


def _model(row: dict[str, Any]) -> dict[str, Any]:
    row["price_low"], row["price_high"] = row.pop("guide_price", (None, None))
    return {**row, "aliases": tuple(row["aliases"]), "highlights": tuple(row["highlights"])}


def _staff(row: dict[str, Any]) -> dict[str, Any]:
    row["dealer_code"] = row.pop("dealer", None)
    row["region_code"] = row.pop("region", None)
    return row
