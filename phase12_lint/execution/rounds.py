"""Whether a loop surely has a first round: it goes over what is written out, or counts to a number; and which tests
in it tell the last round from the others: ``if attempt == RETRIES - 1: raise``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from phase12_lint.execution.origins import definitions_of
from phase12_lint.execution.places import EMPTYING
from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Assigned, Scope, dotted, last_name
from phase12_lint.values.atoms import Atom, Container, External, Site, Value
from phase12_lint.values.frames import Frame
from phase12_lint.values.program import Program

_KEEPING = {f"builtins.{name}" for name in ("enumerate", "iter", "list", "reversed", "sorted", "tuple")}
_MOST_ROUNDS = 8
_OF_DICTS = {"items", "keys", "values"}


def called_in_turn(
    program: Program, loop: ast.For | ast.AsyncFor, scope: Scope, frame: Frame | None
) -> Sequence[Value]:
    """What a loop calls one after the other, if that is written out in it, or kept: ``for f in (a, b): f(x)``."""
    target = loop.target
    if not isinstance(target, ast.Name):
        return ()
    inside = [node for statement in loop.body for node in ast.walk(statement)]
    uses = [node for node in inside if isinstance(node, ast.Name) and node.id == target.id]
    called = {node.func for node in inside if isinstance(node, ast.Call)}
    if called.isdisjoint(uses) or not all(isinstance(use.ctx, ast.Load) for use in uses):
        return ()
    made = _made(program, loop.iter, scope, frame)
    items = getattr(made.node, "elts", ()) if made is not None else ()
    if made is None or len(items) > _MOST_ROUNDS or any(isinstance(item, ast.Starred) for item in items):
        return ()
    return [program.evaluate(item, made.scope, made.frame) for item in items]


def _made(program: Program, node: ast.expr, scope: Scope, frame: Frame | None) -> Site | None:
    """Where the tuple or list ``node`` is written out, which stays as it is from then on."""
    if isinstance(node, (ast.Tuple, ast.List)):
        return Site(node, scope, frame)
    value = program.evaluate(node, scope, frame)
    atom = next(iter(value)) if len(value) == 1 else None
    made = atom.made if isinstance(atom, Container) else None
    if made is None or isinstance(made.node, ast.Tuple):
        return made
    if not isinstance(made.node, ast.List) or program.ask(("mutations", made)):
        return None
    modules = (
        program.project.modules_reading(node.attr) if isinstance(node, ast.Attribute) else [scope.module]
    )
    return None if _are_taken_out(modules, last_name(node) or "") else made


def surely_begins(program: Program, iterated: ast.expr, scope: Scope, frame: Frame | None) -> bool:
    """Whether there is an element in ``iterated``, whatever way it came about."""
    if isinstance(iterated, ast.Call):
        callee = program.evaluate(iterated.func, scope, frame)
        names = {atom.name for atom in callee if isinstance(atom, External)} if len(callee) == 1 else set()
        if names == {"builtins.range"}:
            return _counts(iterated, scope)
        if names & _KEEPING and iterated.args:
            return surely_begins(program, iterated.args[0], scope, frame)
        func = iterated.func
        if isinstance(func, ast.Attribute) and func.attr in _OF_DICTS and not iterated.args:
            return surely_begins(program, func.value, scope, frame)
    value = program.evaluate(iterated, scope, frame)
    emptied = isinstance(iterated, ast.Attribute) and _are_taken_out(
        program.project.modules_reading(iterated.attr), iterated.attr
    )
    return bool(value) and all(_has_elements(atom, emptied) for atom in value)


def _are_taken_out(modules: Iterable[Module], name: str) -> bool:
    """Whether something is taken out of what is kept as ``name``."""
    for module in modules:
        for load in module.loads.get(name, ()):
            part = module.parents.get(load)
            if isinstance(part, ast.Attribute) and part.attr in EMPTYING:
                return True
            if isinstance(part, ast.Subscript) and not isinstance(part.ctx, ast.Load):
                return True
    return False


def _has_elements(atom: Atom, emptied: bool) -> bool:
    """Whether ``atom`` is written out with elements, none of which can be taken out if such things are ``emptied``."""
    display = atom.made.node if isinstance(atom, Container) and atom.made is not None else None
    if emptied and not isinstance(display, ast.Tuple):
        return False
    if isinstance(display, ast.Dict):
        return any(key is not None for key in display.keys)
    if isinstance(display, (ast.Tuple, ast.List, ast.Set)):
        return not all(isinstance(item, ast.Starred) for item in display.elts)
    return False


def _counts(call: ast.Call, scope: Scope) -> bool:
    """Whether ``range(...)`` has a number in it."""
    numbers = [_number(node, scope) for node in call.args]
    known = [each for each in numbers if each is not None]
    if call.keywords or not 0 < len(known) == len(numbers) <= 3 or known[2:] == [0]:
        return False
    return bool(range(*known))


def _number(node: ast.expr, scope: Scope) -> int | None:
    """The number that ``node`` is: written there, or what a name is set to everywhere."""
    if isinstance(node, ast.Name):
        values = [
            each.value if isinstance(each, Assigned) and not each.path else None
            for each in definitions_of(node, scope)
        ]
        numbers = {each.value if isinstance(each, ast.Constant) else None for each in values}
        found = numbers.pop() if len(numbers) == 1 else None
    else:
        found = node.value if isinstance(node, ast.Constant) else None
    return found if isinstance(found, int) else None


_Sum = tuple[str, int]  # something, as it is written, and what is added to it; of a number alone nothing
_LAST = (ast.Eq, ast.GtE)
_NOT_LAST = (ast.NotEq, ast.Lt)


def tests_of_last(loop: ast.For | ast.AsyncFor, scope: Scope) -> dict[ast.expr, bool]:
    """The tests in a loop over a ``range`` that come out so in its last round, and the other way in all others."""
    call, counter = loop.iter, loop.target
    if not isinstance(call, ast.Call) or getattr(call.func, "id", "") != "range" or len(call.args) > 2:
        return {}
    if not isinstance(counter, ast.Name) or not call.args or call.keywords:
        return {}
    end = _sum(call.args[-1], scope)
    found: dict[ast.expr, bool] = {}
    for node in ast.walk(loop):
        if end is not None and isinstance(node, ast.Compare) and len(node.ops) == 1:
            left, right = _sum(node.left, scope), _sum(node.comparators[0], scope)
            if left is None or right is None or left[0] != counter.id:
                continue
            if right == (end[0], end[1] - 1 + left[1]) and isinstance(node.ops[0], (*_LAST, *_NOT_LAST)):
                found[node] = isinstance(node.ops[0], _LAST)
    return found


def _sum(node: ast.expr, scope: Scope) -> _Sum | None:
    """``node`` as something and a number that is added to it."""
    number = _number(node, scope)
    if number is not None:
        return "", number
    if isinstance(node, (ast.Name, ast.Attribute)):
        return dotted(node) or "", 0
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, (ast.Add, ast.Sub)):
        return None
    whole, added = _sum(node.left, scope), _number(node.right, scope)
    if whole is None or added is None:
        return None
    return whole[0], whole[1] + (added if isinstance(node.op, ast.Add) else -added)
