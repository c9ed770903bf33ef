"""What the tests that the policy names have given: from JUnit files, or from a run of pytest.

``ResultsError`` is raised for a file that cannot be read as JUnit's.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from phase12_lint.enforcement.facts import Folder

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


class ResultsError(Exception):
    """A file of results that cannot be used; says which and why."""


class Case(NamedTuple):
    """One test: where it stands, with ``/``, its name, and ``passed``, ``skipped`` or ``failed``."""

    place: str
    name: str
    outcome: str


class Result(NamedTuple):
    """The tests of one folder, and how many ``functions`` they are; ``broken`` says why the run failed, if it did."""

    source: str
    passed: int
    skipped: int
    failed: tuple[str, ...]
    functions: int
    broken: str = ""


class Results:
    """All results that are there."""

    def __init__(
        self, cases: Sequence[Case] = (), source: str = "", runs: dict[str, Result] | None = None
    ) -> None:
        self._cases = cases
        self._source = source
        self._runs = runs or {}

    def of(self, folder: Folder) -> Result | None:
        """Those of the tests in ``folder``; None if there are none."""
        if folder.path in self._runs:
            return self._runs[folder.path]
        cases = [case for case in self._cases if case.place.startswith(f"{folder.path}/")]
        return _counted(cases, self._source) if cases else None


def from_files(names: Sequence[str]) -> Results:
    """The results in the JUnit files ``names``. Raises ``ResultsError``."""
    return Results([case for name in names for case in _read(Path(name), name)], ", ".join(names))


def from_pytest(root: Path, folders: Sequence[Folder]) -> Results:
    """Run pytest in ``root`` on each of ``folders`` that holds tests, with the Python that runs this."""
    return Results(runs={folder.path: _run(root, folder) for folder in folders if folder.tests})


def _run(root: Path, folder: Folder) -> Result:
    command = [sys.executable, "-m", "pytest", folder.path]
    with tempfile.TemporaryDirectory() as place:
        report = Path(place) / "junit.xml"
        done = subprocess.run(
            [*command, f"--junitxml={report}"],
            cwd=root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        last = (done.stdout.strip().splitlines() or ["it said nothing"])[-1]
        broken = "" if done.returncode in (0, 1) else f"pytest ended with {done.returncode}: {last}"
        cases = list(_read(report, "pytest")) if report.exists() else []
    result = _counted(cases, f"pytest {folder.path}")
    if done.returncode and not result.failed and not broken:
        broken = f"pytest ended with {done.returncode}: {last}"
    return result._replace(broken=broken)


def _counted(cases: Sequence[Case], source: str) -> Result:
    outcomes = [case.outcome for case in cases]
    failed = tuple(case.name for case in cases if case.outcome == "failed")
    functions = {(case.place, case.name.partition("[")[0]) for case in cases}
    return Result(source, outcomes.count("passed"), outcomes.count("skipped"), failed, len(functions))


def _read(path: Path, name: str) -> Iterator[Case]:
    from xml.etree import ElementTree

    try:
        root = ElementTree.fromstring(path.read_bytes())
    except OSError as error:
        raise ResultsError(f"{name}: cannot be read: {error.strerror}") from None
    except (ElementTree.ParseError, ValueError) as error:
        raise ResultsError(f"{name}: not a JUnit file: {error}") from None
    if root.tag not in ("testsuites", "testsuite"):
        raise ResultsError(f"{name}: not a JUnit file: its root is <{root.tag}>")
    for case in root.iter("testcase"):
        yield _case(case)


def _case(element: Element) -> Case:
    name = element.get("name") or ""
    owner = element.get("classname") or name  # a module that fails as a whole has no class
    place = element.get("file") or owner.replace(".", "/")
    if {child.tag for child in element} & {"failure", "error"}:
        outcome = "failed"
    else:
        outcome = "skipped" if element.find("skipped") is not None else "passed"
    return Case(
        place.replace("\\", "/").removeprefix("./"),
        f"{element.get('classname', '')}::{element.get('name', '')}",
        outcome,
    )
