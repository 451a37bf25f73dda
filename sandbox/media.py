"""Temporary media: kept in memory for three days, and only the newest few megabytes."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass

from sandbox.errors import Refused

LIFETIME_S = 3 * 86_400.0
MAX_BYTES = 2 * 1024 * 1024
MAX_TOTAL_BYTES = 8 * 1024 * 1024
TYPES = {"image": "image/png", "voice": "audio/amr", "video": "video/mp4", "thumb": "image/jpeg"}
FILE_TYPE = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Medium:
    media_id: str
    type: str
    content_type: str
    data: bytes
    created_at: float


class MediaStore:
    """What the account, the app and the customers have uploaded."""

    def __init__(self) -> None:
        self._media: OrderedDict[str, Medium] = OrderedDict()

    def add(self, type_: str, content_type: str, data: bytes, now: float) -> Medium:
        """Keep one file; raises 44001 (empty), 45001 (too large)."""
        if not data:
            raise Refused(44001)
        if len(data) > MAX_BYTES:
            raise Refused(45001)
        medium = Medium(secrets.token_urlsafe(48), type_, content_type, data, now)
        self._media[medium.media_id] = medium
        while sum(len(m.data) for m in self._media.values()) > MAX_TOTAL_BYTES:
            self._media.popitem(last=False)
        return medium

    def get(self, media_id: str, now: float) -> Medium:
        """Raises 40007 when unknown, evicted or older than three days."""
        medium = self._media.get(media_id)
        if medium is None or now - medium.created_at >= LIFETIME_S:
            raise Refused(40007)
        return medium
