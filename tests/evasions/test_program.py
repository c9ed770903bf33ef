"""One program in which evasions and lookalikes are marked on their lines: exactly the evasions are found.

A mark is the end of a line: ``# error: GOV101`` for an evasion, ``# ok: why`` for a lookalike. The program
has a root of its own, so that nothing in it counts as a test but its own tests.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from phase12_lint.testing import marks_of
from tests.doors import analysed
from tests.harness import Mark, difference

PROGRAM = Path(__file__).parent / "program"
EVASION = re.compile(r"  # error: (GOV\d{3})$")
LOOKALIKE = re.compile(r"  # ok: \S")
AT_LEAST = 60
PATHS = sorted(path.relative_to(PROGRAM).as_posix() for path in PROGRAM.rglob("*.py"))


def _lines() -> Iterator[tuple[str, int, str]]:
    for path in PATHS:
        for number, line in enumerate((PROGRAM / path).read_text(encoding="utf-8").splitlines(), 1):
            yield path, number, line


EVASIONS = tuple(
    Mark(path, number, mark[1]) for path, number, line in _lines() if (mark := EVASION.search(line))
)
LOOKALIKES = [(path, number) for path, number, line in _lines() if LOOKALIKE.search(line)]


def test_exactly_the_evasions_are_found() -> None:
    found = analysed(PROGRAM, {}).findings
    governed = tuple(mark for mark in marks_of(found) if mark.code.startswith(("GOV0", "GOV1")))
    if wrong := difference(EVASIONS, governed):
        pytest.fail("\n".join(wrong), pytrace=False)


def test_what_is_suppressed_in_the_program_stays_suppressed() -> None:
    suppressed = analysed(PROGRAM, {}).suppressed
    assert [(each.finding.path, each.finding.code) for each in suppressed] == [("docflow/cli.py", "GOV101")]


def test_the_program_is_large_enough_to_mean_something() -> None:
    modules = [path for path in PATHS if not path.endswith("__init__.py")]
    assert len(modules) >= 25
    assert len(EVASIONS) >= AT_LEAST
    assert len(LOOKALIKES) >= AT_LEAST
    assert {mark.code for mark in EVASIONS} == {"GOV101", "GOV102", "GOV103", "GOV104", "GOV105"}


def test_every_mark_is_understood() -> None:
    unclear = [
        f"{path}:{number}"
        for path, number, line in _lines()
        if ("# error:" in line) + ("# ok:" in line)
        != bool(EVASION.search(line)) + bool(LOOKALIKE.search(line))
    ]
    assert not unclear
