"""Which special methods operators call, of which of their operands, and with what."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

_NAMES: dict[type[ast.operator], str] = {
    ast.Add: "add",
    ast.Sub: "sub",
    ast.Mult: "mul",
    ast.MatMult: "matmul",
    ast.Div: "truediv",
    ast.FloorDiv: "floordiv",
    ast.Mod: "mod",
    ast.Pow: "pow",
    ast.LShift: "lshift",
    ast.RShift: "rshift",
    ast.BitAnd: "and",
    ast.BitOr: "or",
    ast.BitXor: "xor",
}
LEFT = {kind: f"__{name}__" for kind, name in _NAMES.items()}
RIGHT = {kind: f"__r{name}__" for kind, name in _NAMES.items()}
IN_PLACE = {kind: f"__i{name}__" for kind, name in _NAMES.items()}
SPECIAL_METHODS = frozenset({*LEFT.values(), *RIGHT.values()})
CALLED = frozenset({*SPECIAL_METHODS, *IN_PLACE.values(), "__getitem__", "__setitem__", "__contains__"})


_OPERATING = {ast.BinOp, ast.AugAssign, ast.Subscript, ast.Compare, ast.Call}
_FUNCTIONS = {f"operator.{name}": f"__{name}__" for name in _NAMES.values()}


class Operation(NamedTuple):
    """The call of a special method of ``owner`` at ``node``, with what it is ``given``: operands, or a stored place."""

    node: ast.AST
    owner: ast.expr
    given: tuple[ast.expr, ...]


def operations(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, Operation]]:
    """Every such call among ``nodes`` that may be made, with the name of the method."""
    for node in nodes:
        if type(node) not in _OPERATING:
            continue
        if isinstance(node, ast.Call):
            name = _FUNCTIONS.get(_spelled(node.func)) if len(node.args) == 2 else None
            if name is not None:
                yield name, Operation(node, node.args[0], (node.args[1],))
        elif isinstance(node, ast.BinOp):
            yield LEFT[type(node.op)], Operation(node, node.left, (node.right,))
            yield RIGHT[type(node.op)], Operation(node, node.right, (node.left,))
        elif isinstance(node, ast.AugAssign):
            for names in (IN_PLACE, LEFT):
                yield names[type(node.op)], Operation(node, node.target, (node.value,))
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            yield "__getitem__", Operation(node, node.value, (node.slice,))
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            yield "__setitem__", Operation(node, node.value, (node.slice, node))
        elif isinstance(node, ast.Compare) and isinstance(node.ops[-1], (ast.In, ast.NotIn)):
            left = [node.left, *node.comparators][-2]
            yield "__contains__", Operation(node, node.comparators[-1], (left,))


def _spelled(node: ast.expr) -> str:
    return f"{getattr(node.value, 'id', '')}.{node.attr}" if isinstance(node, ast.Attribute) else ""
