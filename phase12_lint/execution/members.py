"""Items that cannot be missing where they are taken.

*Example.* After ``if name not in self.plugins: return None``, ``self.plugins[name]`` of a dictionary does not raise.
"""

from __future__ import annotations

import ast

from phase12_lint.execution.origins import part_of, parts_stored
from phase12_lint.syntax.before import known_tests, parts_of
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.atoms import Container
from phase12_lint.values.frames import Frame
from phase12_lint.values.program import Program

_REMOVING = ("pop", "popitem", "clear")


def is_there(program: Program, item: ast.Subscript, scope: Scope, frame: Frame | None) -> bool:
    """Whether ``item`` is there to be taken: the function itself stored it, or found its key in the dictionary."""
    return _is_stored(item, scope) or (
        _is_found(item, scope) and is_dictionary(program, item.value, scope, frame)
    )


def _is_stored(item: ast.Subscript, scope: Scope) -> bool:
    """Whether the function itself stores the item of its own variable that ``item`` takes."""
    if not isinstance(item.value, ast.Name) or not isinstance(item.slice, ast.Constant):
        return False
    return any(part_of(store) == part_of(item) for store, _ in parts_stored(item.value.id, scope))


def _is_found(item: ast.Subscript, scope: Scope) -> bool:
    """Whether a test has found the key wherever ``item`` is reached, and nothing that follows the test removes it."""
    return any(
        isinstance(test, ast.Compare)
        and len(test.ops) == 1
        and isinstance(test.ops[0], ast.In if outcome else ast.NotIn)
        and _is_same(test.left, item.slice)
        and _is_same(test.comparators[0], item.value)
        and not _is_changed_after(test, item, scope)
        for whole, way in known_tests(scope, item, None)
        for test, outcome in parts_of(whole, way)
    )


def _is_same(one: ast.expr, other: ast.expr) -> bool:
    return ast.dump(one) == ast.dump(other)


def _is_changed_after(test: ast.Compare, item: ast.Subscript, scope: Scope) -> bool:
    """Whether anything after ``test`` makes other things of the key or the dictionary, or takes keys out of it."""
    read = {
        ast.unparse(node)
        for each in (item.value, item.slice)
        for node in ast.walk(each)
        if isinstance(node, (ast.Name, ast.Attribute))
    }
    end = (test.end_lineno or 0, test.end_col_offset or 0)
    return any(
        ast.unparse(changed) in read
        for node in ast.walk(scope.node)
        if isinstance(node, ast.expr) and (node.lineno, node.col_offset) > end
        for changed in [_changed(node)]
        if changed is not None
    )


def _changed(node: ast.expr) -> ast.expr | None:
    """What ``node`` binds anew, or takes a key out of."""
    if isinstance(node, (ast.Name, ast.Attribute)) and not isinstance(node.ctx, ast.Load):
        return node
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Del):
        return node.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _REMOVING:
        return node.func.value
    return None


def is_dictionary(program: Program, node: ast.expr, scope: Scope, frame: Frame | None) -> bool:
    """Whether ``node`` is known to be a dictionary."""
    value = program.evaluate(node, scope, frame)
    return bool(value) and all(isinstance(atom, Container) and atom.kind == "dict" for atom in value)
