"""Phones as everybody may see them, wherever they stand."""

from typing import Any

from db.phone_vault import CannotDecrypt, PhoneVault
from domain.phone import mask, mask_in_text


def masked_phone(cipher: str | None, phones: PhoneVault) -> str | None:
    """A stored phone, masked; `****` when its key is gone."""
    if cipher is None:
        return None
    try:
        return mask(phones.decrypt(cipher))
    except CannotDecrypt:
        return "****"


def masked_name(name: str) -> str:
    """Enough of a name to recognise somebody one knows: 李*."""
    return f"{name[0]}*" if name else ""


def masked_words(value: Any) -> Any:
    """A JSON value with every telephone number in its texts masked."""
    if isinstance(value, dict):
        return {name: masked_words(item) for name, item in value.items()}
    if isinstance(value, list):
        return [masked_words(item) for item in value]
    return mask_in_text(value) if isinstance(value, str) else value
