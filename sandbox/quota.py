"""How much the platform lets through: customer-service windows and messages per member."""

from collections import OrderedDict, deque
from dataclasses import dataclass

from sandbox.errors import Refused

# Interaction → (messages it allows, seconds they stay allowed). A new interaction of the same kind
# fills its own allowance up again; allowances of different kinds stand side by side.
WINDOWS: dict[str, tuple[int, float]] = {
    "message": (5, 48 * 3600.0),
    "menu": (3, 60.0),
    "subscribe": (3, 60.0),
    "scan": (3, 60.0),
}
PER_MEMBER = ((30, 60.0), (1000, 3600.0))
TEMPLATE_MEMORY_S = 600.0
KEPT_KEYS = 50_000


@dataclass(slots=True)
class Allowance:
    opened_at: float
    used: int = 0


class ReplyWindows:
    """The customer-service messages one customer may still get from the account."""

    def __init__(self) -> None:
        self.allowances: dict[str, Allowance] = {}

    def open(self, kind: str, now: float) -> None:
        self.allowances[kind] = Allowance(now)

    def close(self) -> None:
        self.allowances.clear()

    def left(self, now: float) -> int:
        """Messages that may still be sent now, over all open windows."""
        return sum(WINDOWS[kind][0] - given.used for kind, given in self._running(now))

    def require_open(self, now: float) -> None:
        """Raise 45015 unless some window is open, used up or not."""
        if not self._running(now):
            raise Refused(45015)

    def spend(self, now: float) -> None:
        """Use one message of the window that closes first. Raises 45015, 45047."""
        self.require_open(now)
        unused = [(k, given) for k, given in self._running(now) if given.used < WINDOWS[k][0]]
        if not unused:
            raise Refused(45047)
        _, given = min(unused, key=lambda pair: pair[1].opened_at + WINDOWS[pair[0]][1])
        given.used += 1

    def _running(self, now: float) -> list[tuple[str, Allowance]]:
        return [
            (kind, given)
            for kind, given in self.allowances.items()
            if now - given.opened_at < WINDOWS[kind][1]
        ]


class MemberRate:
    """WeCom's limit for one member: 30 messages a minute, 1,000 an hour; the rest vanishes."""

    def __init__(self) -> None:
        self._sent: deque[float] = deque()

    def admit(self, now: float) -> bool:
        """Count one message; False means that it is silently dropped."""
        while self._sent and now - self._sent[0] >= PER_MEMBER[-1][1]:
            self._sent.popleft()
        for limit, seconds in PER_MEMBER:
            if sum(1 for at in self._sent if now - at < seconds) >= limit:
                return False
        self._sent.append(now)
        return True


class Recent:
    """Keys seen within a while, with what was answered then: for duplicate checks."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, tuple[float, str]] = OrderedDict()

    def find(self, key: str, now: float) -> str | None:
        """The value kept under the key, unless its time is over."""
        until, value = self._seen.get(key, (0.0, ""))
        return value if now < until else None

    def keep(self, key: str, value: str, now: float, seconds: float) -> None:
        self._seen[key] = (now + seconds, value)
        self._seen.move_to_end(key)
        while now >= next(iter(self._seen.values()))[0] or len(self._seen) > KEPT_KEYS:
            self._seen.popitem(last=False)
