"""``phase12-lint paths``: every way to a plugin run, with its verdict."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from phase12_lint.cli.errors import UsageError
from phase12_lint.cli.output import colourful, destinations, put, save
from phase12_lint.cli.progress import Progress
from phase12_lint.cli.project import empty, locate, settings_of
from phase12_lint.engine import Request
from phase12_lint.faults import lines_of
from phase12_lint.policy import sought
from phase12_lint.proofs import prove
from phase12_lint.reports.ways import WaysReport, render, seen_from


def run(options: Namespace) -> int:
    """Report the ways that the project of ``options`` has; 0 if all are proved, else 1; 2 after an error.

    Without one it is said what was looked for, and the status is 1 if nothing is governed.
    """
    folder = Path.cwd()
    outputs = destinations(options.format or [("text", "")])
    root = locate(options.root, (), folder).root
    settings = settings_of(root, options.config, options.isolated)
    with Progress() as progress:
        proof = prove(Request(root, settings.policies, settings.exclude), progress)
    if not proof.files:
        raise UsageError(empty(root, settings))
    found = tuple(seen_from(folder, root, way) for way in proof.ways)
    report = WaysReport(folder, found, proof.layers)
    for name, file in outputs:
        if file:
            save(file, render(name, report))
        else:
            put(render(name, report, colourful(options.color)))
    notes = [] if proof.ways else [f"looked for: {', '.join(sought(each))}" for each in settings.policies]
    notes += [f"incomplete: {each}" for each in proof.incomplete]
    if options.verbose:
        notes += [f"root: {root}", *settings.notes]
    notes += lines_of(proof.errors, options.debug)
    sys.stderr.writelines(f"phase12-lint: {note}\n" for note in notes)
    if proof.errors:
        return 2
    return 0 if report.is_proved and proof.governed.guards and not proof.incomplete else 1
