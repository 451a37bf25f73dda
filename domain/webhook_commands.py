"""Orders about webhooks: kept by people, and what became of each delivery."""

from dataclasses import dataclass
from datetime import datetime

from domain.commands import Command


@dataclass(frozen=True, slots=True)
class PutWebhook(Command):
    """Create (`webhook_id` None) or change a webhook; empty lists: everything."""

    webhook_id: int | None
    name: str
    url: str
    types: tuple[str, ...]
    dealers: tuple[str, ...]
    regions: tuple[str, ...]
    enabled: bool
    by: str
    allow_private: bool = False


@dataclass(frozen=True, slots=True)
class DeleteWebhook(Command):
    """Send it nothing any more, also of what waits."""

    webhook_id: int


@dataclass(frozen=True, slots=True)
class RotateWebhookSecret(Command):
    """A new secret; the one before goes on signing for a day."""

    webhook_id: int


@dataclass(frozen=True, slots=True)
class PingWebhook(Command):
    """Send a trial event, to this webhook alone."""

    webhook_id: int


@dataclass(frozen=True, slots=True)
class ReplayWebhook(Command):
    """Send again what it would have been sent since then, whether or not it was."""

    webhook_id: int
    since: datetime


@dataclass(frozen=True, slots=True)
class ResendDelivery(Command):
    """Send one delivery now, whatever became of it."""

    webhook_id: int
    delivery_id: int


@dataclass(frozen=True, slots=True)
class RecordWebhookSent(Command):
    """The receiver took the delivery. `status` 0: there was nobody left to send it to."""

    delivery_id: int
    status: int
    took_ms: int


@dataclass(frozen=True, slots=True)
class RecordWebhookFailure(Command):
    """The receiver did not take it this time. `status` 0: no answer; `gone`: never ask again."""

    delivery_id: int
    status: int
    took_ms: int
    gone: bool = False


@dataclass(frozen=True, slots=True)
class ReencryptWebhookSecrets(Command):
    """Bring every webhook's secret under the current secret key."""
