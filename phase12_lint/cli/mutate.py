"""``phase12-lint mutate``: whether each forbidden pattern would be found in the project's own code."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from phase12_lint.adopt.mutate.mutants import MISSED
from phase12_lint.adopt.mutate.render import render
from phase12_lint.adopt.mutate.trials import try_out
from phase12_lint.cli.errors import UsageError
from phase12_lint.cli.output import destinations, put, save
from phase12_lint.cli.progress import Progress
from phase12_lint.cli.project import empty, locate, request_of, settings_of
from phase12_lint.config import ConfigError, Settings, amend
from phase12_lint.engine import listed
from phase12_lint.faults import lines_of


def run(options: Namespace) -> int:
    """Try every rule, or those that ``options`` select, and say what became of each.

    1 if one was missed, else 0; 2 after an error.
    """
    outputs = destinations(options.format or [("text", "")])
    root = locate(options.root, (), Path.cwd()).root
    settings = settings_of(root, options.config, options.isolated)
    request = request_of(options, root, settings)
    prefixes = _prefixes(options)
    if not listed(request):
        raise UsageError(empty(root, settings))
    with Progress() as progress:
        tried = try_out(request, settings, lambda code: code.startswith(prefixes), options.jobs, progress)
    for name, file in outputs:
        if file:
            save(file, render(name, tried.verdicts, options.diff))
        else:
            put(render(name, tried.verdicts, options.diff))
    if tried.errors:
        sys.stderr.writelines(f"phase12-lint: {each}\n" for each in lines_of(tried.errors, options.debug))
        return 2
    return 1 if any(verdict.word == MISSED for verdict in tried.verdicts) else 0


def _prefixes(options: Namespace) -> tuple[str, ...]:
    """How the codes begin that are to be tried. Raises ``UsageError``."""
    said = {"select": ",".join(options.select)} if options.select else {}
    try:
        return amend(Settings(), said).select or ("GOV",)
    except ConfigError as error:
        raise UsageError(*error.problems) from error
