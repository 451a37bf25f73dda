"""Many leads in one request: NDJSON in, NDJSON out, one result a line, in the same order.

The body is read whole (8 MiB at most) before the first answer: a client that sends everything
before it reads would otherwise wait for us while we wait for it.
"""

from collections.abc import Iterator, Sequence

import orjson
from aiohttp import hdrs, web
from pydantic import RootModel, ValidationError

from api.app_parts import INTAKE
from api.bodies import BATCH_BYTES, read_body
from api.errors import Refused, problem_of
from api.intake import LeadIn
from api.leads import LeadTaken, taken
from api.problem import Problem
from api.routing import Call, Routes
from db.errors import StorageDown
from domain.commands import IngestLead
from domain.errors import DomainError
from handlers.bus import BATCH
from handlers.leads import IngestOutcome

routes = Routes("leads")

MOST_LINES = 5000
READ_S = 60.0  # eight times the bytes over the same line, and some patience

Result = IngestOutcome | Exception


class BatchLine(RootModel[LeadTaken | Problem]):
    """What became of one line."""


@routes.post("/leads/batch", scope="leads:write", answers={200: BatchLine}, lines=LeadIn)
async def take_leads(call: Call) -> web.StreamResponse:
    """Take up to 5,000 leads in, one JSON object a line.

    A bad line gets its own problem object, with `line`, and does not stop the others.
    """
    lines = (await read_body(call.request, BATCH_BYTES, READ_S)).rstrip().split(b"\n")
    if len(lines) > MOST_LINES:
        raise Refused(413, "too_many_lines", f"a batch may have at most {MOST_LINES} lines")
    response = web.StreamResponse(headers={hdrs.CONTENT_TYPE: "application/x-ndjson"})
    for start in range(0, len(lines), BATCH):
        results = await _take(call, lines[start : start + BATCH], may_raise=start == 0)
        if not response.prepared:
            await response.prepare(call.request)
        await response.write(b"".join(_written(call, results, start + 1)))
    await response.write_eof()
    return response


async def _take(call: Call, lines: Sequence[bytes], *, may_raise: bool) -> list[Result]:
    """One result a line. With `may_raise` the storage may still refuse the request as a whole."""
    parsed = [await _command(call, line) for line in lines]
    commands = [command for command in parsed if isinstance(command, IngestLead)]
    try:
        outcomes = iter(await call.deps.bus.execute_many(commands))
    except StorageDown as error:
        if may_raise:
            raise
        outcomes = iter([error] * len(commands))
    return [item if isinstance(item, Exception) else next(outcomes) for item in parsed]


async def _command(call: Call, line: bytes) -> IngestLead | Exception:
    try:
        lead = LeadIn.model_validate_json(line)
        return await call.request.app[INTAKE].command(lead, call.caller.name, call.now)
    except (ValidationError, DomainError) as error:
        return error


def _written(call: Call, results: Sequence[Result], first_line: int) -> Iterator[bytes]:
    for number, result in enumerate(results, first_line):
        if isinstance(result, Exception):
            yield orjson.dumps({**problem_of(result), "line": number}, default=str) + b"\n"
        else:
            yield taken(result, call.now).model_dump_json().encode() + b"\n"
