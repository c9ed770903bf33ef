"""Which nodes stand directly below a node, without what is no code of its own: contexts, operators, names; and what a
node does with one that stands in it.
"""

from __future__ import annotations

import ast

_WITHOUT_NODES = {
    *("ctx", "op", "ops", "id", "attr", "arg", "name", "names", "kind", "type_comment", "lineno", "level"),
    *("module", "is_async", "simple", "conversion", "type_ignores", "rest", "kwd_attrs", "asname"),
}
_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {ast.Constant: (), ast.Name: ()}


def fields_of(kind: type[ast.AST]) -> tuple[str, ...]:
    """The fields of a kind of node that may hold nodes."""
    if kind not in _FIELDS:
        names = tuple(name for name in kind._fields if name not in _WITHOUT_NODES)
        _FIELDS[kind] = (*names, "name") if kind.__name__ == "TypeAlias" else names
    return _FIELDS[kind]


def children(node: ast.AST) -> list[ast.AST]:
    """The nodes directly below ``node``, in the order of its fields."""
    found: list[ast.AST] = []
    for name in fields_of(type(node)):
        value = getattr(node, name, None)
        if type(value) is list:
            found += [each for each in value if each is not None]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


def takes_apart(parent: ast.AST | None, node: ast.AST) -> bool:
    """Whether ``parent``, in which ``node`` stands, goes through its elements: ``for x in node``, ``a, b = node``."""
    if isinstance(parent, ast.Assign):
        return any(isinstance(target, (ast.Tuple, ast.List)) for target in parent.targets)
    return isinstance(parent, (ast.YieldFrom, ast.Starred)) or getattr(parent, "iter", None) is node
