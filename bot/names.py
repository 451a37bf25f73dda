"""The catalogue's names as the understanding needs them, read again when they may have changed."""

from collections.abc import Callable
from datetime import datetime, timedelta

from bot.understanding.catalogue import Catalogue, ModelNames
from db.models import CarModel

FRESH = timedelta(seconds=5)


class CatalogueNames:
    """Builds the matcher once per version of the catalogue."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._read_at: datetime | None = None
        self._names: list[ModelNames] = []
        self.current = Catalogue([])

    async def __call__(self) -> Catalogue:
        """The catalogue as it was at most five seconds ago."""
        now = self._clock()
        if self._read_at is None or now - self._read_at > FRESH:
            self._read_at = now
            models = await CarModel.all().order_by("code")
            names = [ModelNames(m.code, m.name, tuple(m.aliases)) for m in models]
            if names != self._names:
                self._names, self.current = names, Catalogue(names)
        return self.current
