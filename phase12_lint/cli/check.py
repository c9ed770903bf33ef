"""``phase12-lint check``: the main job."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from phase12_lint.adopt.baseline import Standing, compare
from phase12_lint.adopt.chosen import looked_for, wanted
from phase12_lint.cli.change import brought
from phase12_lint.cli.errors import UsageError
from phase12_lint.cli.frozen import found_by_itself, is_ci, shrink
from phase12_lint.cli.job_summary import job_summary
from phase12_lint.cli.output import colourful, destinations, put, save
from phase12_lint.cli.progress import Progress
from phase12_lint.cli.project import empty, locate, request_of, settings_of, with_named, within
from phase12_lint.cli.shown import files, settings_in_force
from phase12_lint.config import ConfigError, Settings, amend
from phase12_lint.engine import Outcome
from phase12_lint.engine import run as analyse
from phase12_lint.faults import lines_of
from phase12_lint.model import Finding
from phase12_lint.reports import Report, carries_fixes, render, seen_from

_OF_ALL_PARTS = ("GOV005",)  # told whatever PATHs are given; so is what says why nothing is governed
_WHY_NOTHING = ("GOV004",)


def run(options: Namespace) -> int:
    """Analyse the project and report what ``options`` ask for; 1 if there are findings, else 0."""
    started = perf_counter()
    folder = Path.cwd()
    is_fixing = _is_fixing(options)
    outputs = destinations(options.format or ([] if options.diff else [("text", "")]))
    where = locate(options.root, options.paths, folder)
    root = where.root
    settings = settings_from(options, root)
    request = with_named(request_of(options, root, settings), where, settings.file)
    if options.show_files or options.show_settings:
        put(files(request, folder) if options.show_files else settings_in_force(root, settings))
        return 0
    baseline = found_by_itself(options, root)
    entries = baseline.read() if baseline else ()
    with Progress() as progress:

        def told(outcome: Outcome) -> _Told:
            chosen, notes = brought(options, request, outcome, progress)
            standing = compare(entries, outcome.findings, looked_for(settings))
            of_all = _OF_ALL_PARTS if outcome.governed.guards else (*_OF_ALL_PARTS, *_WHY_NOTHING)
            wanted = wanted_by(settings, where.parts, of_all)
            findings = tuple(each for each in standing.new if each in chosen and wanted(each))
            return _Told(standing, findings, notes, wanted)

        errors: tuple[str, ...] = ()
        if is_fixing:
            from phase12_lint.cli.fixing import fix

            errors = fix(options, request, lambda outcome: told(outcome).findings, progress)
        fixes = any(carries_fixes(name) for name, _ in outputs)
        outcome = analyse(request._replace(fixes=fixes), progress)
        errors = tuple(dict.fromkeys((*errors, *outcome.errors)))
        standing, findings, notes, wanted = told(outcome)
    if not (outcome.files or request.enforcement):
        raise UsageError(empty(root, settings))
    shown = _Shown(folder, root, wanted)
    report = Report(
        folder=folder,
        findings=shown.of(findings),
        suppressed=shown.suppressed(outcome),
        files=outcome.files,
        elapsed=perf_counter() - started,
        show_suppressed=options.show_suppressed,
        statistics=options.statistics,
        quiet=options.quiet,
        baselined=shown.of(standing.frozen),
        pipelines=tuple((policy.name, policy.bands) for policy in settings.policies),
        scope=notes,
        incomplete=(*outcome.incomplete, *(each.partition("\n")[0] for each in errors)),
        governed=outcome.governed,
    )
    for name, file in outputs:
        if file:
            save(file, render(name, report))
        else:
            put(render(name, report, colourful(options.color)))
    aside = job_summary(report) if any(name == "github" for name, _ in outputs) else ""
    sys.stderr.writelines(f"phase12-lint: incomplete: {each}\n" for each in outcome.incomplete)
    if not options.quiet:
        asides = [*_asides(root, settings, outcome, options.verbose), *notes, aside]
        if baseline:
            asides.append(shrink(baseline, entries, standing, report.findings, _is_whole(options)))
        sys.stderr.writelines(f"phase12-lint: {each}\n" for each in asides if each)
    if errors:
        sys.stderr.writelines(f"phase12-lint: {each}\n" for each in lines_of(errors, options.debug))
        return 2
    return 1 if report.findings and not options.exit_zero else 0


def _is_fixing(options: Namespace) -> bool:
    """Whether findings are to be fixed. Raises ``UsageError`` where it is not said what to do with the fixes."""
    if options.unsafe_fixes and not (options.fix or options.diff):
        raise UsageError("--unsafe-fixes says which fixes: use it with --fix, or with --diff to see them")
    if options.diff and any(not file for _, file in options.format or ()):
        raise UsageError(
            "--diff: the diff goes to standard output, so the report needs a file: --format FORMAT=FILE"
        )
    return bool(options.fix or options.diff)


class _Told(NamedTuple):
    """What is told of an outcome: how it stands to the baseline, the findings, and how they were chosen.

    ``wanted`` says whether a finding would be told, new or not.
    """

    standing: Standing
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    wanted: Callable[[Finding], bool]


class _Shown(NamedTuple):
    """What is shown of findings: those ``wanted``, with paths relative to ``folder`` and in order."""

    folder: Path
    root: Path
    wanted: Callable[[Finding], bool]

    def of(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        seen = [seen_from(self.folder, self.root, finding) for finding in findings if self.wanted(finding)]
        return tuple(sorted(seen, key=lambda finding: finding.sort_key))

    def suppressed(self, outcome: Outcome) -> tuple[tuple[Finding, str], ...]:
        seen = [
            (seen_from(self.folder, self.root, finding), why)
            for finding, why in outcome.suppressed
            if self.wanted(finding)
        ]
        return tuple(sorted(seen, key=lambda pair: pair[0].sort_key))


def _is_whole(options: Namespace) -> bool:
    """Whether the run tells all of the project, under its own policy, to somebody who works on it."""
    is_part = options.paths or options.isolated or options.config or options.diff_base is not None
    return not (is_part or is_ci())


def settings_from(options: Namespace, root: Path) -> Settings:
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


def wanted_by(
    settings: Settings, parts: Sequence[str], of_all: Collection[str] = _OF_ALL_PARTS
) -> Callable[[Finding], bool]:
    """Whether a finding is to be told: in one of ``parts``, or of a code that is ``of_all`` of them."""
    is_wanted = wanted(settings)
    return lambda finding: is_wanted(finding) and (finding.code in of_all or within(finding.path, parts))


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
