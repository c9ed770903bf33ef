"""``phase12-lint suppressions``: what is suppressed, why, by whom and since when."""

from __future__ import annotations

import sys
import time
from argparse import Namespace
from pathlib import Path

from phase12_lint.adopt.suppressions.collect import Frozen, collect
from phase12_lint.adopt.suppressions.items import BASELINE, Gate, Item
from phase12_lint.adopt.suppressions.ledger import Ledger
from phase12_lint.adopt.suppressions.render import render
from phase12_lint.cli.errors import UsageError
from phase12_lint.cli.frozen import BaselineFile, found_by_itself
from phase12_lint.cli.output import destinations, put, save
from phase12_lint.cli.progress import Progress
from phase12_lint.cli.project import empty, locate, request_of, settings_of, with_named, within
from phase12_lint.engine import Outcome
from phase12_lint.engine import run as analyse
from phase12_lint.faults import lines_of
from phase12_lint.reports import seen_path
from phase12_lint.select import ENFORCEMENT

_IN_DOUBT = "after an internal error it is not known which suppressions are unused"


def run(options: Namespace) -> int:
    """List the suppressions of the project of ``options``; 1 if the gate refuses one, else 0; 2 after an error."""
    folder = Path.cwd()
    outputs = destinations(options.format or [("text", "")])
    where = locate(options.root, options.paths, folder)
    root = where.root
    settings = settings_of(root, options.config, options.isolated)
    frozen = _frozen(found_by_itself(options, root))
    request = with_named(request_of(options, root, settings), where, settings.file)
    if frozen and any(entry.code.startswith(ENFORCEMENT) for entry in frozen.entries):
        request = request._replace(enforcement=True)
    with Progress() as progress:
        outcome = analyse(request, progress)
    if not (outcome.files or frozen):
        raise UsageError(empty(root, settings))
    items, notes = collect(root, outcome, frozen, lambda path: within(path, where.parts), options.jobs)
    if outcome.errors:
        items, notes = [item._replace(stale=(), gone=0) for item in items], [*notes, _IN_DOUBT]
    shown = sorted((_seen(folder, root, item) for item in items), key=lambda item: item.sort_key)
    gate = Gate(options.max_age, options.require_reason)
    ledger = Ledger(tuple(shown), gate, time.time(), _incomplete(outcome, notes))
    for name, file in outputs:
        if file:
            save(file, render(name, ledger))
        else:
            put(render(name, ledger))
    sys.stderr.writelines(f"phase12-lint: incomplete: {each}\n" for each in (*outcome.incomplete, *notes))
    if outcome.errors:
        sys.stderr.writelines(f"phase12-lint: {each}\n" for each in lines_of(outcome.errors, options.debug))
        return 2
    return 1 if ledger.refusals else 0


def _frozen(file: BaselineFile | None) -> Frozen | None:
    return Frozen(Path(file.name), file.name, file.placed()) if file else None


def _seen(folder: Path, root: Path, item: Item) -> Item:
    path = seen_path(folder, root, item.path)
    return item._replace(path=path, written_in=item.written_in if item.kind == BASELINE else path)


def _incomplete(outcome: Outcome, notes: list[str]) -> tuple[str, ...]:
    return (*outcome.incomplete, *notes, *(each.partition("\n")[0] for each in outcome.errors))
