"""An optional language model behind the same interface; the grammar answers when it cannot.

Off unless an operator configures an OpenAI-compatible endpoint. Phone numbers never leave the
process, and what comes back is held against the slots of the outer contract before it is used.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

import aiohttp
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from bot.understanding.adviser import understand_adviser
from bot.understanding.catalogue import Catalogue
from bot.understanding.normalise import normalise
from bot.understanding.phones import find_phones
from bot.understanding.result import Understanding

_MASK = "***********"
_Short = Annotated[str, Field(min_length=1, max_length=40)]


class AdviserAnswer(BaseModel):
    """What a model may answer about an adviser's note; anything else is refused."""

    model_config = ConfigDict(extra="forbid")

    result: Literal[
        "connected", "unreachable", "refused", "wrong_number", "appointment", "visited",
        "test_drive", "quoted", "ordered", "delivered", "defeat", "dormant", "note",
    ]  # fmt: skip
    appointment_at: AwareDatetime | None = None
    next_follow_up_at: AwareDatetime | None = None
    level: Literal["H", "A", "B", "C", "N", "O", "L", "F"] | None = None
    models: list[_Short] | None = None
    defeat_reason: Literal[
        "price", "brand", "competitor", "finance", "product", "service", "timing", "stock",
        "distance", "family", "no_need", "bought_elsewhere", "refuses_contact", "other",
    ] | None = None  # fmt: skip
    competitor: _Short | None = None
    deposit: Annotated[int, Field(gt=0, lt=10_000_000)] | None = None
    wechat_added: Literal[True] | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the model is (`…/v1`), how to sign in, and how long an answer may take."""

    base_url: str
    api_key: str
    model: str
    timeout_s: float = 2.0


class LanguageModel:
    """Understands adviser notes through an OpenAI-compatible chat endpoint."""

    def __init__(self, session: aiohttp.ClientSession, endpoint: Endpoint) -> None:
        self._session = session
        self._endpoint = endpoint

    async def understand_adviser(
        self, text: str, now: datetime, catalogue: Catalogue
    ) -> Understanding:
        """The model's answer if it comes in time and fits; the grammar's otherwise."""
        by_grammar = understand_adviser(text, now, catalogue)
        try:
            answer = AdviserAnswer.model_validate_json(await self._ask(masked(text), now))
        except (TimeoutError, aiohttp.ClientError, ValidationError, _Unusable):
            return by_grammar
        if not set(answer.models or ()) <= catalogue.codes:
            return by_grammar
        slots = answer.model_dump(exclude_none=True, exclude={"result"})
        if lead_ref := by_grammar.slots.get("lead_ref"):
            slots["lead_ref"] = lead_ref  # names and digits are read here, not sent back
        return Understanding(answer.result, slots)

    async def _ask(self, text: str, now: datetime) -> str:
        schema = json.dumps(AdviserAnswer.model_json_schema(), separators=(",", ":"))
        system = f"Classify a car dealer's note. Answer with JSON only: {schema}. Now: {now}."
        body = {
            "model": self._endpoint.model,
            "temperature": 0,
            "response_format": {"type": "json_object"},
            "messages": [
                {"role": "system", "content": system},
                {"role": "user", "content": text},
            ],
        }
        async with self._session.post(
            f"{self._endpoint.base_url}/chat/completions",
            json=body,
            headers={"Authorization": f"Bearer {self._endpoint.api_key}"},
            timeout=aiohttp.ClientTimeout(total=self._endpoint.timeout_s),
            raise_for_status=True,
        ) as response:
            return _content(await response.read())


class _Unusable(Exception):
    """The endpoint answered with something that is no chat completion."""


def masked(text: str) -> str:
    """The normalised note with every phone number starred out."""
    plain = normalise(text).text
    for phone in reversed(find_phones(plain)):
        plain = plain[: phone.start] + _MASK + plain[phone.end :]
    return plain


def _content(body: bytes) -> str:
    try:
        content = json.loads(body)["choices"][0]["message"]["content"]
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise _Unusable from error
    if not isinstance(content, str):
        raise _Unusable
    return content
