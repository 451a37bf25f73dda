"""Find a lead by what a colleague remembers: its number, a name, the end of a telephone number.

Parts of names are looked for among running work only, whole names everywhere: both by index.
"""

from collections.abc import Sequence
from typing import Any

from db.models import Assignment, Customer, Identity, Lead
from db.queries.faces import phone_ciphers
from db.queries.scope import RowScope, visible_leads

ENDING = 4


async def search_leads(
    words: str, phone_hashes: Sequence[str], scope: RowScope, limit: int
) -> list[int]:
    """Ids of visible leads, newest first. `phone_hashes`: if the words are a whole number."""
    if phone_hashes:
        owners = Identity.filter(kind="phone", value__in=list(phone_hashes))
        return await _leads_of(await _owners(owners), scope, limit)
    if words.isascii() and words.isdigit() and len(words) == ENDING:
        ending = Identity.filter(kind="phone", last_four=words)
        found = await _leads_of(await _owners(ending), scope, limit)
        return [*found, *(i for i in await _numbered(words, scope) if i not in found)]
    if words.lstrip("#").isascii() and words.lstrip("#").isdigit():
        return await _numbered(words.lstrip("#"), scope)
    return await _named(words, scope, limit)


async def people_without_lead(
    name: str, phone_hashes: Sequence[str], limit: int
) -> list[dict[str, Any]]:
    """Customers of this very name or phone who have no lead, newest first."""
    people = Customer.filter(merged_into_id__isnull=True)
    if phone_hashes:
        owners = Identity.filter(kind="phone", value__in=list(phone_hashes))
        people = people.filter(id__in=await _owners(owners))
    else:
        people = people.filter(name=name)
    rows = await people.order_by("-id").limit(limit).values("id", "name", "city", "pool")
    ids = [row["id"] for row in rows]
    have = set(await Lead.filter(customer_id__in=ids).values_list("customer_id", flat=True))
    ciphers = await phone_ciphers(ids)
    return [{**row, "cipher": ciphers.get(row["id"])} for row in rows if row["id"] not in have]


async def lead_of_phone(phone_hashes: Sequence[str], dealer_code: str) -> int | None:
    """The newest lead of a number at one dealer; an open one goes first."""
    owners = Identity.filter(kind="phone", value__in=list(phone_hashes))
    leads = Lead.filter(customer_id__in=await _owners(owners), dealer_id=dealer_code)
    rows = await leads.order_by("-id").values("id", "open_key")
    found = next((row for row in rows if row["open_key"]), rows[0] if rows else None)
    return int(found["id"]) if found else None


async def _named(name: str, scope: RowScope, limit: int) -> list[int]:
    called = await Customer.filter(name=name).limit(limit).values_list("id", flat=True)
    found = await _leads_of(list(called), scope, limit)  # type: ignore[arg-type]
    if scope.userid is None and scope.dealer_codes is None:
        return found
    running = Assignment.filter(ended_at__isnull=True, lead__customer__name__contains=name)
    if scope.userid is not None:
        running = running.filter(staff_id=scope.userid)
    else:
        running = running.filter(dealer_code__in=list(scope.dealer_codes or ()))
    rows: list[Any] = list(
        await running.order_by("-lead_id").limit(limit).values_list("lead_id", flat=True)
    )
    more = [i for i in rows if i not in found]
    return [*found, *more][:limit]


async def _owners(identities: object) -> list[int]:
    rows = identities.values_list("customer_id", flat=True)  # type: ignore[attr-defined]
    return list(await rows)


async def _leads_of(customer_ids: list[int], scope: RowScope, limit: int) -> list[int]:
    leads = visible_leads(scope).filter(customer_id__in=customer_ids)
    return list(await leads.order_by("-id").limit(limit).values_list("id", flat=True))  # type: ignore[arg-type]


async def _numbered(digits: str, scope: RowScope) -> list[int]:
    if len(digits) > 18:
        return []
    return list(await visible_leads(scope).filter(id=int(digits)).values_list("id", flat=True))  # type: ignore[arg-type]
