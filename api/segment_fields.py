"""What a segment may ask about, in words: for whoever writes one with a form."""

from collections.abc import Iterable

from aiohttp import web

from api.fields import View
from api.roles import CONSOLE
from api.routing import Call, Routes, answer
from api.scoping import scope_of
from db.queries import catalogue, directory
from domain.levels import DEFEATED, DORMANT
from domain.policy import Policy
from domain.segment_fields import FIELDS, GROUPS, OPERATORS, Field
from handlers.policies import policy_for
from texts import labels
from texts import segments as words

routes = Routes("segments")


class Choice(View):
    """A code and what it is called."""

    value: str
    text: str


class FieldView(View):
    """One field. `choices`: what it can be compared with, where that is known."""

    field: str
    text: str
    kind: str
    ops: list[Choice]
    choices: list[Choice]


class FieldGroup(View):
    """Fields that speak of the same thing."""

    text: str
    fields: list[FieldView]


class Vocabulary(View):
    """All that a condition is made of. `whens`: the ways to say a moment."""

    groups: list[FieldGroup]
    whens: list[Choice]


@routes.get("/segment-fields", scope=CONSOLE, answers={200: Vocabulary})
async def list_segment_fields(call: Call) -> web.StreamResponse:
    """Fields, operators and choices."""
    known = await _known(await policy_for(None)) | await _places(call)
    groups = [
        FieldGroup(
            text=words.words("group")[group],
            fields=[_field(FIELDS[name], known.get(name, [])) for name in names],
        )
        for group, names in GROUPS.items()
    ]
    return answer(Vocabulary(groups=groups, whens=_choices(words.words("when").items())))


def _field(field: Field, known: list[Choice]) -> FieldView:
    ops = words.words("op")
    return FieldView(
        field=field.name,
        text=words.words("field")[field.name],
        kind=str(field.kind),
        ops=_choices((op, ops[op]) for op in OPERATORS[field.kind]),
        choices=known or _choices((code, _WORDS[field.name](code)) for code in field.choices),
    )


_WORDS = {
    "pool": labels.pool_text,
    "link": labels.link_text,
    "state": labels.state_text,
    "attribution": labels.attribution_text,
    "consented": labels.purpose_text,
}


async def _known(policy: Policy) -> dict[str, list[Choice]]:
    """Codes that are data: levels, reasons of defeat, car lines."""
    levels = (*policy.levels, DORMANT, DEFEATED)
    reasons = policy.defeat.reasons
    models = await catalogue.models()
    return {
        "level": _choices((code, labels.level_text(code)) for code in levels),
        "defeat_reason": _choices((code, labels.defeat_reason_text(code)) for code in reasons),
        "model": _choices((str(row["code"]), str(row["name"])) for row in models),
    }


async def _places(call: Call) -> dict[str, list[Choice]]:
    """Regions, and those dealers the caller sees."""
    seen = (await scope_of(call)).dealer_codes
    dealers = [row for row in await catalogue.dealers() if seen is None or row["code"] in seen]
    regions = await directory.regions()
    return {
        "dealer": _choices((row["code"], row["name"]) for row in dealers),
        "region": _choices((row["code"], row["name"]) for row in regions),
    }


def _choices(pairs: Iterable[tuple[str, str]]) -> list[Choice]:
    return [Choice(value=value, text=text) for value, text in pairs]
