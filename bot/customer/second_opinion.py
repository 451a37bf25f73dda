"""A language model reads what the grammar could not; optional, and never waited for too long.

It only names an intent, cars and a town: what is said and done about it is decided as always. It
cannot silence anybody or bring them back. Phone numbers are starred out before a message leaves.
"""

import asyncio
import json
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

import aiohttp
import structlog
from pydantic import BaseModel, ConfigDict, Field

from bot.customer.asides import overheard
from bot.customer.frequent import frequent
from bot.understanding.catalogue import Catalogue
from bot.understanding.customer_turn import Message
from bot.understanding.llm import Endpoint, masked
from domain.conversation import Heard

SHORTEST = 4  # characters; less says nothing to a model either
MOST_AT_ONCE = 16
"""Questions under way; beyond that the grammar has to do."""

_Short = Annotated[str, Field(min_length=1, max_length=40)]
_log = structlog.get_logger(__name__)


class Opinion(BaseModel):
    """What a model may answer; anything else is refused."""

    model_config = ConfigDict(extra="forbid")

    intent: Literal[
        "greet", "ask_price", "ask_model", "compare", "promotion", "finance", "trade_in", "stock",
        "test_drive", "find_dealer", "human", "complaint", "after_sales", "thanks", "other",
    ]  # fmt: skip
    models: list[_Short] = []
    city: _Short | None = None


class SecondOpinion:
    """Asks an OpenAI-compatible chat endpoint. `timeout_s` of the endpoint bounds every answer."""

    def __init__(self, session: aiohttp.ClientSession, endpoint: Endpoint) -> None:
        self._session = session
        self._endpoint = endpoint
        self._room = asyncio.Semaphore(MOST_AT_ONCE)

    async def of(self, text: str, now: datetime, catalogue: Catalogue) -> Opinion | None:
        """What the model makes of a message; None when it cannot say, or not in time."""
        if self._room.locked():
            return None
        try:
            async with self._room:
                answer = await self._ask(_question(text, now, catalogue))
            opinion = Opinion.model_validate_json(answer["choices"][0]["message"]["content"])
        except (TimeoutError, aiohttp.ClientError, ValueError, LookupError, TypeError) as fault:
            _log.info("second_opinion.none", why=type(fault).__name__)
            return None
        return opinion if set(opinion.models) <= catalogue.codes else None

    async def _ask(self, messages: list[dict[str, str]]) -> Any:
        body = {
            "model": self._endpoint.model,
            "temperature": 0,
            "response_format": {"type": "json_object"},
            "messages": messages,
        }
        async with self._session.post(
            f"{self._endpoint.base_url}/chat/completions",
            json=body,
            headers={"Authorization": f"Bearer {self._endpoint.api_key}"},
            timeout=aiohttp.ClientTimeout(total=self._endpoint.timeout_s),
            raise_for_status=True,
        ) as response:
            return await response.json(content_type=None)


async def is_unclear(message: Message, catalogue: Catalogue) -> bool:
    """Whether the grammar found nothing in it: no intent, no slot, no short answer, no FAQ."""
    if message.heard.intent != "other" or len(message.text) < SHORTEST or message.slots:
        return False
    said = overheard(message.text, message.heard, catalogue)
    return said == Heard() and await frequent(message.text) is None


def with_opinion(message: Message, opinion: Opinion) -> Message:
    """The message as the model reads it."""
    found: dict[str, object] = {"models": opinion.models, "city": opinion.city}
    slots = {name: value for name, value in found.items() if value}
    models, city = tuple(opinion.models), opinion.city or ""
    heard = replace(message.heard, intent=opinion.intent, models=models, city=city)
    return replace(message, heard=heard, slots=slots)


def _question(text: str, now: datetime, catalogue: Catalogue) -> list[dict[str, str]]:
    schema = json.dumps(Opinion.model_json_schema(), separators=(",", ":"))
    codes = ", ".join(sorted(catalogue.codes))
    system = (
        "Classify what a customer writes to a car brand. Answer with JSON only, by this schema: "
        f"{schema}. Codes of models: {codes}. Town in Chinese, without its suffix. Now: {now}."
    )
    return [{"role": "system", "content": system}, {"role": "user", "content": masked(text)}]
