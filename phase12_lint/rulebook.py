"""What each rule says of itself, read from its source: to import the rules imports half of the engine.

A rule is the first class in a module of ``rules/``, with a ``code``; its docstring has the sections ``HEADINGS``. Its
text is searched, for to parse it takes a tenth of a run that finds nothing changed.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

from phase12_lint.registered import loaded, registered

OURS = "GOV"  # how the codes of our own rules begin
HEADINGS = ("What it does", "Why", "Example", "Use instead", "How to fix")
_RULE = re.compile(r'\nclass [^\n]*:\n    """(?P<says>.*?)"""\n(?P<body>.*)', re.DOTALL)
_CONSTANT = re.compile(r'\n    (\w+) = (?:"([^"\n]*)"|(True|False))(?=\n)')


class Entry(NamedTuple):
    """One rule. ``default`` if it is on by default; ``says`` is its docstring; ``by_noqa`` if a ``noqa`` suppresses
    what it finds.
    """

    code: str
    name: str
    section: str
    default: bool
    says: str
    by_noqa: bool = True

    @property
    def summary(self) -> str:
        """What it finds, on one line."""
        return " ".join(_sections(self.says)[""].partition("\n\n")[0].split()) or self.name

    @property
    def parts(self) -> dict[str, str]:
        """The sections of its docstring by heading: every heading of a rule of ours, of a team's own those it wrote."""
        return {heading: body for heading, body in _sections(self.says).items() if heading}

    @property
    def hint(self) -> str:
        """The first paragraph of how to fix it, on one line."""
        return " ".join(self.parts.get("How to fix", self.summary).partition("\n\n")[0].split())


def rulebook() -> dict[str, Entry]:
    """Every rule by its code: our own in the order of the codes, then those of a team's own that are installed."""
    return built_in() | _own() if registered() else built_in()


@cache
def _own() -> dict[str, Entry]:
    """The rules of a team's own; one that cannot be imported has no entry (``registered.loaded``)."""
    return {
        rule.code: Entry(rule.code, rule.name, rule.section, bool(rule.default), rule.__doc__ or "")
        for rule in loaded().rules
    }


@cache
def built_in() -> dict[str, Entry]:
    """Every rule of our own by its code, in the order of the codes."""
    folder = Path(__file__).parent / "rules"
    entries = [entry for path in folder.glob("*.py") if (entry := _entry(path.read_text("utf-8")))]
    return {entry.code: entry for entry in sorted(entries)}


def check_prefix(text: str) -> str:
    """``text`` if it is how some code begins, the code if it is the name of a rule; raises ``ValueError`` with the
    nearest rule otherwise."""
    if any(code.startswith(text) for code in rulebook()):
        return text
    named = code_named(text)
    if named is not None:
        return named
    failed = "".join(f"; {error.partition(chr(10))[0]}" for error in loaded().errors)
    raise ValueError(f"matches no rule; the nearest is {nearest_rule(text)}{failed}")


def code_named(text: str) -> str | None:
    """The code of the rule that ``text`` is the code or the name of."""
    return next((code for code, entry in rulebook().items() if text in (code, entry.name)), None)


def nearest_rule(text: str) -> str:
    """The code most like ``text``, or the name and the code of the rule whose name is more like it."""
    from difflib import SequenceMatcher

    def likeness(known: str) -> float:
        return SequenceMatcher(None, text.upper(), known.upper()).ratio()

    code = max(rulebook(), key=lambda known: (likeness(known), known.startswith(text.upper())))
    entry = max(rulebook().values(), key=lambda each: likeness(each.name))
    return code if likeness(code) >= likeness(entry.name) else f"{entry.name} ({entry.code})"


def _entry(source: str) -> Entry | None:
    rule = _RULE.search(source)
    if rule is None:
        return None
    said = {name: text or word == "True" for name, text, word in _CONSTANT.findall(rule["body"])}
    if "code" not in said:
        return None
    code, name, section = (str(said[attribute]) for attribute in ("code", "name", "section"))
    default, by_noqa = (bool(said.get(attribute, True)) for attribute in ("default", "by_noqa"))
    return Entry(code, name, section, default, rule["says"], by_noqa)


@cache
def _sections(docstring: str) -> dict[str, str]:
    """The docstring's summary, under no heading, and the body of each heading, as Markdown."""
    bodies: dict[str, list[str]] = {"": []}
    heading = ""
    first, _, rest = docstring.partition("\n")
    for line in [first, *_dedented(rest.splitlines())]:
        if line.rstrip(":") in HEADINGS and line.endswith(":"):
            heading = line.rstrip(":")
            bodies[heading] = []
        else:
            bodies[heading].append(line)
    return {name: "\n".join(_dedented(lines)).strip() for name, lines in bodies.items()}


def _dedented(lines: list[str]) -> list[str]:
    margin = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return [line[margin:].rstrip() for line in lines]
