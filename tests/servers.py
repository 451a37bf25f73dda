"""Servers that tests start: none of them outlives a killed test run."""

import ctypes
import signal
import sys


def die_with_parent() -> None:
    """For `preexec_fn`: the kernel kills the server when its test run is gone (Linux)."""
    if sys.platform == "linux":
        pr_set_pdeathsig = 1
        ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)
