"""The words Leadloop understands: one TOML file per subject, read once."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_HERE = Path(__file__).parent


@cache
def load(name: str) -> dict[str, Any]:
    """The lexicon `name` (file `name.toml` beside this one); FileNotFoundError if there is none.

    The answer is shared between callers: read it, never change it.
    """
    with (_HERE / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)
