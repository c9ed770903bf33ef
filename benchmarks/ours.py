"""``phase12-lint check`` in its three moods: nothing known, nothing changed, one file edited."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from benchmarks import seeds
from benchmarks.corpora import EDITED
from benchmarks.measure import Contestant

CACHE_FOLDER = ".phase12_lint_cache"
CHECK = (sys.executable, "-m", "phase12_lint", "check", "--isolated", "--format=concise", "--quiet", "--root")
_numbers = count()


@contextmanager
def contestants(corpus: Path) -> Iterator[list[Contestant]]:
    """Ours on ``corpus``; the file that is edited gets its text back at the end."""
    command = (*CHECK, str(corpus))
    cache = corpus / CACHE_FOLDER
    moods = [
        Contestant("check, cold", command, lambda: shutil.rmtree(cache, ignore_errors=True)),
        Contestant("check, unchanged", command),
    ]
    edited = corpus / EDITED.get(corpus.name, "")
    if not edited.is_file():
        yield moods
        return
    text = edited.read_text(encoding="utf-8")
    try:
        yield [
            *moods,
            Contestant(
                "check, one file edited",
                command,
                lambda: _write(edited, f"{text}\n\ndef edited_{next(_numbers)}():\n    return None\n"),
            ),
        ]
    finally:
        _write(edited, text)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def look(corpus: Path) -> int:
    """How many findings ours has; raises ``RuntimeError`` when it crashes or misses a seeded one."""
    done = subprocess.run((*CHECK, str(corpus)), capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"check on {corpus.name}: exit status {done.returncode}: {done.stderr[-500:]}")
    seeded = done.stdout.count("seeded/worker.py:")
    if corpus.name == "A" and seeded != seeds.FINDINGS:
        raise RuntimeError(f"check on A found {seeded} of the {seeds.FINDINGS} seeded violations")
    return done.stdout.count("\n")
