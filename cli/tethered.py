"""Run a module that must not outlive whoever started it: `python -m cli.tethered MODULE ARGS…`.

The starter keeps our standard input open; when it dies, however it dies, that input ends.
"""

import os
import runpy
import signal
import sys
import threading
import time

GRACE_S = 3.0


def main() -> None:
    """Become the module, with a thread that watches the tether."""
    threading.Thread(target=_watch, daemon=True).start()
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def _watch() -> None:
    while os.read(0, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(GRACE_S)
    os._exit(1)


if __name__ == "__main__":
    main()
