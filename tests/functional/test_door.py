"""What users name: files of other projects and of none, scripts, files that are not read, settings that are wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import forked
from tests.forked import command

BASE = "class Plugin:\n    def run(self, image): ...\n"
WORK = "from base import Plugin\n\n\ndef go(tool: Plugin, image):\n    return tool.run(image)\n"
SCRIPT = f"#!/usr/bin/env python3\n{WORK}"
FOUND = "5:12: GOV101 "


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder outside any project."""
    return written(tmp_path / "scratch", {"base.py": BASE, "work.py": WORK})


def written(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def said(folder: Path, *arguments: str, status: int = 1) -> str:
    done = command(folder, ["check", "--format", "concise", *arguments])
    assert done.returncode == status, done.stderr
    return done.stderr if status == 2 else done.stdout


def flake8(folder: Path, *arguments: str, given: str | None = None) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "flake8", "--select=GOV", *arguments],
        cwd=folder,
        input=given,
        capture_output=True,
        text=True,
    )
    assert (done.returncode in (0, 1), done.stderr) == (True, ""), done.stderr
    return done.stdout


def test_standard_input_is_of_the_project_of_the_file_that_it_stands_for(tmp_path: Path) -> None:
    project = written(tmp_path / "p", {"setup.cfg": "", "base.py": BASE, "app.py": WORK})
    elsewhere = written(tmp_path / "elsewhere", {"setup.cfg": "", "x.py": ""})
    for around in (tmp_path, elsewhere, Path("/")):
        name = f"--stdin-display-name={project / 'app.py'}"
        assert f"app.py:{FOUND}" in flake8(around, name, "-", given=WORK)
        assert "app.py:6:12: GOV101" in flake8(around, name, "-", given=f"\n{WORK}")
        assert flake8(around, name, "-", given="x = 1\n") == ""


@pytest.mark.parametrize(
    "first", ["#!/usr/bin/env python3", "#! /usr/bin/python", "#!/usr/bin/env -S uv run --script"]
)
def test_a_script_that_is_named_is_read(folder: Path, first: str) -> None:
    written(folder, {"setup.cfg": "", "bin/tool": f"{first}\n{WORK}"})
    assert "bin/tool:6:12: GOV101" in said(folder, "bin/tool")
    assert "bin/tool:6:12: GOV101" in flake8(folder, "bin/tool")
    assert "bin/" not in said(folder)
    assert said(folder, "base.py", status=0).startswith("No findings")


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("notes.md", "text", "it is not a Python file"),
        ("tool", "#!/bin/sh\nls\n", "it is not a Python file"),
        ("tool", WORK, "it is not a Python file"),
        ("window.pyw", WORK, "it is not a Python file"),
        ("stub.pyi", WORK, "it is a stub"),
        ("ignored.py", WORK, "git ignores it"),
        ("left/out.py", WORK, "`exclude` leaves it out"),
        ("left", None, "`exclude` leaves it out"),
        ("docs", None, "it contains no Python file"),
        ("linked", None, "no link to a folder is followed"),
        ("linked/out.py", None, "no link to a folder is followed"),
        (".venv/lib/x.py", WORK, "it is in a folder that is not searched"),
    ],
)
def test_what_is_named_and_not_read_is_an_error(
    folder: Path, name: str, content: str | None, why: str
) -> None:
    written(folder, {"setup.cfg": "[phase12-lint]\nexclude = left\n", ".gitignore": "ignored.py\n"})
    written(folder, {"left/out.py": WORK, "docs/a.txt": "", ".venv/pyvenv.cfg": ""})
    (folder / "linked").symlink_to("left")
    written(folder, {name: content} if content is not None else {})
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    told = said(folder, name, status=2)
    assert told.startswith(f"phase12-lint: {name} is not read: {why}")
    assert told.count("\n") == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs POSIX")
def test_what_cannot_be_looked_at_is_told_in_one_line(folder: Path) -> None:
    (folder / "loop.py").symlink_to("loop.py")
    for name, why in (("loop.py", "Too many levels of symbolic links"), ("x" * 300, "File name too long")):
        assert said(folder, name, status=2) == f"phase12-lint: {name} cannot be read: {why}\n"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs POSIX")
def test_nobody_waits_for_a_pipe(folder: Path) -> None:
    os.mkfifo(folder / "setup.cfg")
    os.mkfifo(folder / "pipe.py")
    found = said(folder)
    for kept in (folder / ".phase12_lint_cache").rglob("*.json"):
        kept.unlink()
        os.mkfifo(kept)
    assert said(folder) == found


def test_what_is_named_and_read_otherwise_is_none(folder: Path) -> None:
    written(folder, {"setup.cfg": "[phase12-lint]\nchoke-point = Absent\n", "notes.md": ""})
    assert "setup.cfg:2:" in said(folder, "setup.cfg")
    assert said(folder, "--extend-select=GOV7", "notes.md", status=0)
    assert said(folder, ".", "work.py")


def test_flake8_tells_of_what_it_takes_for_python_alone(folder: Path) -> None:
    written(folder, {"setup.cfg": "[phase12-lint]\nexclude = left\n", ".gitignore": "ignored.py\n"})
    written(
        folder, {"left/out.py": WORK, "tool": WORK, "window.pyw": WORK, "stub.pyi": WORK, "ignored.py": WORK}
    )
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    for name in ("tool", "window.pyw"):
        assert f"{name}:1:1: GOV001 was not read, so nothing is proved about it" in flake8(folder, name)
    assert flake8(folder, "stub.pyi", "ignored.py", "left/out.py", "base.py") == ""


def test_two_projects_are_checked_one_at_a_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        written(tmp_path / name, {"setup.cfg": "", "base.py": BASE, "work.py": WORK})
    for names in (("one", "two"), ("one/work.py", "two/base.py")):
        told = said(tmp_path, *names, status=2)
        assert "of several projects" in told
        assert str(tmp_path / "two") in told
    assert "two/work.py" in said(tmp_path, "--root=.", "one", "two")
    (tmp_path / "setup.cfg").touch()
    assert "two/work.py" in said(tmp_path, "one", "two")


def test_flake8_takes_each_file_within_its_project(tmp_path: Path) -> None:
    written(tmp_path / "one", {"setup.cfg": "", "base.py": BASE, "work.py": WORK})
    written(
        tmp_path / "two",
        {"setup.cfg": "[phase12-lint]\nplugin-bases = Tool\n", "base.py": BASE, "work.py": WORK},
    )
    assert flake8(tmp_path, "one", "two").count("GOV101") == 1


def files_read(folder: Path, *arguments: str) -> int:
    done = command(folder, ["check", "--format", "json", *arguments])
    return int(json.loads(done.stdout)["summary"]["files"])


@pytest.mark.parametrize("around", [".", "..", "/"])
def test_a_file_of_no_project_is_read_with_what_it_imports(folder: Path, around: str) -> None:
    written(folder, {f"other{number}.py": WORK for number in range(5)})
    where, name = folder / around, str(folder / "work.py")
    assert f"work.py:{FOUND}" in said(where, name)
    assert files_read(where, name) == 2
    assert f"work.py:{FOUND}" in flake8(where, name)
    assert f"work.py:{FOUND}" in flake8(where, f"--stdin-display-name={name}", "-", given=WORK)
    assert not list(folder.parent.glob(".phase12_lint_cache"))


def test_a_file_of_no_project_imports_as_python_would(folder: Path) -> None:
    written(folder, {"pack/__init__.py": "", "pack/base.py": BASE, "pack/far/__init__.py": ""})
    written(folder, {"pack/far/relative.py": WORK.replace("from base", "from ..base")})
    written(folder, {"pack/absolute.py": WORK.replace("from base", "from pack.base")})
    written(
        folder, {"plain/base.py": BASE, "plain/absolute.py": WORK.replace("from base", "from plain.base")}
    )
    written(folder, {"plain/module.py": "import plain.base\n\n\n\n" + "plain.base.Plugin().run(1)\n"})
    for name in ("pack/far/relative.py", "pack/absolute.py", "plain/absolute.py"):
        assert f"{name}:{FOUND}" in said(folder, name)
    assert "plain/module.py:5:1: GOV101" in said(folder, "plain/module.py")


def test_several_files_of_no_project_are_together_in_the_working_directory(folder: Path) -> None:
    written(folder, {"sub/base.py": BASE, "sub/work.py": WORK})
    assert said(folder, "work.py", "sub/work.py").count("GOV101") == 2
    outside = written(folder.parent / "other", {"work.py": WORK})
    assert "of several projects" in said(folder, "work.py", str(outside / "work.py"), status=2)


@pytest.mark.parametrize("pattern", ["[z-a]", "x\\", "[[:alpha:]]", r"src\gen"])
@pytest.mark.parametrize("key", ["exclude", "exempt"])
def test_a_pattern_that_is_none_is_told_where_it_stands(folder: Path, key: str, pattern: str) -> None:
    written(folder, {"setup.cfg": f"[phase12-lint]\n{key} = a,\n  {pattern}\n"})
    told = said(folder, status=2)
    assert told.startswith(
        f"phase12-lint: setup.cfg:3: {key}: {pattern!r} must be a pattern as in .gitignore"
    )
    assert told.count("\n") == 1
    assert f"setup.cfg:3: {key}: " in flake8(folder)


def test_patterns_are_those_of_gitignore(folder: Path) -> None:
    written(folder, {"setup.cfg": "[phase12-lint]\nexempt = w*.py, !work.py\nexclude = [a-a]base.py\n"})
    assert f"work.py:{FOUND}" in said(folder)
    written(folder, {"setup.cfg": "[phase12-lint]\nexempt = w[n-p]rk.py\n"})
    assert said(folder, status=0)


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("setup.cfg", "[phase12-lint]\nplugin-bases = Nobody\n"),
        ("pyproject.toml", "[tool.phase12-lint]\nplugin-bases = 'Nobody'\n"),
    ],
)
def test_a_configuration_that_cannot_be_decoded_is_an_error(
    folder: Path, codec: str, name: str, text: str
) -> None:
    written(folder, {name: text.encode(codec)})
    told = said(folder, status=2)
    assert told.startswith(f"phase12-lint: {name}")
    assert told.count("\n") == 1
    written(folder, {name: text.replace("phase12", "other").encode(codec)})
    assert f"work.py:{FOUND}" in said(folder)


def test_a_package_is_taken_before_a_module_of_its_name(folder: Path) -> None:
    written(
        folder,
        {
            "setup.cfg": "",
            "dup.py": "class Ocr: ...\n",
            "dup/__init__.py": "from base import Plugin as Ocr\n",
        },
    )
    written(folder, {"app.py": "from dup import Ocr\n\nOcr().run(1)\n"})
    assert "app.py:3:1: GOV101" in said(folder, "app.py")
    written(folder, {"dup.py": "from base import Plugin as Ocr\n", "dup/__init__.py": "class Ocr: ...\n"})
    assert said(folder, "app.py", status=0)


DEEP = [
    " + ".join(["1"] * 9_000),
    "image" + ".x" * 9_000,
    "not " * 9_000 + "image",
    "lambda: " * 9_000 + "1",
    "[" * 9_000 + "]" * 9_000,
]


@pytest.mark.thorough
@pytest.mark.parametrize("deep", DEEP, ids=["terms", "chain", "not", "lambda", "brackets"])
def test_depth_costs_the_file_that_has_it_at_most(folder: Path, deep: str) -> None:
    written(folder, {"setup.cfg": "", "deep.py": f"{WORK}    return {deep}\n"})
    done = command(folder, ["check", "--no-cache", "--format", "concise"])
    assert done.returncode == 1
    assert f"work.py:{FOUND}" in done.stdout
    assert "deep.py" in done.stdout + done.stderr
    assert "internal error" not in done.stderr


def test_a_lambda_behind_a_keyword_is_harmless(folder: Path) -> None:
    written(
        folder,
        {"setup.cfg": "", "work.py": WORK.replace("return ", "ready = image or(lambda: 0)\n    return ")},
    )
    assert "work.py:6:12: GOV101" in said(folder)
    assert "work.py:6:12: GOV101" in flake8(folder)
    frozen = command(folder, ["baseline", "create"])
    assert (frozen.returncode, frozen.stderr) == (0, "")


BREAKING = """
import os, sys
from importlib import import_module, util

class Breaking:
    def find_spec(self, name, path, target=None):
        module, _, what = os.environ["BREAK"].rpartition(".")
        if name != module:
            return None
        sys.meta_path.remove(self)
        spec = util.find_spec(name)
        load = spec.loader.exec_module

        def exec_module(made):
            load(made)
            def broken(*_, **__):
                raise TypeError("a fault of ours,\\nin two lines")
            setattr(made, what, broken)

        spec.loader.exec_module = exec_module
        return spec

sys.meta_path.insert(0, Breaking())
"""


@pytest.mark.parametrize(
    "broken",
    [
        "engine.run",
        "index.named.homes_of",
        "syntax.modules.parse",
        "memory.programs_of",
        "ledger.read_suppressions",
    ],
)
def test_whatever_fails_in_flake8_is_one_line_and_costs_no_other_plugin(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    written(tmp_path / "watch", {"sitecustomize.py": BREAKING})
    written(folder, {"setup.cfg": "", "base.py": f"import os\n{BASE}"})
    (folder / "work.py").write_text(WORK)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path / 'watch'}:{forked.ROOT}")
    monkeypatch.setenv("BREAK", f"phase12_lint.{broken}")
    told = flake8(folder, "--select=F401,GOV", "-j1")
    assert "base.py:1:1: F401" in told
    lines = [line for line in told.splitlines() if "internal error: " in line]
    assert len(lines) == len({line.split(" ")[0] for line in lines}) >= 1
    assert all("a fault of ours, in two lines" in line for line in lines)


def test_nothing_governed_is_told_whatever_is_named(tmp_path: Path) -> None:
    written(tmp_path, {"setup.cfg": "", "app/a.py": "LIMIT = 3\n", "lib/b.py": "LIMIT = 4\n"})
    for names in ((), ("lib",), ("lib/b.py",)):
        assert said(tmp_path, *names).startswith("app/a.py:1:1: GOV005 nothing is governed")
    assert "run `phase12-lint init`" in said(tmp_path)
    written(tmp_path, {"setup.cfg": "[phase12-lint]\nchoke-point = Absent\n"})
    assert said(tmp_path, "lib").startswith("setup.cfg:2:1: GOV004")
    assert "GOV005" not in said(tmp_path)
    written(
        tmp_path, {"app/a.py": "class Absentee:\n    ...\n", "tests/test_a.py": "class Absents:\n    ...\n"}
    )
    assert "correct the name; the nearest is `Absentee`" in said(tmp_path)
    assert flake8(tmp_path) == ""


def test_where_no_python_file_is_there_is_nothing_to_check(tmp_path: Path) -> None:
    written(tmp_path, {"setup.cfg": "[phase12-lint]\nexclude = app/\n", "notes.md": "text"})
    assert f"no Python file was found in {tmp_path}" in said(tmp_path, status=2)
    written(tmp_path, {"app/a.py": ""})
    told = said(tmp_path, status=2)
    assert "`exclude` leaves out app/" in told
    assert told.count("\n") == 1
    for words in (["paths"], ["baseline", "create"], ["suppressions"], ["mutate"]):
        assert forked.command(tmp_path, words).stderr == told
    assert not (tmp_path / ".phase12-lint-baseline.json").exists()
    assert "no Python file was found, so nothing was checked" in forked.command(tmp_path, ["certify"]).stdout


def test_a_policy_that_is_named_stands_where_it_is_named(tmp_path: Path) -> None:
    policy = "[phase12-lint]\nchoke-point = Absent\n"
    written(
        tmp_path,
        {"project/setup.cfg": "", "project/a.py": "", "project/sub/my.cfg": policy, "my.cfg": policy},
    )
    words = ["check", "--quiet", "--format=concise", "--select=GOV004,GOV701", "--config"]
    for folder, name in (("sub", "my.cfg"), (".", "sub/my.cfg"), ("sub", "../../my.cfg"), (".", "../my.cfg")):
        told = forked.command(tmp_path / "project" / folder, [*words, name]).stdout.splitlines()
        assert [line.partition(" ")[0] for line in told] == [f"{name}:1:1:", f"{name}:2:1:"]
        inside = tmp_path / "project" / folder / name
        assert forked.command(tmp_path / "project" / folder, [*words, inside]).stdout.splitlines() == told
