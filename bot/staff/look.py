"""What every renderer needs, and what it gives back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.staff.words import moment
from db.phone_vault import PhoneVault
from db.queries.faces import LeadFace
from domain.phone import mask


@dataclass(frozen=True, slots=True)
class Look:
    """What a renderer needs besides the notice."""

    phones: PhoneVault
    now: datetime
    tz: str
    public_url: str

    def at(self, at: datetime) -> str:
        return moment(at, self.now, self.tz)

    def phone(self, lead: LeadFace, *, shown: bool) -> str:
        if lead.phone_cipher is None:
            return ""
        phone = self.phones.decrypt(lead.phone_cipher)
        return phone if shown else mask(phone)

    @property
    def approvals(self) -> str:
        """Where a manager decides."""
        return f"{self.public_url}/m/approvals"

    def page(self, lead_id: int) -> str:
        return f"{self.public_url}/m/leads/{lead_id}"


@dataclass(frozen=True, slots=True)
class Message:
    """A WeCom message without its receiver. A card's code comes back from WeCom for `task_id`."""

    body: Mapping[str, Any]
    task_id: str | None = None
    settled: bool = False

    @classmethod
    def text(cls, content: str) -> "Message":
        return cls({"msgtype": "text", "text": {"content": content}})

    @classmethod
    def media(cls, kind: str, media_id: str) -> "Message":
        """A picture or voice that WeCom already has."""
        return cls({"msgtype": kind, kind: {"media_id": media_id}})

    @classmethod
    def card(cls, card: dict[str, Any]) -> "Message":
        body = {"msgtype": "template_card", "template_card": card}
        return cls(body, card["task_id"], settled="replace_text" in card)
