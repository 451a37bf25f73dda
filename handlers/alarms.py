"""Looking again later: a reaction that is due at a time and then asks the facts anew.

An alarm is never cancelled. When it strikes, the state it was set for may be gone; then its
reaction does nothing.
"""

from dataclasses import asdict
from datetime import datetime

from domain.events import Event
from handlers.tx import Tx, to_ms


def set_alarm(tx: Tx, reaction: str, event: Event, at: datetime) -> None:
    """Run `reaction` of the registry's `LATER` on this event at that time; once per event."""
    fields = asdict(event)
    key = ":".join(["alarm", reaction, *map(str, fields.values()), str(to_ms(at))])
    data = {"event": type(event).__name__, "fields": fields}
    tx.later(reaction, key, data, hold=at - tx.now)
