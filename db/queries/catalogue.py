"""What is sold, and which dealers there are."""

from typing import Any

from db.models import CarModel, Dealer


async def models() -> list[dict[str, Any]]:
    """Code, name and aliases of every model, in order of code."""
    return await CarModel.all().order_by("code").values("code", "name", "aliases")


async def models_on_sale() -> list[dict[str, Any]]:
    """Code and name of what can be bought now."""
    return await CarModel.filter(on_sale=True).order_by("code").values("code", "name")


async def dealers() -> list[dict[str, str]]:
    """Code and name of every dealer, in order of code."""
    return await Dealer.all().order_by("code").values("code", "name")


async def dealer_exists(code: str) -> bool:
    return await Dealer.exists(code=code)


async def dealer_codes(limit: int) -> list[str]:
    """The first codes in alphabetical order."""
    return await Dealer.all().order_by("code").limit(limit).values_list("code", flat=True)  # type: ignore[return-value]
