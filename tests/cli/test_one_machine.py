"""What `run` asks before it starts: is the folder ours alone, is the port free."""

import socket
import subprocess
import sys

import pytest

from cli.lock import only_one
from cli.ports import free_port, is_free
from cli.trouble import CannotStart


def test_a_folder_is_held_by_one_and_the_other_is_told_by_whom(tmp_path):
    with only_one(tmp_path), pytest.raises(CannotStart, match=r"process \d+"), only_one(tmp_path):
        pass


def test_a_folder_is_free_again_after_the_block_and_after_a_kill(tmp_path):
    with only_one(tmp_path):
        pass
    script = (
        "import os, signal\n"
        "from pathlib import Path\n"
        "from cli.lock import only_one\n"
        f"with only_one(Path({str(tmp_path)!r})): os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script], check=False)
    assert killed.returncode < 0

    with only_one(tmp_path):
        pass


async def test_a_taken_port_is_seen_and_another_one_found():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert not is_free("127.0.0.1", port)
        assert await free_port("127.0.0.1", port) != port
    assert await free_port("127.0.0.1", port) == port
