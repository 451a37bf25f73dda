"""One `run` for one data folder: two would write the same SQLite file and the same Redis log."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunning(Exception):
    """Another process holds the folder; `pid` is what it wrote down, or empty."""

    def __init__(self, folder: Path, pid: str) -> None:
        super().__init__(f"{folder} is in use")
        self.folder = folder
        self.pid = pid


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the folder while the block runs; the system lets go of it even after a kill -9.

    Raises AlreadyRunning.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "run.lock").open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise AlreadyRunning(folder, file.read(20).strip()) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
