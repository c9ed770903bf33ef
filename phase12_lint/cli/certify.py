"""``phase12-lint certify``: the completion criteria as a checklist."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from phase12_lint.adopt.certify.checklist import certify
from phase12_lint.adopt.certify.render import render
from phase12_lint.adopt.certify.results import Results, ResultsError, from_files, from_pytest
from phase12_lint.cli.errors import UsageError
from phase12_lint.cli.frozen import BaselineFile
from phase12_lint.cli.output import destinations, put, save
from phase12_lint.cli.progress import Progress
from phase12_lint.cli.project import locate, settings_of
from phase12_lint.enforcement.project import ProjectFiles
from phase12_lint.engine import Request
from phase12_lint.faults import lines_of


def run(options: Namespace) -> int:
    """Show the checklist of the project of ``options``; 0 if every line is met, else 1; 2 after an error."""
    outputs = destinations(options.format or [("text", "")])
    root = locate(options.root, (), Path.cwd()).root
    settings = settings_of(root, options.config, options.isolated)
    request = Request(
        root, settings.policies, settings.exclude, policy_file=settings.file if options.config else ""
    )
    results = _results(options, request)
    baseline = BaselineFile(None, root)
    entries = baseline.read() if baseline.exists and not options.isolated else ()
    with Progress() as progress:
        certificate = certify(request, settings, results, progress, entries)
    for name, file in outputs:
        if file:
            save(file, render(name, certificate))
        else:
            put(render(name, certificate))
    if certificate.errors:
        sys.stderr.writelines(
            f"phase12-lint: {each}\n" for each in lines_of(certificate.errors, options.debug)
        )
        return 2
    return 0 if certificate.is_complete else 1


def _results(options: Namespace, request: Request) -> Results:
    """What the tests gave, as far as ``options`` say where to look."""
    if options.run_tests:
        return from_pytest(request.root, ProjectFiles(request.root, request.policies[0]).folders)
    try:
        return from_files(options.junit or ())
    except ResultsError as error:
        raise UsageError(str(error)) from error
