"""Who a campaign leaves alone, to be compared with: random, and for ever the same people."""

import hashlib

_BUCKETS = 1_000_000


def is_held_out(campaign: str, customer_id: int, share: float) -> bool:
    """Whether this customer is in the holdout of `share` (0 to 1) of the campaign with this code.

    Keyed by the code, so that it is not always the same people who are left alone. A larger
    share only adds people to a smaller one.
    """
    key = campaign.encode()[: hashlib.blake2b.MAX_KEY_SIZE]
    digest = hashlib.blake2b(str(customer_id).encode(), key=key, digest_size=8).digest()
    return int.from_bytes(digest) % _BUCKETS < share * _BUCKETS
