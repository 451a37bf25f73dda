"""Sent template cards and the codes that allow one update each."""

import secrets
from collections import OrderedDict
from dataclasses import dataclass

from sandbox.errors import Refused

KEPT_CARDS = 5000
KEPT_CODES = 20_000
CODE_LIFETIME_S = 72 * 3600.0


@dataclass(slots=True)
class SentCard:
    """One task: who holds the card. Its faces live in the chats, since they may differ."""

    task_id: str
    msgid: str
    recipients: list[str]


@dataclass(slots=True)
class ResponseCode:
    card: SentCard
    issued_at: float
    used: bool = False


class Deck:
    """All cards of the app by task id, and all response codes."""

    def __init__(self) -> None:
        self.cards: OrderedDict[str, SentCard] = OrderedDict()
        self.codes: OrderedDict[str, ResponseCode] = OrderedDict()

    def add(self, card: SentCard) -> None:
        self.cards[card.task_id] = card
        while len(self.cards) > KEPT_CARDS:
            self.cards.popitem(last=False)

    def rename(self, card: SentCard, task_id: str) -> None:
        """An updated card may carry a new task id; its older codes stay good."""
        del self.cards[card.task_id]
        card.task_id = task_id
        self.add(card)

    def issue_code(self, card: SentCard, now: float) -> str:
        """A fresh response code: one for the send, one for each click."""
        value = secrets.token_urlsafe(48)
        self.codes[value] = ResponseCode(card, now)
        while len(self.codes) > KEPT_CODES:
            self.codes.popitem(last=False)
        return value

    def find_by_code(self, value: str, now: float) -> SentCard:
        """The card a code stands for, without using the code up.

        Raises 42022 when the code was used or is older than 72 hours, 40058 when it never existed
        and 42016 when the card is gone.
        """
        code = self.codes.get(value)
        if code is None:
            raise Refused(40058, "invalid response_code")
        if code.used or now - code.issued_at >= CODE_LIFETIME_S:
            raise Refused(42022)
        if self.cards.get(code.card.task_id) is not code.card:
            raise Refused(42016)
        return code.card

    def use_code(self, value: str) -> None:
        self.codes[value].used = True
