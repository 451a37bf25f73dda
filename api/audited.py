"""An act and the record of it: both, or neither. Whoever acted, a person or a key."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

from api.masking import masked_words
from api.origin import origin_of
from api.routing import Call
from db.queries import audit
from domain.commands import Command

T = TypeVar("T")
Facts = Mapping[str, object]
Look = Callable[[], Awaitable[Facts | None]]
"""Reads what an act may change, as plain values and no phone; None while it is not there."""


async def audited(
    call: Call,
    action: str,
    target: str,
    work: Callable[[], Awaitable[T]],
    *,
    look: Look | None = None,
    **data: object,
) -> T:
    """Do `work` and note who did it, in one transaction. A number it returns is noted too.

    What `look` sees is compared before and after. Work that says False, or that it changed 0
    rows, did nothing: there is nothing to note.
    """

    async def both() -> T:
        before = await look() if look else None
        result = await work()
        if result is not False and result != 0:
            counted = isinstance(result, int) and not isinstance(result, bool)
            changed = difference(before, await look()) if look else {}
            number = result if counted else None
            await note(call, action, target, {**data, **changed, "count": number})
        return result

    return await call.deps.database.run_tx(both)


async def ordered(
    call: Call,
    command: Command,
    action: str,
    target: str,
    *,
    look: Look | None = None,
    **data: object,
) -> Any:
    """Run an order and note who gave it, with what it changed of what `look` sees.

    The look is taken in the order's own transaction, before and after. Where it finds no
    difference nothing happened, and nothing is noted; a refused order leaves no note either.
    """

    async def noted(carry_out: Callable[[], Awaitable[Any]]) -> Any:
        before = await look() if look else None
        result = await carry_out()
        changed = difference(before, await look()) if look else {}
        if look is None or changed:
            await note(call, action, target, {**data, **changed})
        return result

    return await call.deps.bus.execute(command, around=noted)


def difference(before: Facts | None, after: Facts | None) -> dict[str, object]:
    """`before` and `after` with only what differs; empty when nothing does."""
    old, new = before or {}, after or {}
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    if not names:
        return {}
    return {
        "before": {name: old[name] for name in names if name in old},
        "after": {name: new[name] for name in names if name in new},
    }


async def note(call: Call, action: str, target: str, data: Facts) -> None:
    """Keep one entry about this caller, in the running transaction if there is one."""
    told = {name: masked_words(value) for name, value in data.items() if value is not None}
    origin = origin_of(call.request)
    await audit.write(call.now, call.caller.name, action, target, told, origin)
