"""``phase12-lint check`` in its moods: nothing known, nothing changed, one file edited."""

from __future__ import annotations

import compileall
import shutil
import sys
from itertools import count
from pathlib import Path

from benchmarks.measure import Contestant
from benchmarks.trees import rewrite

ROOT = Path(__file__).parents[1]
PROGRAMS = Path(sys.executable).parent
ENVIRONMENT = {"PYTHONPATH": str(ROOT)}
_CHECK = (str(PROGRAMS / "phase12-lint"), "check", "--format=concise", "--quiet", "--root", ".")
_CACHE_FOLDER = ".phase12_lint_cache"
_numbers = count()


def prepare() -> None:
    """Compile our modules, as pip does when it installs them and the peers."""
    compileall.compile_dir(ROOT / "phase12_lint", quiet=1)


def cold(name: str, tree: Path, *options: str) -> Contestant:
    """A run on ``tree`` that finds no cache."""
    return unchanged(name, tree, *options)._replace(before=lambda: forget(tree))


def forget(tree: Path) -> None:
    """Leave nothing of what is known of ``tree``."""
    shutil.rmtree(tree / _CACHE_FOLDER, ignore_errors=True)


def unchanged(name: str, tree: Path, *options: str) -> Contestant:
    """A run on ``tree`` as the run before left it."""
    return Contestant(name, (*_CHECK, *options), environment=ENVIRONMENT, folder=tree)


def edited(name: str, file: Path, text: str, tree: Path, *options: str) -> Contestant:
    """A run on ``tree`` after another function was added at the end of ``file``, whose text is ``text``."""
    return unchanged(name, tree, *options)._replace(before=lambda: rewrite(file, _with_function(text)))


def _with_function(text: str) -> str:
    return f"{text}\n\ndef edited_{next(_numbers)}():\n    return None\n"


def flake8_on_buffer(name: str, tree: Path, path: str, buffer: Path) -> Contestant:
    """flake8 with the plugin, as an editor asks it: about ``path`` in ``tree``, whose unsaved text is in ``buffer``."""
    command = (str(PROGRAMS / "flake8"), "--select=GOV", "--stdin-display-name", path, "-")
    return Contestant(name, command, environment=ENVIRONMENT, folder=tree, stdin=buffer)


def flake8(name: str, tree: Path) -> Contestant:
    """flake8 with the plugin, on all of ``tree``."""
    return Contestant(name, (str(PROGRAMS / "flake8"), "."), environment=ENVIRONMENT, folder=tree)


def flake8_cold(name: str, tree: Path) -> Contestant:
    """The same when the plugin finds no cache."""
    return flake8(name, tree)._replace(before=lambda: forget(tree))
