"""The baseline: findings that are frozen, so that only new ones fail.

It is a JSON file for people as well: sorted, a line an entry, and without line numbers, so that a diff shows
what was added and what is gone and nothing else.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from phase12_lint.adopt.matching import Known, match
from phase12_lint.model import Finding, without_number
from phase12_lint.reports.printable import plain

CONVENTIONAL = ".phase12-lint-baseline.json"  # in the project's root
VERSION = 1
NEEDED = ("path", "code", "fingerprint", "message", "count")  # of an entry, in the order of ``Entry``
FIELDS = (*NEEDED, "reason")
_UNPARSABLE = "GOV001"
_BLINDING = (
    _UNPARSABLE,
    "GOV004",
    "GOV005",
)  # while what is governed is out of sight, others may only seem gone


class Entry(NamedTuple):
    """Findings of one file that are equal, and how many there are; sorts as in the file.

    ``path`` is relative to the root. ``message`` is that of the first, for whoever reads the file; ``reason`` is what
    a person wrote there, and why the findings may stay.
    """

    path: str
    code: str
    fingerprint: str
    message: str
    number: int
    reason: str = ""


class Standing(NamedTuple):
    """How the findings of today stand to a baseline.

    ``gone`` are entries whose findings are not found, with their number; ``kept`` is the baseline without them,
    what has moved at its new path.
    """

    frozen: tuple[Finding, ...]
    new: tuple[Finding, ...]
    gone: tuple[Entry, ...]
    kept: tuple[Entry, ...]

    @property
    def gone_count(self) -> int:
        """How many findings are gone."""
        return sum(entry.number for entry in self.gone)


def blinds(findings: Iterable[Finding]) -> Finding | None:
    """One of the new ``findings`` that makes what else is found too little; ``None`` if there is none."""
    return next((finding for finding in findings if finding.code in _BLINDING), None)


def freeze(findings: Iterable[Finding], others: Iterable[Entry] = ()) -> tuple[Entry, ...]:
    """A baseline of ``findings`` and of the entries ``others``."""
    entries: dict[tuple[str, str], Entry] = {}
    for finding in findings:
        fingerprint = without_number(finding.fingerprint)
        message = plain(finding.message)
        first = Entry(plain(finding.path), finding.code, fingerprint, message, 0)
        entry = entries.get((finding.path, fingerprint), first)
        entries[finding.path, fingerprint] = entry._replace(number=entry.number + 1)
    return tuple(sorted([*entries.values(), *others]))


def compare(
    entries: Sequence[Entry],
    findings: Sequence[Finding],
    looked_for: Callable[[str], bool] = lambda code: True,
) -> Standing:
    """Hold all ``findings`` of a project against a baseline.

    What was not looked for cannot be gone: entries of other codes than ``looked_for`` stay, and those of a file
    that cannot be parsed.
    """
    unparsable = {plain(finding.path) for finding in findings if finding.code == _UNPARSABLE}
    judged = [
        entry
        for entry in entries
        if looked_for(entry.code) and (entry.path not in unparsable or entry.code == _UNPARSABLE)
    ]
    known: Known = Counter({(entry.path, entry.fingerprint): entry.number for entry in judged})
    matched = match(findings, known)
    gone = tuple(
        entry._replace(number=matched.gone[entry.path, entry.fingerprint])
        for entry in judged
        if matched.gone[entry.path, entry.fingerprint]
    )
    kept = freeze(matched.known, set(entries).difference(judged))
    return Standing(matched.known, matched.new, gone, _followed(kept, entries))


def with_reasons(entries: Iterable[Entry], before: Iterable[Entry], reason: str = "") -> tuple[Entry, ...]:
    """``entries``, each with the reason of ``before``; with ``reason`` if it is added, or has grown without one."""
    old = {entry[:3]: entry for entry in before}

    def renewed(entry: Entry) -> Entry:
        known = old.get(entry[:3])
        is_as_before = known is not None and (known.reason or known.number >= entry.number)
        return entry._replace(reason=known.reason if known and is_as_before else reason)

    return tuple(sorted(map(renewed, entries)))


def _followed(kept: Iterable[Entry], entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """``kept`` with the reasons of ``entries``, also where the findings have moved to another path."""
    told = {entry[:3]: entry.reason for entry in entries}
    moved: dict[str, dict[str, None]] = {}
    for entry in entries:
        moved.setdefault(entry.fingerprint, {}).update({entry.reason: None} if entry.reason else {})
    return tuple(
        sorted(
            entry._replace(reason=told.get(entry[:3], "; ".join(moved.get(entry.fingerprint, ()))))
            for entry in kept
        )
    )


def write(entries: Iterable[Entry]) -> str:
    """The text of the file: a line an entry, so that git merges and shows whole entries."""
    lines = [json.dumps(_fields(entry), ensure_ascii=False) for entry in entries]
    listed = "\n    " + ",\n    ".join(lines) + "\n  " if lines else ""
    return f'{{\n  "version": {VERSION},\n  "entries": [{listed}]\n}}\n'


def _fields(entry: Entry) -> dict[str, str | int]:
    fields: dict[str, str | int] = dict(zip(FIELDS, entry))
    if not entry.reason:
        del fields["reason"]
    return fields


def is_same(one: Iterable[Entry], other: Iterable[Entry]) -> bool:
    """Whether two baselines freeze the same, whatever their messages say."""
    return {entry._replace(message="") for entry in one} == {entry._replace(message="") for entry in other}
