"""One `run` for one data folder: two would write the same SQLite file and the same Redis log."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cli.trouble import CannotStart


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the folder while the block runs; the system lets go of it even after a kill -9.

    Raises CannotStart.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        todo = "set LEADLOOP_DATA_DIR to a folder this user may write"
        raise CannotStart(f"{folder} cannot be made ({fault.strerror}): {todo}") from fault
    with (folder / "run.lock").open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise CannotStart(_taken(folder, file.read(20).strip())) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _taken(folder: Path, pid: str) -> str:
    by = f" (process {pid})" if pid else ""
    return (
        f"{folder} is in use by another Leadloop{by}: stop that one, or give this one its own "
        "LEADLOOP_DATA_DIR and LEADLOOP_DATABASE_URL"
    )
