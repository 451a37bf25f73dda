"""The one place that turns errors into `application/problem+json` (RFC 9457).

Nothing a caller sent is echoed: field names and rules only, so that no phone ends up in a log.
"""

import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import structlog
from aiohttp import hdrs, web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.typedefs import Handler
from pydantic import ValidationError

from api.bodies import BodyTooLarge, BodyTooSlow
from api.problem import problem
from db.errors import StorageDown
from domain import errors as domain

log = structlog.get_logger("api")

STATUS: Mapping[type[domain.DomainError], int] = {
    domain.DomainError: 409,
    domain.InvalidInput: 422,
    domain.NotFound: 404,
    domain.NotAllowed: 403,
}
"""By class, the nearest ancestor counts: what is not named here is a conflict."""

RETRY_AFTER_S = 2
MOST_FRAMES = 12


class Refused(Exception):
    """A refusal of the HTTP layer itself: no key, no scope, malformed."""

    def __init__(
        self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.headers = headers or {}


def problem_of(error: Exception) -> dict[str, Any]:
    """The problem document of an error that callers may know about; anything else is a 500."""
    match error:
        case Refused():
            return problem(error.status, error.code, error.detail)
        case ValidationError():
            return _invalid(error)
        case domain.InvalidInput():
            return problem(422, error.code, "the input is not valid", error.errors)
        case domain.DomainError():
            return problem(_status_of(error), error.code, error.detail, facts=error.facts)
        case BodyTooLarge():
            return problem(413, "too_large", str(error))
        case BodyTooSlow():
            return problem(408, "too_slow", str(error))
        case StorageDown():
            return problem(503, "storage_down", "cannot be stored now; send it again")
        case web.RequestPayloadError() | HttpProcessingError():
            return problem(400, "malformed", "the body could not be read")
        case web.HTTPException():
            return problem(error.status, f"http_{error.status}")
    return problem(500, "unexpected", "something went wrong; it was logged with the request id")


def response_of(error: Exception) -> web.Response:
    """`problem_of` as an HTTP answer with the headers that belong to it."""
    document = problem_of(error)
    status = document["status"]
    answer = web.Response(
        status=status,
        body=orjson.dumps(document, default=str),
        content_type="application/problem+json",
    )
    if isinstance(error, Refused):
        answer.headers.update(error.headers)
    if isinstance(error, web.HTTPMethodNotAllowed):
        answer.headers[hdrs.ALLOW] = error.headers[hdrs.ALLOW]
    if status == 503:
        answer.headers[hdrs.RETRY_AFTER] = str(RETRY_AFTER_S)
    if status == 408:
        answer.force_close()
    return answer


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every error with a problem document; an unexpected one is logged, never shown."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return response_of(error)
    except Exception as error:
        answer = response_of(error)
        if answer.status == 500:
            log.error("request.failed", error=type(error).__name__, at=_frames(error))
        return answer


def _frames(error: Exception) -> list[str]:
    """Where it happened. The text of an error stays out: drivers put values into it."""
    calls = traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]
    return [f"{Path(call.filename).name}:{call.lineno} {call.name}" for call in calls]


def _status_of(error: domain.DomainError) -> int:
    return next(STATUS[cls] for cls in type(error).__mro__ if cls in STATUS)


def _invalid(error: ValidationError) -> dict[str, Any]:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    if any(fault["type"] == "json_invalid" for fault in found):
        return problem(400, "malformed", "the body is not valid JSON")
    faults = [(".".join(str(part) for part in f["loc"]), _message(f["msg"])) for f in found]
    return problem(422, "invalid_input", "the input is not valid", faults)


def _message(text: str) -> str:
    return text.removeprefix("Value error, ").removeprefix("Assertion failed, ")
