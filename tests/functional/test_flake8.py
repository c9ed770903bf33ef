"""flake8 as a process finds what ``check`` finds, however it is started."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.forked import command

Place = tuple[str, int, int, str]
LINE = re.compile(r"(?:\./)?(?P<path>.+?):(?P<line>\d+):(?P<column>\d+): (?P<code>[A-Z]+\d+) ")

# Only the whole program shows that `item` is a plugin: no name and no annotation in jobs.py says so.
PROJECT = {
    "service/__init__.py": "",
    "service/base.py": "class Plugin:\n    def run(self, payload):\n        raise NotImplementedError\n",
    "service/resize.py": (
        "from service.base import Plugin\n\n\nclass Resize(Plugin):\n"
        "    def run(self, payload):\n        return payload\n"
    ),
    "service/jobs.py": "def work(item, payload):\n    return item.run(payload)\n",
    "service/app.py": (
        "from service.jobs import work\nfrom service.resize import Resize\n\n\n"
        "def main(payload):\n    return work(Resize(), payload)\n"
    ),
    "service/other.py": (
        "from service.resize import Resize\n\n\ndef three(payload):\n"
        "    Resize().run(payload)  # noqa: GOV101 kept until the move is done\n"
        "    Resize().run(payload)  # noqa\n"
        "    total = 1  # noqa: GOV102\n"
        "    return getattr(Resize(), 'run')(total)  # noqa: E501\n"
    ),
}
JOBS: Place = ("service/jobs.py", 2, 12, "GOV101")
APP: Place = ("service/app.py", 6, 12, "GOV505")
OTHER: list[Place] = [("service/other.py", 7, 16, "GOV002"), ("service/other.py", 8, 12, "GOV103")]


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    write(root, PROJECT)
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    return root


def flake8_says(folder: Path, *options: str, text: str | None = None, select: str = "GOV") -> str:
    command = [sys.executable, "-m", "flake8", f"--select={select}", *options]
    done = subprocess.run(command, cwd=folder, input=text, capture_output=True, text=True)
    assert done.stderr == ""
    assert done.returncode in (0, 1), done.stdout
    return done.stdout


def flake8(folder: Path, *options: str, text: str | None = None, select: str = "GOV") -> list[Place]:
    places = []
    for line in flake8_says(folder, *options, text=text, select=select).splitlines():
        found = LINE.match(line)
        assert found is not None, line
        places.append((found["path"], int(found["line"]), int(found["column"]), found["code"]))
    return sorted(places)


def check(folder: Path, *options: str) -> list[Place]:
    done = command(folder, ["check", "--format", "json", *options])
    assert done.returncode in (0, 1), done.stderr
    return [
        (found["path"], found["line"], found["column"], found["code"])
        for found in json.loads(done.stdout)["findings"]
    ]


@pytest.mark.parametrize(
    "options", [(), ("-j", "1"), ("-j", "2"), ("--isolated",), ("--isolated", "-j", "2")]
)
def test_finds_what_check_finds(project: Path, options: tuple[str, ...]) -> None:
    bare = ("service/other.py", 6, 5, "GOV101")
    assert check(project) == sorted([JOBS, *OTHER, bare])
    assert flake8(project, *options) == [JOBS, *OTHER]


def test_one_file_is_judged_by_the_whole_program(project: Path) -> None:
    assert flake8(project, "service/jobs.py") == [JOBS]
    assert flake8(project / "service", "jobs.py") == [("jobs.py", 2, 12, "GOV101")]
    assert flake8(project, str(project / "service" / "jobs.py")) == [(str(project / JOBS[0]), *JOBS[1:])]


def test_without_noqa_everything_that_is_raised_is_told(project: Path) -> None:
    suppressed = [("service/other.py", 5, 5, "GOV101"), ("service/other.py", 6, 5, "GOV101")]
    assert flake8(project, "--disable-noqa") == [JOBS, *suppressed, *OTHER]


def test_is_on_without_a_selection_and_off_with_another(project: Path) -> None:
    assert flake8(project, select="E9") == []
    assert not (project / ".phase12_lint_cache").exists()
    listed = subprocess.run([sys.executable, "-m", "flake8"], cwd=project, capture_output=True, text=True)
    assert "GOV101" in listed.stdout


def test_the_projects_policy_holds_but_not_in_isolation(project: Path) -> None:
    write(
        project,
        {"setup.cfg": "[phase12-lint]\nchoke-point = service.jobs:work\nexclude = service/other.py\n"},
    )
    found = flake8(project)
    assert found == check(project)
    assert _elsewhere(found) == [APP]
    assert flake8(project, "--isolated") == flake8(project, "--iso") == [JOBS, *OTHER]


def _elsewhere(found: list[Place]) -> list[Place]:
    """What is found elsewhere than in the function that is made the choke point, which keeps none of its rules."""
    return [place for place in found if place[0] != JOBS[0]]


def test_options_win_over_the_policy_on_the_command_line_and_in_flake8s_files(project: Path) -> None:
    assert _elsewhere(flake8(project, "--gov-choke-point=service.jobs:work")) == [APP, *OTHER]
    write(project, {".flake8": "[flake8]\ngov-choke-point =\n    Elsewhere\n    service.jobs:work\n"})
    assert _elsewhere(flake8(project)) == [APP, *OTHER]
    write(project, {"tox.ini": "[flake8]\ngov_plugin_bases = Nobody\ngov_min_confidence = certain\n"})
    (project / ".flake8").unlink()
    assert flake8(project, "service/jobs.py") == []
    assert flake8(
        project, "--gov-min-confidence=inferred", "--gov-plugin-bases=Plugin", "service/jobs.py"
    ) == [JOBS]


def test_a_reason_is_demanded_where_it_is_wanted(project: Path) -> None:
    write(project, {"service/other.py": "def f(plugin):\n    plugin.run()  # noqa: GOV101\n"})
    place = ("service/other.py", 2, 19, "GOV003")
    assert flake8(project, "service/other.py") == []
    assert flake8(project, "--gov-require-suppression-reason", "service/other.py") == [place]
    assert flake8(project, "service/other.py", select="GOV003") == [place]
    write(project, {"setup.cfg": "[phase12-lint]\nrequire-suppression-reason = true\n"})
    assert flake8(project, "service/other.py") == [place]


@pytest.mark.parametrize(
    ("options", "policy", "problem"),
    [
        (("--gov-choke-point=1 2",), "", "--gov-choke-point: '1 2' must be a name"),
        ((), "[phase12-lint]\nchoke-points = X\n", "setup.cfg:2: unknown key 'choke-points'"),
    ],
)
def test_a_wrong_configuration_is_told_as_flake8_tells_its_own(
    project: Path, options: tuple[str, ...], policy: str, problem: str
) -> None:
    write(project, {"setup.cfg": policy})
    said = flake8_says(project, *options)
    assert said.startswith("There was a critical error during execution of Flake8:\n")
    assert problem in said


def test_a_buffer_is_checked_as_its_file_within_the_program(project: Path) -> None:
    buffer = "# moved down by an unsaved edit\n" + PROJECT["service/jobs.py"]
    assert flake8(project, "--stdin-display-name=service/jobs.py", "-", text=buffer) == [
        ("service/jobs.py", 3, 12, "GOV101")
    ]
    assert flake8(project, "--stdin-display-name=service/jobs.py", "-", text=PROJECT["service/jobs.py"]) == [
        JOBS
    ]
    named = "from service.resize import Resize\n\nResize().run({})\n"
    assert flake8(project, "--stdin-display-name=service/new.py", "-", text=named) == [
        ("service/new.py", 3, 1, "GOV101")
    ]
    assert flake8(project, "-", text=named) == [("stdin", 3, 1, "GOV101")]
    assert flake8(project, "--stdin-display-name=tests/test_new.py", "-", text=named) == []
    assert flake8(project, "--stdin-display-name=../outside.py", "-", text=named) == []
    assert (
        flake8(
            project, "--gov-exclude=service/new.py", "--stdin-display-name=service/new.py", "-", text=named
        )
        == []
    )


def test_files_that_are_no_part_of_the_project_are_left_alone(project: Path, tmp_path: Path) -> None:
    text = "def f(plugin):\n    plugin.run()\n"
    write(project, {"generated/g.py": text, "ignored.py": text, ".gitignore": "ignored.py\n"})
    write(project, {"setup.cfg": "[phase12-lint]\nexclude = generated/\n"})
    write(tmp_path, {"outside.py": text})
    assert flake8(project, "generated/g.py", "ignored.py", "service/jobs.py") == [JOBS]
    assert flake8(project, "../outside.py") == check(project, "../outside.py")
    both = flake8(project, "service/jobs.py", "../outside.py")
    assert both == [*check(project, "../outside.py"), *check(project, "service/jobs.py")]


def test_a_project_elsewhere_is_found_around_the_files_named(project: Path, tmp_path: Path) -> None:
    folder = tmp_path / "elsewhere"
    write(folder, {"setup.cfg": "[metadata]\nname = elsewhere\n"})
    assert flake8(folder, "../project/service/jobs.py") == [("../project/service/jobs.py", 2, 12, "GOV101")]
    assert flake8(tmp_path, "project") == [(f"project/{path}", *place) for path, *place in [JOBS, *OTHER]]


def test_a_broken_file_is_flake8s_and_the_others_are_ours(project: Path) -> None:
    write(project, {"service/broken.py": "def f(:\n", "service/null.py": "x = '\0'\n"})
    assert "GOV001" in {code for *_, code in check(project)}
    found = flake8(project, select="GOV,E9")
    assert {code for path, *_, code in found if path == "service/broken.py"} == {"E999"}
    assert [place for place in found if place[3].startswith("GOV")] == [JOBS, *OTHER]


def test_names_and_encodings_are_no_hindrance(project: Path) -> None:
    text = "# coding: latin-1\nfrom service.resize import Resize\ns = 'é'; Resize().run({})\n"
    (project / "ünüsual näme.py").write_bytes(text.encode("latin-1"))
    (project / os.fsdecode(b"caf\xe9.py")).write_bytes(b"def f(plugin):\n    plugin.run()\n")
    found = flake8(project, "ünüsual näme.py")
    assert found == [("ünüsual näme.py", 3, 10, "GOV101")]


WATCH = """
import os, sys
def watch(event, details):
    if event == "import" and details[0] == "phase12_lint.analysis":
        with open(os.environ["WATCHED"], "a") as file:
            file.write(f"{os.getpid()}\\n")
sys.addaudithook(watch)
"""


def test_of_all_processes_one_analyses_and_none_when_nothing_changed(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, {"watch/sitecustomize.py": WATCH, "watched": ""})
    write(project, {f"service/more{number}.py": PROJECT["service/jobs.py"] for number in range(20)})
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "watch"))
    monkeypatch.setenv("WATCHED", str(tmp_path / "watched"))
    assert flake8(project, "-j", "4") == [JOBS, *OTHER]
    assert len(set((tmp_path / "watched").read_text().split())) == 1
    write(tmp_path, {"watched": ""})
    assert flake8(project, "-j", "4") == [JOBS, *OTHER]
    assert (tmp_path / "watched").read_text() == ""
