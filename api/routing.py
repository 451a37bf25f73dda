"""Routes that say what they take and answer: checked on every request, printed as OpenAPI.

An endpoint's signature is its contract: `body` and `query` are validated models, other parameters
come from the path, and `call` brings the caller and the application's parts.
"""

import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from aiohttp import hdrs, web
from pydantic import BaseModel, BeforeValidator, TypeAdapter, ValidationError

from api.auth import Caller, authenticate, check_scope
from api.bodies import JSON_BYTES, read_body
from api.deps import DEPS, ApiDeps
from domain.errors import InvalidInput, NotFound

Endpoint = Callable[..., Awaitable[web.StreamResponse]]
PUBLIC = None
MOST_ID_DIGITS = 18


def _row_id(text: object) -> object:
    """Ids are opaque to callers: one that cannot be ours is one that is not there."""
    if isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= MOST_ID_DIGITS:
        return int(text)
    raise NotFound("no such row")


RowId = Annotated[int, BeforeValidator(_row_id, json_schema_input_type=str)]


@dataclass(frozen=True, slots=True)
class Call:
    """One request on its way through an endpoint."""

    request: web.Request
    deps: ApiDeps
    caller: Caller

    @property
    def now(self) -> datetime:
        return self.deps.clock()


@dataclass(frozen=True, slots=True)
class Route:
    """One method on one path; `scope` None is public. `answers`: status → model or None."""

    method: str
    path: str
    tag: str
    scope: str | None
    answers: Mapping[int, Any]
    endpoint: Endpoint
    body: type[BaseModel] | None
    query: type[BaseModel] | None
    path_types: Mapping[str, TypeAdapter[Any]]
    lines: type[BaseModel] | None = None
    """The model of each line of an NDJSON body; such an endpoint reads its body itself."""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Authenticate, validate, run. Every refusal is raised for `api.errors`."""
        caller = Caller("public", frozenset())
        if self.scope is not PUBLIC:
            caller = await authenticate(request)
            check_scope(caller, self.scope)
        values = self._path_values(request.match_info)
        if self.query:
            values["query"] = self.query.model_validate(_query_values(request))
        if self.body:
            content = await read_body(request, JSON_BYTES, request.app[DEPS].body_read_s)
            values["body"] = self.body.model_validate_json(content)
        return await self.endpoint(Call(request, request.app[DEPS], caller), **values)

    def _path_values(self, match: Mapping[str, str]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name, adapter in self.path_types.items():
            try:
                values[name] = adapter.validate_python(match[name])
            except ValidationError as error:
                raise InvalidInput([(name, error.errors()[0]["msg"])]) from None
        return values


@dataclass(slots=True)
class Routes:
    """The routes of one resource, collected by decorators."""

    tag: str
    prefix: str = "/api/v1"
    all: list[Route] = field(default_factory=list)

    def get(self, path: str, **how: Any) -> Callable[[Endpoint], Endpoint]:
        return self._add(hdrs.METH_GET, path, **how)

    def post(self, path: str, **how: Any) -> Callable[[Endpoint], Endpoint]:
        return self._add(hdrs.METH_POST, path, **how)

    def put(self, path: str, **how: Any) -> Callable[[Endpoint], Endpoint]:
        return self._add(hdrs.METH_PUT, path, **how)

    def delete(self, path: str, **how: Any) -> Callable[[Endpoint], Endpoint]:
        return self._add(hdrs.METH_DELETE, path, **how)

    def _add(
        self,
        method: str,
        path: str,
        *,
        scope: str | None,
        answers: Mapping[int, Any],
        lines: type[BaseModel] | None = None,
    ) -> Callable[[Endpoint], Endpoint]:
        def remember(endpoint: Endpoint) -> Endpoint:
            taken = _taken_by(endpoint)
            route = Route(
                method=method,
                path=self.prefix + path,
                tag=self.tag,
                scope=scope,
                answers=answers,
                endpoint=endpoint,
                body=taken.pop("body", None),
                query=taken.pop("query", None),
                path_types={name: TypeAdapter(kind) for name, kind in taken.items()},
                lines=lines,
            )
            self.all.append(route)
            return endpoint

        return remember


def _taken_by(endpoint: Endpoint) -> dict[str, Any]:
    """What an endpoint's signature asks for besides the call itself."""
    parameters = inspect.signature(endpoint).parameters
    return {name: taken.annotation for name, taken in parameters.items() if name != "call"}


def answer(body: BaseModel | None = None, status: int = 200) -> web.Response:
    """A model as the JSON answer; None is an answer without a body (204)."""
    if body is None:
        return web.Response(status=204)
    return web.Response(
        body=body.model_dump_json(by_alias=True).encode(),
        status=status,
        content_type="application/json",
    )


def mount(app: web.Application, routes: Iterable[Route]) -> None:
    """Add routes to the application's router."""
    for route in routes:
        app.router.add_route(route.method, route.path, route.handle)


def _query_values(request: web.Request) -> dict[str, str]:
    """The query's values; an empty one counts as not given, one given twice is an error."""
    given = request.query
    twice = [(name, "may be given once") for name in given if len(given.getall(name)) > 1]
    if twice:
        raise InvalidInput(sorted(set(twice)))
    return {name: value for name, value in given.items() if value}
