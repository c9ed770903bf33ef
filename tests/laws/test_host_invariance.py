"""What is said of a program does not depend on what stands beside it, on its folder, or on any order."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from phase12_lint.config import load
from phase12_lint.engine import Request, run
from phase12_lint.sources import list_files
from tests.laws import hosts
from tests.laws.hosts import HOSTS, Host
from tests.laws.programs import EVASIONS, GOVERNED, PROGRAMS, RUNTIME, UNGOVERNED, Told, lay, told
from tests.thinning import thinned

# The program of the evasions, which asks the most, is put everywhere; the others where most went wrong.
BESIDE = [(EVASIONS, host) for host in HOSTS]
BESIDE += [
    (program, host)
    for program in PROGRAMS
    for host in (hosts.namesakes, hosts.another_program)
    if program != EVASIONS
]
FOLDERS = [(EVASIONS, folder) for folder in ("aa_first", "zz_last", "services/deep/er")]
FOLDERS += [(RUNTIME, "src")]


@cache
def alone(program: Path, moved: bool = False) -> Told:
    with TemporaryDirectory() as folder:
        return told(lay(program, Path(folder)), moved=moved)


def put(host: Host, program: Path, root: Path, folder: str) -> tuple[str, ...]:
    """The host in ``folder`` of ``root``, or in the root itself; the names that are its own there."""
    before = {path.name for path in root.iterdir()}
    host(program, root / folder)
    for configuration in (root / folder).glob("setup.cfg"):
        if folder:
            configuration.unlink()
    return tuple(path.name for path in root.iterdir() if path.name not in before)


def differs(found: Told, expected: Told) -> None:
    """Fail with what is lost and what is new."""
    lines = []
    for word, given, wanted in (
        ("finding", found.findings, expected.findings),
        ("path", found.paths, expected.paths),
    ):
        lines += [f"lost {word}: {each[:400]}" for each in sorted(set(wanted) - set(given))]
        lines += [f"new {word}: {each[:400]}" for each in sorted(set(given) - set(wanted))]
        if sorted(given) != sorted(wanted) and not lines:
            lines.append(f"a {word} is said another number of times")
    if lines:
        pytest.fail("\n".join([f"{len(lines)} differ", *lines[:12]]), pytrace=False)


@pytest.mark.parametrize(
    ("program", "host"),
    thinned(BESIDE, 5),
    ids=lambda each: getattr(each, "__name__", getattr(each, "name", "")),
)
def test_what_stands_beside_it_does_not_matter(tmp_path: Path, program: Path, host: Host) -> None:
    lay(program, tmp_path)
    beside = put(host, program, tmp_path, "host")
    assert list_files(tmp_path / "host")
    differs(told(tmp_path, beside=beside), alone(program))


@pytest.mark.parametrize(
    ("program", "folder"), thinned(FOLDERS, 4), ids=lambda each: getattr(each, "name", each)
)
def test_its_folder_does_not_matter(tmp_path: Path, program: Path, folder: str) -> None:
    lay(program, tmp_path, folder)
    put(hosts.namesakes, program, tmp_path, "host")
    put(hosts.busy, program, tmp_path, "middle")
    differs(told(tmp_path, folder, moved=True), alone(program, moved=True))


@pytest.mark.parametrize(
    "program", thinned([GOVERNED, EVASIONS, RUNTIME, UNGOVERNED], 2), ids=lambda path: path.name
)
def test_two_copies_are_each_as_one(tmp_path: Path, program: Path) -> None:
    lay(program, tmp_path, "one")
    lay(program, tmp_path, "two")
    for folder in ("one", "two"):
        differs(told(tmp_path, folder, moved=True), alone(program, moved=True))


def test_a_host_in_the_root_itself_does_not_matter(tmp_path: Path) -> None:
    lay(EVASIONS, tmp_path)
    beside = put(hosts.namesakes_in_loose_modules, EVASIONS, tmp_path, "")
    beside += put(hosts.busy, EVASIONS, tmp_path, "")
    differs(told(tmp_path, beside=beside), alone(EVASIONS))


@pytest.mark.parametrize("program", thinned([RUNTIME, EVASIONS], 2), ids=lambda path: path.name)
def test_the_order_of_files_does_not_matter(tmp_path: Path, program: Path) -> None:
    lay(program, tmp_path)
    put(hosts.namesakes, program, tmp_path, "host")
    files = list_files(tmp_path)
    request = Request(tmp_path, load(tmp_path).policies, cache=False)
    answers = set()
    for order in (files, files[::-1], random.Random(12).sample(files, len(files))):
        answers.add(run(request._replace(files=tuple(order))).findings)
    assert len(answers) == 1


TWICE = """
import sys
from pathlib import Path
from tests.laws.programs import told
sys.stdout.write(ascii(told(Path(sys.argv[1]))))
"""


def test_the_hash_seed_does_not_matter(tmp_path: Path) -> None:
    lay(EVASIONS, tmp_path)
    put(hosts.namesakes, EVASIONS, tmp_path, "host")
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", TWICE, tmp_path],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("0", "42")
    ]
    answers = {each.communicate()[0] for each in runs}
    assert [each.returncode for each in runs] == [0, 0]
    assert len(answers) == 1, json.dumps(sorted(answers), indent=2)[:2_000]
