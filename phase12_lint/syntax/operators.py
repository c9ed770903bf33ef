"""Which special method an operator between two things calls of the left one, and of the right one."""

from __future__ import annotations

import ast

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
SPECIAL_METHODS = frozenset({*LEFT.values(), *RIGHT.values()})
