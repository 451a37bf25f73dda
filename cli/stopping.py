"""Ctrl-C and SIGTERM: the first asks for a clean stop, the second does not wait for it."""

import asyncio
import os
import signal

IMPATIENT = 130


def stop_on_signals() -> asyncio.Event:
    """An event that is set by the first SIGINT or SIGTERM."""
    wanted = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hear() -> None:
        if wanted.is_set():
            os._exit(IMPATIENT)
        wanted.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, hear)
    return wanted
