"""What people call those who acted: `staff:USERID` → a name, the rest in a word."""

from collections.abc import Callable, Iterable, Mapping

from db.queries.organisation import staff_names
from texts import console


async def actor_names(actors: Iterable[str | None]) -> Callable[[str | None], str]:
    """A function from an actor, as it stands in rows, to a name for people."""
    names = await staff_names({actor.partition(":")[2] for actor in actors if actor})
    return lambda actor: actor_name(actor or "", names)


def actor_name(actor: str, names: Mapping[str, str]) -> str:
    """What people call an actor; `names` of staff by userid."""
    kind, _, who = actor.partition(":")
    return names.get(who) or console.word("actor", who or kind)
