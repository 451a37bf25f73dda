"""The answer that a callback carries itself.

Whether it does is decided inside the transaction that answers: while the callback waits, the
answer is written down as given, and the callback then stays for the commit. After it has left, an
answer goes out as a message of its own. Either way a customer is answered once.
"""

from collections.abc import Mapping
from typing import Any


class PassiveReply:
    """A callback that waits for the answer to its message; those that join it share this."""

    def __init__(self) -> None:
        self._waits = True
        self._promised = False
        self.said: Mapping[str, Any] | None = None

    @property
    def owed(self) -> bool:
        """Whether an answer was promised of which nobody knows yet that it is written down."""
        return self._promised and self.said is None

    def promise(self) -> bool:
        """Ask the callback to carry the answer of this transaction. False: it has left."""
        self._promised = self._waits
        return self._waits

    def keep(self, said: Mapping[str, Any]) -> None:
        """Give it the answer: the transaction that wrote it down as given is committed."""
        self.said = said

    def give_up(self) -> bool:
        """Leave without an answer. False: one is promised, so stay."""
        self._waits = self._promised
        return not self._promised
