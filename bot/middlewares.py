"""Around every route: what a refusal looks like to whoever asked."""

from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from bot.conversation import Turn
from bot.customer.routes import apologise
from bot.events import InboundEvent
from bot.refusals import refusal_text
from domain.errors import DomainError

_log = structlog.get_logger(__name__)


async def answering_refusals(
    route: Callable[[Any, Turn], Awaitable[None]], event: InboundEvent, turn: Turn
) -> None:
    """Run a route; a refused order becomes a kind answer, and the message counts as handled.

    Anything else is the worker's to retry: the row stays open.
    """
    try:
        await route(event, turn)
    except DomainError as refusal:
        _log.info("bot.refused", row=turn.row.encode(), code=refusal.code)
        if turn.userid:
            await turn.tell(refusal_text(refusal, turn.userid, turn.now, turn.tz))
        else:
            await apologise(turn, event)
