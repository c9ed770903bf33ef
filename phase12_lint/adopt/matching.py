"""Which findings were known before: by fingerprint and number, never by line."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeAlias

from phase12_lint.model import Finding, without_number

Known: TypeAlias = Counter[tuple[str, str]]
"""How many findings there were in a file with a fingerprint: by (path, fingerprint without number)."""


class Match(NamedTuple):
    """``known`` and ``new`` findings in their order, and what is no longer found, with how many of it."""

    known: tuple[Finding, ...]
    new: tuple[Finding, ...]
    gone: Known


def count(findings: Iterable[Finding]) -> Known:
    """``findings`` as what is known."""
    return Counter(map(_key, findings))


def match(findings: Sequence[Finding], known: Known) -> Match:
    """Tell which of ``findings`` are ``known``.

    A finding is known by its file first. What is gone from one file and found in another has moved; of equal
    findings in one file the first are the known ones.
    """
    found = count(findings)
    allowed = found & known
    gone, rest = known - allowed, found - allowed
    for old, new, fingerprint in _moves(gone, rest):
        number = min(gone[old, fingerprint], rest[new, fingerprint])
        gone[old, fingerprint] -= number
        rest[new, fingerprint] -= number
        allowed[new, fingerprint] += number
    left = Counter(allowed)
    before: list[Finding] = []
    after: list[Finding] = []
    for finding in findings:
        left[_key(finding)] -= 1
        (before if left[_key(finding)] >= 0 else after).append(finding)
    return Match(tuple(before), tuple(after), +gone)


def _moves(gone: Known, rest: Known) -> list[tuple[str, str, str]]:
    """What may have moved, as (old path, new path, fingerprint): first where the most moved the same way."""
    into = defaultdict(list)
    for path, fingerprint in rest:
        into[fingerprint].append(path)
    moves = [(old, new, fingerprint) for old, fingerprint in gone for new in into[fingerprint]]
    together = Counter((old, new) for old, new, _ in moves)

    def likeliest(move: tuple[str, str, str]) -> tuple[object, ...]:
        old, new, _ = move
        has_other_name = old.rpartition("/")[2] != new.rpartition("/")[2]
        return (-together[old, new], has_other_name, move)

    return sorted(moves, key=likeliest)


def _key(finding: Finding) -> tuple[str, str]:
    return finding.path, without_number(finding.fingerprint)
