"""``phase12-lint baseline``: freeze today's findings, let the frozen ones shrink, let them grow only in sight."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from phase12_lint.adopt.baseline import Entry, Standing, blinds, compare, freeze, with_reasons
from phase12_lint.adopt.chosen import looked_for
from phase12_lint.cli.check import settings_from, wanted_by
from phase12_lint.cli.errors import UsageError
from phase12_lint.cli.frozen import BaselineFile
from phase12_lint.cli.output import put
from phase12_lint.cli.progress import Progress
from phase12_lint.cli.project import empty, locate, request_of
from phase12_lint.engine import run as analyse
from phase12_lint.model import Finding
from phase12_lint.reports import seen_from
from phase12_lint.reports.printable import printable, printable_path
from phase12_lint.reports.summary import counted


class _Today(NamedTuple):
    """The baseline and what it freezes, how all findings stand to it, and the new ones that are reported."""

    file: BaselineFile
    standing: Standing
    new: tuple[Finding, ...]
    root: Path


def run(options: Namespace) -> int:
    """Create, update or prune the baseline as ``options`` say; 1 if it would have to grow, else 0."""
    return {"create": _create, "update": _update, "prune": _prune}[options.action](options)


def _create(options: Namespace) -> int:
    today = _today(options)
    today.file.write(with_reasons(freeze(today.new), (), options.reason))
    files = counted(len({finding.path for finding in today.new}), "file")
    use = f" with --baseline {today.file.name}" if today.file.is_named else ""
    put(
        f"{today.file.name}: {counted(len(today.new), 'finding')} in {files} frozen. Commit it; from now on"
        f" 'phase12-lint check'{use} reports new ones only.\n"
    )
    return 0


def _update(options: Namespace) -> int:
    today = _today(options)
    standing = today.standing
    _demand_sight(today)
    put(_listed(today))
    if today.new and not options.accept_growth:
        put(
            f"{today.file.name}: unchanged, because {counted(len(today.new), 'finding')} would be added;"
            " fix what is marked with + or run this again with --accept-growth.\n"
        )
        return 1
    return _renew(today, _grown(standing, today.new, options.reason))


def _prune(options: Namespace) -> int:
    today = _today(options)
    _demand_sight(today)
    today = today._replace(new=())
    put(_listed(today))
    return _renew(today, today.standing.kept)


def _today(options: Namespace) -> _Today:
    folder = Path.cwd()
    root = locate(options.root, (), folder).root
    settings = settings_from(options, root)
    file = BaselineFile(options.baseline, root)
    if options.action == "create" and file.exists:
        raise UsageError(
            f"{file.name}: exists already; 'phase12-lint baseline update' brings it up to date, 'prune' only"
            " removes what is gone"
        )
    entries = () if options.action == "create" else file.read()
    with Progress() as progress:
        request = request_of(options, root, settings)
        outcome = analyse(request, progress)
    if options.action == "create" and not (outcome.files or request.enforcement):
        raise UsageError(empty(root, settings))
    sys.stderr.writelines(f"phase12-lint: incomplete: {each}\n" for each in outcome.incomplete)
    if outcome.errors:
        raise UsageError(*(each.partition("\n")[0] for each in outcome.errors))
    standing = compare(entries, outcome.findings, looked_for(settings))
    wanted = wanted_by(settings, ())
    return _Today(file, standing, tuple(filter(wanted, standing.new)), root)


def _demand_sight(today: _Today) -> None:
    """Raise ``UsageError`` where what seems gone may only be out of sight."""
    blinding = blinds(today.new)
    if blinding and today.standing.gone:
        place = _place(seen_from(Path.cwd(), today.root, blinding))
        raise UsageError(f"{place}: fix this first, because it may hide findings that are frozen")


def _grown(standing: Standing, new: Iterable[Finding], reason: str) -> tuple[Entry, ...]:
    """What is kept and what is ``new``, for that ``reason``; equal findings in one entry."""
    found = {entry[:3] for entry in freeze(standing.frozen)}
    untouched = [entry for entry in standing.kept if entry[:3] not in found]
    return with_reasons(freeze([*standing.frozen, *new], untouched), standing.kept, reason)


def _listed(today: _Today) -> str:
    """A line for each finding that is added, and each that is gone."""
    added = [f"+ {_place(seen_from(Path.cwd(), today.root, finding))}\n" for finding in today.new]
    gone = [
        f"- {printable_path(entry.path)}: {entry.code} {printable(entry.message)}"
        + (f" ({entry.number} of them)\n" if entry.number > 1 else "\n")
        for entry in today.standing.gone
    ]
    return "".join([*added, *gone])


def _place(finding: Finding) -> str:
    where = f"{printable_path(finding.path)}:{finding.span.line}:{finding.span.column}"
    return f"{where}: {finding.code} {printable(finding.message)}"


def _renew(today: _Today, entries: tuple[Entry, ...]) -> int:
    today.file.write(entries)
    frozen = counted(sum(entry.number for entry in entries), "finding")
    put(f"{today.file.name}: {len(today.new)} added, {today.standing.gone_count} gone; {frozen} frozen.\n")
    return 0
