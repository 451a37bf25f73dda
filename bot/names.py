"""The catalogue's names as the understanding needs them, read again when they may have changed."""

from bot.understanding.catalogue import Catalogue, ModelNames
from db import reference


class CatalogueNames:
    """Builds the matcher once per version of the catalogue."""

    def __init__(self) -> None:
        self._names: list[ModelNames] = []
        self.current = Catalogue([])

    async def __call__(self) -> Catalogue:
        """The catalogue as it was a moment ago."""
        models = (await reference.models()).values()
        names = [ModelNames(m.code, m.name, tuple(m.aliases)) for m in models]
        if names != self._names:
            self._names, self.current = names, Catalogue(names)
        return self.current
