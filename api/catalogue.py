"""Which models and dealers an intake may name, however it spells them."""

import time
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from db.queries import catalogue as stored
from domain.errors import InvalidInput

CACHED_S = 5.0
MOST_LISTED = 40
_FILLERS = str.maketrans("", "", " .-_·")


@dataclass(slots=True)
class Catalogue:
    """Finds a model by code, name or alias; what was added elsewhere is found at once."""

    monotonic: Callable[[], float] = time.monotonic
    _models: Mapping[str, str] = field(default_factory=dict)
    _codes: tuple[str, ...] = ()
    _until: float = 0.0
    _dealers: set[str] = field(default_factory=set)

    async def model_code(self, given: str, loc: str) -> str:
        """The code of the model meant. Raises `InvalidInput` at `loc`, listing the known codes."""
        wanted = _spelling(given)
        if self.monotonic() >= self._until or wanted not in self._models:
            await self._load()
        if wanted not in self._models:
            raise _unknown(loc, "model", self._codes)
        return self._models[wanted]

    async def check_dealer(self, code: str, loc: str) -> None:
        """Raise `InvalidInput` at `loc` unless there is such a dealer. Dealers never vanish."""
        if code in self._dealers:
            return
        if not await stored.dealer_exists(code):
            raise _unknown(loc, "dealer", await stored.dealer_codes(MOST_LISTED + 1))
        self._dealers.add(code)

    async def _load(self) -> None:
        names: dict[str, str] = {}
        rows = await stored.models()
        for row in rows:
            for name in (*row["aliases"], row["name"]):
                names.setdefault(_spelling(name), row["code"])
        names |= {_spelling(row["code"]): row["code"] for row in rows}
        self._models = names
        self._codes = tuple(row["code"] for row in rows)
        self._until = self.monotonic() + CACHED_S


def _spelling(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().translate(_FILLERS)


def _unknown(loc: str, what: str, known: Iterable[str]) -> InvalidInput:
    codes = list(known)
    listed = ", ".join(codes[:MOST_LISTED]) + (", …" if len(codes) > MOST_LISTED else "")
    return InvalidInput([(loc, f"no such {what}; known: {listed or 'none yet'}")])
