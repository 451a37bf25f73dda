"""The OpenAPI 3.1 document, written from the routes and their models."""

import inspect
import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from api.auth import PART_OF
from api.problem import Problem
from api.roles import ACCOUNT, DESK
from api.routing import Route
from api.sessions import COOKIE
from api.staff_sessions import PAGE_HEADER

REF = "#/components/schemas/{model}"
_SECURITY = {
    "apiKey": {"type": "http", "scheme": "bearer", "description": "An API key."},
    "staffSession": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "A member of staff, signed in at `/m/` or `/console/sign-in`. What changes "
        f"something also needs the header `{PAGE_HEADER}`.",
    },
}
_PROBLEM = {"application/problem+json": {"schema": {"$ref": REF.format(model="Problem")}}}


def document(routes: Iterable[Route], facts: Mapping[str, str]) -> dict[str, Any]:
    """The whole document. Every route given appears in it."""
    listed = list(routes)
    schemas = _Schemas(listed)
    paths: dict[str, dict[str, Any]] = {}
    for route in listed:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Leadloop",
            "version": facts.get("version", "0"),
            "description": "Takes car-buying leads in and keeps them moving until they are done.",
        },
        "paths": paths,
        "components": {"schemas": schemas.definitions, "securitySchemes": _SECURITY},
    }


class _Schemas:
    """JSON schemas of all models of some routes, and the reference to each."""

    def __init__(self, routes: list[Route]) -> None:
        wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {
            (Problem, "serialization"): None
        }
        for route in routes:
            for model in (route.body, route.query, route.lines):
                if model:
                    wanted[(model, "validation")] = None
            for model in route.answers.values():
                if model:
                    wanted[(model, "serialization")] = None
        self._refs, top = models_json_schema(list(wanted), ref_template=REF)
        self.definitions: dict[str, Any] = top.get("$defs", {})

    def reference(self, model: type[BaseModel], mode: JsonSchemaMode) -> dict[str, Any]:
        return dict(self._refs[(model, mode)])

    def resolved(self, model: type[BaseModel], mode: JsonSchemaMode) -> dict[str, Any]:
        name = self.reference(model, mode)["$ref"].rpartition("/")[2]
        found: dict[str, Any] = self.definitions[name]
        return found


def _operation(route: Route, schemas: _Schemas) -> dict[str, Any]:
    summary, _, description = (inspect.getdoc(route.endpoint) or "").partition("\n\n")
    operation: dict[str, Any] = {
        "operationId": route.endpoint.__name__,
        "tags": [route.tag],
        "summary": summary.replace("\n", " "),
        "parameters": [*_path_parameters(route), *_query_parameters(route, schemas)],
        "responses": _responses(route, schemas),
        "security": _callers(route),
    }
    needs = _needs(route)
    operation["description"] = "\n\n".join(filter(None, (description, needs)))
    if taken := route.body or route.lines:
        content = {_media_type(route): {"schema": schemas.reference(taken, "validation")}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _callers(route: Route) -> list[dict[str, list[str]]]:
    if route.scope is None:
        return []
    session: dict[str, list[str]] = {"staffSession": []}
    return [session] if route.scope in (DESK, ACCOUNT) else [{"apiKey": []}, session]


def _needs(route: Route) -> str:
    if route.scope is None:
        return ""
    if route.scope in (DESK, ACCOUNT):
        return "For signed-in staff; answers with their own rows."
    return f"Needs the scope `{PART_OF.get(route.scope, route.scope)}`."


def _path_parameters(route: Route) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": route.path_types[name].json_schema(),
        }
        for name in re.findall(r"{(\w+)}", route.path)
    ]


def _query_parameters(route: Route, schemas: _Schemas) -> list[dict[str, Any]]:
    if route.query is None:
        return []
    schema = schemas.resolved(route.query, "validation")
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": dict(rule)}
        for name, rule in schema["properties"].items()
    ]


def _responses(route: Route, schemas: _Schemas) -> dict[str, Any]:
    responses: dict[str, Any] = {"default": {"description": "A problem", "content": _PROBLEM}}
    for status, model in route.answers.items():
        responses[str(status)] = {"description": HTTPStatus(status).phrase}
        if model:
            schema = schemas.reference(model, "serialization")
            responses[str(status)]["content"] = {_media_type(route): {"schema": schema}}
    return responses


def _media_type(route: Route) -> str:
    return "application/x-ndjson" if route.lines else "application/json"
