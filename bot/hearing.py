"""What somebody said in a voice message, by a speech-to-text endpoint the operator brings.

Off unless one is configured: a voice then never leaves WeCom. The interface is OpenAI's
`audio/transcriptions`, which local servers speak too: a form with `file` and `model` in, JSON with
`text` out. WeCom's voices are AMR, as they come.
"""

import asyncio
import json
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog

from bot.wechat.errors import WeChatError

LONGEST = 500
"""Characters of one voice message that are taken: WeCom's last a minute."""

_log = structlog.get_logger(__name__)


class NotHeard(Exception):
    """No text, or none in time."""


@dataclass(frozen=True, slots=True)
class SpeechEndpoint:
    """Where the voice goes, and how long download and answer may take together."""

    url: str
    api_key: str = ""
    model: str = ""
    timeout_s: float = 5.0


class Ears:
    """Turns a voice message of the WeCom app into text."""

    def __init__(self, http: aiohttp.ClientSession, wecom: Any, endpoint: SpeechEndpoint) -> None:
        self._http = http
        self._wecom = wecom
        self._endpoint = endpoint

    async def hear(self, media_id: str, form: str) -> str:
        """The text. Raises `NotHeard`, never later than the endpoint's timeout."""
        try:
            async with asyncio.timeout(self._endpoint.timeout_s):
                voice = await self._wecom.get("media/get", params={"media_id": media_id})
                if not isinstance(voice, bytes):
                    raise NotHeard("no file")
                return _text(await self._ask(voice, form or "amr"))
        except (TimeoutError, aiohttp.ClientError, WeChatError) as error:
            _log.info("voice.not_heard", why=type(error).__name__)
            raise NotHeard(type(error).__name__) from None

    async def _ask(self, voice: bytes, form: str) -> bytes:
        body = aiohttp.FormData()
        name = f"voice.{form}"
        body.add_field("file", voice, filename=name, content_type=f"audio/{form}")
        if self._endpoint.model:
            body.add_field("model", self._endpoint.model)
        key = self._endpoint.api_key
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        async with self._http.post(
            self._endpoint.url, data=body, headers=headers, raise_for_status=True
        ) as answer:
            return await answer.read()


def _text(answer: bytes) -> str:
    """The words of an answer that has some."""
    try:
        found = json.loads(answer)["text"]
    except (ValueError, KeyError, TypeError):
        raise NotHeard("no text in the answer") from None
    text = found.strip() if isinstance(found, str) else ""
    if not text:
        raise NotHeard("silence")
    return text[:LONGEST]
