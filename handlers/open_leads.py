"""The key that no two open leads share: one person at one dealer."""

from db.models import Lead
from domain.lead import CLOSED


def open_key(customer_id: int, dealer_code: str | None) -> str:
    """The key of an open lead (a phone is one person)."""
    return f"{customer_id}|{dealer_code or '-'}"


def sync_open_key(lead: Lead) -> None:
    """Bring `open_key` in line with the lead's state, customer and dealer."""
    closed = lead.state in CLOSED
    lead.open_key = None if closed else open_key(lead.customer_id, lead.dealer_id)
