"""The rules' numbers: one document per scope, the nearest scope wins."""

from typing import Any

from aiohttp import web
from pydantic import JsonValue, RootModel

from api.audited import ordered
from api.fields import Code
from api.routing import Call, Routes, answer
from api.scoping import dealer_or_404, region_or_404
from db.queries.organisation import find_dealer, region_exists
from domain.commands import PutPolicy
from domain.errors import NotAllowed, NotFound
from domain.policy_difference import changes
from handlers.policies import BRAND, document_for, document_now, scopes_of

routes = Routes("policies")


class PolicyDocument(RootModel[dict[str, Any]]):
    """All rules in force for a scope; durations are minutes."""


class PolicyOverrides(RootModel[dict[str, JsonValue]]):
    """What differs from the wider scope. It replaces the overrides of this scope."""


@routes.get("/policies/brand", scope="leads:read", answers={200: PolicyDocument})
async def get_brand_policy(call: Call) -> web.StreamResponse:
    """The rules in force for the brand."""
    return await _in_force([BRAND])


@routes.put("/policies/brand", scope="org:write", answers={200: PolicyDocument})
async def put_brand_policy(call: Call, body: PolicyOverrides) -> web.StreamResponse:
    """Replace the brand's overrides of the delivered rules."""
    if not call.caller.sees_everything:
        raise NotAllowed("the brand's rules are not yours to change")
    return await _put(call, body, [BRAND])


@routes.get("/policies/region/{code}", scope="leads:read", answers={200: PolicyDocument})
async def get_region_policy(call: Call, code: Code) -> web.StreamResponse:
    """The rules in force for a region."""
    return await _in_force(await _region_scopes(call, code))


@routes.put("/policies/region/{code}", scope="org:write", answers={200: PolicyDocument})
async def put_region_policy(call: Call, code: Code, body: PolicyOverrides) -> web.StreamResponse:
    """Replace a region's overrides."""
    return await _put(call, body, await _region_scopes(call, code))


@routes.get("/policies/dealer/{code}", scope="leads:read", answers={200: PolicyDocument})
async def get_dealer_policy(call: Call, code: Code) -> web.StreamResponse:
    """The rules in force for a dealer."""
    return await _in_force(await _dealer_scopes(call, code))


@routes.put("/policies/dealer/{code}", scope="org:write", answers={200: PolicyDocument})
async def put_dealer_policy(call: Call, code: Code, body: PolicyOverrides) -> web.StreamResponse:
    """Replace a dealer's overrides."""
    return await _put(call, body, await _dealer_scopes(call, code))


async def scopes_in(call: Call, scope: str) -> list[str]:
    """The scopes that govern this one, itself last. Raises `NotFound` for a foreign one."""
    kind, _, code = scope.partition(":")
    if kind == "region":
        return await _region_scopes(call, code)
    return await _dealer_scopes(call, code) if kind == "dealer" else [BRAND]


async def _put(call: Call, body: PolicyOverrides, scopes: list[str]) -> web.StreamResponse:
    scope, overrides = scopes[-1], dict(body.root)
    command = PutPolicy(scope, dict(overrides), call.caller.name)
    await ordered(call, command, "put_policy", scope, look=lambda: in_force(scopes))
    return await _in_force(scopes)


async def in_force(scopes: list[str]) -> dict[str, object]:
    """The document in force, its entries by dotted path: for the record of what changed."""
    return {entry.path: entry.after for entry in changes({}, await document_now(scopes))}


async def _in_force(scopes: list[str]) -> web.StreamResponse:
    return answer(PolicyDocument(await document_for(scopes)))


async def _region_scopes(call: Call, code: str) -> list[str]:
    await region_or_404(call, code)
    if not await region_exists(code):
        raise NotFound(f"no region {code}")
    return [BRAND, f"region:{code}"]


async def _dealer_scopes(call: Call, code: str) -> list[str]:
    await dealer_or_404(call, code)
    dealer = await find_dealer(code)
    if dealer is None:
        raise NotFound(f"no dealer {code}")
    return scopes_of(dealer)
