"""Exit 0 if the process in this container is ready: for HEALTHCHECK, with nothing installed."""

import os
import sys
from urllib.error import URLError
from urllib.request import urlopen

TIMEOUT_S = 2.0


def ready() -> bool:
    """Whether `/readyz` says yes, on the port of a worker or of a server."""
    port = os.environ.get("LEADLOOP_METRICS_PORT") or os.environ.get("LEADLOOP_PORT", "8080")
    try:
        with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=TIMEOUT_S) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


if __name__ == "__main__":
    sys.exit(0 if ready() else 1)
