"""The baseline over the life of an old codebase: frozen, grown, fixed, moved, copied, merged, mistreated."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.old_codebase import BASELINE, Codebase, function


@pytest.fixture
def old(tmp_path: Path) -> Codebase:
    codebase = Codebase.make(tmp_path / "old")
    codebase.run("baseline", "create")
    codebase.commit("freeze")
    return codebase


def test_the_story_of_an_old_codebase(tmp_path: Path) -> None:
    old = Codebase.make(tmp_path / "old")
    assert old.run("check", status=1).stdout.count("\n200 findings in 20 files.\n") == 1

    told = old.run("baseline", "create").stdout
    assert told.startswith(f"{BASELINE}: 200 findings in 20 files frozen. Commit it; ")
    assert old.run("check").stdout.startswith("No findings in 20 files (200 in the baseline).\n")

    old.write("app/new.py", function("shortcut"))
    done = old.run("check", "--format", "concise", status=1)
    assert done.stdout.startswith("app/new.py:2:12: GOV101 ")
    assert done.stdout.count("\n\n1 finding in 21 files (200 in the baseline).\n") == 1
    assert done.stdout.count("GOV101") == 1
    assert done.stderr == ""

    refused = old.run("baseline", "update", status=1).stdout
    assert refused.startswith("+ app/new.py:2:12: GOV101 ")
    assert refused.endswith("or run this again with --accept-growth.\n")
    assert old.frozen() == 200
    grown = old.run("baseline", "update", "--accept-growth").stdout
    assert grown.startswith("+ app/new.py:2:12: GOV101 ")
    assert grown.endswith(f"\n{BASELINE}: 1 added, 0 gone; 201 findings frozen.\n")
    assert old.found() == []

    (old.folder / "app" / "new.py").unlink()
    done = old.run("check")
    assert done.stderr == f"phase12-lint: {BASELINE}: 1 finding no longer found, removed; commit the file\n"
    assert old.frozen() == 200
    assert old.run("check").stderr == ""


def test_a_mended_finding_cannot_come_back(old: Codebase) -> None:
    old.edit(
        "app/old_03.py",
        "def work_3_4(plugin, page):\n    return plugin.run",
        "def work_3_4(plugin, page):\n    return print",
    )
    assert old.found() == []
    assert old.frozen() == 199
    changed = old.git("diff", "--numstat", BASELINE).split()
    assert changed[:2] == ["0", "1"]
    old.git("checkout", "app")
    assert old.found() == ["app/old_03.py:18"]


def test_a_function_that_is_moved_within_its_file_stays_frozen(old: Codebase) -> None:
    path = old.folder / "app" / "old_00.py"
    functions = path.read_text().split("\n\n\n")
    path.write_text("import os\n\n\n" + "\n\n\n".join(reversed([text.rstrip() for text in functions])) + "\n")
    assert old.found() == []
    assert old.git("status", "--short").split() == ["M", "app/old_00.py"]


def test_a_copied_function_is_new(old: Codebase) -> None:
    path = old.folder / "app" / "old_00.py"
    path.write_text(path.read_text() + "\n\n" + function("work_0_0"))
    assert old.found() == ["app/old_00.py:42"]
    old.git("checkout", "app")
    old.write("app/a_copy.py", function("work_0_0"))
    assert old.found() == ["app/a_copy.py:2"]


def test_a_renamed_file_stays_frozen_and_a_copy_beside_it_is_new(old: Codebase) -> None:
    old.git("mv", "app/old_00.py", "app/renamed.py")
    old.write("app/a_copy.py", function("work_0_0"))
    assert old.found() == ["app/a_copy.py:2"]
    assert old.frozen() == 200
    (old.folder / "app" / "a_copy.py").unlink()
    assert old.found() == []
    text = (old.folder / BASELINE).read_text()
    assert "app/renamed.py" in text
    assert "app/old_00.py" not in text


def test_a_moved_folder_and_a_reformatted_file_stay_frozen(old: Codebase) -> None:
    old.git("mv", "app", "service")
    old.edit(
        "service/old_00.py", "plugin.run(page)", "(\n        plugin.run(\n            page,\n        )\n    )"
    )
    assert old.found() == []


def test_a_deleted_file_takes_its_entries_along(old: Codebase) -> None:
    old.git("rm", "-q", "app/old_07.py")
    assert old.found() == []
    assert old.frozen() == 190


def test_a_build_and_a_partial_run_leave_the_file_alone(old: Codebase) -> None:
    before = (old.folder / BASELINE).read_bytes()
    old.git("rm", "-q", "app/old_07.py")
    for arguments, environment in (
        ([], {"CI": "true"}),
        (["app/old_01.py"], {}),
        (["--isolated", "--baseline", BASELINE], {}),
        (["--diff-base", "HEAD"], {}),
    ):
        done = old.run("check", *arguments, status=0, **environment)
        assert f"{BASELINE}: 10 findings no longer found; 'phase12-lint baseline prune' " in done.stderr
        assert (old.folder / BASELINE).read_bytes() == before
    assert old.run("check", "--quiet").stdout == ""
    assert (old.folder / BASELINE).read_bytes() == before
    pruned = old.run("baseline", "prune", CI="true").stdout
    assert pruned.count("- app/old_07.py: GOV101 ") == 10
    assert pruned.endswith(f"{BASELINE}: 0 added, 10 gone; 190 findings frozen.\n")


def test_a_commit_that_mends_takes_the_shorter_baseline_along(
    old: Codebase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    hook = f"id: lint, name: lint, entry: {sys.executable} -m phase12_lint check, language: system"
    old.write(
        ".pre-commit-config.yaml",
        f"repos:\n- repo: local\n  hooks:\n  - {{{hook}, pass_filenames: false, always_run: true}}\n",
    )
    old.commit()
    subprocess.run([sys.executable, "-m", "pre_commit", "install"], cwd=old.folder, check=True)
    old.git("rm", "-q", "app/old_07.py")
    refused = old.run_git("commit", "-m", "fix one")
    assert refused.returncode == 1
    assert "files were modified by this hook" in refused.stdout + refused.stderr
    assert "10 findings no longer found, removed; commit the file" in refused.stdout + refused.stderr
    old.commit()
    assert old.git("show", "--stat", "--format=").count("|") == 2
    assert old.git("status", "--short") == ""


def test_what_is_not_looked_at_is_not_gone(old: Codebase) -> None:
    for options in (["--select", "GOV5"], ["--ignore", "GOV1"], ["--min-confidence", "certain"]):
        assert old.found(*options) == []
    assert old.frozen() == 200
    assert old.git("status", "--short") == ""


def test_what_is_missing_around_the_code_is_frozen_where_it_is_looked_for(tmp_path: Path) -> None:
    old = Codebase.make(tmp_path / "old")
    assert "6 findings in " in old.run("baseline", "create", "--select", "GOV7").stdout
    assert old.run("check", "--select", "GOV7").stdout.count("(6 in the baseline).\n") == 1
    old.run("check", status=1)
    assert old.frozen() == 6


def test_a_broken_file_makes_nothing_seem_gone(old: Codebase) -> None:
    old.edit("app/old_02.py", "def work_2_0(", "def (")
    assert old.found() == ["app/old_02.py:1"]
    old.git("rm", "-q", "app/old_07.py")
    assert old.found() == ["app/old_02.py:1"]
    assert old.frozen() == 200
    for action in ("prune", "update"):
        told = old.run("baseline", action, status=2).stderr
        assert told.startswith("phase12-lint: app/old_02.py:1:5: GOV001 ")
        assert told.endswith(": fix this first, because it may hide findings that are frozen\n")
    old.git("checkout", "app/old_02.py")
    assert old.found() == []
    assert old.frozen() == 190


def test_a_frozen_broken_file_keeps_its_other_entries(old: Codebase) -> None:
    old.edit("app/old_02.py", "def work_2_0(", "def (")
    old.run("baseline", "update", "--accept-growth")
    old.git("rm", "-q", "app/old_07.py")
    assert old.found() == []
    assert old.frozen() == 191
    old.git("checkout", "app/old_02.py")
    assert old.found() == []
    assert old.frozen() == 190


def test_the_same_project_has_the_same_baseline(old: Codebase, tmp_path: Path) -> None:
    other = Codebase.make(tmp_path / "other")
    other.run("baseline", "create", PYTHONHASHSEED="7")
    assert (other.folder / BASELINE).read_bytes() == (old.folder / BASELINE).read_bytes()
    document = json.loads((old.folder / BASELINE).read_text())
    assert document["version"] == 1
    assert [entry["path"] for entry in document["entries"]] == sorted(e["path"] for e in document["entries"])
    assert all(
        entry.keys() == {"code", "count", "fingerprint", "message", "path"} for entry in document["entries"]
    )


@pytest.mark.parametrize("folder", ["app", "zz"], ids=["amid the others", "after the last"])
def test_a_merge_conflict_is_named_and_both_sides_can_be_kept(old: Codebase, folder: str) -> None:
    for branch in ("one", "two"):
        old.git("checkout", "-q", "-b", branch, "main")
        old.write(f"{folder}/new_{branch}.py", function(branch))
        old.run("baseline", "update", "--accept-growth")
        old.commit()
    old.git("merge", "one", status=1)
    path = old.folder / BASELINE
    conflict = path.read_text()
    line = conflict[: conflict.index("<<<<<<< HEAD")].count("\n") + 1
    for arguments in (["check"], ["baseline", "prune"], ["baseline", "update"]):
        told = old.run(*arguments, status=2)
        assert told.stdout == ""
        assert told.stderr.startswith(
            f"phase12-lint: {BASELINE}:{line}: a merge conflict; delete the marker lines"
        )
    assert path.read_text() == conflict

    kept = [
        text for text in conflict.splitlines(keepends=True) if text[:7] not in {"<" * 7, "=" * 7, ">" * 7}
    ]
    path.write_text("".join(kept))
    old.run("baseline", "prune")
    assert old.found() == []
    assert old.frozen() == 202


def test_branches_that_freeze_different_files_merge(old: Codebase) -> None:
    old.git("checkout", "-q", "-b", "one")
    old.git("rm", "-q", "app/old_01.py")
    old.found()
    old.commit()
    old.git("checkout", "-q", "main")
    old.write("app/zz.py", function("zz"))
    old.run("baseline", "update", "--accept-growth")
    old.commit()
    old.git("merge", "-q", "--no-edit", "one")
    assert old.found() == []
    assert old.frozen() == 191


@pytest.mark.parametrize(
    ("old_text", "new_text", "told"),
    [
        ('"version": 1', '"version": 9', ":2: the version is 9, and this phase12-lint reads 1"),
        ('"version": 1', '"release": 1', ":1: not a baseline: it has no 'version'"),
        ('"count": 1}', '"count": 0}', ":4: 'count' must be a whole number from 1"),
        ('"code": "GOV101",', '"code": 5,', ":4: 'code' must be a string"),
        ('"code": "GOV101",', "", ":4: the entry has no 'code'"),
        ('"code": "GOV101",', '"code": "GOV101", "line": 3,', ":4: the entry has an unknown key 'line'"),
        ('{"path"', '7, {"path"', ":4: an entry must be an object"),
        ('"count": 1}', '"count" 1}', ":4: not JSON: Expecting ':' delimiter"),
        ('"entries"', '"findings"', ":1: 'entries' must be a list"),
    ],
)
def test_a_damaged_file_is_an_error_with_its_line(
    old: Codebase, old_text: str, new_text: str, told: str
) -> None:
    path = old.folder / BASELINE
    damaged = path.read_text().replace(old_text, new_text, 1)
    path.write_text(damaged)
    done = old.run("check", status=2)
    assert done.stderr.startswith(f"phase12-lint: {BASELINE}:")
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert path.read_text() == damaged


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe", b"[]", b"[" * 100_000, b'{"version": 1e999}', b"7" * 5000]
)
def test_what_is_no_baseline_is_an_error(old: Codebase, data: bytes) -> None:
    (old.folder / BASELINE).write_bytes(data)
    assert old.run("check", status=2).stderr.startswith(f"phase12-lint: {BASELINE}:1: ")


def test_a_read_only_file_is_left_alone(old: Codebase) -> None:
    path = old.folder / BASELINE
    path.chmod(0o444)
    before = path.read_bytes()
    old.git("rm", "-q", "app/old_07.py")
    done = old.run("check")
    assert done.stderr == f"phase12-lint: cannot write {BASELINE}: it is read-only\n"
    assert old.run("baseline", "prune", status=2).stderr == done.stderr
    assert path.read_bytes() == before
    assert sorted(p.name for p in old.folder.iterdir() if "baseline" in p.name) == [BASELINE]


def test_a_file_of_another_name(tmp_path: Path) -> None:
    old = Codebase.make(tmp_path / "old")
    told = old.run("check", "--baseline", "frozen.json", status=2).stderr
    assert told == (
        "phase12-lint: frozen.json: no such file; 'phase12-lint baseline create --baseline frozen.json' creates it\n"
    )
    assert (
        "check' with --baseline frozen.json reports"
        in old.run("baseline", "create", "--baseline", "frozen.json").stdout
    )
    assert old.found("--baseline", "frozen.json") == []
    assert len(old.found()) == 200


def test_it_is_found_from_a_folder_below_and_not_when_unwanted(old: Codebase) -> None:
    below = Codebase(old.folder / "app")
    assert below.found() == []
    assert below.run("check", "--verbose").stdout.startswith(
        "No findings in 20 files (200 in the baseline).\n"
    )
    assert len(old.found("--no-baseline")) == 200
    assert len(old.found("--isolated")) == 200
    assert old.run("baseline", "create", status=2).stderr.startswith(
        f"phase12-lint: {BASELINE}: exists already; "
    )


def test_a_selection_freezes_what_it_selects(tmp_path: Path) -> None:
    old = Codebase.make(tmp_path / "old")
    old.write("app/old_00.py", "def start(plugin, pool):\n    pool.submit(plugin.run)\n")
    old.run("baseline", "create", "--select", "GOV102")
    assert old.frozen() == 1
    assert len(old.found()) == 190
    assert old.frozen() == 1


def test_json_counts_what_is_frozen(old: Codebase) -> None:
    old.write("app/new.py", function("shortcut"))
    document = json.loads(old.run("check", "--format", "json", status=1).stdout)
    assert document["summary"]["baselined"] == 200
    assert document["summary"]["by_code"] == {"GOV101": 1}
    part = json.loads(old.run("check", "--format", "json", "app/old_03.py").stdout)
    assert part["summary"]["baselined"] == 10


def test_a_suppression_takes_the_place_of_an_entry(old: Codebase) -> None:
    old.edit("app/old_00.py", "plugin.run(page)", "plugin.run(page)  # noqa: GOV101 ticket 12")
    assert old.found() == []
    assert old.frozen() == 190


def test_fingerprints_are_unique_and_hold_when_lines_move(old: Codebase) -> None:
    def fingerprints() -> list[str]:
        document = json.loads(old.run("check", "--no-baseline", "--format", "json", status=1).stdout)
        return [finding["fingerprint"] for finding in document["findings"]]

    old.write("app/copy.py", (old.folder / "app" / "old_00.py").read_text())
    before = fingerprints()
    assert len(set(before)) == 210
    old.write("app/copy.py", "\n\n" + (old.folder / "app" / "copy.py").read_text())
    assert fingerprints() == before


def test_a_link_stays_a_link(old: Codebase) -> None:
    kept = old.folder / "kept.json"
    (old.folder / BASELINE).rename(kept)
    (old.folder / BASELINE).symlink_to("kept.json")
    old.git("rm", "-q", "app/old_07.py")
    assert old.found() == []
    assert (old.folder / BASELINE).is_symlink()
    assert old.frozen("kept.json") == 190


def test_it_holds_in_a_worktree_in_a_shallow_clone_and_without_git(old: Codebase, tmp_path: Path) -> None:
    old.git("worktree", "add", "-q", "-b", "other", str(tmp_path / "worktree"))
    old.git("clone", "-q", "--depth=1", f"file://{old.folder}", str(tmp_path / "shallow"))
    shutil.copytree(old.folder, tmp_path / "plain", ignore=shutil.ignore_patterns(".git"))
    for name in ("worktree", "shallow", "plain"):
        other = Codebase(tmp_path / name)
        assert other.found() == []
        other.write("app/new.py", function("shortcut"))
        (other.folder / "app" / "old_07.py").unlink()
        assert other.found() == ["app/new.py:2"]
        assert other.frozen() == 190
    assert old.frozen() == 200


def test_reports_for_reviewers_tell_how_much_is_frozen(old: Codebase) -> None:
    for name in ("text", "markdown", "html", "sarif"):
        assert "(200 in the baseline)" in old.run("check", "--format", name).stdout


def test_a_reason_stays_with_what_it_is_for(tmp_path: Path) -> None:
    old = Codebase.make(tmp_path / "old")
    old.run("baseline", "create", "--reason", "adopted in spring")
    assert reasons(old) == {"adopted in spring"}
    old.write("app/one.py", function("one"))
    old.run("baseline", "update", "--accept-growth", "--reason", "until #12")
    old.write("app/two.py", function("two"))
    old.write("app/copied.py", function("one"))
    old.run("baseline", "update", "--accept-growth")
    assert reasons(old, "app/two.py") == reasons(old, "app/copied.py") == {""}
    assert reasons(old, "app/one.py") == {"until #12"}
    (old.folder / "app" / "copied.py").unlink()
    (old.folder / "app" / "one.py").rename(old.folder / "app" / "moved.py")
    old.run("check")
    assert reasons(old, "app/moved.py") == {"until #12"}
    old.write("app/three.py", function("three"))
    old.run("baseline", "update", "--accept-growth", "--reason", "until #13")
    assert reasons(old, "app/three.py") == {"until #13"}
    assert reasons(old, "app/two.py") == {""}, "it was frozen without one"
    old.write("app/two.py", function("two") * 2)
    old.run("baseline", "update", "--accept-growth", "--reason", "until #14")
    assert reasons(old, "app/two.py") == {"until #14"}, "one of the two is added"
    old.edit(BASELINE, '"reason": "until #12"', '"reason": 12')
    assert "'reason' must be a string" in old.run("check", status=2).stderr


def reasons(old: Codebase, path: str = "app/old_00.py") -> set[str]:
    entries = json.loads((old.folder / BASELINE).read_text())["entries"]
    return {entry.get("reason", "") for entry in entries if entry["path"] == path}
