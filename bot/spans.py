"""Where work is marked for whoever traces it: ids and codes, never what somebody said."""

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

Fact = str | int


class Span(Protocol):
    """One stretch of work."""

    def note(self, **facts: Fact) -> None: ...


class Spans(Protocol):
    """Begins a stretch of work that ends with the block; what is begun inside belongs to it."""

    def __call__(self, name: str, **facts: Fact) -> AbstractContextManager[Span]: ...


class _Nobody:
    def note(self, **facts: Fact) -> None:
        """Nobody traces."""


_NOBODY = _Nobody()


def no_spans(name: str, **facts: Fact) -> AbstractContextManager[Span]:
    """For a process that nobody traces."""
    return nullcontext(_NOBODY)
