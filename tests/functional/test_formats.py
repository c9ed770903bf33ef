"""Every format through the real command: several at once, whole files, exit status, summaries, broken pipes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from phase12_lint.reports import format_names
from tests.forked import command
from tests.golden.program import write

COMMAND = [sys.executable, "-m", "phase12_lint", "check"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    return write(root)


def check(
    root: Path, *arguments: str, status: int = 1, **environment: str
) -> subprocess.CompletedProcess[str]:
    variables = {key: value for key, value in os.environ.items() if key != "GITHUB_STEP_SUMMARY"}
    done = command(root, ["check", *arguments], variables | environment)
    assert done.returncode == status, done.stdout + done.stderr
    return done


def test_several_at_once_and_one_on_standard_output(project: Path) -> None:
    done = check(project, "--format", "sarif=out.sarif", "--format", "github", "--format", "html=page.html")
    assert done.stdout.startswith("::error file=")
    assert json.loads((project / "out.sarif").read_text())["version"] == "2.1.0"
    assert (project / "page.html").read_text("utf-8").endswith("</body></html>\n")
    assert not [path.name for path in project.iterdir() if path.name.startswith(".out")]


@pytest.mark.parametrize("name", format_names())
def test_a_format_changes_no_exit_status_and_is_the_same_twice(project: Path, name: str) -> None:
    once = check(project, "--format", name)
    assert once.stderr == ""
    if name != "json":  # which says how long it took
        assert check(project, "--format", name).stdout == once.stdout
    assert check(project, "--format", name, "--exit-zero", status=0).stdout != ""
    assert check(project, "--format", name, "--select", "GOV105", status=0).stderr == ""


@pytest.mark.parametrize("name", format_names())
def test_quiet_says_nothing_where_a_person_reads_and_nothing_is_found(project: Path, name: str) -> None:
    told = check(project, "--format", name, "--select", "GOV105", "--quiet", status=0).stdout
    assert (told == "") == (name in ("text", "concise", "github"))


@pytest.mark.parametrize("name", format_names())
def test_a_reader_that_goes_away_is_no_error(project: Path, name: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [*COMMAND, "--format", name], cwd=project, stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, b"")


def test_an_ascii_terminal_gets_every_format(project: Path) -> None:
    for name in format_names():
        check(project, "--format", name, PYTHONIOENCODING="ascii").stdout.encode("ascii")


def test_the_summary_of_a_job_is_appended(project: Path, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("# Before\n\n")
    check(project, "--format", "github", GITHUB_STEP_SUMMARY=str(summary))
    told = summary.read_text("utf-8")
    assert told.startswith("# Before\n\n## phase12-lint: 19 findings in 9 files (1 suppressed)\n")
    check(project, "--format", "text", GITHUB_STEP_SUMMARY=str(summary))
    assert summary.read_text("utf-8") == told


def test_the_summary_keeps_within_what_github_takes(project: Path, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_bytes(b"x" * (1024 * 1024 - 3_000))
    check(project, "--format", "github", GITHUB_STEP_SUMMARY=str(summary))
    assert 1024 * 1024 - 3_000 < summary.stat().st_size <= 1024 * 1024
    assert b"more findings left out" in summary.read_bytes()[-3_000:]
    summary.write_bytes(b"x" * 1024 * 1024)
    done = check(project, "--format", "github", GITHUB_STEP_SUMMARY=str(summary))
    assert done.stderr == f"phase12-lint: GITHUB_STEP_SUMMARY: {summary} has no room for a summary\n"
    assert summary.stat().st_size == 1024 * 1024


def test_a_summary_that_cannot_be_written_fails_no_check(project: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone" / "summary.md"
    done = check(project, "--format", "github", "--exit-zero", status=0, GITHUB_STEP_SUMMARY=str(gone))
    said = f"phase12-lint: GITHUB_STEP_SUMMARY: cannot write {gone}: No such file or directory\n"
    assert done.stderr == said


def test_paths_are_relative_to_where_it_runs(project: Path) -> None:
    parent = project.parent
    told = check(parent, "--root", "project", "--format", "gitlab").stdout
    assert {issue["location"]["path"].partition("/")[0] for issue in json.loads(told)} == {"project"}


@pytest.mark.parametrize("name", ["github", "gitlab", "sarif", "markdown"])
def test_a_forge_gets_paths_from_the_root_of_its_repository(project: Path, name: str) -> None:
    above = check(project, "--format", name, "--show-suppressed").stdout
    (project / ".git").mkdir()
    below = check(project / "app", "--format", name, "--show-suppressed").stdout
    assert "app/runner.py" in below
    assert below == above


def test_the_other_formats_keep_paths_from_where_it_runs(project: Path) -> None:
    (project / ".git").mkdir()
    (project / "docs").mkdir()
    told = json.loads(check(project / "docs", "--format", "rdjson").stdout)
    assert {each["location"]["path"].partition("app/")[0] for each in told["diagnostics"]} == {"../"}


@pytest.mark.parametrize(("wrong", "right"), [("sarf", "sarif"), ("JSON", "json"), ("md", "markdown")])
def test_an_unknown_format_is_told_the_nearest(project: Path, wrong: str, right: str) -> None:
    told = check(project, "--format", f"{wrong}=report", status=2).stderr
    assert f"unknown format {wrong!r}; it must be one of concise, github, " in told
    assert f"; the nearest is {right} (see " in told
    assert told.count("\n") == 1


def test_each_pipeline_has_a_picture_of_its_own_crossings() -> None:
    ungoverned = Path(__file__).parents[2] / "examples" / "ungoverned"
    page = check(ungoverned, "--format", "html", "--no-cache").stdout
    first, second = re.findall(r"<figure>.*?</figure>", page, re.DOTALL)
    names = re.findall(r'<text class="name"[^>]*>([^<]*)<', second)
    assert names == ["API", "Agent", "ToolExecutor", "plugin run"]
    assert "<li>Agent → plugin run: " in second
    assert "<li>JobManagementService → plugin run: " in first
    assert "Agent" not in first


def test_only_the_format_that_is_asked_for_is_imported(project: Path) -> None:
    timed = [sys.executable, "-X", "importtime", *COMMAND[1:], "--format", "concise"]
    subprocess.run(timed, cwd=project, capture_output=True, check=False)
    done = subprocess.run(timed, cwd=project, capture_output=True, text=True, check=False)
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "phase12_lint.reports.summary" in imported
    assert not imported & {
        "xml.sax.saxutils",
        "importlib.metadata",
        "phase12_lint.reports.formats.html",
        "libcst",
    }
