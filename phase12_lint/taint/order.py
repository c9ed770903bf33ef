"""Whether one statement of a function may run before another: by their blocks, and what leaves those."""

from __future__ import annotations

import ast

from phase12_lint.syntax.scopes import Scope

_LOOPS = (ast.For, ast.AsyncFor, ast.While)
_TRIES = tuple(kind for name in ("Try", "TryStar") if (kind := getattr(ast, name, None)) is not None)
_AFTER = {"body": ("handlers", "orelse", "finalbody"), "handlers": ("finalbody",), "orelse": ("finalbody",)}
_JUMPS = (ast.Return, ast.Raise, ast.Continue, ast.Break)


def statement_at(scope: Scope, node: ast.AST) -> ast.AST:
    """The statement that ``node`` stands in; the whole of a function whose body is an expression."""
    while not isinstance(node, ast.stmt) and node is not scope.node:
        node = scope.module.parents[node]
    return node


def may_precede(scope: Scope, first: ast.AST, second: ast.AST) -> bool:
    """Whether ``second``, a statement of ``scope``, may run after ``first``, another one, has run to its end."""
    if first is second:
        return True
    one, other = _line(scope, first), _line(scope, second)
    shared = 0
    while shared < min(len(one), len(other)) and one[shared] is other[shared]:
        shared += 1
    if shared == 0 or shared == len(other):  # nested in one another: a header and its body
        return True
    for depth in range(shared - 1, -1, -1):
        if isinstance(one[depth], _LOOPS) and _comes_out(one[depth:], to_loop=True):
            return True
    if shared == len(one):
        return True
    around = one[shared - 1]
    here, there = _field(around, one[shared]), _field(around, other[shared])
    if isinstance(around, _TRIES) and here != there:
        is_final = there == "finalbody"
        return there in _AFTER.get(here, ()) and (is_final or here == "body" or _comes_out(one[shared - 1 :]))
    if here != there or type(around).__name__ == "Match" or here == "handlers":
        return False
    block = getattr(around, here)
    return block.index(one[shared]) < block.index(other[shared]) and _comes_out(one[shared - 1 :])


def _line(scope: Scope, node: ast.AST) -> list[ast.AST]:
    """``node`` and what it stands in, from the function on."""
    found = [node]
    while node is not scope.node and node in scope.module.parents:
        node = scope.module.parents[node]
        found.append(node)
    return found[::-1]


def _field(parent: ast.AST, child: ast.AST) -> str:
    for name, value in ast.iter_fields(parent):
        if value is child or (isinstance(value, list) and any(each is child for each in value)):
            return name
    return ""


def _comes_out(line: list[ast.AST], to_loop: bool = False) -> bool:
    """Whether what runs after the last of ``line`` may come to what follows the second, or to the first as a loop."""
    cut: type[ast.AST] | None = None
    for depth in range(len(line) - 1, 0, -1):
        child, parent = line[depth], line[depth - 1]
        field = _field(parent, child)
        if depth == 1 and not to_loop:
            return cut is None
        block = getattr(parent, field, None)
        if cut is None and isinstance(block, list) and isinstance(child, ast.stmt):
            following = block[block.index(child) + (depth < len(line) - 1) :]
            cut = next((jump for each in following if (jump := _jump(each)) is not None), None)
        if cut is ast.Raise and isinstance(parent, _TRIES) and field == "body" and parent.handlers:
            cut = None
        if cut in (ast.Continue, ast.Break) and isinstance(parent, _LOOPS):
            if depth == 1:
                return cut is ast.Continue
            cut = None
    return cut is None


def _jump(node: ast.AST) -> type[ast.AST] | None:
    """How ``node`` surely leaves the block that it stands in; None if it may be run to its end."""
    if isinstance(node, _JUMPS):
        return type(node)
    if isinstance(node, (ast.With, ast.AsyncWith)):
        return _of_block(node.body)
    if isinstance(node, ast.If) and node.orelse:
        ways = [_of_block(node.body), _of_block(node.orelse)]
        return ways[0] if None not in ways else None
    if isinstance(node, _TRIES):
        final = _of_block(node.finalbody)
        if final is not None:
            return final
        ways = [_of_block([*node.body, *node.orelse]), *(_of_block(each.body) for each in node.handlers)]
        return ways[-1] if None not in ways else None
    return None


def _of_block(block: list[ast.stmt]) -> type[ast.AST] | None:
    return next((jump for each in block if (jump := _jump(each)) is not None), None)
