"""What the engine knows of the outermost expression of a line: the words of a ``# known:`` mark."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from phase12_lint.analysis import quietly
from phase12_lint.engine import Request
from phase12_lint.judgement import programs
from phase12_lint.sources import list_files
from phase12_lint.values.evidence import evidence
from phase12_lint.values.program import Program
from tests.doors import settings_of
from tests.harness import Known

ROLES = ("plugin", "plugin class", "runner", "runner class")


def known(root: Path, asked: tuple[Known, ...]) -> tuple[Known, ...]:
    """What is known at the lines of ``asked`` in the project at ``root``, under its first policy."""
    settings = settings_of(root, {})
    with quietly():
        program = next(programs(Request(root, settings.policies), list_files(root, settings.exclude)))
        return tuple(each._replace(words=_words(program, each)) for each in asked)


def _words(program: Program, asked: Known) -> str:
    module = program.project.module(asked.path)
    assert module is not None, f"{asked.path} cannot be read"
    node = _outermost(module.tree, asked.line)
    scope = module.bound(module.scopes[node])
    for role in ROLES:
        found = evidence(program, node, scope, role)
        if found is not None:
            return f"{role}, {found.confidence.label}"
    return "nothing"


def _outermost(tree: ast.Module, line: int) -> ast.expr:
    """The value of the statement on ``line`` if it has one, else the longest expression that begins there."""
    on_line = list(_beginning(tree, line))
    values = [getattr(node, "value", None) for node in on_line if isinstance(node, ast.stmt)]
    found = [value for value in values if isinstance(value, ast.expr)]
    found += [node for node in on_line if isinstance(node, ast.expr)]
    assert found, f"no expression on line {line}"
    return found[0]


def _beginning(tree: ast.Module, line: int) -> Iterator[ast.AST]:
    """The nodes that begin on ``line``, from the outside in and from left to right."""
    stack: list[ast.AST] = [tree]
    while stack:
        node = stack.pop()
        if getattr(node, "lineno", 0) == line:
            yield node
        stack.extend(reversed(list(ast.iter_child_nodes(node))))
