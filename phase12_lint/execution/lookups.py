"""Where the plugin that is run was looked up."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from phase12_lint.execution.origins import definitions_of, followed, frame_of
from phase12_lint.syntax.scopes import Assigned, Param, Scope
from phase12_lint.values.atoms import Instance
from phase12_lint.values.frames import Frame
from phase12_lint.values.places import Fact, Reflection
from phase12_lint.values.program import Program

_ENTERED = (("enter", None),)
_ENTERING = ("__enter__", "__aenter__")
_Work = tuple[ast.expr, Scope, "Frame | None"]


def lookups(
    program: Program, access: Fact, frame: Frame | None, follows: Callable[[Scope], bool]
) -> frozenset[ast.AST]:
    """The calls and subscripts that the receiver of ``access`` comes from, also in what ``follows`` lets through."""
    node = access.node
    if isinstance(access, Reflection) and isinstance(node, ast.Call):
        receiver = node.args[0] if node.args else None
    else:
        receiver = getattr(node, "value", None)
    if not isinstance(receiver, ast.expr):
        return frozenset()
    found: set[ast.AST] = set()
    seen: set[tuple[ast.AST, Frame | None]] = set()
    pending: list[_Work] = [(receiver, access.scope, frame_of(access.scope, frame))]
    while pending:
        work = pending.pop()
        if (work[0], work[2]) in seen:
            continue
        seen.add((work[0], work[2]))
        behind = list(_behind(program, *work, follows))
        if not behind and isinstance(work[0], (ast.Call, ast.Subscript)):
            found.add(work[0])
        pending += behind
    return frozenset(found)


def _behind(
    program: Program, node: ast.expr, scope: Scope, frame: Frame | None, follows: Callable[[Scope], bool]
) -> Iterator[_Work]:
    """Where the value of ``node`` comes from, as far as it is not looked up right there."""
    if isinstance(node, (ast.Await, ast.NamedExpr)):
        yield node.value, scope, frame
    elif isinstance(node, ast.IfExp):
        yield from ((each, scope, frame) for each in (node.body, node.orelse))
    elif isinstance(node, ast.BoolOp):
        yield from ((each, scope, frame) for each in node.values)
    elif isinstance(node, ast.Call):
        for function, under in followed(program, node, scope, frame, follows):
            yield from ((value, function, under) for value in function.returns)
    elif isinstance(node, ast.Name):
        for definition in definitions_of(node, scope):
            under = frame_of(definition.scope, frame)
            if isinstance(definition, Assigned) and definition.value is not None and not definition.path:
                yield definition.value, definition.scope, under
            elif isinstance(definition, Assigned) and definition.value and definition.path == _ENTERED:
                yield from _entered(program, definition.value, definition.scope, under, follows)
            elif isinstance(definition, Param) and under is not None:
                given = under.bound.get(definition.node.arg, ())
                yield from ((each.node, each.scope, each.frame) for each in given)


def _entered(
    program: Program, manager: ast.expr, scope: Scope, frame: Frame | None, follows: Callable[[Scope], bool]
) -> Iterator[_Work]:
    """What entering ``manager`` gives: what its generator yields, what its ``__enter__`` returns, else itself."""
    calls = followed(program, manager, scope, frame, follows) if isinstance(manager, ast.Call) else ()
    found = [(value, function, under) for function, under in calls for value, _ in function.yields]
    managers = [atom for atom in program.evaluate(manager, scope, frame) if isinstance(atom, Instance)]
    for atom in sorted(managers, key=hash):
        for name in _ENTERING:
            method = program.method(atom, name)
            if method is not None and follows(method.scope):
                returns = method.scope.module.bound(method.scope).returns
                found += [(value, method.scope, None) for value in returns]
    yield from found or [(manager, scope, frame)]
