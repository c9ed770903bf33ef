"""``check --fix``, ``--unsafe-fixes`` and ``--diff``, as a process on a real project."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from phase12_lint.adopt import fixing
from phase12_lint.adopt.fixing import Applied
from phase12_lint.cli import main
from tests import forked

RUNNER = """\
import time

from governance import build_error_envelope, validate_input, validate_plugin_output


class ToolRunner:
    def __init__(self, registry):
        self.registry = registry

    def run(self, plugin_name, payload):
        started, state, had_error = 0.0, "FAILED", True
        started = time.time()
        try:
            plugin = self.registry.get_plugin(plugin_name)
            validate_input(payload)
            result = plugin.run(payload)
            validate_plugin_output(result)
            state, had_error = "INITIALIZED", False
            return result, {}
        except Exception as exc:
            return {}, build_error_envelope(exc, plugin_name)
        finally:
            self.registry.update_execution_metrics(plugin_name, state, time.time() - started, had_error)
""".replace('started, state, had_error = 0.0, "FAILED", True', 'state, had_error = "FAILED", True')
SERVICE = """\
from app.runner import ToolRunner


class PluginManagementService:
    def __init__(self, runner: ToolRunner):
        self.runner = runner

    def execute(self, plugin_name, payload):
        try:
            return self.runner.run(plugin_name, payload)
        except KeyError:
            return None, {}
"""
UNWRAPPED = SERVICE.replace(
    "        try:\n            return self.runner.run(plugin_name, payload)\n        except KeyError:\n"
    "            return None, {}\n",
    "        return self.runner.run(plugin_name, payload)\n",
)
OLD = "LIMIT = 3  # noqa: GOV101 kept for the old runner\n"
FILES = {
    "app/base.py": "class Plugin:\n    def run(self, payload):\n        return {}\n",
    "app/runner.py": RUNNER,
    "app/service.py": SERVICE,
    "app/old.py": OLD,
    "app/worker.py": "from app.base import Plugin\n\n\ndef work(p: Plugin):\n    return p.run(b'')\n",
    "setup.cfg": "[phase12-lint]\nplugin-bases = Plugin\n",
}
STEADY = RUNNER.replace("time.time()", "time.monotonic()")


class Project:
    """A project on disk, and the command in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name, text in FILES.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(text.encode())

    def check(self, *arguments: str, status: int = 1) -> subprocess.CompletedProcess[str]:
        done = forked.command(self.folder, ["check", "--no-cache", *arguments])
        assert done.returncode == status, done.stdout + done.stderr
        return done

    def changed(self) -> dict[str, str]:
        """The files that are not as they were."""
        now = {name: (self.folder / name).read_bytes().decode() for name in FILES}
        return {name: text for name, text in now.items() if text != FILES[name]}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def codes(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line.split()[1] for line in done.stdout.splitlines() if ".py:" in line]


def test_safe_fixes_are_written_and_the_rest_is_reported(project: Project) -> None:
    assert codes(project.check("--format", "concise")) == ["GOV002", "GOV405", "GOV405", "GOV301", "GOV101"]
    done = project.check("--fix", "--format", "concise")
    assert codes(done) == ["GOV301", "GOV101"]
    assert done.stderr == "phase12-lint: 3 findings fixed in 2 files\n"
    assert project.changed() == {"app/runner.py": STEADY, "app/old.py": "LIMIT = 3\n"}
    again = project.check("--fix", "--format", "concise")
    assert (codes(again), again.stderr) == (["GOV301", "GOV101"], "")


def test_unsafe_fixes_are_asked_for(project: Project) -> None:
    done = project.check("--fix", "--unsafe-fixes", "--format", "concise")
    assert codes(done) == ["GOV101"]
    assert project.changed()["app/service.py"] == UNWRAPPED
    (project.folder / "app/worker.py").unlink()
    project.check("--fix", status=0)


def test_the_diff_is_shown_and_nothing_is_written(project: Project) -> None:
    done = project.check("--diff")
    assert project.changed() == {}
    assert done.stdout.startswith("--- app/old.py\n+++ app/old.py\n@@ -1 +1 @@\n-LIMIT = 3  # noqa: ")
    assert "app/service.py" not in done.stdout
    assert done.stderr == "phase12-lint: 3 findings would be fixed in 2 files\n"
    both = project.check("--fix", "--diff", "--unsafe-fixes", "--format", "json=report.json")
    assert project.changed() == {}
    assert "+++ app/service.py" in both.stdout
    assert json.loads((project.folder / "report.json").read_text())["summary"]["findings"] == 5
    subprocess.run(["patch", "-p0", "--quiet"], input=both.stdout, text=True, cwd=project.folder, check=True)
    assert project.changed() == {
        "app/runner.py": STEADY,
        "app/old.py": "LIMIT = 3\n",
        "app/service.py": UNWRAPPED,
    }
    clean = project.check("--diff")
    assert (clean.stdout, clean.stderr) == ("", "")


def test_a_diff_tells_where_a_line_end_is_missing(project: Project) -> None:
    (project.folder / "app/old.py").write_text(OLD.rstrip("\n"))
    told = project.check("--diff", "app/old.py").stdout
    assert told.endswith("\n\\ No newline at end of file\n+LIMIT = 3\n\\ No newline at end of file\n")


def test_patch_takes_the_diff_of_any_encoding(project: Project) -> None:
    files = {
        "app/old.py": b"LIMIT = 3  # noqa: GOV101 gone\r\n",
        "app/marked.py": b"\xef\xbb\xbfX = 1  # noqa: E501,GOV101 long\n",
        "app/latin.py": b"# -*- coding: latin-1 -*-\nX = '\xe9'  # noqa: GOV102 gone",
        "app/feed.py": b"X = 1  # noqa: GOV103\n\x0cY = 2\rZ = 3\n",
    }
    for name, data in files.items():
        (project.folder / name).write_bytes(data)
    asked = [sys.executable, "-m", "phase12_lint", "check", "--diff", "--select", "GOV002"]
    ours = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    told = subprocess.run(asked, cwd=project.folder, env=ours, capture_output=True, check=False).stdout
    patch = ["patch", "-p0", "--quiet", "--binary"]
    subprocess.run(patch, input=told, cwd=project.folder, check=True)
    patched = {name: (project.folder / name).read_bytes() for name in files}
    for name, data in files.items():
        (project.folder / name).write_bytes(data)
    project.check("--fix", "--select", "GOV002", status=0)
    assert {name: (project.folder / name).read_bytes() for name in files} == patched
    assert not [name for name in files if patched[name] == files[name]]


def test_the_diff_shows_only_what_can_be_written(project: Project) -> None:
    old, linked, outside = project.folder / "app/old.py", project.folder / "app/linked.py", "outside.py"
    (project.folder.parent / outside).write_text(OLD)
    linked.symlink_to(project.folder.parent / outside)
    old.chmod(0o444)
    refused = (
        "phase12-lint: cannot fix app/linked.py: it is a link to a file outside the project\n"
        "phase12-lint: cannot fix app/old.py: it is read-only\n"
    )
    shown = project.check("--diff", "--select", "GOV002")
    assert (shown.stdout, shown.stderr) == ("", refused)
    assert project.check("--fix", "--select", "GOV002").stderr == refused


@pytest.mark.parametrize(
    ("arguments", "fixed"),
    [
        (["--select", "GOV0"], ["app/old.py"]),
        (["--ignore", "GOV4"], ["app/old.py"]),
        (["app/runner.py"], ["app/runner.py"]),
        (["--unsafe-fixes", "app/service.py", "app/old.py"], ["app/old.py", "app/service.py"]),
    ],
)
def test_only_what_would_be_reported_is_fixed(
    project: Project, arguments: list[str], fixed: list[str]
) -> None:
    forked.command(project.folder, ["check", "--fix", *arguments])
    assert sorted(project.changed()) == fixed


def test_what_is_frozen_or_suppressed_is_left(project: Project) -> None:
    service = project.folder / "app/service.py"
    service.write_text(
        SERVICE.replace("        try:\n", "        try:  # noqa: GOV301 until the client copes\n")
    )
    forked.command(project.folder, ["baseline", "create"])
    done = project.check("--fix", "--unsafe-fixes", status=0)
    assert sorted(project.changed()) == ["app/service.py"]
    assert done.stdout.startswith("No findings in 5 files (1 suppressed, 4 in the baseline).\n")
    project.check("--fix", "--no-baseline")
    assert sorted(project.changed()) == ["app/old.py", "app/runner.py", "app/service.py"]
    assert "until the client copes" in service.read_text()


def test_what_the_change_did_not_bring_is_left(project: Project) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=project.folder, check=True, capture_output=True)

    git("init", "-q")
    git("add", "-A")
    git("commit", "-qm", "as it was")
    (project.folder / "app/new.py").write_text(OLD)
    project.check("--fix", "--unsafe-fixes", "--diff-base", "HEAD", status=0)
    assert project.changed() == {}
    assert (project.folder / "app/new.py").read_text() == "LIMIT = 3\n"


def test_a_file_that_cannot_be_read_or_written_is_left(project: Project) -> None:
    broken = OLD + "def half(:\n"
    conflict = f'{OLD}TEXT = """\n<<<<<<< ours\n=======\n>>>>>>> theirs\n"""\n'
    (project.folder / "app/broken.py").write_text(broken)
    (project.folder / "app/conflict.py").write_text(conflict)
    (project.folder / "app/old.py").chmod(0o444)
    done = project.check("--fix", "--select", "GOV0")
    assert project.changed() == {}
    assert (project.folder / "app/broken.py").read_text() == broken
    assert (project.folder / "app/conflict.py").read_text() == conflict
    assert done.stderr == (
        "phase12-lint: cannot fix app/old.py: it is read-only\n"
        "phase12-lint: app/conflict.py:1: GOV002 is not fixed: the file has conflict markers\n"
    )


def test_a_file_that_was_changed_in_the_meantime_is_left(
    project: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    old = project.folder / "app/old.py"

    def changing(*arguments: Any) -> Applied:
        done = fixing.fixed(*arguments)
        old.write_text("LIMIT = 4\n")
        return done

    monkeypatch.setattr("phase12_lint.cli.fixing.fixed", changing)
    assert main(["check", "--no-cache", "--root", str(project.folder), "--fix", "--select", "GOV0"]) == 0
    assert old.read_text() == "LIMIT = 4\n"
    assert "old.py: it was changed in the meantime\n" in capsys.readouterr().err


def test_a_link_out_of_the_project_is_not_followed(
    project: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "old.py"
    outside.write_text(OLD)
    (project.folder / "app/old.py").unlink()
    (project.folder / "app/old.py").symlink_to(outside)
    done = project.check("--fix", "--select", "GOV0")
    assert "cannot fix app/old.py: it is a link to a file outside the project" in done.stderr
    assert outside.read_text() == OLD


def test_a_link_in_the_project_stays_one_and_the_mode_is_kept(project: Project) -> None:
    (project.folder / "shared.py").write_text(OLD)
    (project.folder / "shared.py").chmod(0o755)
    (project.folder / "app/old.py").unlink()
    (project.folder / "app/old.py").symlink_to("../shared.py")
    shown = project.check("--diff", "app/old.py", "shared.py", status=1)
    assert shown.stderr == "phase12-lint: 1 finding would be fixed in 1 file\n"
    assert [line for line in shown.stdout.splitlines() if line.startswith("---")] == ["--- shared.py"]
    done = project.check("--fix", "app/old.py", "shared.py", status=0)
    assert done.stderr == "phase12-lint: 1 finding fixed in 1 file\n"
    assert (project.folder / "app/old.py").is_symlink()
    assert (project.folder / "shared.py").read_text() == "LIMIT = 3\n"
    assert (project.folder / "shared.py").stat().st_mode & 0o777 == 0o755


def test_a_fix_that_brings_a_finding_is_taken_back_and_told(project: Project) -> None:
    text = RUNNER.replace(
        "started = time.time()", "started = time.time()  # noqa: GOV405 the only clock there is"
    )
    (project.folder / "app/runner.py").write_text(text)
    done = project.check("--fix", "--format", "concise")
    assert (project.folder / "app/runner.py").read_text() == text
    assert (project.folder / "app/old.py").read_text() == "LIMIT = 3\n"
    assert codes(done) == ["GOV405", "GOV301", "GOV101"]
    assert done.stderr == (
        "phase12-lint: app/runner.py:23: GOV405 is not fixed: the fix brings GOV002 in app/runner.py\n"
        "phase12-lint: 1 finding fixed in 1 file\n"
    )


@pytest.mark.parametrize(
    "taken",
    [
        "from app.jobs import (\n    JobManagementService, ToolRunner as Runner)\n",
        "from unittest.mock import patch\n\npatched = patch('app.jobs.ToolRunner')\n",
        "import app.jobs as jobs_module\n\nRunner = getattr(jobs_module, 'ToolRunner')\n",
    ],
)
def test_an_import_that_a_test_takes_stays(project: Project, taken: str) -> None:
    text = "from app.runner import ToolRunner\n\n\nclass JobManagementService:\n    runner: ToolRunner | None = None\n"
    (project.folder / "app/jobs.py").write_text(text)
    assert "if TYPE_CHECKING" in project.check("--diff", "--select", "GOV503").stdout
    (project.folder / "tests").mkdir()
    (project.folder / "tests/test_jobs.py").write_text(taken)
    done = project.check("--fix", "--select", "GOV503")
    assert (project.folder / "app/jobs.py").read_text() == text
    assert done.stderr == (
        "phase12-lint: app/jobs.py:1: GOV503 is not fixed: tests/test_jobs.py may take `ToolRunner` from this file\n"
    )


def test_unsafe_fixes_alone_and_two_things_for_one_output_are_refused(project: Project) -> None:
    alone = project.check("--unsafe-fixes", status=2)
    assert alone.stderr.startswith("phase12-lint: --unsafe-fixes says which fixes: use it with --fix")
    both = project.check("--diff", "--format", "json", status=2)
    assert both.stderr.startswith("phase12-lint: --diff: the diff goes to standard output")


def test_the_json_has_the_fix_and_how_safe_it_is(project: Project) -> None:
    findings = json.loads(project.check("--format", "json").stdout)["findings"]
    fixes = {each["code"]: each["fix"] for each in findings}
    assert fixes["GOV101"] is None
    assert fixes["GOV002"] == {
        "title": "delete the `noqa`",
        "applicability": "safe",
        "edits": [{"line": 1, "column": 10, "end_line": 1, "end_column": len(OLD), "text": ""}],
    }
    assert fixes["GOV301"]["applicability"] == "unsafe"
    assert len(fixes["GOV405"]["edits"]) == 2


@pytest.mark.parametrize("form", ["text", "concise", "github", "gitlab", "junit", "html"])
def test_a_check_that_tells_no_fixes_does_not_load_libcst(project: Project, form: str) -> None:
    command = [
        sys.executable,
        "-X",
        "importtime",
        "-m",
        "phase12_lint",
        "check",
        "--no-cache",
        "--format",
        form,
    ]
    done = subprocess.run(command, cwd=project.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "phase12_lint.analysis" in done.stderr
    assert "libcst" not in done.stderr
    assert "phase12_lint.fixes" not in done.stderr
