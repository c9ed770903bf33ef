"""The ``try`` and ``suppress`` around governed calls, and whether they catch everything.

What starts a task or queues a job is no such call: what goes wrong in the plugin never comes back there. What only
makes a generator works where that is gone through.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from phase12_lint.calls.call_sites import calls_later
from phase12_lint.calls.governed_calls import GovernedCall, governed_calls
from phase12_lint.calls.layers import layers_of
from phase12_lint.execution.futures import asked_at
from phase12_lint.execution.stacks import entered, is_stack, managers
from phase12_lint.syntax.nodes import takes_apart
from phase12_lint.syntax.scopes import Scope, bases, last_name
from phase12_lint.taint.handlers import Catch, caught_by
from phase12_lint.values.atoms import External
from phase12_lint.values.places import Fact
from phase12_lint.values.program import Program

_TRIES: tuple[type[ast.AST], ...] = tuple(
    kind for name in ("Try", "TryStar") if (kind := getattr(ast, name, None)) is not None
)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_LOOKING = {"print", "repr", "str", "bool", "type", "id", "isinstance", "append", "put", "close"}
_READING_LATER = {"enumerate", "zip", "map", "filter", "iter", "aiter", "islice", "chain"}
_PLAIN = {"staticmethod", "classmethod", "override", "final"}


@dataclass(frozen=True, slots=True)
class Catching(Fact):
    """A ``try`` with handlers, or a ``with suppress``, whose body makes a governed call.

    ``how`` is the keyword; ``called`` the call as written; ``runs`` if it calls the runner; ``broad`` if everything
    is caught.
    """

    how: str
    called: str
    runs: bool
    broad: bool


def catching(program: Program) -> Iterator[Fact]:
    """Every such statement outside the choke point, once: for the runner if it calls the runner."""
    found: dict[ast.AST, Catching] = {}
    for call in governed_calls(program).values():
        for node, where in _working(program, call):
            for statement, scope in _around(program, node, where):
                before = found.get(statement)
                is_first = before is None or (call.runs and not before.runs)
                if is_first and not layers_of(program).is_in_last(where):
                    found[statement] = _catching(program, statement, scope, call)
    yield from found.values()


def _catching(program: Program, statement: ast.AST, scope: Scope, call: GovernedCall) -> Catching:
    how = "`suppress`" if isinstance(statement, (ast.With, ast.AsyncWith)) else "`try`"
    broad = any(
        caught_by(program, each, scope, None)[0] is Catch.ALL for each in _caught(program, statement, scope)
    )
    return Catching(statement, scope, call.evidence, False, how, call.written, call.runs, broad)


def _around(program: Program, node: ast.expr, where: Scope) -> Iterator[tuple[ast.AST, Scope]]:
    """The statements whose body holds ``node``, or calls there a function, defined in it, that holds it."""
    module = where.module
    inner: list[ast.AST] = []
    child: ast.AST = node
    parent = module.parents.get(child)
    while parent is not None:
        scope = module.scopes.get(parent, module.scope)
        if isinstance(parent, _FUNCTIONS) and _is_body(parent, child):
            inner.append(parent)
        elif _guards(program, parent, child, scope) and all(
            _is_called_in(program, function, parent) for function in inner
        ):
            yield parent, scope
        child, parent = parent, module.parents.get(parent)


def _working(program: Program, call: GovernedCall) -> Iterator[tuple[ast.expr, Scope]]:
    """Where ``call`` works, or what it starts is asked for; each with the function that does."""
    if not call.deferred:
        yield from ((node, call.scope) for node in _worked(call))
    if not call.is_late and (not calls_later(call.node) if call.handed else _is_coroutine(call)):
        yield from asked_at(program, call.node, call.scope).items()


def _is_coroutine(call: GovernedCall) -> bool:
    """Whether what ``call`` calls works only where it is waited for."""
    return any(
        each.scope is not None and isinstance(each.scope.node, ast.AsyncFunctionDef) for each in call.callees
    )


def _worked(call: GovernedCall) -> Iterator[ast.expr]:
    """Where ``call`` works: there, or where its function goes through the generator that it makes."""
    module = call.scope.module
    statement = module.parents.get(call.node)
    functions = [callee.scope for callee in call.callees]
    if (
        call.handed
        or not functions
        or not all(each is not None and _is_generator(each) for each in functions)
    ):
        yield call.node
    elif isinstance(statement, ast.Assign) and all(isinstance(each, ast.Name) for each in statement.targets):
        for name in (each.id for each in statement.targets if isinstance(each, ast.Name)):
            for load in module.loads.get(name, ()):
                made = [getattr(each, "value", None) for each in bases(module.definitions.get(load, ()))]
                if (
                    call.node in made
                    and module.scopes[load] is call.scope
                    and _is_gone_through(load, call.scope)
                ):
                    yield load
    elif not isinstance(statement, (ast.Return, ast.Expr)):
        yield call.node


def _is_generator(scope: Scope) -> bool:
    """Whether a call of ``scope`` does no more than to make a generator; a decorator may do anything."""
    decorators = getattr(scope.node, "decorator_list", [])
    return bool(scope.module.bound(scope).yields) and all(last_name(each) in _PLAIN for each in decorators)


def _is_gone_through(node: ast.AST, scope: Scope) -> bool:
    """Whether the elements of ``node`` are asked for right there, as far as is known."""
    parent = scope.module.parents.get(node)
    if isinstance(parent, ast.Call):
        name = last_name(parent.func)
        return _is_gone_through(parent, scope) if name in _READING_LATER else name not in _LOOKING
    if isinstance(parent, ast.Attribute):
        return parent.attr not in _LOOKING
    return takes_apart(parent, node)


def _is_body(function: ast.AST, child: ast.AST) -> bool:
    body = getattr(function, "body", None)
    return body is child or (isinstance(body, list) and child in body)


def _guards(program: Program, statement: ast.AST, child: ast.AST, scope: Scope) -> bool:
    """Whether an exception out of ``child`` may end at ``statement``."""
    if isinstance(statement, _TRIES):
        return bool(getattr(statement, "handlers", None)) and child in getattr(statement, "body", ())
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        return child in statement.body and any(True for _ in _suppressing(program, statement, scope, child))
    return False


def _is_called_in(program: Program, function: ast.AST, statement: ast.AST) -> bool:
    """Whether the body of ``statement`` itself calls the nested ``function``, and does not only start it."""
    for call in governed_calls(program).values():
        if not call.deferred and any(
            callee.scope is not None and callee.scope.node is function for callee in call.callees
        ):
            parents = call.scope.module.parents
            node: ast.AST | None = call.node
            while node is not None and node is not statement and not isinstance(node, _FUNCTIONS):
                node = parents.get(node)
            if node is statement:
                return True
    return False


def _suppressing(
    program: Program, statement: ast.With | ast.AsyncWith, scope: Scope, until: ast.AST | None
) -> Iterator[ast.Call]:
    """The ``suppress`` calls that ``statement`` enters, or its stack before ``until``."""
    for node in (
        made for manager in _entered(program, statement, scope, until) for made in managers(manager, scope)
    ):
        if isinstance(node, ast.Call) and External("contextlib.suppress") in program.evaluate(
            node.func, scope
        ):
            yield node


def _entered(
    program: Program, statement: ast.With | ast.AsyncWith, scope: Scope, until: ast.AST | None
) -> Iterator[ast.expr]:
    yield from (item.context_expr for item in statement.items)
    if any(is_stack(program.evaluate(item.context_expr, scope)) for item in statement.items):
        for before in itertools.takewhile(lambda each: each is not until, statement.body):
            found = (entered(program, node, scope, None) for node in ast.walk(before))
            yield from (manager for manager in found if manager is not None)


def _caught(program: Program, statement: ast.AST, scope: Scope) -> Iterator[ast.expr | None]:
    """The expressions that say what is caught; None for everything."""
    if isinstance(statement, (ast.With, ast.AsyncWith)):
        for call in _suppressing(program, statement, scope, None):
            yield from (a.value if isinstance(a, ast.Starred) else a for a in call.args)
    else:
        for handler in getattr(statement, "handlers", ()):
            yield handler.type


OF_THE_PROGRAM = (catching,)
