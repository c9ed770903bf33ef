"""The programs that the laws are about, and what the command tells of one, wherever it was laid."""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from phase12_lint.cli import main

HERE = Path(__file__).parents[2]
EVASIONS = HERE / "tests" / "evasions" / "program"
GOVERNED = HERE / "examples" / "governed"
UNGOVERNED = HERE / "examples" / "ungoverned"
RUNTIME = HERE / "reference_runtime"
PROGRAMS = (EVASIONS, GOVERNED, UNGOVERNED, RUNTIME)
CONFIGURATION = "setup.cfg"
_LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*", CONFIGURATION)
_PLACE = ("path", "line", "column", "end_line", "end_column", "code", "name", "confidence")


class Told(NamedTuple):
    """What is said of one program: findings and paths, comparable, and what was not looked into to the end."""

    findings: tuple[str, ...]
    paths: tuple[str, ...]
    incomplete: tuple[str, ...]
    errors: str


def lay(program: Path, root: Path, folder: str = "") -> Path:
    """Copy ``program`` to ``folder`` of ``root``, its configuration to ``root`` itself, for all beside it, too."""
    if program == RUNTIME:  # a package, and no root of one
        folder = f"{folder}/{program.name}"
    shutil.copytree(program, root / folder.strip("/"), ignore=_LEFT_OUT, dirs_exist_ok=True)
    configuration = program / CONFIGURATION
    (root / CONFIGURATION).write_text(configuration.read_text() if configuration.exists() else "")
    return root


def told(
    root: Path, folder: str = "", *options: str, moved: bool = False, beside: Sequence[str] = ()
) -> Told:
    """What ``check`` and ``paths`` say of the program in ``folder`` of ``root``, as if that were the root.

    Its paths are those that begin in it. ``beside`` are the folders and modules that are not the program's.
    Where it was ``moved``, messages and fingerprints, which may hold its whole name, are left out.
    """
    checked, errors = command(root, "check", *(options or ["--no-cache"]))
    proved, _ = command(root, "paths")
    findings = [
        _shown(finding, folder, moved)
        for finding in checked["findings"]
        if _is_within(finding["path"], folder, beside)
    ]
    ways = [
        _way(way, folder, moved)
        for way in proved["paths"]
        if _is_within(way["hops"][0]["path"], folder, beside)
    ]
    return Told(
        tuple(sorted(findings)),
        tuple(sorted(ways)),
        tuple(checked["summary"].get("incomplete", ())),
        errors,
    )


def command(root: Path, *arguments: str) -> tuple[dict[str, Any], str]:
    """What the command prints in ``root`` as JSON, and what it says beside that."""
    output, errors, before, depth = io.StringIO(), io.StringIO(), Path.cwd(), sys.getrecursionlimit()
    os.chdir(root)
    try:
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
            status = main([*arguments, "--format", "json", "--root", "."])
    finally:
        os.chdir(before)
        sys.setrecursionlimit(depth)  # which the analysis raises for the process that it has for itself
    assert status in (0, 1), errors.getvalue()
    answer: dict[str, Any] = json.loads(output.getvalue())
    return answer, errors.getvalue()


def _is_within(path: str, folder: str, beside: Sequence[str]) -> bool:
    inside = not folder or path == CONFIGURATION or path.startswith(f"{folder}/")
    return inside and not any(path == other or path.startswith(f"{other}/") for other in beside)


def _shown(finding: dict[str, Any], folder: str, moved: bool) -> str:
    shown = {key: finding[key] for key in _PLACE} if moved else dict(finding)
    shown["trace"] = [
        {key: hop[key] for key in ("path", "line")} if moved else hop for hop in finding["trace"]
    ]
    return _without(shown, folder)


def _way(way: dict[str, Any], folder: str, moved: bool) -> str:
    shown = {**way, "hops": list(_hops(way, moved))}
    if moved:
        del shown["reason"]
    return _without(shown, folder)


def _hops(way: dict[str, Any], moved: bool) -> Iterator[dict[str, Any]]:
    for hop in way["hops"]:
        yield {key: hop[key] for key in ("path", "line", "layer")} if moved else hop


def _without(shown: dict[str, Any], folder: str) -> str:
    """``shown`` as a line, with paths as from ``folder``."""
    text = json.dumps(shown, sort_keys=True)
    return text.replace(f'"path": "{folder}/', '"path": "') if folder else text
