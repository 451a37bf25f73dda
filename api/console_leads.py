"""Find leads at the console: by number, by name, by a whole phone (which is noted)."""

from aiohttp import web

from api.audited import note
from api.desk import LeadBrief, brief
from api.fields import Body, Name64, View
from api.roles import CONSOLE
from api.routing import Call, Routes, answer
from api.scoping import scope_of
from db.queries.faces import lead_faces
from db.queries.search import search_leads
from domain.phone import InvalidPhone, mask, parse_phone

routes = Routes("ops")
MOST_FOUND = 50


class SearchIn(Body):
    """A lead's number, a name, or a whole phone. In the body: addresses end up in logs."""

    q: Name64


class FoundLeads(View):
    """Leads that fit, newest first; `by` is how the words were understood."""

    by: str
    items: list[LeadBrief]


@routes.post("/ops/leads/search", scope=CONSOLE, answers={200: FoundLeads})
async def search_as_ops(call: Call, body: SearchIn) -> web.StreamResponse:
    """Find leads. A phone is found only as a whole, and having looked for one is noted."""
    scope = await scope_of(call)
    try:
        phone = parse_phone(body.q)
    except InvalidPhone:
        by, words = _understood(body.q)
        ids = await search_leads(words, (), scope, MOST_FOUND)
    else:
        by, hashes = "phone", call.deps.phones.hashes(phone)
        ids = await search_leads("", hashes, scope, MOST_FOUND)
        found: dict[str, object] = {"count": len(ids)}
        await note(call, "search_phone", mask(phone), found)
    faces = await lead_faces(ids)
    return answer(FoundLeads(by=by, items=[brief(faces[i], call) for i in ids if i in faces]))


def _understood(words: str) -> tuple[str, str]:
    """A number names a lead, never the end of a phone."""
    digits = words.lstrip("#＃")
    if digits.isascii() and digits.isdigit():
        return "number", f"#{digits}"
    return "name", words
