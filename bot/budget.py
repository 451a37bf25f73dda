"""How much one sender may ask of us: thirty messages at once, one a second after that.

Nobody types faster. What is above it is stored and handled later, in its turn; beyond five
minutes' worth it is not even stored, so that one phone cannot fill the house. Each HTTP process
counts for itself and remembers the ten thousand senders it heard last.
"""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

BURST = 30
PER_SECOND = 1.0
LONGEST_WAIT_S = 300.0
REMEMBERED = 10_000


class SenderBudget:
    """One per process. Costs a dictionary look-up a message."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._spent_until: OrderedDict[str, float] = OrderedDict()

    def wait_s(self, sender: str) -> float | None:
        """Seconds until this message's turn, mostly 0; None: refuse it, the sender is flooding."""
        now = self._clock().timestamp()
        free_at = max(self._spent_until.get(sender, 0.0), now - BURST / PER_SECOND)
        wait = free_at + 1 / PER_SECOND - now
        if wait > LONGEST_WAIT_S:
            return None
        self._spent_until[sender] = free_at + 1 / PER_SECOND
        self._spent_until.move_to_end(sender)
        if len(self._spent_until) > REMEMBERED:
            self._spent_until.popitem(last=False)
        return max(0.0, wait)
