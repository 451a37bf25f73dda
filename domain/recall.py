"""Which given-up leads the brand calls again: a stable sample, so that nobody can steer it."""

import hashlib

_BUCKETS = 10_000


def is_recalled(defeat_id: int, share: float) -> bool:
    """Whether this defeat is in the sample of `share` (0 to 1). The same id, the same answer."""
    digest = hashlib.sha256(f"recall:{defeat_id}".encode()).digest()
    return int.from_bytes(digest[:4]) % _BUCKETS < share * _BUCKETS
