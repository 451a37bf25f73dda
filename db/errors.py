"""What can go wrong with memory. Texts carry no values: they may reach a log."""


class StorageDown(Exception):
    """The database cannot answer now; the same call may succeed later.

    `dropped`: the connection broke in the middle, so a fresh one may work at once.
    """

    def __init__(self, reason: str, *, dropped: bool = False) -> None:
        super().__init__(reason)
        self.dropped = dropped


class SchemaMissing(StorageDown):
    """A table or column is not there: the database waits for `migrate`."""

    def __init__(self) -> None:
        super().__init__("the schema is not up to date")


class TransactionConflict(Exception):
    """Another transaction won (deadlock, serialization, locked file): run the whole again."""


class RowRefused(Exception):
    """The database refuses this one row (too long, not encodable); trying again is pointless."""


class LeaseLost(Exception):
    """The queue row is no longer ours: another worker has it, or it is finished."""
