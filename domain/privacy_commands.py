"""Orders about what is held on a person: shown, moved to a new secret, erased."""

from dataclasses import dataclass

from domain.commands import Command


@dataclass(frozen=True, slots=True)
class ReencryptPhones(Command):
    """Bring up to `limit` stored phones with ids above `after_id` under the current secret."""

    after_id: int
    limit: int = 500


@dataclass(frozen=True, slots=True)
class RevealPhone(Command):
    """Show a lead's telephone number to the member of staff who is to call it."""

    lead_id: int
    userid: str
    by: str


@dataclass(frozen=True, slots=True)
class EraseCustomer(Command):
    """Erase a person and keep the statistics."""

    customer_id: int
    by: str
