"""``make soak``: minutes of good, bad and crashing calls and jobs; then counts are exact, memory flat, nothing left.

``python -m tests.soak MINUTES [URL OF A DATABASE]``; it ends with status 1 if something is not as it must be.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

from tests.faulty_plugins.faults import FAULTS
from tests.runtime_server import Server, eventually, png

SLOW = {"hangs and ignores SIGTERM", "regex that holds the GIL", "stops itself", "hangs with half an answer"}
CRASHES = sorted(FAULTS.keys() - SLOW - {"is killed while its child holds the channel"})
GOOD = ("metadata", "statistics", "perceptual-hash")
IMAGE = png(300, 200)


class Soak:
    """Calls ``server`` until ``end``, and counts what each plugin must have counted."""

    def __init__(self, server: Server, end: float) -> None:
        self.server = server
        self.end = end
        self.expected: dict[str, Counter[bool]] = {name: Counter() for name in (*GOOD, "faulty")}
        self.wrong: list[str] = []
        self.lock = Lock()

    def caller(self, seed: int) -> None:
        """One client."""
        dice = random.Random(seed)
        while time.monotonic() < self.end:
            roll = dice.random()
            if roll < 0.7:
                self.call(dice.choice(GOOD), {}, True)
            elif roll < 0.995:
                self.call("faulty", {"fault": dice.choice(CRASHES)}, False)
            else:
                self.call("faulty", {"fault": dice.choice(sorted(SLOW))}, False)

    def call(self, plugin: str, options: dict[str, str], is_good: bool) -> None:
        """One call, and what came of it."""
        answer = self.server.analyze(plugin, image=IMAGE, options=options)
        with self.lock:
            self.expected[plugin][is_good] += 1
            if (answer.status_code == 200) != is_good:
                self.wrong.append(f"{plugin} {options}: {answer.status_code} {answer.text[:200]}")


def memory(server: Server) -> int:
    """KiB that the service itself holds."""
    return int(Path(f"/proc/{server.process.pid}/statm").read_text().split()[1]) * 4


def main() -> int:
    """Soak, and tell."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    database = ["--database", sys.argv[2]] if len(sys.argv) > 2 else []
    with tempfile.TemporaryDirectory() as folder:
        options = ("--time-limit", "1", "--memory-limit", "384", "--keep-jobs", "5", *database)
        server = Server(Path(folder), *options, faulty=True)
        soak = Soak(server, time.monotonic() + minutes * 60)
        samples = [(0.0, memory(server), *server.holdings())]
        with ThreadPoolExecutor(8) as pool:
            callers = [pool.submit(soak.caller, seed) for seed in range(6)]
            began = time.monotonic()
            while not all(each.done() for each in callers):
                time.sleep(min(10.0, minutes * 6))
                jobs = [server.submit(name) for name in GOOD]
                soak.wrong += [job for job in jobs if server.ended(job, 60).status_code != 200]
                for name in GOOD:
                    soak.expected[name][True] += 1
                samples.append((time.monotonic() - began, memory(server), *server.holdings()))
            for each in callers:
                each.result()
        counted = {name: server.counts(name) for name in soak.expected}
        expected = {name: (counts[True], counts[False]) for name, counts in soak.expected.items()}
        is_clean = eventually(lambda: server.holdings()[0] <= 12 and server.holdings()[1] == 0, 10)
        told = [
            f"{sum(map(sum, expected.values()))} calls in {samples[-1][0]:.0f} s, {len(soak.wrong)} answered wrongly",
            f"counted {counted}, expected {expected}",
            *(
                f"{s:6.0f} s {kib:8} KiB {below:3} processes {z} zombies {fds:3} descriptors"
                for s, kib, below, z, fds in samples
            ),
        ]
        sys.stdout.write("\n".join([*told, *soak.wrong[:20], ""]))
        settled = samples[len(samples) // 3 : len(samples) // 3 + 1] or samples[-1:]
        is_flat = samples[-1][1] - settled[0][1] < 16 << 10
        status = server.stop()
    is_right = counted == expected and not soak.wrong and is_clean and is_flat and status == 0
    sys.stdout.write("as it must be\n" if is_right else "NOT as it must be\n")
    return 0 if is_right else 1


if __name__ == "__main__":
    sys.exit(main())
