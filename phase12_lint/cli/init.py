"""``phase12-lint init``: a policy for the code that is there, and what enforces it."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from phase12_lint.adopt.init.infer import infer
from phase12_lint.adopt.init.plan import PlanError, Write, carry_out, has_policy, plan
from phase12_lint.adopt.init.surroundings import look_around
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
        inferred = None
        if not has_policy(root):
            with Progress() as progress:
                inferred = infer({path: read_bytes(root, path) for path in scan(root)}, progress)
        around = look_around(root)
        steps = list(plan(inferred, around, options.refresh))
        if not options.dry_run:
            for step in steps:
                if isinstance(step, Write):
                    carry_out(root, step)
    except ConfigError as error:
        raise UsageError(*error.problems) from error
    except PlanError as error:
        raise UsageError(str(error)) from error
    put("\n".join(told(inferred, steps, around, options.dry_run)) + "\n")
    return 0
