"""What is paid is for what is governed: a host costs its own reading, whatever stands beside it.

Nothing is timed. The files of which a tree of ours is made are counted at ``phase12_lint.syntax.modules.Module``,
whose first argument is the path, and the work in calls of Python functions, which are the same in each run.
"""

from __future__ import annotations

import cProfile
import re
from pathlib import Path

import pytest

from phase12_lint.config import load
from phase12_lint.engine import Request, run
from phase12_lint.index import programs
from phase12_lint.index.programs import code_in
from phase12_lint.sources import list_files
from tests.laws import hosts
from tests.laws.programs import EVASIONS, GOVERNED, RUNTIME, lay

WORDS_OF_A_POLICY = re.compile(rb"plugin|tool|runner|registry|service|agent|api|metrics", re.IGNORECASE)


def check(root: Path) -> None:
    settings = load(root)
    run(Request(root, settings.policies, settings.exclude, cache=False))


def without_words_of_a_policy(folder: Path) -> None:
    """Take away the files below ``folder`` that a policy could be about."""
    for path in folder.rglob("*.py"):
        if WORDS_OF_A_POLICY.search(path.read_bytes()):
            path.unlink()


@pytest.mark.parametrize("program", [EVASIONS, GOVERNED, RUNTIME], ids=lambda path: path.name)
def test_no_tree_is_made_of_what_nothing_governed_touches(
    tmp_path: Path, program: Path, parsed: list[str]
) -> None:
    lay(program, tmp_path)
    hosts.libraries(program, tmp_path / "host")
    hosts.busy(program, tmp_path / "host")
    without_words_of_a_policy(tmp_path / "host")
    assert len(list_files(tmp_path / "host")) > 80
    check(tmp_path)
    assert parsed, "nothing is counted: has Module moved?"
    assert [path for path in parsed if path.startswith("host/")] == []


def test_no_tree_is_made_twice(tmp_path: Path, parsed: list[str]) -> None:
    check(lay(EVASIONS, tmp_path))
    assert len(parsed) == len(set(parsed))


def calls(root: Path) -> int:
    """How often a Python function is called while ``root`` is checked."""
    profile = cProfile.Profile(builtins=False)
    profile.runcall(check, root)
    return sum(entry.callcount for entry in profile.getstats())


@pytest.fixture(scope="module")
def of_program(tmp_path_factory: pytest.TempPathFactory) -> int:
    root = lay(EVASIONS, tmp_path_factory.mktemp("program"))
    check(root)  # what is imported once is not counted
    return calls(root)


@pytest.mark.parametrize("host", [hosts.busy, hosts.of_python], ids=lambda host: host.__name__)
def test_the_cost_of_program_and_host_is_their_sum(tmp_path: Path, of_program: int, host: hosts.Host) -> None:
    host(EVASIONS, tmp_path / "alone" / "host")
    lay(EVASIONS, tmp_path / "both")
    host(EVASIONS, tmp_path / "both" / "host")
    assert calls(tmp_path / "both") <= 1.25 * (of_program + calls(tmp_path / "alone"))


def test_twice_the_host_costs_twice_as_much_at_most(tmp_path: Path) -> None:
    for folder in ("once", "twice"):
        lay(GOVERNED, tmp_path / folder)
        hosts.busy(GOVERNED, tmp_path / folder / "host")
    hosts.busy(GOVERNED, tmp_path / "twice" / "second")
    check(tmp_path / "twice")  # what is imported or made once is not counted
    assert calls(tmp_path / "twice") <= 2.1 * calls(tmp_path / "once")


def test_an_edit_is_looked_at_alone_by_every_pipeline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = lay(GOVERNED, tmp_path)
    settings = load(root)
    request = Request(root, settings.policies, settings.exclude)
    run(request)
    edited = root / "documents" / "registry.py"
    edited.write_bytes(edited.read_bytes() + b"\n\nEDITED = 1\n")
    looked_at: list[bytes] = []

    def counted(data: bytes) -> bytes:
        looked_at.append(data)
        return code_in(data)

    monkeypatch.setattr(programs, "code_in", counted)
    run(request)
    assert len(settings.policies) == 2
    assert set(looked_at) == {edited.read_bytes()}
