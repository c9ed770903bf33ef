"""``certify``: a project that meets every criterion, and what opens each line of the checklist."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.forked import command

ROOT = Path(__file__).parents[2]
WORKFLOW = """\
on: [push]
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - run: phase12-lint check
      - run: pytest tests/phase_11
      - run: pytest tests/phase_12
"""
HOOK = """\
repos:
  - repo: local
    hooks:
      - {id: lint, name: lint, entry: phase12-lint check, language: system}
"""
TEST = "def test_it():\n    assert True\n"
TITLES = {
    "rules": "All invariants are enforced mechanically",
    "policy": "The policy names what exists",
    "scanner": "The scanner passes",
    "ways": "Every path to a plugin run is proved",
    "eleven": "All tests in tests/phase_11 pass",
    "twelve": "All tests in tests/phase_12 pass",
    "hook": "A hook runs the linter before a commit",
    "ci": "The CI pipeline stops what does not pass",
}


@pytest.fixture(autouse=True)
def _without_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pytest that a command starts loads none of the plugins installed here, which takes a second."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "service"
    ignored = shutil.ignore_patterns("__pycache__", ".phase12_lint_cache")
    shutil.copytree(ROOT / "examples" / "governed", folder, ignore=ignored)
    write(folder, ".github/workflows/ci.yml", WORKFLOW)
    write(folder, ".pre-commit-config.yaml", HOOK)
    write(folder, "tests/phase_11/test_api.py", TEST)
    write(folder, "tests/phase_12/test_runner.py", TEST)
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    return folder


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def certify(folder: Path, *options: str, status: int) -> str:
    done = command(folder, ["certify", *options])
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


PASSED = "".join(
    f'<testcase classname="tests.{name}" name="test_it"/>' for name in ("phase_11.a", "phase_12.a")
)


def open_lines(folder: Path, run_tests: bool = True) -> dict[str, list[str]]:
    """What is missing, by the title of its criterion; the tests have passed where they are not run."""
    write(folder, "passed.xml", f"<testsuite>{PASSED}</testsuite>")
    how = ["--run-tests"] if run_tests else ["--junit", "passed.xml"]
    said = certify(folder, *how, "--format", "json", status=1)
    return {each["title"]: each["open"] for each in json.loads(said)["criteria"] if not each["met"]}


def test_a_project_that_meets_every_criterion(project: Path) -> None:
    said = certify(project, "--run-tests", status=0)
    assert said.count("[x]") == len(TITLES)
    assert "1 passed, 0 skipped, 0 failed (pytest tests/phase_11)" in said
    assert said.endswith("Phase 12 is complete: 8 of 8 criteria are met.\n")
    document = json.loads(certify(project, "--run-tests", "--format", "json", status=0))
    assert document["complete"]
    assert [each["title"] for each in document["criteria"]] == list(TITLES.values())


def test_tests_that_were_not_run_leave_their_lines_open(project: Path) -> None:
    said = certify(project, status=1)
    assert said.count("[ ]") == said.count("not run: use --run-tests, or --junit") == 2
    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--junitxml=results.xml"],
        cwd=project,
        check=True,
        capture_output=True,
    )
    certify(project, "--junit", "results.xml", status=0)


@pytest.mark.parametrize(
    ("case", "says"),
    [
        ('classname="tests.phase_11.test_api" name="test_it"', ""),
        ('classname="server.tests.phase_11.test_api" name="test_it"', "not run"),
        ('classname="tests.phase_110.test_api" name="test_it"', "not run"),
    ],
)
def test_results_of_other_tests_are_none(project: Path, case: str, says: str) -> None:
    twelve = '<testcase classname="tests.phase_12.test_runner" name="test_it"/>'
    write(
        project, "results.xml", f"<testsuites><testsuite>{twelve}<testcase {case}/></testsuite></testsuites>"
    )
    said = certify(project, "--junit", "results.xml", status=int(bool(says)))
    assert says in said


def test_results_of_a_part_of_the_tests_are_not_enough(project: Path) -> None:
    write(project, "tests/phase_11/test_more.py", "import pytest\n" + TEST.replace("it", "more"))
    cases = "".join(
        f'<testcase classname="tests.{name}" name="test_it[{number}]"/>'
        for name in ("phase_11.test_api", "phase_12.test_runner")
        for number in (1, 2)
    )
    write(project, "results.xml", f"<testsuite>{cases}</testsuite>")
    assert "1 of its 2 test functions are in the results" in certify(
        project, "--junit", "results.xml", status=1
    )
    lost = '<testcase classname="" name="tests.phase_11.test_more"><error/></testcase>'
    write(project, "results.xml", f"<testsuite>{cases}{lost}</testsuite>")
    assert "failed: ::tests.phase_11.test_more" in certify(project, "--junit", "results.xml", status=1)


def test_what_the_policy_takes_for_tests_is_shown(project: Path) -> None:
    write(project, "documents/worker.py", "def work(plugin):\n    return plugin.run()\n")
    replace("setup.cfg", "[phase12-lint]\n", "[phase12-lint]\nexempt = tests/**, documents/worker.py\n")(
        project
    )
    assert "treated as tests by `exempt`: documents/worker.py" in certify(project, "--run-tests", status=0)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"\x7fELF\x02\x01\x01\0" + b"\0" * 2_000_000, 0),
        (b"MZ\x90\0" + b"\xff" * 2_000_000, 0),
        (b"#!/bin/sh\n" + b": a long script\n" * 100_000, 1),
    ],
    ids=["elf", "exe", "script"],
)
def test_a_compiled_program_that_a_hook_runs_is_no_script_that_was_not_read(
    project: Path, content: bytes, status: int
) -> None:
    write(project, "tools/format", "")
    (project / "tools/format").write_bytes(content)
    write(project, ".pre-commit-config.yaml", HOOK.replace("entry: ", "entry: tools/format && "))
    said = certify(project, "--run-tests", status=status)
    assert ("tools/format is larger than 1000000 bytes, and was not read" in said) == bool(status)


def spoil(name: str, text: str) -> Callable[[Path], None]:
    return lambda folder: write(folder, name, text)


def replace(name: str, old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new))

    return change


@pytest.mark.parametrize(
    ("change", "title", "says"),
    [
        (spoil("setup.cfg", "[phase12-lint]\nignore = GOV3\n"), "rules", "GOV301, GOV302"),
        (
            spoil("setup.cfg", "[phase12-lint]\nmin-confidence = certain\n"),
            "rules",
            "below `certain` are hidden",
        ),
        (spoil("setup.cfg", "[phase12-lint]\nmetrics-update = count_all\n"), "policy", "setup.cfg:2 GOV004"),
        (
            spoil("documents/worker.py", "def work(plugin):\n    return plugin.run()\n"),
            "scanner",
            "worker.py:2 GOV101",
        ),
        (spoil("documents/worker.py", "def work(plugin):\n    return plugin.run()\n"), "ways", "VIOLATED"),
        (spoil("tests/phase_12/test_runner.py", "def test_it():\n    assert 0\n"), "twelve", "failed: "),
        (spoil("tests/phase_11/test_api.py", TEST.replace("test", "check")), "eleven", "contains no test"),
        (spoil("tests/phase_11/test_api.py", "import absent\n" + TEST), "eleven", "pytest ended with 2"),
        (
            spoil("tests/phase_11/test_api.py", "import pytest\n@pytest.mark.skip\n" + TEST),
            "eleven",
            "none of its tests has run and passed",
        ),
        (spoil(".pre-commit-config.yaml", "repos: []\n"), "hook", "GOV701"),
        (
            replace(".github/workflows/ci.yml", "phase12-lint check", "phase12-lint check || true"),
            "ci",
            "GOV703",
        ),
        (replace(".github/workflows/ci.yml", "tests/phase_11", "tests/phase_12"), "ci", "GOV702"),
    ],
)
def test_what_opens_a_line(project: Path, change: Callable[[Path], None], title: str, says: str) -> None:
    change(project)
    missing = open_lines(project, run_tests=title in ("eleven", "twelve"))
    assert says in " ".join(missing[TITLES[title]])
    if title not in ("policy", "scanner", "ways"):
        assert list(missing) == [TITLES[title]]


@pytest.mark.parametrize(
    ("names", "titles"), [("", ["All tests pass"]), ("tests/phase_12", [TITLES["twelve"]])]
)
def test_the_folders_of_tests_are_those_of_the_policy(project: Path, names: str, titles: list[str]) -> None:
    shutil.rmtree(project / "tests" / "phase_11")
    replace("setup.cfg", "[phase12-lint]\n", f"[phase12-lint]\nphase-tests = {names}\n")(project)
    said = json.loads(certify(project, "--run-tests", "--format", "json", status=0))
    assert [each["title"] for each in said["criteria"] if "tests" in each["title"]] == titles


def test_a_default_that_names_nothing_opens_the_line(project: Path) -> None:
    write(project, "setup.cfg", "")
    for path in (project / "documents").rglob("*.py"):
        path.write_text(path.read_text().replace("ToolRunner", "Executor"))
    assert "choke-point: the program has no `ToolRunner`" in " ".join(open_lines(project)[TITLES["policy"]])


def test_suppressions_are_counted_and_shown(project: Path) -> None:
    write(
        project,
        "documents/worker.py",
        "def work(plugin):\n    return plugin.run()  # noqa: GOV101 ticket 12\n",
    )
    said = certify(project, "--run-tests", status=1)
    assert "0 findings, 1 suppressed" in said
    assert "suppressed: documents/worker.py:2 GOV101" in said
    assert "(ticket 12)" in said


@pytest.mark.parametrize("text", ["", "<html/>", "<testsuite>"])
def test_a_file_of_results_that_is_none_is_said(project: Path, text: str) -> None:
    write(project, "results.xml", text)
    assert "results.xml: not a JUnit file" in certify(project, "--junit", "results.xml", status=2)
    assert "cannot be read" in certify(project, "--junit", "absent.xml", status=2)


def test_markdown_for_a_pull_request(project: Path) -> None:
    certify(project, "--format", "markdown=certificate.md", "--format", "text", status=1)
    text = (project / "certificate.md").read_text()
    assert text.startswith("# Phase 12 certificate of service\n\n- [x] **All invariants")
    assert "**open:** not run" in text


def test_what_is_frozen_is_told_as_frozen(project: Path) -> None:
    write(project, "documents/worker.py", "def work(plugin):\n    return plugin.run()\n")
    assert command(project, ["baseline", "create"]).returncode == 0
    write(project, "documents/other.py", "def work(plugin):\n    return plugin.run()\n")
    said = certify(project, status=1)
    assert "2 findings (1 frozen in the baseline), 0 suppressed" in said
    frozen = [line for line in said.splitlines() if line.endswith(" (frozen in the baseline)")]
    assert [line.split()[1:3] for line in frozen] == [["documents/worker.py:2", "GOV101"]]
