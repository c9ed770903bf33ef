"""How many tests pytest would take from a file, by its default names."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

_Classes = dict[str, ast.ClassDef]


def count(tree: ast.Module) -> int:
    """The tests of a module: one defined twice is one."""
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    return len(set(_tests(tree.body, classes, "")))


def _tests(body: Sequence[ast.stmt], classes: _Classes, within: str) -> Iterator[str]:
    """The tests in ``body``; a class has those of its bases too, and one from elsewhere that is no TestCase has one."""
    for node in _statements(body):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            if node.name.startswith("test") and not any(
                "fixture" in each for each in map(ast.unparse, node.decorator_list)
            ):
                yield within + node.name
        elif isinstance(node, ast.ClassDef) and _is_collected(node):
            for part in _with_bases(node, dict(classes)):
                if isinstance(part, ast.ClassDef):
                    yield from _tests(part.body, {}, f"{within}{node.name}.")
                elif "TestCase" not in part and part not in ("object", "ABC", "abc.ABC"):
                    yield f"{within}{node.name}({part})"


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of ``body``, and of what decides whether some of them are reached."""
    for node in body:
        yield node
        if isinstance(node, (ast.If, ast.Try, ast.With)):
            inner = [each for each in ast.iter_child_nodes(node) if isinstance(each, ast.stmt)]
            handlers = [each for handler in getattr(node, "handlers", ()) for each in handler.body]
            yield from _statements([*inner, *handlers])


def _is_collected(node: ast.ClassDef) -> bool:
    if any("TestCase" in ast.unparse(base) for base in node.bases):
        return True
    names = {each.name for each in node.body if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef))}
    return node.name.startswith("Test") and not names & {"__init__", "__new__"}


def _with_bases(node: ast.ClassDef, classes: _Classes) -> Iterator[ast.ClassDef | str]:
    """``node`` and the classes above it, those that ``classes`` does not hold by their names."""
    yield node
    for name in map(ast.unparse, node.bases):
        base = classes.pop(name, None)
        if base is None:
            yield name
        else:
            yield from _with_bases(base, classes)
