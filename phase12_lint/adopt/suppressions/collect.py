"""Every suppression of a project as an ``Item``: git is asked once for each file that holds one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from phase12_lint.adopt.baseline import Entry, Standing, blinds, compare
from phase12_lint.adopt.suppressions.items import BASELINE, NOQA, Item
from phase12_lint.engine import Outcome
from phase12_lint.model import Noqa
from phase12_lint.sources import Contents
from phase12_lint.sources.blame import Author, authors, lines_of_git


class Frozen(NamedTuple):
    """The baseline: where the file is, what it is called, and its entries, each with its line."""

    path: Path
    name: str
    entries: Mapping[Entry, int]


def collect(
    root: Path, outcome: Outcome, frozen: Frozen | None, wanted: Callable[[str], bool], jobs: int
) -> tuple[list[Item], list[str]]:
    """The suppressions of the project at ``root`` whose file is ``wanted``; and what is not known of them.

    ``outcome`` is what was found there. Paths are relative to ``root``, but for the baseline's name.
    """
    noqas = [noqa for noqa in outcome.noqas if wanted(noqa.path)]
    notes = [
        f"{finding.path} cannot be read as Python: no noqa in it is listed"
        for finding in outcome.findings
        if finding.code == "GOV001" and wanted(finding.path)
    ]
    items = _of_noqas(root, noqas, jobs)
    if frozen is not None:
        standing = compare(tuple(frozen.entries), outcome.findings)
        blind = blinds(standing.new)
        if blind is not None and standing.gone:
            notes.append(
                f"{frozen.name}: which entries are stale is not known while {blind.path} has {blind.code}"
            )
            standing = standing._replace(gone=())
        items += _of_entries(frozen, standing, wanted)
    return items, notes


def _of_noqas(root: Path, noqas: Iterable[Noqa], jobs: int) -> list[Item]:
    by_path: dict[str, list[Noqa]] = defaultdict(list)
    for noqa in noqas:
        by_path[noqa.path].append(noqa)

    contents = Contents(root, by_path)

    def of_file(path: str) -> list[Item]:
        held = by_path[path]
        numbers = lines_of_git(contents[path], [noqa.line for noqa in held])
        known = authors(root / path, numbers.values())
        return [_item(noqa, known[numbers[noqa.line]]) for noqa in held]

    with ThreadPoolExecutor(jobs) as threads:
        return [item for items in threads.map(of_file, by_path) for item in items]


def _item(noqa: Noqa, author: Author) -> Item:
    path, line, column, codes, stale, reason = noqa
    return Item(NOQA, path, path, line, column, codes, stale, reason, author)


def _of_entries(frozen: Frozen, standing: Standing, wanted: Callable[[str], bool]) -> list[Item]:
    chosen: Sequence[Entry] = [entry for entry in frozen.entries if wanted(entry.path)]
    if not chosen:
        return []
    gone = {entry[:3]: entry.number for entry in standing.gone}
    known = authors(frozen.path, [frozen.entries[entry] for entry in chosen])
    return [
        Item(
            kind=BASELINE,
            path=entry.path,
            written_in=frozen.name,
            line=frozen.entries[entry],
            column=1,
            codes=(entry.code,),
            stale=(entry.code,) if gone.get(entry[:3]) == entry.number else (),
            reason=entry.reason,
            author=known[frozen.entries[entry]],
            message=entry.message,
            number=entry.number,
            gone=gone.get(entry[:3], 0),
        )
        for entry in chosen
    ]
