"""Which rules are in force where: brand → region → dealer overrides, versioned rows."""

from collections.abc import Mapping
from functools import lru_cache

import orjson

from db import reference
from db.engine import already_read, in_transaction
from db.models import Dealer, PolicyVersion, Region
from domain.commands import PutPolicy
from domain.errors import InvalidInput, NotFound, VersionChanged
from domain.policy import DEFAULT_DOCUMENT, InvalidPolicy, Policy, check_overrides, merge
from handlers.tx import Tx

BRAND = "brand"


def scopes_of(dealer: Dealer | None) -> list[str]:
    """The scopes that govern a dealer, widest first."""
    if dealer is None:
        return [BRAND]
    region = [f"region:{dealer.region_id}"] if dealer.region_id else []
    return [BRAND, *region, f"dealer:{dealer.code}"]


async def document_for(scopes: list[str]) -> dict[str, object]:
    """The document in force for scopes given widest first."""
    return merge(DEFAULT_DOCUMENT, *await _overrides(scopes))


async def document_now(scopes: list[str]) -> dict[str, object]:
    """The same, also after this very transaction has changed it."""
    already_read().pop(_overrides, None)
    return await document_for(scopes)


async def policy_for(dealer: Dealer | None) -> Policy:
    """The policy in force for a dealer, or the brand's own."""
    overrides = await _overrides(scopes_of(dealer))
    return _parsed(orjson.dumps(overrides))


@lru_cache(maxsize=512)
def _parsed(overrides: bytes) -> Policy:
    return Policy.from_document(merge(DEFAULT_DOCUMENT, *orjson.loads(overrides)))


async def _overrides(scopes: list[str]) -> list[dict[str, object]]:
    """Overrides of these scopes, widest first; scopes without any are left out."""
    if in_transaction():
        found = await _asked_once(scopes)
    else:
        found = await reference.overrides()
    return [found[scope] for scope in scopes if scope in found]


async def _asked_once(scopes: list[str]) -> Mapping[str, dict[str, object]]:
    """One transaction asks the database once about a scope, and stays with that."""
    newest: dict[str, dict[str, object] | None] = already_read().setdefault(_overrides, {})
    unread = [scope for scope in scopes if scope not in newest]
    if unread:
        newest |= dict.fromkeys(unread)
        for row in await PolicyVersion.filter(scope__in=unread).order_by("version"):
            newest[row.scope] = row.overrides
    return {scope: found for scope, found in newest.items() if found is not None}


async def put_policy(command: PutPolicy, tx: Tx) -> int:
    """Store new overrides of a scope as its next version; returns the version."""
    wider = await _wider_scopes(command.scope)
    try:
        check_overrides(command.overrides, merge(DEFAULT_DOCUMENT, *await _overrides(wider)))
    except InvalidPolicy as fault:
        raise InvalidInput(fault.errors) from None
    last = await PolicyVersion.filter(scope=command.scope).order_by("-version").first()
    version = last.version if last else 0
    if command.version not in (None, version):
        raise VersionChanged(f"{command.scope} is at version {version}", version=version)
    row = PolicyVersion(
        scope=command.scope,
        version=version + 1,
        note=command.note,
        overrides=command.overrides,
        created_at=tx.now,
        created_by=command.by,
    )
    await tx.add(row)
    tx.changes_reference = True
    return row.version


async def _wider_scopes(scope: str) -> list[str]:
    kind, _, code = scope.partition(":")
    if kind == "dealer":
        dealer = await Dealer.get_or_none(code=code)
        if dealer is None:
            raise NotFound(f"no dealer {code}")
        return scopes_of(dealer)[:-1]
    if kind == "region" and not await Region.exists(code=code):
        raise NotFound(f"no region {code}")
    return [] if scope == BRAND else [BRAND]
