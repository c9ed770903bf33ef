"""Which way a test goes, by what the variables in it hold: ``if error is not None`` after ``error`` was set."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import partial

from phase12_lint.execution.places import EMPTYING, Environment, Key, Path, Source, call_key, key_of, place_of
from phase12_lint.execution.roles import ENVELOPE, Roles
from phase12_lint.execution.steps import NEXT, Activation, Step
from phase12_lint.syntax.exits import given_to_exit
from phase12_lint.syntax.scopes import Param, last_name
from phase12_lint.taint.handlers import is_exception
from phase12_lint.values.atoms import ClassRef
from phase12_lint.values.narrowing import CALLABLE

FILLING = ("append", "add", "appendleft", "put", "put_nowait", "[]")
_ALIKE = (ast.Is, ast.Eq, ast.In)
_ONE = (ast.Is, ast.Eq, ast.IsNot, ast.NotEq)


class Truth:
    """The truth of expressions, as far as it is known; None where it is not."""

    def __init__(self, roles: Roles) -> None:
        self.roles = roles

    def narrowed(self, step: Step, following: Step, env: Environment) -> Environment | None:
        """``env`` where ``following`` comes right after ``step``; None if it cannot."""
        if step.kind != "test" or len(step.following) != 2 or not isinstance(step.node, ast.expr):
            return env
        way = following is step.following[0]
        if self.of(step.node, step.act, env) is (not way):
            return None
        subject, answer = _question(step.node)
        place = place_of(subject)
        if place is None or "." in place or _is_shared(place, step.act):
            return env
        key = key_of(place, step.act)
        held = env.get(key, frozenset())
        left = frozenset(
            source
            for source in held
            if _all_alike(map(answer, self._given_back(source, env))) is not (not way)
        )
        return {**env, key: left} if left != held else env

    def of(self, node: ast.expr, act: Activation, env: Environment) -> bool | None:
        """Whether ``node`` in ``act`` is true where ``env`` holds."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            truth = self.of(node.operand, act, env)
            return None if truth is None else not truth
        if isinstance(node, ast.Call) and last_name(node.func) == "callable" and len(node.args) == 1:
            value = self.roles.program.evaluate(node.args[0], act.scope, act.frame)
            return True if value and all(isinstance(atom, CALLABLE) for atom in value) else None
        subject, answer = _question(node)
        return _all_alike(map(answer, self._values(subject, act, env)))

    def _values(self, node: ast.expr, act: Activation, env: Environment) -> Iterator[object]:
        """What ``node`` may be: constants themselves, ``...`` for an object, ``Unknown`` for what may be anything."""
        place = place_of(node)
        sources = env.get(key_of(place, act)) if place is not None else None
        if place is None or sources is None or _is_shared(place, act):
            yield from self._given_back((node, act, ()), env)
            return
        if _is_filled(key_of(place, act), act, env):
            yield ...
            return
        for source in sources:
            for value in self._given_back(source, env):
                yield value if "." not in place or value is ... else Unknown

    def _given_back(self, source: Source, env: Environment) -> Iterator[object]:
        """What ``source`` may be: what was returned to it, if it is a call that was followed."""
        node, act, path = source
        if isinstance(node, ast.IfExp):
            for arm in (node.body, node.orelse):
                yield from self._given_back((arm, act, path), env)
            return
        returned = env.get((act, call_key(node))) if isinstance(node, ast.Call) else None
        if returned is None or any(call is node for call, _, _ in returned):
            yield self._value(*source)
            return
        for inner, where, beyond in returned:
            yield self._value(inner, where, (*beyond, *path))

    def _value(self, node: ast.expr | None, act: Activation, path: Path) -> object:
        while path and isinstance(node, (ast.Tuple, ast.List)):
            if path[0] is None or path[0] >= len(node.elts):
                break
            if any(isinstance(item, ast.Starred) for item in node.elts):
                return Unknown
            node, path = node.elts[path[0]], path[1:]
        if path:
            return Unknown
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Call) and self.roles.of_call(node, act.scope, act.frame) == ENVELOPE:
            return ...
        if isinstance(node, ast.Name) and _is_caught(node, act):
            return ...
        if isinstance(node, ast.Name) and act.left is not None and node.id in given_to_exit(act.scope):
            return None if act.left == NEXT else ...
        if isinstance(node, ast.Call) and self._makes_exception(node, act):
            return ...
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            last = self._value(node.values[-1], act, ())
            return ... if last is not Unknown and last else Unknown
        return ... if (isinstance(node, ast.Dict) and any(node.keys)) or _has_text(node) else Unknown

    def _makes_exception(self, call: ast.Call, act: Activation) -> bool:
        """Whether ``call`` makes an exception, which is true unless its class says otherwise."""
        if not (last_name(call.func) or "")[:1].isupper():
            return False
        program = self.roles.program
        classes = program.evaluate(call.func, act.scope, act.frame)
        return bool(classes) and all(
            is_exception(program, atom.cls if isinstance(atom, ClassRef) else getattr(atom, "name", ""))
            for atom in classes
        )


def by_arguments(test: ast.expr, act: Activation) -> bool | None:
    """The outcome of ``test`` of a parameter that the call of ``act`` gives a constant; None if it depends on more."""
    subject, answer = _question(test)
    frame = act.frame
    if not isinstance(subject, ast.Name) or frame is None or frame.shape.where is None or act.call is None:
        return None
    definitions = act.scope.module.bound(act.scope).module.definitions.get(subject, ())
    param = next(iter(definitions)) if len(definitions) == 1 else None
    if not isinstance(param, Param) or param.scope is not act.scope or param.kind.startswith("star"):
        return None
    given = frame.bound.get(param.node.arg, ())
    all_arguments = (*frame.shape.positional, *(each for _, each in frame.shape.keywords))
    if len(given) > 1 or any(each.path or each.spread for each in all_arguments):
        return None
    value = given[0].node if given else param.default
    return answer(value.value) if isinstance(value, ast.Constant) else None


class Unknown:
    """Stands for a value of which nothing is known."""


def _is_caught(node: ast.Name, act: Activation) -> bool:
    """Whether ``node`` is the exception that a handler has caught, which is true and not None."""
    definitions = act.scope.module.bound(act.scope).module.definitions.get(node, ())
    return bool(definitions) and all(isinstance(each.node, ast.ExceptHandler) for each in definitions)


def _has_text(node: ast.expr | None) -> bool:
    """Whether ``node`` is an f-string with some text of its own, which is true."""
    parts = node.values if isinstance(node, ast.JoinedStr) else ()
    return any(isinstance(part, ast.Constant) and part.value for part in parts)


def _is_filled(key: Key, act: Activation, env: Environment) -> bool:
    """Whether the list or set under ``key`` has been given an element, and none is taken out of it anywhere."""
    emptied = (place_of(each.value) for name in EMPTYING for each in _attributes(name, act))
    added = (env.get((key[0], f"{key[1]}.{name}(0)")) for name in FILLING)
    return (
        any(held and all(node is not None for node, _, _ in held) for held in added) and key[1] not in emptied
    )


def _attributes(name: str, act: Activation) -> Iterator[ast.Attribute]:
    return (each for each in act.scope.module.loads.get(name, ()) if isinstance(each, ast.Attribute))


def _question(test: ast.expr) -> tuple[ast.expr, Callable[[object], bool | None]]:
    """What ``test`` is about, and its outcome by what that may be."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        subject, answer = _question(test.operand)
        return subject, lambda value: None if (found := answer(value)) is None else not found
    answer = _truth
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        constants = _constants(test.comparators[0], test.ops[0])
        if constants is not None:
            answer = partial(_is_one_of, constants, type(test.ops[0]) in _ALIKE)
            test = test.left
    return test.target if isinstance(test, ast.NamedExpr) else test, answer


def _constants(compared: ast.expr, operator: ast.cmpop) -> list[object] | None:
    """The constants that something is compared with; None where it is compared with more."""
    if isinstance(operator, (ast.In, ast.NotIn)):
        items = compared.elts if isinstance(compared, (ast.Tuple, ast.List, ast.Set)) else [None]
    else:
        items = [compared] if type(operator) in _ONE else [None]
    values: list[object] = [item.value for item in items if isinstance(item, ast.Constant)]
    return values if len(values) == len(items) else None


def _is_one_of(constants: list[object], alike: bool, value: object) -> bool | None:
    if value is Unknown or (value is ... and not all(isinstance(each, bool | None) for each in constants)):
        return None
    return any(type(value) is type(each) and value == each for each in constants) is alike


def _truth(value: object) -> bool | None:
    return None if value is Unknown else bool(value)


def _all_alike(parts: Iterator[bool | None]) -> bool | None:
    """What all of ``parts`` are; None if they differ, or one is not known."""
    found = set(parts)
    return found.pop() if len(found) == 1 else None


def _is_shared(place: str, act: Activation) -> bool:
    """Whether a nested function, which may run at any time, stores the variable."""
    name = place.partition(".")[0]
    scopes = (act.scope.module.bound(child) for child in act.scope.children)
    return any(name in child.declared_nonlocal for child in scopes) or name not in act.scope.bindings
