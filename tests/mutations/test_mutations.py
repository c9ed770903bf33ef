"""Every edit of the table: exactly its finding, and where the defect shows at run time, a runtime test that fails."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from phase12_lint.rulebook import rulebook
from tests.doors import ROOT, analysed, marks, settings_of
from tests.harness import Mark
from tests.mutations.table import MARK, MUTATIONS, PAGE, Mutation, page

CASES = pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda each: f"{each.code}: {each.does}")
VISIBLE = [each for each in MUTATIONS if not isinstance(each.fails, str)]


def lay_out(folder: Path, mutation: Mutation | None) -> list[Mark]:
    """The runtime in ``folder``, edited; gives the findings that must be made."""
    shutil.copytree(
        ROOT / "reference_runtime", folder / "reference_runtime", ignore=shutil.ignore_patterns("__pycache__")
    )
    wanted = []
    for edit in mutation.edits if mutation is not None else ():
        path = folder / edit.path
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        assert not edit.old or text.count(edit.old) == 1, f"{edit.path} does not hold once: {edit.old}"
        path.write_text(text.replace(edit.old, edit.new) if edit.old else edit.new, encoding="utf-8")
    if mutation is not None and mutation.policy:
        policy = folder / "setup.cfg"
        head = policy.read_text(encoding="utf-8") if policy.exists() else "[phase12-lint]\n"
        policy.write_text(head.replace(MARK, "") + mutation.policy.rstrip("\n") + "\n", encoding="utf-8")
        if MARK in head:
            wanted.append(Mark("setup.cfg", 2, mutation.code))
    for path in sorted(folder.rglob("*.py")):
        lines = path.read_text(encoding="utf-8").split("\n")
        for number, line in enumerate(lines, 1):
            if line.endswith(MARK) and mutation is not None:
                wanted.append(Mark(path.relative_to(folder).as_posix(), number, mutation.code))
        path.write_text("\n".join(line.removesuffix(MARK) for line in lines), encoding="utf-8")
    return wanted


def found(folder: Path) -> list[tuple[str, int, str]]:
    """What the linter finds there."""
    settings = settings_of(folder, {})
    return [
        mark.place
        for mark in marks(analysed(folder, {}).findings)
        if mark.code != "GOV003" or settings.policies[0].require_suppression_reason
    ]


def test_without_an_edit_nothing_is_found(tmp_path: Path) -> None:
    lay_out(tmp_path, None)
    assert found(tmp_path) == []


@CASES
def test_exactly_the_broken_rule_is_found(mutation: Mutation, tmp_path: Path) -> None:
    wanted = lay_out(tmp_path, mutation)
    assert wanted
    assert sorted(found(tmp_path)) == sorted(mark.place for mark in wanted)


@pytest.mark.parametrize("mutation", VISIBLE, ids=lambda each: f"{each.code}: {each.does}")
def test_a_defect_that_shows_at_run_time_fails_a_test_there(mutation: Mutation, tmp_path: Path) -> None:
    lay_out(tmp_path, mutation)
    for name in ("tests", "docs"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-p", "no:xdist"]
    done = subprocess.run(
        [*command, *mutation.fails],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stdout[-3000:] + done.stderr[-1000:]


def test_every_rule_has_its_mutation() -> None:
    assert {each.code for each in MUTATIONS} == set(rulebook())


def test_the_page_is_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "stale: make docs"
