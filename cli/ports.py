"""Which ports are free, asked before anything is started that would have to be undone."""

import asyncio
import socket

from cli.trouble import CannotStart
from settings import Settings

PATIENCE_STEP_S = 0.1
PATIENCE_TRIES = 25


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


async def free_port(host: str, wanted: int) -> int:
    """`wanted` if it is free or becomes so in a moment (a killed predecessor), else another."""
    for _ in range(PATIENCE_TRIES):
        if is_free(host, wanted):
            return wanted
        await asyncio.sleep(PATIENCE_STEP_S)
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def check_port(settings: Settings, port: int) -> None:
    """Raise CannotStart unless this process can listen where the settings say."""
    if not is_free(settings.host, port):
        name = "PORT" if port == settings.port else "METRICS_PORT"
        raise CannotStart(
            f"port {port} on {settings.host} is taken: stop what listens there, "
            f"or set LEADLOOP_{name} to another"
        )
