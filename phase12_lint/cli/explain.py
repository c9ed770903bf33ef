"""``phase12-lint explain``: one rule, for a person who has met it."""

from __future__ import annotations

from argparse import Namespace
from textwrap import indent

from phase12_lint.cli.errors import UsageError
from phase12_lint.cli.output import put
from phase12_lint.cli.rules import unloaded
from phase12_lint.rulebook import HEADINGS, Entry, code_named, nearest_rule, rulebook

_SUPPRESS = """\
On one line, with the reason:

    # noqa: {code} the reason

In the whole project, in [phase12-lint] of setup.cfg:

    ignore = {code}"""


def run(options: Namespace) -> int:
    """Print the rule that ``options`` name; 0."""
    entry = rulebook().get(code_named(options.code) or "")
    if entry is None:
        unloaded(options.debug)
        raise UsageError(f"no rule {options.code!r}; the nearest is {nearest_rule(options.code)}")
    put(_explained(entry))
    return 0


def _explained(entry: Entry) -> str:
    parts = {heading: entry.parts[heading] for heading in HEADINGS if heading in entry.parts}
    parts["How to suppress"] = _SUPPRESS.format(code=entry.code)
    title = f"{entry.code} {entry.name} ({entry.section})\n{entry.summary}\n"
    return title + "".join(f"\n{heading}:\n{_body(text)}\n" for heading, text in parts.items())


def _body(markdown: str) -> str:
    """``markdown`` indented, without the fences around code."""
    lines = [line for line in markdown.splitlines() if not line.startswith("```")]
    return indent("\n".join(lines), "    ")
