"""Some customers of a segment as a preview shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from db.models import CarModel, Customer, Dealer, Profile
from db.queries.faces import phone_ciphers


@dataclass(frozen=True, slots=True)
class CustomerFace:
    """One customer with the lead that counts. `phone_cipher` is for whoever may show the phone."""

    customer_id: int
    lead_id: int | None
    name: str
    phone_cipher: str | None
    city: str
    pool: str
    level: str
    state: str
    model: str
    dealer: str
    active_at: datetime | None


async def customer_faces(customer_ids: Sequence[int]) -> list[CustomerFace]:
    """Faces of customers in the order given; who has no profile any more is left out."""
    ids = list(customer_ids)
    profiles = {row.customer_id: row for row in await Profile.filter(customer_id__in=ids)}
    names = dict(await Customer.filter(id__in=ids).values_list("id", "name"))
    ciphers = await phone_ciphers(ids)
    models = dict(await CarModel.all().values_list("code", "name"))
    codes = {row.dealer_code for row in profiles.values() if row.dealer_code}
    dealers = dict(await Dealer.filter(code__in=codes).values_list("code", "name"))
    return [
        CustomerFace(
            customer_id=row.customer_id,
            lead_id=row.lead_id,
            name=names.get(row.customer_id, ""),
            phone_cipher=ciphers.get(row.customer_id),
            city=row.city or "",
            pool=row.pool,
            level=row.level or "",
            state=row.state or "",
            model=models.get(row.model_code, row.model_code or ""),
            dealer=dealers.get(row.dealer_code, row.dealer_code or ""),
            active_at=row.active_at,
        )
        for row in (profiles[i] for i in ids if i in profiles)
    ]
