"""The language server on P in A, as an editor meets it: until the first findings are shown, and after each change."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks import hosts, ours
from benchmarks.bench import Bench
from benchmarks.measure import Figure
from benchmarks.table import Row, at_most, shown
from tests.lsp_client import START, Editor, editor

_LARGEST = "all of A"
_CHANGES = 6  # a round, each with a bypass and then without it; no text comes twice, so none is remembered
_BYPASS = "\n\ndef typed_{}(payload):\n    return OcrPlugin().run(payload)\n"
_NONE = "\n\ndef typed_{}(payload):\n    return OcrPlugin(), payload\n"


def rows(bench: Bench) -> Iterator[Row]:
    """The rows of the editor; what it reads is cold at the first start and warm at the others."""
    tree = hosts.beside(_LARGEST)
    ours.forget(tree)
    firsts, changes, peaks = zip(*(asyncio.run(_measured(tree)) for _ in range(max(2, bench.race.rounds))))
    cold, warm = (Figure(seconds, 0, max(peaks)) for seconds in (firsts[0], median(firsts[1:])))
    changed = Figure(median(each for one in changes for each in one), 0, max(peaks))
    for what, figure in (("cold", cold), ("warm", warm)):
        yield Row("editor", f"P in A: start to first findings, {what}", shown(figure, "wall"))
    yield at_most("editor", "P in A: a change to its findings, warm", changed, 0.5)
    yield Row("editor", "P in A: memory of the server", shown(changed, "mebibytes"))


async def _measured(tree: Path) -> tuple[float, list[float], float]:
    """Seconds from the start to the first findings and from each change to its own; peak memory in MiB."""
    file = tree / hosts.EDITED
    text = file.read_text(encoding="utf-8")
    started = perf_counter()
    async with editor(tree, start=START) as opened:
        opened.open(file)
        await opened.until(lambda: bool(opened.codes(file)))
        first = perf_counter() - started
        known = len(opened.codes(file))
        changes = []
        for number in range(_CHANGES):
            for typed, findings in ((_BYPASS, known + 1), (_NONE, known)):
                changes.append(await _changed(opened, file, text + typed.format(number), findings))
        return first, changes, _peak(opened)


def _peak(opened: Editor) -> float:
    """The peak memory of the server in MiB (Linux)."""
    server = opened.client._server
    assert server is not None
    status = Path(f"/proc/{server.pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


async def _changed(opened: Editor, file: Path, text: str, findings: int) -> float:
    """Seconds until ``file`` has so many ``findings``, ``text`` being typed into it."""
    await asyncio.sleep(0.5)  # as who types reads what is shown
    started = perf_counter()
    opened.type(file, text)
    await opened.until(lambda: len(opened.codes(file)) == findings)
    return perf_counter() - started
