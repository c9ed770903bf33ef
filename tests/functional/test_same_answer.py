"""The answer depends on the program alone: not on the screen, nor on processes (``tests/laws`` has the rest)."""

from __future__ import annotations

from pathlib import Path

import pytest

from phase12_lint.engine import Request, run
from phase12_lint.model import Finding
from phase12_lint.policy import Policy
from tests.harness import read_document
from tests.thinning import thinned

HERE = Path(__file__).parents[1]


def _findings(root: Path, *, screen: bool = True, jobs: int = 1) -> tuple[Finding, ...]:
    return run(Request(root, (Policy(),), cache=False, screen=screen, jobs=jobs)).findings


PAGES = sorted((HERE / "rules").glob("GOV10*.md"))


@pytest.mark.parametrize("page", thinned(PAGES, 3), ids=lambda page: page.stem)
def test_the_screen_holds_nothing_back_in_any_case(tmp_path: Path, page: Path) -> None:
    differing = []
    for number, case in enumerate(read_document(page).cases):
        root = tmp_path / str(number)
        case.write(root)
        if _findings(root, screen=False) != _findings(root):
            differing.append(case.id)
    assert differing == []


def test_processes_do_not_matter(tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"module_{number}.py").write_text("x = 1\n" * 10_000 + "def f(:\n" * (number % 7 == 0))
    found = _findings(tmp_path, jobs=2)
    assert found == _findings(tmp_path)
    assert [finding.code for finding in found] == ["GOV001"] * 6
