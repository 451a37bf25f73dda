"""Keep the chats over a restart: one small JSON file, written atomically and not too often."""

import asyncio
import json
import logging
import os
from collections import deque
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TypeVar

from sandbox.people import KEPT_MESSAGES, Customer, Member, Message
from sandbox.quota import Allowance
from sandbox.wecom.deck import ResponseCode, SentCard
from sandbox.world import World

VERSION = 1
DELAY_S = 1.5
UNSAVED = frozenset({"messages", "windows", "rate"})
P = TypeVar("P", Customer, Member)
log = logging.getLogger("sandbox")


class Snapshot:
    """Writes the world to its file some time after each change, and at the end."""

    def __init__(self, world: World, path: Path) -> None:
        self._world, self._path = world, path
        self._dirty = False
        self._task: asyncio.Task[None] | None = None

    def load(self) -> None:
        """Restore what is there; an unreadable file is put aside, never overwritten."""
        try:
            restore(self._world, json.loads(self._path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return
        except (ValueError, KeyError, TypeError, AttributeError):
            aside = self._path.with_suffix(".broken")
            os.replace(self._path, aside)
            self._world.clear()
            log.warning("unreadable state put aside as %s", aside.name)

    def touch(self) -> None:
        """Something changed: write soon."""
        self._dirty = True
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._write_while_dirty())

    async def close(self) -> None:
        """Wait until the last change is on disk."""
        if self._task is not None:
            await self._task

    async def _write_while_dirty(self) -> None:
        while self._dirty:
            await self._world.stream.pause(DELAY_S)
            self._dirty = False
            try:
                await asyncio.to_thread(write, self._path, dump(self._world))
            except OSError as error:
                log.warning("chats not saved: %s", error.strerror)


def write(path: Path, data: dict[str, Any]) -> None:
    """Write to a neighbour, then rename: a reader finds the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    with draft.open("w", encoding="utf-8") as file:
        json.dump(data, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)


def dump(world: World) -> dict[str, Any]:
    """All that a restart has to find again. Tokens and media are not: peers fetch them anew."""
    cards = world.deck.cards.values()
    return {
        "version": VERSION,
        "sequence": world.sequence,
        "menu": world.menu,
        "scenes": list(world.scenes.values()),
        "customers": [_person(c) | {"windows": _windows(c)} for c in world.customers.values()],
        "members": [_person(member) for member in world.members.values()],
        "cards": [asdict(card) for card in cards],
        "codes": [
            [value, code.card.task_id, code.issued_at, code.used]
            for value, code in world.deck.codes.items()
            if world.deck.cards.get(code.card.task_id) is code.card
        ],
    }


def restore(world: World, data: dict[str, Any]) -> None:
    """Fill a fresh world. Raises KeyError, TypeError, ValueError for what is not a snapshot."""
    if data["version"] != VERSION:
        raise ValueError("another version")
    world.sequence, world.menu = int(data["sequence"]), data["menu"]
    world.scenes.update((row["scene"], row) for row in data["scenes"])
    for row in data["customers"]:
        windows = row.pop("windows")
        customer = _fill(Customer(name=""), row)
        customer.windows.allowances = {k: Allowance(*given) for k, given in windows.items()}
        world.customers[customer.openid] = customer
    for row in data["members"]:
        known = world.members.get(row["userid"])
        if known is None:
            world.members[row["userid"]] = _fill(Member(name=""), row)
        else:  # the directory file knows better who works where
            _fill(known, {name: row[name] for name in ("messages", "read_up_to", "licensed")})
    for row in data["cards"]:
        world.deck.add(SentCard(**row))
    for value, task_id, issued_at, used in data["codes"]:
        world.deck.codes[value] = ResponseCode(world.deck.cards[task_id], issued_at, used)


def _person(person: Customer | Member) -> dict[str, Any]:
    plain = {f.name: getattr(person, f.name) for f in fields(person) if f.name not in UNSAVED}
    return plain | {"messages": [asdict(message) for message in person.messages]}


def _windows(customer: Customer) -> dict[str, list[float]]:
    allowances = customer.windows.allowances.items()
    return {kind: [given.opened_at, given.used] for kind, given in allowances}


def _fill(person: P, row: dict[str, Any]) -> P:
    messages = (Message(**message) for message in row.pop("messages"))
    person.messages = deque(messages, maxlen=KEPT_MESSAGES)
    for name, value in row.items():
        setattr(person, name, value)
    return person
