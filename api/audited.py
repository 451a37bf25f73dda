"""An act of ops and the record of it: both, or neither."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from api.routing import Call
from db.queries import audit

T = TypeVar("T")


async def audited(
    call: Call, action: str, target: str, work: Callable[[], Awaitable[T]], **data: object
) -> T:
    """Do `work` and note who did it, in one transaction. A number it returns is noted too.

    Work that says False, or that it changed 0 rows, did nothing: there is nothing to note.
    """

    async def both() -> T:
        result = await work()
        if result is not False and result != 0:
            told = {name: value for name, value in data.items() if value is not None}
            if isinstance(result, int) and not isinstance(result, bool):
                told["count"] = result
            await audit.write(call.now, call.caller.name, action, target, told)
        return result

    return await call.deps.database.run_tx(both)
