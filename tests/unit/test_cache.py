"""The cache never changes an answer: not by edits, damage, a full disk, a foreign cache or runs at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phase12_lint import cache as cache_module
from phase12_lint.cache import FOLDER, KEPT_RESULTS, Cache, key_of
from phase12_lint.sources import scan


def settle(root: Path) -> None:
    """Make the files old enough to be trusted: as if the last edit was not a moment ago."""
    time.sleep(cache_module.UNSETTLED_NS / 1e9 + 0.02)


@pytest.fixture(autouse=True)
def short_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "UNSETTLED_NS", 40_000_000)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("a.py", "b.py", "c.py"):
        (tmp_path / name).write_text(f"name = {name!r}\n")
    return tmp_path


def digest(root: Path) -> str:
    return Cache(root).digest(scan(root))


def stored(root: Path, name: str) -> object:
    return json.loads((root / FOLDER / name).read_bytes().partition(b"\n")[2])


def reused(root: Path, key: str, value: object) -> object:
    return Cache(root).reuse(key, lambda: value)


def test_the_digest_tells_content_and_path_alone(project: Path) -> None:
    first = digest(project)
    os.utime(project / "a.py", (1, 1))
    assert digest(project) == first
    (project / "a.py").rename(project / "d.py")
    assert digest(project) != first
    (project / "d.py").rename(project / "a.py")
    assert digest(project) == first


@pytest.mark.parametrize("settled", [False, True])
def test_an_edit_that_keeps_size_and_time_is_seen(project: Path, settled: bool) -> None:
    first = digest(project)
    if settled:
        settle(project)
        assert digest(project) == first
    before = (project / "a.py").stat()
    (project / "a.py").write_text("name = 'z.py'\n")
    os.utime(project / "a.py", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (project / "a.py").stat().st_size == before.st_size
    assert digest(project) != first


def test_an_edit_within_the_same_tick_is_seen(project: Path) -> None:
    digests = set()
    for number in range(100, 400):
        (project / "a.py").write_text(f"x = {number}\n")
        digests.add(digest(project))
    assert len(digests) == 300


def test_only_files_at_rest_are_trusted(project: Path) -> None:
    settle(project)
    (project / "b.py").write_text("x = 1\n")
    first = digest(project)
    assert set(stored(project, "manifest.json")) == {"a.py", "c.py"}  # type: ignore[call-overload]
    assert not (project / FOLDER / "project.json").exists()
    settle(project)
    assert digest(project) == first
    assert stored(project, "project.json")[1] == first  # type: ignore[index]


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["write", "delete", "rename", "touch", "wait"]), st.integers(0, 3), st.integers(0, 3)
    ),
    max_size=8,
)


@settings(deadline=None, max_examples=40)
@given(EDITS)
def test_any_sequence_of_edits_is_told_as_by_a_cold_run(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[str, int, int]]
) -> None:
    root = tmp_path_factory.mktemp("edits")
    for action, number, other in edits:
        path = root / f"{number}.py"
        if action == "write":
            path.write_text(f"x = {other}\n")
        elif action == "wait":
            settle(root)
        elif path.exists() and action == "delete":
            path.unlink()
        elif path.exists() and action == "rename":
            path.rename(root / f"{other}.py")
        elif path.exists():
            os.utime(path)
        files = scan(root)
        assert Cache(root).digest(files) == Cache(root, enabled=False).digest(files)


def test_a_value_is_computed_once(project: Path) -> None:
    value = {"findings": ["é", "\udc80", 1, None]}
    assert reused(project, "k", value) == value
    assert reused(project, "k", {"other": 1}) == value
    assert reused(project, "other", {"other": 1}) == {"other": 1}


def test_a_value_is_not_kept_if_a_file_changed_while_it_was_computed(project: Path) -> None:
    cache = Cache(project)
    key = key_of(cache.digest(scan(project)))

    def compute() -> str:
        (project / "a.py").write_text("changed = True\n")
        return "of the changed file"

    assert cache.reuse(key, compute) == "of the changed file"
    assert reused(project, key, "anew") == "anew"


def test_a_disabled_cache_neither_reads_nor_writes(project: Path) -> None:
    cache = Cache(project, enabled=False)
    assert cache.digest(scan(project)) == cache.digest(scan(project))
    assert cache.reuse("k", lambda: 1) == 1
    assert cache.reuse("k", lambda: 2) == 2
    assert not (project / FOLDER).exists()


def damage(data: bytes) -> Mapping[str, bytes]:
    return {
        "empty": b"",
        "truncated": data[: len(data) // 2],
        "truncated by one": data[:-1],
        "one bit": data[:-3] + bytes([data[-3] ^ 1]) + data[-2:],
        "no seal": data.partition(b"\n")[2],
        "binary": bytes(range(256)) * 20,
        "seal of something else": data.partition(b"\n")[0] + b"\n[]",
    }


@pytest.mark.parametrize("kind", damage(b"x" * 9))
def test_a_damaged_cache_is_ignored_and_written_anew(project: Path, kind: str) -> None:
    settle(project)
    first = digest(project)
    assert reused(project, "k", 1) == 1
    for name in ("project.json", "manifest.json", "results/k.json"):
        path = project / FOLDER / name
        path.write_bytes(damage(path.read_bytes())[kind])
    assert digest(project) == first
    assert reused(project, "k", 2) == 2
    assert reused(project, "k", 3) == 2
    assert stored(project, "project.json")[1] == first  # type: ignore[index]


def test_a_cache_of_another_installation_is_ignored(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = key_of("same")
    assert reused(project, key, 1) == 1
    monkeypatch.setattr(cache_module, "_identity", lambda: "another")
    assert key_of("same") != key
    assert reused(project, key, 2) == 2


def test_where_nothing_can_be_written_only_time_is_lost(project: Path) -> None:
    (project / FOLDER).write_text("a file is in the way")
    assert digest(project) == digest(project)
    assert reused(project, "k", 1) == 1
    assert reused(project, "k", 2) == 2


FULL = """
import resource, signal, sys
from pathlib import Path
from phase12_lint.cache import Cache
from phase12_lint.sources import scan
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20, 20))
cache = Cache(Path(sys.argv[1]))
print(cache.digest(scan(Path(sys.argv[1]))), cache.reuse("k", lambda: "x" * 1000) == "x" * 1000)
"""


def test_on_a_full_disk_only_time_is_lost(project: Path) -> None:
    settle(project)
    first = Cache(project, enabled=False).digest(scan(project))
    ran = subprocess.run([sys.executable, "-c", FULL, project], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == [first, "True"]
    assert list((project / FOLDER / "results").iterdir()) == []
    assert digest(project) == first


@pytest.mark.parametrize("name", ["", "results", "lock", ".gitignore", "CACHEDIR.TAG"])
def test_a_link_that_came_with_the_project_is_not_followed(project: Path, tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / "elsewhere"
    if name in ("", "results"):
        write_many(elsewhere, KEPT_RESULTS + 3)
    else:
        elsewhere.write_text("precious")
    link = project / FOLDER / name
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(elsewhere)
    assert reused(project, "k", 1) == 1
    assert reused(project, "k", 2) == 2
    assert (
        elsewhere.read_text() == "precious"
        if elsewhere.is_file()
        else len(list(elsewhere.iterdir())) == KEPT_RESULTS + 3
    )


def write_many(folder: Path, number: int) -> None:
    folder.mkdir()
    for each in range(number):
        (folder / f"{each}.json").write_text("precious")


TOGETHER = """
import sys, time
from pathlib import Path
from phase12_lint.cache import Cache
from phase12_lint.sources import scan
root = Path(sys.argv[1])
def compute():
    with (root / "log.txt").open("a") as log:
        log.write("computed\\n")
    time.sleep(0.3)
    return {"answer": 42}
cache = Cache(root)
print(cache.digest(scan(root)), cache.reuse("k", compute))
"""


def test_runs_at_once_compute_once_and_agree(project: Path) -> None:
    command = [sys.executable, "-c", TOGETHER, str(project)]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    answers = {run.communicate()[0] for run in runs}
    assert len(answers) == 1
    assert "42" in answers.pop()
    assert (project / "log.txt").read_text() == "computed\n"


def test_a_run_that_was_killed_holds_nobody_up(project: Path) -> None:
    slow = TOGETHER.replace("time.sleep(0.3)", "time.sleep(60)")
    run = subprocess.Popen([sys.executable, "-c", slow, str(project)])
    while not (project / "log.txt").exists():
        time.sleep(0.01)
    run.kill()
    run.wait()
    assert reused(project, "k", 1) == 1


def test_only_the_last_results_are_kept(project: Path) -> None:
    for number in range(KEPT_RESULTS + 5):
        reused(project, f"k{number}", number)
    kept = {path.name for path in (project / FOLDER / "results").iterdir()}
    assert len(kept) == KEPT_RESULTS
    assert f"k{KEPT_RESULTS + 4}.json" in kept


def test_git_and_backups_leave_the_folder_alone(project: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    reused(project, "k", 1)
    untracked = ["git", "ls-files", "--others", "--exclude-standard"]
    listed = subprocess.run(untracked, cwd=project, capture_output=True, text=True, check=True).stdout.split()
    assert listed == ["a.py", "b.py", "c.py"]
    assert (
        (project / FOLDER / "CACHEDIR.TAG")
        .read_text()
        .startswith("Signature: 8a477f597d28d172789f06886806bc55")
    )


def test_a_file_that_cannot_be_read_is_tried_again(project: Path) -> None:
    files = scan(project)
    (project / "b.py").unlink()
    (project / "b.py").mkdir()
    settle(project)
    without = Cache(project).digest(files)
    assert "b.py" not in stored(project, "manifest.json")  # type: ignore[operator]
    (project / "b.py").rmdir()
    (project / "b.py").write_text("x = 1\n")
    assert digest(project) != without
