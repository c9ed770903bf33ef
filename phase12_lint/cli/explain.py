"""``phase12-lint explain``: one rule, for a person who has met it."""

from __future__ import annotations

from argparse import Namespace
from textwrap import indent

from phase12_lint.cli.errors import UsageError
from phase12_lint.cli.output import put
from phase12_lint.rulebook import HEADINGS, Entry, nearest_code, rulebook


def run(options: Namespace) -> int:
    """Print the rule that ``options`` name; 0."""
    entry = rulebook().get(options.code)
    if entry is None:
        raise UsageError(f"no rule {options.code!r}; the nearest is {nearest_code(options.code)}")
    put(_explained(entry))
    return 0


def _explained(entry: Entry) -> str:
    parts = {heading: entry.parts[heading] for heading in HEADINGS if heading in entry.parts}
    parts["How to suppress"] = f"A comment on its line, with the reason:\n\n# noqa: {entry.code} the reason"
    title = f"{entry.code} {entry.name} ({entry.section})\n{entry.summary}\n"
    return title + "".join(f"\n{heading}:\n{indent(body, '    ')}\n" for heading, body in parts.items())
