"""GOV101: the next layer is called with the plugin's name, where both are at hand and the result goes the same way."""

from __future__ import annotations

import ast

import libcst as cst

from phase12_lint.calls.layers import layers_of
from phase12_lint.fixes.at_hand import Due, due_call, name_in, name_of_plugin, parameters_of, value_of
from phase12_lint.fixes.base import Found, NoFix, demand
from phase12_lint.fixes.blocks import block_of, loads_of
from phase12_lint.fixes.draft import Draft
from phase12_lint.fixes.imports import drop_unused
from phase12_lint.fixes.redirecting import redirected
from phase12_lint.syntax.scopes import Scope, home_of
from phase12_lint.values.atoms import Function
from phase12_lint.values.places import RunAccess
from phase12_lint.values.program import Program

SAFE = False


def draft(found: Found) -> Draft:
    """The call of the next layer in the place of the run; the lookup goes, if it was for this run alone.

    The layer gives a pair: so what the run gave may only be returned, or dropped.
    """
    fact = found.fact(RunAccess)
    scope, call = fact.scope, found.module.parents[fact.node]
    assert isinstance(call, ast.Call)
    assert isinstance(fact.node, ast.expr)
    plugin = fact.node
    if isinstance(plugin, ast.Attribute) and plugin.attr == fact.method:
        plugin = plugin.value
    name, lookup = name_in(found.program, plugin, scope)
    given = ast.Call(call.func, [name, *call.args], call.keywords)
    ast.copy_location(given, call)
    awaited = isinstance(found.module.parents[call], ast.Await)
    due = due_call(found.program, scope, layers_of(found.program).of(scope), given, awaited)
    demand(
        parameters_of(due.method)[:1] == [name_of_plugin(found.program)],
        "the next layer is given something else",
    )
    demand(not _is_mixed_up(found.program, call, scope, due), "the next layer takes it in another order")
    change = Draft(found.module, f"call `{due.written}` with the plugin's name")
    statement = found.module.statement(call)
    outer = found.module.parents[call]
    value = outer if isinstance(outer, ast.Await) else call
    if isinstance(statement, ast.Return) and statement.value is not value:
        _return_alone(change, statement, value)
    elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
        _return_instead(change, statement, value, scope)
    else:
        demand(
            isinstance(statement, (ast.Return, ast.Expr)) and statement.value is value, "the result is used"
        )
    if not isinstance(statement, ast.Expr):
        demand(layers_of(found.program).of(scope) is not None, "the callers expect the plugin's own result")
    if lookup is not None:
        change.change(lookup, lambda node: cst.RemoveFromParent())
    drop_unused(
        change, found.program, [call.func, *([lookup] if lookup else [])], [due.written, ast.unparse(name)]
    )
    return redirected(change, found.program, call, scope, due, [name])


def _is_mixed_up(program: Program, call: ast.Call, scope: Scope, due: Due) -> bool:
    """Whether a parameter that ``call`` gives by position is, by its name, another one of what is due."""
    names = parameters_of(due.method)[1:]
    runs = (each.scope for each in program.evaluate(call.func, scope) if isinstance(each, Function))
    return any(
        one != other and (one in names or other in taken)
        for taken in map(parameters_of, runs)
        for one, other, _ in zip(taken, names, call.args)
    )


def _return_alone(change: Draft, statement: ast.Return, value: ast.expr) -> None:
    """``return call`` in the place of ``return call, {}``."""
    demand(_is_pair_of(statement.value, value), "the result is used")
    change.change(statement, _first_of)


def _first_of(node: cst.Return) -> cst.Return:
    assert isinstance(node.value, cst.Tuple)
    return node.with_changes(value=node.value.elements[0].value)


def _return_instead(
    change: Draft, statement: ast.Assign | ast.AnnAssign, value: ast.expr, scope: Scope
) -> None:
    """``return call`` in the place of ``result = call`` and ``return result, {}``."""
    module = scope.module
    body = block_of(module, statement)
    following = body[body.index(statement) + 1 :][:1]
    target = statement.target if isinstance(statement, ast.AnnAssign) else statement.targets[0]
    if value_of(statement) is not value or not isinstance(target, ast.Name):
        raise NoFix("the result is used")
    home = home_of(scope, target.id)
    loads = loads_of(home, target.id) if home is not None else []
    returned = following[0].value if following and isinstance(following[0], ast.Return) else None
    demand(
        len(loads) == 1 and (returned is loads[0] or _is_pair_of(returned, loads[0])), "the result is used"
    )
    change.change(statement, lambda node: cst.Return(node.value, semicolon=node.semicolon))
    change.change(following[0], lambda node: cst.RemoveFromParent())


def _is_pair_of(node: ast.expr | None, result: ast.expr) -> bool:
    """Whether ``node`` is a result with no error."""
    if not isinstance(node, ast.Tuple) or len(node.elts) != 2 or node.elts[0] is not result:
        return False
    error = node.elts[1]
    return (isinstance(error, ast.Dict) and not error.keys) or (
        isinstance(error, ast.Constant) and not error.value
    )
