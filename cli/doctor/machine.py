"""Is this machine fit: Python, open files, the data folder?"""

import os
import platform
import resource
import sys
from pathlib import Path

import aiohttp

from cli.doctor.finding import Finding, error, fine, warning
from settings import Settings

OLDEST_PYTHON = (3, 11)
FEW_OPEN_FILES = 4096


async def look(settings: Settings, _http: aiohttp.ClientSession) -> list[Finding]:
    """What every process here depends on."""
    return [_python(), _open_files(), _data_folder(settings.data_dir)]


def _python() -> Finding:
    if sys.version_info < OLDEST_PYTHON:
        return error("Python", platform.python_version(), "install Python 3.11 or newer")
    return fine("Python", platform.python_version())


def _open_files() -> Finding:
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit != resource.RLIM_INFINITY and limit < FEW_OPEN_FILES:
        todo = f"raise it to {FEW_OPEN_FILES} or more: `ulimit -n`, or LimitNOFILE= in systemd"
        return warning("open files", f"the limit is {limit}; each connection needs one", todo)
    return fine("open files", "no limit" if limit == resource.RLIM_INFINITY else f"limit {limit}")


def _data_folder(folder: Path) -> Finding:
    nearest = folder.absolute()
    while not nearest.exists():
        nearest = nearest.parent
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        todo = "give this user the right to write there, or set LEADLOOP_DATA_DIR"
        return error("data folder", f"{folder} cannot be written", todo)
    return fine("data folder", str(folder))
