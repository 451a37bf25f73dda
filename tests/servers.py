"""Servers that tests start: neither they nor their files outlive a killed test run for long."""

import ctypes
import os
import re
import shutil
import signal
import sys
import tempfile
from pathlib import Path

_MADE = "leadloop-{what}-{pid}-"
_FOUND = re.compile(r"leadloop-[a-z]+-(\d+)-\w+")


def die_with_parent() -> None:
    """For `preexec_fn`: the kernel kills the server when its test run is gone (Linux)."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


def home_of_a(what: str) -> Path:
    """A new directory for a server; those of processes that were killed go first."""
    for folder in Path(tempfile.gettempdir()).iterdir():
        made = _FOUND.fullmatch(folder.name)
        if made and not _lives(int(made[1])):
            shutil.rmtree(folder, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=_MADE.format(what=what, pid=os.getpid())))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
