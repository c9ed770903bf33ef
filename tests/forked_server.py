"""The language server, forked from a process that has imported it: that takes longer than what most tests ask of it.

``start`` is the command of a server that is started so: a process that hands its streams to the one process that
``python -m tests.forked_server`` is, and ends as the server ends.
"""

from __future__ import annotations

import atexit
import functools
import gc
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from tempfile import mkdtemp

from tests import forked

MOST_BYTES = 1 << 17  # of a folder and an environment
ATTACHED = f"""
import json, os, socket, sys
with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as caller:
    caller.connect(sys.argv[1])
    socket.send_fds(caller, [json.dumps([os.getcwd(), dict(os.environ)]).encode()], [0, 1, 2])
    for stream in (0, 1, 2):
        os.close(stream)
    os._exit(int(caller.recv({MOST_BYTES}) or b"70"))
"""


@functools.cache
def start() -> list[str]:
    """The command."""
    address = Path(mkdtemp(), "server")
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, address], cwd=forked.ROOT, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    atexit.register(process.kill)
    assert process.stdout.readline() == b"ready\n"
    return [sys.executable, "-I", "-S", "-c", ATTACHED, str(address)]


def _serve(address: str) -> None:
    """Fork a server for each caller, until this process is killed."""
    import pygls.lsp.server  # noqa: F401

    import phase12_lint.integrations.lsp.server  # noqa: F401

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.collect()
    gc.freeze()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as door:
        door.bind(address)
        door.listen()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            caller, _ = door.accept()
            said, streams, _, _ = socket.recv_fds(caller, MOST_BYTES, 3)
            folder, variables = json.loads(said)
            if os.fork() == 0:
                door.close()
                caller.send(str(_served(folder, variables, streams)).encode())
                os._exit(0)
            caller.close()
            for stream in streams:
                os.close(stream)


def _served(folder: str, variables: dict[str, str], streams: list[int]) -> int:
    """Serve as if this process had just been started so; the exit status."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    forked.start_as(folder, variables, streams)

    from phase12_lint.cli import main

    return forked.status_of(main, ["lsp"])


if __name__ == "__main__":
    _serve(sys.argv[1])
