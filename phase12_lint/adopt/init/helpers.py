"""What the choke point calls around a plugin run: validators, the envelope's builder, the update of metrics."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from phase12_lint.adopt.init.guesses import CERTAIN, GUESS, Guess
from phase12_lint.policy import Policy
from phase12_lint.syntax.scopes import Scope, last_name
from phase12_lint.values.project import Project

_VALIDATES = re.compile(r"valid|^check|verify|^ensure|^require", re.IGNORECASE)
_REPORTS = re.compile(r"envelope|error|failure|fault", re.IGNORECASE)
_MEASURES = re.compile(r"metric|stat(?:s|istic)|^record|^count|^observe|^track|^update_", re.IGNORECASE)
_LOGS = re.compile(
    r"^(?:log|logger|debug|info|warning|error|exception|critical|format_exc)$|Error$|Exception$"
)


def helpers(project: Project, choke: Scope, method: str) -> Iterator[Guess]:
    """A guess for each of the four keys, from the calls in the class or function ``choke``, which calls ``method``."""
    calls = sorted(
        (
            (node.lineno, name)
            for node in ast.walk(choke.node)
            if isinstance(node, ast.Call) and (name := _called(node))
        ),
        key=lambda call: call[0],
    )
    run = next((line for line, name in calls if name == method), 0)
    caught = {
        name
        for handler in ast.walk(choke.node)
        if isinstance(handler, ast.ExceptHandler)
        for name in _names(handler)
    }
    defined = {name for _, name in calls if _is_defined(project, name)}
    before = [name for line, name in calls if line <= run and _VALIDATES.search(name)]
    after = [name for line, name in calls if line > run and _VALIDATES.search(name)]
    envelope = [name for _, name in calls if name in caught and _REPORTS.search(name)]
    metrics = [name for _, name in calls if _MEASURES.search(name)]
    for key, found, what in (
        ("input-validator", before, "validates anything before the run"),
        ("output-validator", after, "validates anything after the run"),
        ("error-envelope", envelope, "builds an error where an exception is caught"),
        ("metrics-update", metrics, "records metrics of the run"),
    ):
        names = [name for name in found if name in defined and name != method]
        yield _guess(key, [name for _, name in calls], names, choke.name, what)


def _guess(key: str, calls: list[str], found: list[str], choke: str, what: str) -> Guess:
    known = [name for name in calls if any(fnmatchcase(name, each) for each in Policy().under(key))]
    if known:
        return Guess(
            key, (known[0],), CERTAIN, f"`{choke}` calls it, and it has the default name", default=True
        )
    if found:
        return Guess(key, (found[0],), GUESS, f"`{choke}` calls it, and its name says so")
    return Guess(key, (), GUESS, f"judged by its name, nothing that `{choke}` calls {what}")


def _called(node: ast.AST) -> str:
    name = last_name(node.func) if isinstance(node, ast.Call) else None
    return name if name and not _LOGS.search(name) else ""


def _names(node: ast.AST) -> Iterator[str]:
    yield from filter(None, map(_called, ast.walk(node)))


def _is_defined(project: Project, name: str) -> bool:
    return any(name in module.functions for module in project.modules_with(name))
