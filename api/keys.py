"""API keys: made and shown once, looked after, revoked."""

from typing import Any, Literal

from aiohttp import web
from pydantic import Field

from api import cursors
from api.audited import ordered
from api.auth import key_hash, new_key
from api.fields import Body, Name64, PageSize, Query, View, iso
from api.names import actor_names
from api.roles import KEYS
from api.routing import Call, Routes, RowId, answer
from db.queries import api_keys as stored
from domain.commands import CreateApiKey
from domain.errors import NotFound
from domain.organisation_commands import RevokeApiKey

routes = Routes("keys")

KeyScope = Literal["leads:write", "leads:read", "org:write", "ops", "admin"]


class KeyIn(Body):
    """What the key is for, and what it may do."""

    name: Name64
    scopes: list[KeyScope] = Field(min_length=1, max_length=5)


class KeyView(View):
    """One key; `last_used_at` is true to a minute."""

    id: str
    name: str
    scopes: list[str]
    created_at: str
    created_by_name: str
    last_used_at: str | None
    revoked_at: str | None


class NewKey(KeyView):
    """A new key. This is the only time it is shown: only its hash is kept."""

    key: str


class KeyPage(View):
    """Keys, newest first."""

    items: list[KeyView]
    next_cursor: str | None


class KeyQuery(Query):
    """Which page."""

    limit: PageSize = 50
    cursor: str | None = None


@routes.get("/keys", scope=KEYS, answers={200: KeyPage})
async def list_keys(call: Call, query: KeyQuery) -> web.StreamResponse:
    """API keys, newest first, revoked ones too."""
    rows = await stored.keys(cursors.id_before(query.cursor), query.limit + 1)
    page = rows[: query.limit]
    more = cursors.encode(page[-1]["id"]) if len(rows) > query.limit else None
    return answer(KeyPage(items=await _views(page), next_cursor=more))


@routes.post("/keys", scope=KEYS, answers={201: NewKey})
async def create_key(call: Call, body: KeyIn) -> web.StreamResponse:
    """Make a key. It is in this answer and nowhere else."""
    key, scopes = new_key(), tuple(sorted(set(body.scopes)))
    command = CreateApiKey(body.name, key_hash(key), scopes, call.caller.name)
    key_id = await ordered(call, command, "create_key", body.name, scopes=list(scopes))
    [view] = await _views([await _row(key_id)])
    return answer(NewKey(key=key, **view.model_dump()), 201)


@routes.delete("/keys/{key_id}", scope=KEYS, answers={200: KeyView})
async def revoke_key(call: Call, key_id: RowId) -> web.StreamResponse:
    """Revoke a key. It is refused everywhere within five seconds."""
    row = await _row(key_id)
    await ordered(
        call,
        RevokeApiKey(key_id),
        "revoke_key",
        row["name"],
        look=lambda: _revoked(key_id),
    )
    [view] = await _views([await _row(key_id)])
    return answer(view)


async def _row(key_id: int) -> dict[str, Any]:
    row = await stored.key(key_id)
    if row is None:
        raise NotFound("no such key")
    return row


async def _revoked(key_id: int) -> dict[str, object]:
    at = (await _row(key_id))["revoked_at"]
    return {"revoked_at": iso(at) if at else None}


async def _views(rows: list[dict[str, Any]]) -> list[KeyView]:
    named = await actor_names(row["created_by"] for row in rows)
    return [
        KeyView(
            id=str(row["id"]),
            name=row["name"],
            scopes=row["scopes"],
            created_at=iso(row["created_at"]),
            created_by_name=named(row["created_by"]),
            last_used_at=iso(row["last_used_at"]) if row["last_used_at"] else None,
            revoked_at=iso(row["revoked_at"]) if row["revoked_at"] else None,
        )
        for row in rows
    ]
