"""``phase12-lint init``: a policy for the code that is there, and what enforces it."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from phase12_lint.adopt.init.guesses import Inferred
from phase12_lint.adopt.init.infer import infer
from phase12_lint.adopt.init.plan import PlanError, Write, carry_out, plan, policy_of
from phase12_lint.adopt.init.surroundings import Surroundings, look_around, tests_of
from phase12_lint.adopt.init.told import told
from phase12_lint.cli.errors import UsageError
from phase12_lint.cli.output import put
from phase12_lint.cli.progress import Progress
from phase12_lint.cli.project import locate
from phase12_lint.config import ConfigError
from phase12_lint.sources import read_bytes, scan


def run(options: Namespace) -> int:
    """Write what the project of ``options`` lacks, or say what that would be; 0."""
    root = locate(options.root, (), Path.cwd()).root
    try:
        written = policy_of(root)
        around = look_around(root, written)
        policy = written or _inferred(root, around)
        steps = list(plan(policy, around, options.refresh))
        if not options.dry_run:
            for step in steps:
                if isinstance(step, Write):
                    carry_out(root, step)
    except ConfigError as error:
        raise UsageError(*error.problems) from error
    except PlanError as error:
        raise UsageError(str(error)) from error
    put("\n".join(told(policy, steps, around, options.dry_run)) + "\n")
    return 0


def _inferred(root: Path, around: Surroundings) -> Inferred:
    files = {}
    unread: list[str] = []
    for path in scan(root, unlisted=unread):
        try:
            files[path] = read_bytes(root, path)
        except OSError:
            unread.append(path)
    with Progress() as progress:
        guesses = infer(files, progress).guesses
    said = "phase12-lint: incomplete: {} cannot be read, so nothing was inferred from it\n"
    sys.stderr.writelines(map(said.format, unread))
    return Inferred((*guesses, tests_of(around)))
