"""Every edit of the table: exactly its finding, and where the defect shows at run time, a runtime test that fails."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from phase12_lint.rulebook import rulebook
from tests.doors import ROOT, analysed, reported, settings_of
from tests.mutations.model import IGNORED, Mutation, lay_out, of_each_section
from tests.mutations.table import MUTATIONS
from tests.thinning import thinned

VISIBLE = [each for each in MUTATIONS if each.visible]
SHOWN = of_each_section(VISIBLE)


def name(mutation: Mutation) -> str:
    return f"{mutation.code}: {mutation.does}"


def found(folder: Path) -> list[tuple[str, int, str]]:
    """What the linter says there."""
    findings = reported(analysed(folder, {}).findings, settings_of(folder, {}))
    return [(each.path, each.span.line, each.code) for each in findings]


def run_tests(folder: Path, *tests: str) -> tuple[int, str]:
    """Run ``tests`` against the runtime in ``folder``; the exit status and all that was said."""
    for each in ("tests", "docs"):
        shutil.copytree(ROOT / each, folder / each, ignore=IGNORED)
    shutil.copy(ROOT / "pyproject.toml", folder)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-p",
        "no:pytest_lsp",
    ]
    done = subprocess.run(
        [*command, *tests],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_without_an_edit_nothing_is_found(tmp_path: Path) -> None:
    lay_out(tmp_path)
    assert found(tmp_path) == []


@pytest.mark.parametrize("mutation", MUTATIONS, ids=name)
def test_exactly_the_broken_rule_is_found(mutation: Mutation, tmp_path: Path) -> None:
    places = lay_out(tmp_path, mutation.edits)
    assert places
    assert found(tmp_path) == [(path, line, mutation.code) for path, line in places]


def test_without_an_edit_the_named_tests_of_the_runtime_pass(tmp_path: Path) -> None:
    lay_out(tmp_path)
    status, said = run_tests(tmp_path, *sorted({each.fails for each in SHOWN[::3]}))
    assert status == 0, said[-3000:]


@pytest.mark.parametrize("mutation", thinned(SHOWN, 3), ids=name)
def test_a_defect_that_shows_at_run_time_fails_a_test_there(mutation: Mutation, tmp_path: Path) -> None:
    lay_out(tmp_path, mutation.edits)
    status, said = run_tests(tmp_path, mutation.fails)
    assert status == 1, said[-3000:]
    assert f"\nFAILED {mutation.fails}" in said, said[-3000:]
    assert "\nERROR " not in said, said[-3000:]


def test_every_rule_has_its_mutation() -> None:
    of_the_project = {
        code for code in rulebook() if code.startswith("GOV7")
    }  # tests/functional/test_mutate.py
    assert {each.code for each in MUTATIONS} == set(rulebook()) - of_the_project
