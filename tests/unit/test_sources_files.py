"""Files are found as git lists them, in real repositories, and in plain folders."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from phase12_lint.sources import is_exempt, list_files, scan

PHASE_12 = ("tests/**", "test_*.py", "*_test.py", "conftest.py")


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(
        ["git", "-c", "protocol.file.allow=always", *arguments], cwd=folder, check=True, capture_output=True
    )


def write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x = 1\n")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    git(folder, "init", "-q")
    return folder


def commit(folder: Path) -> None:
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "as it is")


def test_tracked_and_untracked_files_are_listed_and_ignored_ones_are_not(repository: Path) -> None:
    write(repository, "a.py", "pkg/b.py", "pkg/data.txt", "pkg/stub.pyi", ".hidden/c.py")
    commit(repository)
    write(repository, "new.py", "out/made.py", "pkg/local.py")
    (repository / ".gitignore").write_text("out/\n")
    (repository / "pkg" / ".gitignore").write_text("local.py\n")
    assert list_files(repository) == [".hidden/c.py", "a.py", "new.py", "pkg/b.py"]


def test_a_tracked_file_that_is_ignored_or_staged_counts_and_a_deleted_one_does_not(repository: Path) -> None:
    write(repository, "kept.py", "gone.py")
    commit(repository)
    (repository / ".gitignore").write_text("*.py\n")
    (repository / "gone.py").unlink()
    write(repository, "forced.py")
    git(repository, "add", "-f", "forced.py")
    assert list_files(repository) == ["forced.py", "kept.py"]


def test_a_file_in_conflict_is_listed_once(repository: Path) -> None:
    write(repository, "a.py")
    commit(repository)
    git(repository, "checkout", "-qb", "other")
    (repository / "a.py").write_text("x = 2\n")
    git(repository, "commit", "-qam", "two")
    git(repository, "checkout", "-q", "-")
    (repository / "a.py").write_text("x = 3\n")
    git(repository, "commit", "-qam", "three")
    with pytest.raises(subprocess.CalledProcessError):
        git(repository, "merge", "other")
    assert list_files(repository) == ["a.py"]


def test_a_root_below_the_top_of_the_repository_lists_what_is_below_it(repository: Path) -> None:
    write(repository, "a.py", "server/b.py", "server/made/c.py", "server/pkg/d.py")
    (repository / ".gitignore").write_text("made/\n")
    assert list_files(repository / "server") == ["b.py", "pkg/d.py"]


def test_a_root_that_the_repository_around_it_ignores_is_walked(repository: Path) -> None:
    write(repository, "build/work/a.py")
    (repository / ".gitignore").write_text("build/\n")
    assert list_files(repository / "build" / "work") == ["a.py"]


def test_submodules_and_nested_repositories_belong_with_their_own_ignores(
    repository: Path, tmp_path: Path
) -> None:
    library = tmp_path / "library"
    write(library, "lib.py", "made.py")
    (library / ".gitignore").write_text("made.py\n")
    git(library, "init", "-q")
    git(library, "add", "-f", "lib.py", ".gitignore")
    git(library, "commit", "-qm", "library")
    git(repository, "submodule", "add", "-q", str(library), "vendor/sub")
    git(repository, "clone", "-q", str(library), "nested")
    write(repository, "a.py", "vendor/sub/made.py", "nested/made.py", "nested/new.py")
    assert list_files(repository) == ["a.py", "nested/lib.py", "nested/new.py", "vendor/sub/lib.py"]


def test_a_second_worktree_inside_is_no_second_copy_of_the_program(repository: Path) -> None:
    write(repository, "a.py")
    commit(repository)
    git(repository, "worktree", "add", "-q", "second")
    assert list_files(repository) == ["a.py"]
    assert list_files(repository / "second") == ["a.py"]


def test_a_virtual_environment_that_is_not_ignored_is_left_out(repository: Path, tmp_path: Path) -> None:
    for folder in (repository, tmp_path / "plain"):
        write(folder, "a.py", "env/lib/python3.11/site-packages/b.py", "env/pyvenv.cfg", "environment/c.py")
        assert list_files(folder) == ["a.py", "environment/c.py"]


def test_inside_a_hook_of_another_repository_the_root_decides(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    write(other, "other.py")
    git(other, "init", "-q")
    write(repository, "a.py")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    assert list_files(repository) == ["a.py"]


def test_a_repository_cannot_make_the_listing_run_a_program(repository: Path) -> None:
    write(repository, "a.py")
    program = repository / "program.sh"
    program.write_text(f"#!/bin/sh\ntouch '{repository}/ran'\n")
    program.chmod(0o755)
    git(repository, "config", "core.fsmonitor", str(program))
    assert list_files(repository) == ["a.py"]
    assert not (repository / "ran").exists()


def test_without_git_on_the_machine_the_folder_is_walked(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(repository, "a.py", "pkg/b.py")
    monkeypatch.setenv("PATH", str(repository))
    assert list_files(repository) == ["a.py", "pkg/b.py"]


def test_a_repository_that_git_cannot_read_is_walked(repository: Path) -> None:
    write(repository, "a.py")
    (repository / ".git" / "HEAD").write_text("nonsense")
    assert list_files(repository) == ["a.py"]


def test_a_plain_folder_is_walked_without_what_is_no_source(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "pkg/b.py", ".hidden/c.py", ".d.py", "pkg/__pycache__/e.py", "node_modules/f.py")
    write(
        tmp_path, "build/lib/pkg/b.py", "build/bdist.linux/x.txt", "tools/build/step.py", "deep/er/still/g.py"
    )
    assert list_files(tmp_path) == [".d.py", "a.py", "deep/er/still/g.py", "pkg/b.py", "tools/build/step.py"]


def test_a_repository_in_a_plain_folder_keeps_its_ignores(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "one/b.py", "one/made/c.py")
    (tmp_path / "one" / ".gitignore").write_text("made/\n")
    git(tmp_path / "one", "init", "-q")
    assert list_files(tmp_path) == ["a.py", "one/b.py"]


def test_what_is_no_readable_file_stops_nothing(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "pkg/b.py")
    (tmp_path / "alias.py").symlink_to("a.py")
    (tmp_path / "dangling.py").symlink_to("nowhere.py")
    (tmp_path / "itself.py").symlink_to("itself.py")
    (tmp_path / "pkg" / "up").symlink_to("..", target_is_directory=True)
    (tmp_path / "folder.py").mkdir()
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "closed").mkdir(mode=0o000)
    expected = ["a.py", "alias.py", "pkg/b.py"]
    assert list_files(tmp_path) == expected
    git(tmp_path, "init", "-q")
    assert list_files(tmp_path) == expected


def test_any_name_is_listed(repository: Path) -> None:
    names = [
        "spaced name.py",
        "tab\there.py",
        "line\nbreak.py",
        "? odd.py",
        "grün.py",
        os.fsdecode(b"caf\xe9.py"),
    ]
    write(repository, *names)
    assert list_files(repository) == sorted(names)
    commit(repository)
    assert list_files(repository) == sorted(names)


def test_excludes_are_patterns_as_in_gitignore(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "gen/b.py", "pkg/gen/c.py", "pkg/d_pb2.py", "pkg/keep_pb2.py")
    assert list_files(tmp_path, ("gen/", "*_pb2.py", "!keep_pb2.py")) == ["a.py", "pkg/keep_pb2.py"]
    assert list_files(tmp_path, ("/gen",)) == ["a.py", "pkg/d_pb2.py", "pkg/gen/c.py", "pkg/keep_pb2.py"]


def test_a_scan_tells_a_changed_file(tmp_path: Path) -> None:
    write(tmp_path, "a.py", "b.py")
    before = scan(tmp_path)
    (tmp_path / "b.py").write_text("y = 1\n")
    after = scan(tmp_path)
    assert before["a.py"] == after["a.py"]
    assert before["b.py"] != after["b.py"]


@pytest.mark.parametrize(
    ("path", "patterns", "exempt"),
    [
        ("tests/app.py", PHASE_12, True),
        ("server/tests/phase_12/app.py", PHASE_12, True),
        ("test_app.py", PHASE_12, True),
        ("pkg/test_app.py", PHASE_12, True),
        ("pkg/app_test.py", PHASE_12, True),
        ("pkg/conftest.py", PHASE_12, True),
        ("tests.py", PHASE_12, False),
        ("mytests/app.py", PHASE_12, False),
        ("tests_of/app.py", PHASE_12, False),
        ("pkg/latest_app.py", PHASE_12, False),
        ("pkg/contest.py", PHASE_12, False),
        ("pkg/test_app.pyx", PHASE_12, False),
        ("app.py", (), False),
        ("tools/run.py", ("tools",), True),
        ("pkg/tools/run.py", ("tools/",), True),
        ("pkg/tools/run.py", ("/tools",), False),
        ("tools/run.py", ("/tools",), True),
        ("tools.py", ("tools/",), False),
        ("a/b/c/d.py", ("a/**/d.py",), True),
        ("a/d.py", ("a/**/d.py",), True),
        ("a/bc/d.py", ("a/b?/d.py",), True),
        ("a/b/c/d.py", ("a/*/d.py",), False),
        ("v1.py", ("v[0-9].py",), True),
        ("vx.py", ("v[!0-9].py",), True),
        ("v1.py", ("v[!0-9].py",), False),
        ("a+b.py", ("a+b.py",), True),
        ("line\nbreak/test_a.py", PHASE_12, True),
    ],
)
def test_exempt_patterns_count_at_any_depth(path: str, patterns: tuple[str, ...], exempt: bool) -> None:
    assert is_exempt(path, patterns) is exempt
