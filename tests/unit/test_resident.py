"""The cache of a process that stays gives what a run of its own gives, and keeps unsaved texts to itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from phase12_lint.cache import FOLDER, Cache
from phase12_lint.engine import Request, listed, run
from phase12_lint.policy import Policy
from phase12_lint.proofs import prove
from phase12_lint.resident import Resident
from tests.functional.test_flake8 import PROJECT, write

POLICIES = (Policy(),)
JOBS = "service/jobs.py"
EDITS = (
    PROJECT[JOBS],
    "",
    PROJECT[JOBS] * 2,
    "# -*- coding: latin-1 -*-\nname = 'é'\n" + PROJECT[JOBS],
    "def broken(:\n",
    PROJECT[JOBS].replace("item.run(payload)", "payload"),
    PROJECT[JOBS],
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path, PROJECT)
    return tmp_path


def test_every_edit_is_judged_as_in_a_run_of_its_own(root: Path) -> None:
    resident = Resident(root)
    for text in EDITS:
        request = Request(root, POLICIES, overlay={JOBS: text})
        outcome = run(request, cache=resident)
        assert outcome._replace(timings=()) == run(request._replace(cache=False))._replace(timings=())
        assert prove(request, cache=resident, within=JOBS).ways == prove(request).ways


def test_every_change_on_disk_is_seen(root: Path) -> None:
    resident, request = Resident(root), Request(root, POLICIES)
    for text in EDITS:
        (root / JOBS).write_text(text, "latin-1" if "latin-1" in text else "utf-8")
        found = run(request, cache=resident).findings
        assert found == run(request._replace(cache=False)).findings
    (root / JOBS).unlink()
    assert run(request, cache=resident).findings == run(request._replace(cache=False)).findings


def test_an_unsaved_text_is_not_written_and_a_saved_one_is_known_to_the_command(root: Path) -> None:
    resident, request = Resident(root), Request(root, POLICIES)
    run(request._replace(overlay={JOBS: "# unsaved"}), cache=resident)
    assert not (root / FOLDER).exists()
    run(request, cache=resident)
    files = listed(request)
    assert resident.digest(files) == Cache(root).digest(files)
    assert [name for name, _ in run(request).timings] == ["files", "all"]  # nothing was analysed


def test_a_file_that_cannot_be_read_is_told_each_time(root: Path) -> None:
    resident, request = Resident(root), Request(root, POLICIES)
    link = root / "service" / "gone.py"
    link.write_text("x = 1\n")
    assert listed(request)
    files = {**listed(request)}
    link.unlink()
    for _ in range(2):
        outcome = run(request, None, resident, files)
        assert [finding.path for finding in outcome.findings if finding.code == "GOV001"] == [
            "service/gone.py"
        ]
