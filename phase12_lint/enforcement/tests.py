"""How many tests pytest would take from a file, by its default names."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import chain

from phase12_lint.enforcement.cuts import cut

_MOST_BASES = 20


def count(tree: ast.Module) -> int:
    """The tests of a module: one defined twice is one."""
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    return len({name for node in _statements(tree.body) for name in _tests(node, classes)})


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of ``body``, and of what decides whether some of them are reached."""
    for node in body:
        yield node
        for part in ("body", "orelse", "finalbody"):
            if isinstance(node, (ast.If, ast.Try, ast.With)):
                yield from _statements(getattr(node, part, ()))
        if isinstance(node, ast.Try):
            yield from _statements([*chain.from_iterable(handler.body for handler in node.handlers)])


def _tests(node: ast.stmt, classes: dict[str, ast.ClassDef]) -> Iterator[str]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        if node.name.startswith("test") and not _is_fixture(node):
            yield node.name
    elif isinstance(node, ast.ClassDef) and _is_collected(node):
        yield from (f"{node.name}.{name}" for name in _methods(node, classes, _MOST_BASES))


def _is_fixture(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any("fixture" in ast.unparse(each) for each in node.decorator_list)


def _is_collected(node: ast.ClassDef) -> bool:
    if any("TestCase" in ast.unparse(base) for base in node.bases):
        return True
    names = {each.name for each in node.body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))}
    return node.name.startswith("Test") and not names & {"__init__", "__new__"}


def _methods(node: ast.ClassDef, classes: dict[str, ast.ClassDef], most: int) -> Iterator[str]:
    """The tests of a class, with those of its bases; a base from elsewhere that is no TestCase has one."""
    for each in _statements(node.body):
        yield from _tests(each, {})
    if node.bases and not most:
        cut(
            f"the class {node.name} has more than {_MOST_BASES} bases above each other; the rest were not read"
        )
    for base in node.bases if most else ():
        name = ast.unparse(base)
        if name in classes:
            yield from _methods(
                classes[name], {key: classes[key] for key in classes if key != name}, most - 1
            )
        elif "TestCase" not in name and name not in ("object", "ABC", "abc.ABC"):
            yield f"({name})"
