"""One failure costs one finding and is told: what rules and makers of facts raise, and caches that cannot be used."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from phase12_lint import judgement
from phase12_lint.adopt.mutate import trials
from phase12_lint.cli import main
from phase12_lint.engine import Request, run
from phase12_lint.facts import collect
from phase12_lint.fixes import direct_plugin_run
from phase12_lint.integrations import flake8 as plugin
from phase12_lint.policy import Policy
from phase12_lint.proofs import prove
from phase12_lint.rules.direct_plugin_run import DirectPluginRun
from phase12_lint.rules.hook_missing import HookMissing
from phase12_lint.sources import Contents, read_bytes
from phase12_lint.values.program import Program

APP = "from plugins import get_plugin\nget_plugin(1).run()\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "setup.cfg").write_text("[phase12-lint]\n")
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "bad.py").write_text("x = (\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def broken(_: object) -> None:
    raise NameError("origins")


def test_a_maker_that_fails_costs_its_facts_alone(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(collect, "OF_THE_PROGRAM", (broken,))
    for _ in range(2):  # it is not kept
        assert main(["check", "--format", "json"]) == 2
        told = capsys.readouterr()
        report = json.loads(told.out)
        assert {finding["code"] for finding in report["findings"]} >= {"GOV001", "GOV101"}
        assert report["summary"]["incomplete"] == ["internal error: broken: NameError: origins"]
        assert told.err == "phase12-lint: internal error: broken: NameError: origins; --debug shows where\n"
    assert main(["check", "--debug", "--format", "concise"]) == 2
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("error", [KeyError("x"), RecursionError("deep")])
def test_a_rule_that_fails_is_told_with_its_file(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception
) -> None:
    def check(*_: object) -> None:
        raise error

    monkeypatch.setattr(DirectPluginRun, "check", check)
    assert main(["check", "--no-cache", "--format", "concise"]) == 2
    told = capsys.readouterr()
    assert "bad.py:1:" in told.out
    assert told.err.startswith(f"phase12-lint: internal error: GOV101 at app.py: {type(error).__name__}: ")
    assert told.err.count("\n") == 1


def test_a_bound_is_told_unasked(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def met(program: Program) -> list[object]:
        program.note("a bound was met")
        return []

    monkeypatch.setattr(collect, "OF_THE_PROGRAM", (met,))
    assert main(["check", "--no-cache", "--format", "json", "--quiet"]) == 1
    told = capsys.readouterr()
    assert json.loads(told.out)["summary"]["incomplete"] == ["a bound was met"]
    assert told.err == "phase12-lint: incomplete: a bound was met\n"


def test_a_fix_that_cannot_be_made_costs_itself_alone(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "more.py").write_text("one = 1  # noqa: GOV101\n")
    monkeypatch.setattr(direct_plugin_run, "draft", broken)
    assert main(["check", "--fix", "--unsafe-fixes", "--format", "concise"]) == 2
    told = capsys.readouterr()
    assert (project / "more.py").read_text() == "one = 1\n"
    assert "app.py:2:1: GOV101" in told.out
    error = "internal error: GOV101 at app.py: NameError: origins"
    assert (
        told.err == f"phase12-lint: 1 finding fixed in 1 file\nphase12-lint: {error}; --debug shows where\n"
    )


@pytest.mark.parametrize("command", ["paths", "mutate", "certify"])
def test_every_command_tells_what_failed_and_goes_on(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    monkeypatch.setattr(collect, "OF_THE_PROGRAM", (broken,))
    assert main([command]) == 2
    told = capsys.readouterr()
    assert "PROVED" not in told.out or command == "certify"
    assert told.out
    assert "phase12-lint: internal error: broken: NameError: origins; --debug shows where\n" in told.err


def test_a_mutant_that_cannot_be_made_costs_its_rule_alone(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(trials, "OF_THE_PROGRAM", {**trials.OF_THE_PROGRAM, "GOV101": broken})
    assert main(["mutate", "--select", "GOV101,GOV001"]) == 2
    told = capsys.readouterr()
    assert "GOV001" in told.out
    assert told.err == "phase12-lint: internal error: GOV101: NameError: origins; --debug shows where\n"


def test_a_rule_on_own_files_that_fails_costs_its_findings_alone(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(HookMissing, "findings", broken_rule)
    assert main(["check", "--no-cache", "--format", "json", "--extend-select", "GOV7"]) == 2
    told = capsys.readouterr()
    codes = {finding["code"] for finding in json.loads(told.out)["findings"]}
    assert codes >= {"GOV101", "GOV702"}
    assert told.err == "phase12-lint: internal error: GOV701: KeyError: 'hook'; --debug shows where\n"


def broken_rule(*_: object) -> None:
    raise KeyError("hook")


def test_what_is_asked_of_the_policy_fails_alone(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "setup.cfg").write_text("[phase12-lint]\nplugin-sources = get_plugin\n")
    monkeypatch.setattr(judgement, "exists", broken_rule)
    assert main(["check", "--no-cache", "--format", "json"]) == 2
    told = capsys.readouterr()
    assert "GOV101" in {finding["code"] for finding in json.loads(told.out)["findings"]}
    assert told.err == "phase12-lint: internal error: GOV004: KeyError: 'hook'; --debug shows where\n"


def test_what_is_nested_too_deeply_is_incomplete(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run_accesses(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr(collect, "OF_A_MODULE", (run_accesses,))
    assert main(["check", "--no-cache", "--format", "json"]) == 1
    told = capsys.readouterr()
    assert [finding["path"] for finding in json.loads(told.out)["findings"]] == ["bad.py"]
    line = "app.py is nested too deeply to be followed; its run accesses are not known"
    assert told.err == f"phase12-lint: incomplete: {line}\n"


def test_flake8_tells_once_what_is_incomplete(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = object.__new__(plugin.Session)
    session._incomplete = ("a bound was met",)
    assert session.incomplete() == ("a bound was met",)
    assert session.incomplete() == ()


def test_flake8_tells_a_failure_in_one_line(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = object.__new__(plugin.Session)
    session._folder = session.root = project
    session._errors = (
        "internal error: GOV101 at app.py: KeyError: 'x'",
        "internal error: broken: NameError: y",
    )
    assert session.errors("bad.py") == ["internal error: broken: NameError: y"]
    assert session.errors("app.py") == ["internal error: GOV101 at app.py: KeyError: 'x'"]
    assert session.errors("app.py") == []


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="needs POSIX permissions")
def test_a_cache_that_may_not_be_entered_costs_only_time(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = Request(project, (Policy(),))
    before = run(request).findings
    real = Path.lstat

    def lstat(path: Path) -> os.stat_result:
        if ".phase12_lint_cache" in path.parts[:-1]:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path)

    monkeypatch.setattr(Path, "lstat", lstat)
    assert run(request).findings == before


def test_a_folder_that_may_not_be_listed_is_told(
    project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (project / "locked").mkdir()
    (project / "data" / "inner").mkdir(parents=True)
    real = os.scandir

    def scandir(path: Any) -> Any:
        if str(path).rstrip("/").endswith(("locked", "inner")):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    told = (
        "locked/ may not be listed, so nothing is known of what is in it; make it readable or exclude it",
    )
    request = Request(project, (Policy(),), exclude=("data",))
    assert run(request).incomplete == told
    assert run(request).incomplete == told  # from the cache
    assert prove(request).incomplete == told


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("locked", "is not read: it may not be listed"),
        ("locked/app.py", "is not read: its folder may not be listed"),
        ("shut/app.py", "cannot be read: Permission denied"),
    ],
)
def test_a_named_folder_that_may_not_be_entered_is_told(
    project: Path, name: str, why: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (project / "locked").mkdir()
    (project / "locked" / "app.py").write_text(APP)
    look, list_inside, may = Path.stat, os.scandir, os.access

    def stat(path: Path, **options: Any) -> os.stat_result:
        if "shut" in path.parts:
            raise PermissionError(13, "Permission denied", str(path))
        return look(path, **options)

    def scandir(path: Any) -> Any:
        if str(path).rstrip("/").endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return list_inside(path)

    monkeypatch.setattr(Path, "stat", stat)
    monkeypatch.setattr(os, "scandir", scandir)
    monkeypatch.setattr(os, "access", lambda path, mode: path.name != "locked" and may(path, mode))
    assert main(["check", name]) == 2
    assert capfd.readouterr().err == f"phase12-lint: {name} {why}\n"


@pytest.mark.parametrize("is_read", [True, False])
def test_paths_tell_of_files_that_may_hold_one(
    tmp_path: Path, is_read: bool, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "plugins.py").write_text("def get_plugin(name): ...\n")
    (tmp_path / "app.py").write_text(APP + "x = (\n")
    (tmp_path / "test_app.py").write_text(APP + "x = (\n")
    (tmp_path / "notes.py").write_text("x = (\n")

    def read(contents: Contents, path: str) -> bytes | None:
        if path.endswith("app.py") and not is_read:
            contents.unread[path] = PermissionError(13, "Permission denied", path)
            return None
        return saved(contents, path)

    saved = Contents.saved
    monkeypatch.setattr(Contents, "saved", read)
    assert main(["paths", "--root", str(tmp_path)]) == 1
    told = capfd.readouterr()
    assert told.out == "No path leads to a plugin run.\n"
    why = "cannot be parsed" if is_read else "may not be read"
    assert [line for line in told.err.splitlines() if "incomplete" in line] == [
        f"phase12-lint: incomplete: app.py {why}, so no path through it is known"
        + ("" if is_read else "; make it readable or exclude it")
    ]


def test_init_says_what_it_could_not_read(
    project: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def read(root: Path, path: str) -> bytes:
        if path == "app.py":
            raise PermissionError(13, "Permission denied", path)
        return read_bytes(root, path)

    monkeypatch.setattr("phase12_lint.cli.init.read_bytes", read)
    (project / "setup.cfg").write_text("")
    assert main(["init", "--dry-run", "--root", str(project)]) == 0
    said = capfd.readouterr().err
    assert said == "phase12-lint: incomplete: app.py cannot be read, so nothing was inferred from it\n"
