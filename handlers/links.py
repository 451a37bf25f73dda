"""Two links, one conversation: who may speak now, and what a hand-over sets going."""

from datetime import timedelta

from db.models import Customer
from db.queries.links import speaking_facts
from domain.links import MaySpeak, brand_may_speak
from handlers import policies
from handlers.tx import Tx


async def may_brand_speak(customer: Customer, tx: Tx) -> MaySpeak:
    """Whether a touch may go to this customer now; asked when it is planned and when it is sent.

    Only about the two links: consent, opt-out, quiet hours and caps are asked for elsewhere.
    """
    days = (await policies.policy_for(None)).links.fresh_contact_days
    fresh = timedelta(days=days)
    return brand_may_speak(await speaking_facts(customer, tx.now - fresh), tx.now, fresh)
