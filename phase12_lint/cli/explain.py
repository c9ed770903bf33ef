"""``phase12-lint explain``: one rule, one section of the governance or one term, for a person who has met it."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from textwrap import fill, indent

from phase12_lint.adopt.init.governance import section_of
from phase12_lint.cli.errors import UsageError
from phase12_lint.cli.output import put
from phase12_lint.cli.rules import unloaded
from phase12_lint.config import ConfigError, Settings, file_for, find_root, load
from phase12_lint.reports.glossary import TERMS, term_of, used_in
from phase12_lint.reports.manual import how_to_suppress
from phase12_lint.rulebook import HEADINGS, Entry, code_named, nearest_rule, rulebook

_WIDTH = 112


def run(options: Namespace) -> int:
    """Print what ``options`` name; 0. Raises ``UsageError``."""
    root = find_root(Path.cwd())
    settings = _settings(root)
    spellings = (options.code, options.code.upper(), options.code.lower())
    entry = rulebook().get(next(filter(None, map(code_named, spellings)), ""))
    term = term_of(options.code)
    title, body = section_of(settings.policies[0], options.code)
    if entry is not None:
        put(_explained(entry, settings, root))
    elif body:
        put(f"{options.code} {title}\n\n{_body(body)}\n")
    elif term:
        put(f"{term}\n\n{_body(fill(TERMS[term], _WIDTH, break_on_hyphens=False))}\n")
    else:
        unloaded(options.debug)
        raise UsageError(
            f"no rule or term {options.code!r}; the nearest rule is {nearest_rule(options.code)}"
        )
    return 0


def _settings(root: Path) -> Settings:
    """What the project says; the defaults where that is wrong, which is not for this command to report."""
    try:
        return load(root)
    except ConfigError:
        return Settings()


def _explained(entry: Entry, settings: Settings, root: Path) -> str:
    parts = {heading: entry.parts[heading] for heading in HEADINGS if heading in entry.parts}
    parts["How to suppress"] = how_to_suppress(entry, settings.file or file_for(root))
    parts |= _quoted(entry, settings)
    terms = "\n".join(_filled(f"{term}: {meaning}") for term, meaning in used_in("\n".join(parts.values())))
    parts |= {"Terms (more: phase12-lint explain TERM)": terms} if terms else {}
    title = f"{entry.code} {entry.name} ({entry.section})\n{entry.summary}\n"
    return title + "".join(f"\n{heading}:\n{_body(text)}\n" for heading, text in parts.items())


def _quoted(entry: Entry, settings: Settings) -> Iterator[tuple[str, str]]:
    """The section that the rule enforces, as the governance README has it."""
    title, body = section_of(settings.policies[0], entry.section)
    if body:
        yield f"What it enforces, {entry.section} of the Phase 12 governance, {title}", body


def _filled(text: str) -> str:
    return fill(text, _WIDTH, subsequent_indent="  ", break_on_hyphens=False)


def _body(markdown: str) -> str:
    """``markdown`` indented, code without the fences around it and below prose further in."""
    deeper = "" if markdown.startswith("```") else "    "
    lines, in_code = [], False
    for line in markdown.splitlines():
        if line.startswith("```"):
            in_code = not in_code
        else:
            lines.append(deeper + line if in_code and line else line)
    return indent("\n".join(lines), "    ")
