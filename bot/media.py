"""Pictures and voices carried between the two apps: each keeps its own files, for three days."""

from typing import Any

from bot.wechat.client import OfficialAccountClient, WeComClient
from bot.wechat.errors import OurBug, Refused, TryLater, UnknownOutcome

FILES = {"image": "image.jpg", "voice": "voice.amr"}


class MediaLost(Exception):
    """The file is gone, or the other side does not take it."""


class MediaPorter:
    """Downloads from one app and uploads to the other; repeating it does no harm."""

    def __init__(self, account: OfficialAccountClient | None, wecom: WeComClient | None) -> None:
        self._account = account
        self._wecom = wecom

    async def to_staff(self, kind: str, media_id: str) -> str:
        """The id in WeCom of a file of the official account. Raises `MediaLost`."""
        return await self._carry(self._account, self._wecom, kind, media_id)

    async def to_customer(self, kind: str, media_id: str) -> str:
        """The id in the official account of a file of WeCom. Raises `MediaLost`."""
        return await self._carry(self._wecom, self._account, kind, media_id)

    async def _carry(self, source: Any, target: Any, kind: str, media_id: str) -> str:
        if source is None or target is None:
            raise TryLater("oa", "media/get", None, retry_after_s=600)
        try:
            content = await source.get("media/get", params={"media_id": media_id})
            if not isinstance(content, bytes):
                raise MediaLost(kind)
            answer = await target.post(
                "media/upload",
                params={"type": kind},
                files={"media": (FILES[kind], content)},
                idempotent=True,
            )
        except (Refused, OurBug, UnknownOutcome):
            raise MediaLost(kind) from None
        return str(answer["media_id"])
