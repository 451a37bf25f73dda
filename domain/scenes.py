"""Scenes of QR codes: what the code somebody scanned says of where they came from."""

from typing import NamedTuple

KINDS = ("dealer", "staff", "campaign")
LONGEST = 64  # characters, WeChat's limit for a scene
_BETWEEN = "_"


class Scene(NamedTuple):
    """`kind` is empty for a code that is not ours."""

    kind: str
    value: str


def scene_of(text: str) -> Scene:
    """dealer_CC01 → ("dealer", "CC01")."""
    kind, _, value = text.partition(_BETWEEN)
    return Scene(kind, value) if kind in KINDS and value else Scene("", text)


def scene_text(kind: str, value: str) -> str:
    """The scene of a code to be made. Raises ValueError for what WeChat would not take."""
    text = f"{kind}{_BETWEEN}{value}"
    if kind not in KINDS or not value or len(text) > LONGEST:
        raise ValueError("a scene is a kind and a value, together up to 64 characters")
    return text
