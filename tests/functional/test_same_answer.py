"""The answer depends on the program alone: not on the screen, the hash seed, the cache or where code stands."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from phase12_lint.engine import Request, run
from phase12_lint.model import Finding
from phase12_lint.policy import Policy
from tests.harness import read_document

HERE = Path(__file__).parents[1]
PROGRAM = HERE / "evasions" / "program"
EXAMPLES = HERE.parent / "examples"


def _findings(root: Path, *, screen: bool = True, jobs: int = 1) -> tuple[Finding, ...]:
    return run(Request(root, (Policy(),), cache=False, screen=screen, jobs=jobs)).findings


@pytest.mark.parametrize(
    "root", [PROGRAM, EXAMPLES / "governed", EXAMPLES / "ungoverned"], ids=lambda p: p.name
)
def test_the_screen_holds_nothing_back(root: Path) -> None:
    assert _findings(root, screen=False) == _findings(root)


def test_the_screen_holds_nothing_back_in_any_case(tmp_path: Path) -> None:
    differing = []
    for path in sorted((HERE / "rules").glob("GOV10*.md")):
        for number, case in enumerate(read_document(path).cases):
            root = tmp_path / path.stem / str(number)
            case.write(root)
            if _findings(root, screen=False) != _findings(root):
                differing.append(case.id)
    assert differing == []


def test_the_hash_seed_does_not_matter() -> None:
    answers = set()
    for seed in ("0", "1", "42"):
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "phase12_lint",
                "check",
                "--no-cache",
                "--format",
                "json",
                "--root",
                PROGRAM,
            ],
            cwd=HERE.parent,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=False,
        )
        report = json.loads(done.stdout)
        del report["summary"]["elapsed_s"]
        answers.add(json.dumps(report))
    assert len(answers) == 1


def test_processes_do_not_matter(tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"module_{number}.py").write_text("x = 1\n" * 10_000 + "def f(:\n" * (number % 7 == 0))
    found = _findings(tmp_path, jobs=2)
    assert found == _findings(tmp_path)
    assert [finding.code for finding in found] == ["GOV001"] * 6
