"""The ways to the findings of a project: the engine, and flake8 in a process of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from phase12_lint.config import Settings, amend, load
from phase12_lint.engine import Outcome, Request, run
from phase12_lint.model import Finding
from phase12_lint.select import asks_for_enforcement, selected
from tests import forked

ROOT = Path(__file__).parents[1]
Place = tuple[str, int, int, str]  # path, line, column, code
LINE = re.compile(r"(?P<path>.*)\x1f(?P<line>\d+)\x1f(?P<column>\d+)\x1f(?P<code>\w+)")
FORMAT = "%(path)s\x1f%(row)d\x1f%(col)d\x1f%(code)s"


def settings_of(root: Path, options: Mapping[str, str]) -> Settings:
    """The settings of the project at ``root``, with ``options`` as the command line would give them."""
    return amend(load(root), options)


def analysed(root: Path, options: Mapping[str, str], cache: bool = False) -> Outcome:
    """All that the engine says of the project at ``root``; with ``cache``, flake8 finds what it said of these files."""
    settings = settings_of(root, options)
    enforcement = asks_for_enforcement(settings.select, settings.extend_select)
    return run(Request(root, settings.policies, settings.exclude, cache=cache, enforcement=enforcement))


def reported(findings: Sequence[Finding], settings: Settings) -> list[Finding]:
    """Those of ``findings`` that ``settings`` let through."""
    reasons = any(policy.require_suppression_reason for policy in settings.policies)
    codes = selected(settings.select, settings.extend_select, settings.ignore, reasons)
    return [each for each in findings if each.code in codes and each.confidence >= settings.min_confidence]


def flake8(folder: Path) -> list[Place]:
    """What ``flake8 --select GOV`` says in ``folder``, sorted; paths relative to it."""
    done = forked.flake8(folder, ["--select=GOV", "--jobs=1", f"--format={FORMAT}"])
    assert (done.returncode in (0, 1), done.stderr) == (True, ""), done.stderr
    found = [LINE.fullmatch(line) for line in done.stdout.splitlines()]
    places = [(m["path"].removeprefix("./"), int(m["line"]), int(m["column"]), m["code"]) for m in found if m]
    assert len(places) == len(found)
    return sorted(places)
