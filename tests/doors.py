"""The ways to the findings of a project: the engine, and flake8 in processes of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from phase12_lint.config import Settings, amend, load
from phase12_lint.engine import Outcome, Request, run
from phase12_lint.model import Finding
from phase12_lint.select import asks_for_enforcement, selected
from tests.harness import Mark

ROOT = Path(__file__).parents[1]
Place = tuple[str, int, int, str]  # path, line, column, code


def settings_of(root: Path, options: Mapping[str, str]) -> Settings:
    """The settings of the project at ``root``, with ``options`` as the command line would give them."""
    return amend(load(root), options)


def analysed(root: Path, options: Mapping[str, str]) -> Outcome:
    """All that the engine says of the project at ``root``."""
    settings = settings_of(root, options)
    enforcement = asks_for_enforcement(settings.select, settings.extend_select)
    return run(Request(root, settings.policies, settings.exclude, cache=False, enforcement=enforcement))


def reported(findings: Sequence[Finding], settings: Settings) -> list[Finding]:
    """Those of ``findings`` that ``settings`` let through."""
    reasons = any(policy.require_suppression_reason for policy in settings.policies)
    codes = selected(settings.select, settings.extend_select, settings.ignore, reasons)
    return [each for each in findings if each.code in codes and each.confidence >= settings.min_confidence]


def marks(findings: Sequence[Finding]) -> tuple[Mark, ...]:
    """``findings`` as a case would mark them."""
    return tuple(
        Mark(
            each.path,
            each.span.line,
            each.code,
            each.confidence.label,
            f"{each.span.column}-{each.span.end_line}:{each.span.end_column}",
        )
        for each in findings
    )


def flake8(folders: Sequence[Path]) -> list[list[Place]]:
    """What ``flake8 --select GOV`` says in each of ``folders``, sorted; paths relative to the folder."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.flake8_in_each", *map(str, folders)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [
        [(path, line, column, code) for path, line, column, code in found]
        for found in json.loads(done.stdout)
    ]
