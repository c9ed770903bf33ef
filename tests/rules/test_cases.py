"""Each rule's cases: exactly the marked lines are found, by the engine and through flake8 alike."""

from __future__ import annotations

import os
import re
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from phase12_lint.rulebook import rulebook
from phase12_lint.sources import read_suppressions
from phase12_lint.testing import marks_of
from tests.doors import Place, analysed, flake8, reported, settings_of
from tests.fixing import fixed
from tests.harness import BASES, Case, Document, difference, read_document
from tests.known import known
from tests.thinning import thinned

EXECUTION = ("GOV0", "GOV1")
NEWER = re.compile(r"-py3(\d+)$")  # at the end of a page whose cases only a newer Python parses


def is_readable(page: Path) -> bool:
    """Whether this Python parses the cases of ``page``."""
    newer = NEWER.search(page.stem)
    return newer is None or sys.version_info >= (3, int(newer[1]))


DOCUMENTS = [
    read_document(path) for path in sorted(Path(__file__).parent.glob("GOV*.md")) if is_readable(path)
]
FIRST_PAGES = [each for each in DOCUMENTS if each.path.stem == f"{each.code}-{each.name}"]
# With PAGES=first one case in five of the first page of each rule is tried, as on a Python that is not the main one.
IS_FIRST_ALONE = os.environ.get("PAGES") == "first"
CHOSEN = FIRST_PAGES if IS_FIRST_ALONE else DOCUMENTS
CASES = [case for document in CHOSEN for case in document.cases[:: 5 if IS_FIRST_ALONE else 1]]
ONLY_IN_CHECK = ("GOV001", "GOV004", "GOV005")
OF_A_WHOLE_PROGRAM = "GOV005"  # true of many a case of lookalikes, which is about other rules


def group_of(code: str) -> bool:
    """A page is compared over GOV0 and GOV1, or over all the others: most cases of the first hold half a runner."""
    return code.startswith(EXECUTION)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_exactly_the_marked_lines_are_found(case: Case, tmp_path: Path) -> None:
    case.write(tmp_path)
    found = marks_of(reported(analysed(tmp_path, case.options).findings, settings_of(tmp_path, case.options)))
    group = group_of(case.document.name)
    told = tuple(mark for mark in found if group_of(mark.code) is group and _is_compared(mark.code, case))
    if wrong := difference(case.marks, told):
        pytest.fail("\n".join([f"{case.document.name}: {case.title}", *wrong]), pytrace=False)


def _is_compared(code: str, case: Case) -> bool:
    return code != OF_A_WHOLE_PROGRAM or case.document.name.startswith(code)


@pytest.mark.parametrize("case", [case for case in CASES if case.known], ids=lambda case: case.id)
def test_what_is_known_is_what_is_marked(case: Case, tmp_path: Path) -> None:
    case.write(tmp_path)
    assert known(tmp_path, case.known) == case.known


@pytest.mark.parametrize("case", [case for case in CASES if case.fixed is not None], ids=lambda case: case.id)
def test_the_fixes_make_exactly_the_fixed_text(case: Case, tmp_path: Path) -> None:
    case.write(tmp_path)
    done = fixed(tmp_path, case.options, lambda finding: finding.code == case.document.name[:6])
    assert {each.path: each.after for each in done.files} == case.fixed
    assert done.refused == ()


@pytest.mark.parametrize("document", thinned(FIRST_PAGES[::4], 2), ids=lambda document: document.path.stem)
def test_flake8_finds_the_same(document: Document, tmp_path: Path) -> None:
    cases = [case for case in document.cases if not case.options]
    wrong = []
    for number, case in enumerate(cases):
        folder = tmp_path / str(number)
        case.write(folder)
        expected, found = _for_flake8(folder), flake8(folder)
        if found != expected:
            wrong.append(f"{case.title}: check {expected}, flake8 {found}")
    if wrong:
        pytest.fail("\n".join([document.path.name, *wrong]), pytrace=False)


def _for_flake8(folder: Path) -> list[Place]:
    """What ``check`` finds, apart from what is its own and what a bare ``noqa`` hides in flake8."""
    findings = reported(analysed(folder, {}, cache=True).findings, settings_of(folder, {}))
    return sorted(
        (each.path, each.span.line, each.span.column, each.code)
        for each in findings
        if each.code not in ONLY_IN_CHECK and not _is_under_bare_noqa(folder / each.path, each.span.line)
    )


def _is_under_bare_noqa(path: Path, line: int) -> bool:
    suppressions = read_suppressions(path.read_text(encoding="utf-8"))
    return any(not each.codes and each.first_line <= line <= each.last_line for each in suppressions)


def test_every_rule_has_its_cases_and_every_case_its_rule() -> None:
    of_documents = {document.code: document.name for document in DOCUMENTS}
    assert of_documents == {code: entry.name for code, entry in rulebook().items()}
    assert all(document.path.stem.startswith(f"{document.code}-{document.name}") for document in DOCUMENTS)


def test_every_base_is_used() -> None:
    pages = [*Path(__file__).parent.glob("GOV*.md"), *BASES.glob("*.md")]
    texts = "\n".join(path.read_text(encoding="utf-8") for path in pages)
    named = {name for line in re.findall(r"^base: (.+)$", texts, re.MULTILINE) for name in line.split(", ")}
    assert named == {path.stem for path in BASES.glob("*.md")}


@pytest.mark.parametrize("code", rulebook())
def test_every_rule_has_bad_clean_and_near_miss_cases(code: str) -> None:
    kinds = defaultdict(list)
    for document in DOCUMENTS:
        if document.code == code:
            for case in document.cases:
                kinds[case.title.partition(":")[0]].append(case)
    assert kinds.keys() == {"Bad", "Clean", "Near miss"}
    assert all(any(mark.code == code for mark in case.marks) for case in kinds["Bad"])
    assert not any(case.marks for case in kinds["Clean"])
    assert not all(case.marks for case in kinds["Near miss"])
