"""What people call those who acted: `staff:USERID` → a name, the rest in a word."""

from collections.abc import Callable, Iterable

from db.queries.organisation import staff_names
from texts import console


async def actor_names(actors: Iterable[str | None]) -> Callable[[str | None], str]:
    """A function from an actor, as it stands in rows, to a name for people."""
    known = [actor for actor in actors if actor]
    names = await staff_names({actor.partition(":")[2] for actor in known})

    def name(actor: str | None) -> str:
        kind, _, who = (actor or "").partition(":")
        return names.get(who, who) if who else console.word("actor", kind)

    return name
