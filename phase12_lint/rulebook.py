"""What each rule says of itself, read from its source: to import the rules imports half of the engine.

A rule is a class in a module of ``rules/`` with a ``code``; its docstring has the sections ``HEADINGS``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from phase12_lint.registered import loaded, registered

if TYPE_CHECKING:
    import ast

OURS = "GOV"  # how the codes of our own rules begin
HEADINGS = ("What it does", "Why", "Example", "Use instead", "How to fix")


class Entry(NamedTuple):
    """One rule. ``default`` if it is on by default; ``parts`` are its docstring's sections by heading; ``by_noqa`` if
    a ``noqa`` suppresses what it finds.

    A rule of ours has every heading, one of a team's own those that it wrote.
    """

    code: str
    name: str
    section: str
    summary: str
    default: bool
    parts: dict[str, str]
    by_noqa: bool = True

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
    entries = {}
    for rule in loaded().rules:
        parts = {"": "", **_parts(rule.__doc__ or "")}
        summary = " ".join(parts.pop("").partition("\n\n")[0].split()) or rule.name
        entries[rule.code] = Entry(rule.code, rule.name, rule.section, summary, bool(rule.default), parts)
    return entries


@cache
def built_in() -> dict[str, Entry]:
    """Every rule of our own by its code, in the order of the codes."""
    import ast

    folder = Path(__file__).parent / "rules"
    modules = [ast.parse(path.read_bytes()) for path in folder.glob("*.py")]
    entries = [entry for module in modules for node in module.body if (entry := _entry(node))]
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

    code = max(rulebook(), key=likeness)
    entry = max(rulebook().values(), key=lambda each: likeness(each.name))
    return code if likeness(code) >= likeness(entry.name) else f"{entry.name} ({entry.code})"


def _entry(node: ast.stmt) -> Entry | None:
    import ast

    said = dict(_constants(node)) if isinstance(node, ast.ClassDef) else {}
    if not isinstance(node, ast.ClassDef) or "code" not in said:
        return None
    parts = _parts(ast.get_docstring(node, clean=False) or "")  # cleaning would import inspect
    code, name, section = (str(said[attribute]) for attribute in ("code", "name", "section"))
    default, by_noqa = (bool(said.get(attribute, True)) for attribute in ("default", "by_noqa"))
    return Entry(code, name, section, parts.pop(""), default, parts, by_noqa)


def _constants(node: ast.ClassDef) -> Iterator[tuple[str, object]]:
    """The attributes of a class that are constants."""
    import ast

    for statement in node.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            yield ast.unparse(statement.targets[0]), statement.value.value


def _parts(docstring: str) -> dict[str, str]:
    """The docstring's summary, under no heading, and the body of each heading, as Markdown."""
    from textwrap import dedent

    bodies: dict[str, list[str]] = {"": []}
    heading = ""
    first, _, rest = docstring.partition("\n")
    for line in [first, *dedent(rest).splitlines()]:
        if line.rstrip(":") in HEADINGS and line.endswith(":"):
            heading = line.rstrip(":")
            bodies[heading] = []
        else:
            bodies[heading].append(line)
    return {name: dedent("\n".join(lines)).strip() for name, lines in bodies.items()}
