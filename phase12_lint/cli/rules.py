"""``phase12-lint rules``: the catalogue of the rules, or of the presets."""

from __future__ import annotations

import json
import sys
from argparse import Namespace

from phase12_lint.cli.output import put
from phase12_lint.faults import lines_of
from phase12_lint.registered import loaded
from phase12_lint.reports import presets
from phase12_lint.rulebook import Entry, rulebook


def run(options: Namespace) -> int:
    """Print every rule, or preset, in the format that ``options`` name; 0, or 2 if a rule of a team's own cannot be
    loaded."""
    if options.presets:
        put(presets.render(options.format))
        return 0
    put({"text": _text, "json": _json, "markdown": _markdown}[options.format](list(rulebook().values())))
    return unloaded(options.debug)


def unloaded(debug: bool) -> int:
    """Say which rules of a team's own cannot be loaded; 2 if there is one, else 0."""
    sys.stderr.writelines(f"phase12-lint: {each}\n" for each in lines_of(loaded().errors, debug))
    return 2 if loaded().errors else 0


def _text(entries: list[Entry]) -> str:
    widest = max(len(entry.name) for entry in entries)
    return "".join(
        f"{entry.code}  {entry.name:{widest}}  {entry.section:4}  {entry.summary}{_remark(entry)}\n"
        for entry in entries
    )


def _json(entries: list[Entry]) -> str:
    rules = [
        {
            "code": entry.code,
            "name": entry.name,
            "section": entry.section,
            "summary": entry.summary,
            "default": entry.default,
            "documentation": {heading: body for heading, body in entry.parts.items() if heading},
        }
        for entry in entries
    ]
    return json.dumps({"version": 1, "rules": rules}, indent=2) + "\n"


def _markdown(entries: list[Entry]) -> str:
    rows = ["| code | name | section | summary |", "|---|---|---|---|"]
    for entry in entries:
        summary = (entry.summary + _remark(entry)).replace("|", "\\|")
        rows.append(f"| {entry.code} | {entry.name} | {entry.section} | {summary} |")
    return "\n".join(rows) + "\n"


def _remark(entry: Entry) -> str:
    return "" if entry.default else " (off by default)"
