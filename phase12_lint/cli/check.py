"""``phase12-lint check``: the main job."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from time import perf_counter

from phase12_lint.cli.errors import UsageError
from phase12_lint.cli.output import colourful, destinations, put, save
from phase12_lint.cli.progress import Progress
from phase12_lint.cli.project import locate, settings_of, within
from phase12_lint.config import ConfigError, Settings, amend
from phase12_lint.engine import Outcome, Request
from phase12_lint.engine import run as analyse
from phase12_lint.model import Finding
from phase12_lint.reports import Report, render, seen_from
from phase12_lint.select import asks_for_enforcement, selected


def run(options: Namespace) -> int:
    """Analyse the project and report what ``options`` ask for; 1 if there are findings, else 0."""
    started = perf_counter()
    folder = Path.cwd()
    outputs = destinations(options.format or [("text", "")])
    root, parts = locate(options.root, options.paths, folder)
    settings = _settings(options, root)
    request = Request(
        root,
        settings.policies,
        settings.exclude,
        cache=not options.no_cache,
        jobs=options.jobs,
        enforcement=asks_for_enforcement(settings.select, settings.extend_select),
        policy_file=options.config or "",
    )
    with Progress() as progress:
        outcome = analyse(request, progress)
    wanted = _wanted(settings, parts)
    findings = [seen_from(folder, root, finding) for finding in outcome.findings if wanted(finding)]
    suppressed = [(seen_from(folder, root, one), why) for one, why in outcome.suppressed if wanted(one)]
    report = Report(
        folder=folder,
        findings=tuple(sorted(findings, key=lambda finding: finding.sort_key)),
        suppressed=tuple(sorted(suppressed, key=lambda pair: pair[0].sort_key)),
        files=outcome.files,
        elapsed=perf_counter() - started,
        show_suppressed=options.show_suppressed,
        statistics=options.statistics,
        quiet=options.quiet,
    )
    for name, file in outputs:
        if file:
            save(file, render(name, report))
        else:
            put(render(name, report, colourful()))
    if not options.quiet:
        asides = _asides(root, settings, outcome, options.verbose)
        sys.stderr.writelines(f"phase12-lint: {aside}\n" for aside in asides)
    return 1 if findings and not options.exit_zero else 0


def _settings(options: Namespace, root: Path) -> Settings:
    """What the files and the options say. Raises ``UsageError``."""
    settings = settings_of(root, options.config, options.isolated)
    said = {
        "select": options.select,
        "extend-select": options.extend_select,
        "ignore": options.ignore,
        "min-confidence": options.min_confidence and [options.min_confidence],
    }
    try:
        return amend(settings, {key: ",".join(words) for key, words in said.items() if words})
    except ConfigError as error:
        raise UsageError(*error.problems) from error


def _wanted(settings: Settings, parts: Sequence[str]) -> Callable[[Finding], bool]:
    """Whether a finding is to be told. The rules are not looked at before there is one."""

    @cache
    def codes() -> frozenset[str]:
        reasons = any(policy.require_suppression_reason for policy in settings.policies)
        return selected(settings.select, settings.extend_select, settings.ignore, reasons)

    return lambda finding: (
        finding.code in codes()
        and finding.confidence >= settings.min_confidence
        and within(finding.path, parts)
    )


def _asides(root: Path, settings: Settings, outcome: Outcome, verbose: bool) -> Iterator[str]:
    """What is said beside the report."""
    for note in outcome.notes:
        if verbose or ": a bare noqa " in note:
            yield note
    if verbose:
        yield f"root: {root}"
        yield from settings.notes
        for stage, seconds in outcome.timings:
            yield f"{stage}: {seconds:.3f} s"
