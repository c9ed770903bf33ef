"""A large program is judged where values may come to by names alone; no finding may depend on that.

The cases of the rules on executions are small programs, judged whole. Each is judged here as if it were large.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from phase12_lint.index import programs
from tests.doors import analysed
from tests.harness import Case
from tests.rules.test_cases import CASES
from tests.thinning import thinned

FOUND_IN_CODE = ("GOV10", "GOV50")
BAD = [
    case for case in CASES if case.title.startswith("Bad") and case.document.name.startswith(FOUND_IN_CODE)
]


@pytest.mark.parametrize("case", thinned(BAD, 3), ids=lambda case: case.id)
def test_what_is_found_is_found_by_names(case: Case, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case.write(tmp_path)
    monkeypatch.setattr(programs, "LARGE", 0)
    found = analysed(tmp_path, case.options).findings
    expected = {(mark.path, mark.line, mark.code) for mark in case.marks}
    assert expected - {(each.path, each.span.line, each.code) for each in found} == set()
