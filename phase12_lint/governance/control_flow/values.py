"""What variables hold on given ways through an entry, and whether a way returns an envelope."""

from __future__ import annotations

import ast
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from heapq import heappop, heappush

from phase12_lint.governance.control_flow.roles import ENVELOPE, Roles
from phase12_lint.governance.control_flow.steps import Activation, Step, in_order, nexts
from phase12_lint.governance.origins import part_of
from phase12_lint.survey.parameters import takes_receiver

Key = tuple[Activation, str]
Source = tuple["ast.expr | None", Activation, tuple[int, ...]]
Environment = Mapping[Key, frozenset[Source]]
_DEEPEST = 12
_MOST_ROUNDS = 60_000


def environments(
    starts: Iterable[tuple[Step, Environment]], passes: Callable[[Step], Container[str]]
) -> dict[Step, Environment]:
    """What the variables hold right before each step that is reached from ``starts``."""
    before: dict[Step, Environment] = dict(starts)
    steps = in_order(before, passes)
    number = {step: index for index, step in enumerate(steps)}
    pending = sorted(number[step] for step in before)
    waiting = set(pending)
    parts: set[Key] = {key for env in before.values() for key in env if "." in key[1]}
    rounds = 0
    while pending and rounds < _MOST_ROUNDS:
        rounds += 1
        step = steps[heappop(pending)]
        waiting.discard(number[step])
        after = _after(step, before[step], parts)
        for following in nexts(step, passes):
            known = before.get(following)
            joined = after if known is None else _join(known, after)
            if known is None or joined != known:
                before[following] = joined
                if number[following] not in waiting:
                    waiting.add(number[following])
                    heappush(pending, number[following])
    return before


def _join(first: Environment, second: Environment) -> Environment:
    if first is second:
        return first
    joined = {**first, **second}
    for key in first.keys() & second.keys():
        if first[key] is not second[key]:
            joined[key] = first[key] | second[key]
    for key in first.keys() ^ second.keys():
        if "." in key[1]:  # a part that one way has not stored is not known there
            joined[key] |= {(None, key[0], ())}
    return joined


def _after(step: Step, env: Environment, parts: set[Key]) -> Environment:
    """``env`` after ``step``; ``parts`` are the parts of objects that any step stores."""
    stored = dict(_stored(step))
    if not stored and step.kind == "call":
        stored = dict(_given(step, env))
    if not stored:
        return env
    after = {**env, **stored}
    for key in [part for part in parts if part in env and any(is_part(part, whole) for whole in stored)]:
        del after[key]
    parts.update(key for key in stored if "." in key[1])
    return after


def is_part(key: Key, whole: Key) -> bool:
    """Whether ``key`` is an attribute or an item of what ``whole`` holds."""
    return key[0] is whole[0] and key[1].startswith(whole[1] + ".")


def _given(step: Step, env: Environment) -> Iterator[tuple[Key, frozenset[Source]]]:
    """``outcome.fail(error)``: what is given to a method of what a variable holds may be in it from then on."""
    node, act = step.node, step.act
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        name = place_of(node.func.value)
        owner, name = key_of(name, act) if name is not None else (act, "")
        if (owner, name) in env:
            for index, given in enumerate((*node.args, *(keyword.value for keyword in node.keywords))):
                yield (owner, f"{name}.{node.func.attr}({index})"), frozenset({(given, act, ())})


def _stored(step: Step) -> Iterator[tuple[Key, frozenset[Source]]]:
    node, act = step.node, step.act
    if step.kind == "return" and act.caller is not None and act.call is not None:
        value = getattr(node, "value", None) if isinstance(node, ast.Return) else getattr(node, "body", None)
        held = value if isinstance(value, ast.expr) else None
        yield (act.caller, call_key(act.call)), frozenset({(held, act, ())})
    elif isinstance(node, ast.ExceptHandler) and node.name:
        yield (act, node.name), frozenset({(None, act, ())})
    elif step.kind == "assign":
        targets, value = assigned(node)
        for target in targets:
            yield from _targets(target, value, act, ())


def assigned(node: ast.AST | None) -> tuple[list[ast.expr], ast.expr | None]:
    """The targets of an ``assign`` step, and the value where it is the target's own."""
    if isinstance(node, ast.Assign):
        return node.targets, node.value
    if isinstance(node, (ast.AnnAssign, ast.NamedExpr)):
        return [node.target], node.value
    if isinstance(node, ast.withitem):
        return ([node.optional_vars] if node.optional_vars is not None else []), None
    target = getattr(node, "target", None)
    return ([target] if isinstance(target, ast.expr) else []), None


def _targets(
    target: ast.expr, value: ast.expr | None, act: Activation, path: tuple[int, ...]
) -> Iterator[tuple[Key, frozenset[Source]]]:
    if isinstance(target, (ast.Tuple, ast.List)):
        plain = not any(isinstance(item, ast.Starred) for item in target.elts)
        for index, item in enumerate(target.elts):
            inner = item.value if isinstance(item, ast.Starred) else item
            yield from _targets(inner, value if plain else None, act, (*path, index))
        return
    name = place_of(target)
    if name is not None:
        yield key_of(name, act), frozenset({(value, act, path)})


def place_of(node: ast.AST) -> str | None:
    """``a.b.c`` for a name, or for attributes and constant keys on one."""
    if isinstance(node, (ast.Attribute, ast.Subscript)):
        whole, part = place_of(node.value), part_of(node)
        return f"{whole}.{part}" if whole is not None and part is not None else None
    return node.id if isinstance(node, ast.Name) else None


def call_key(call: ast.AST) -> str:
    """Under which name an environment keeps what a followed call gave back."""
    return f"{getattr(call, 'lineno', 0)}:{getattr(call, 'col_offset', 0)}:{getattr(call, 'end_col_offset', 0)}()"


def owner_of(name: str, act: Activation) -> Activation:
    """The activation whose variable ``name`` is, seen from ``act``: its own, or that of a function around it."""
    for scope in act.scope.chain():
        scope.module.bound(scope)
        if scope.kind == "class" or name in scope.declared_nonlocal or name not in scope.bindings:
            continue
        return next((each for each in act.stack() if each.scope is scope), act)
    return act


def key_of(name: str, act: Activation) -> Key:
    """The key of the place ``name`` in ``act``; that of a part of an argument, or of ``self``, is the caller's."""
    first, dot, rest = name.partition(".")
    owner = owner_of(first, act)
    behind = _passed(first, owner) if dot else None
    return key_of(f"{behind[1]}.{rest}", behind[0]) if behind is not None else (owner, name)


def _passed(name: str, act: Activation) -> Key | None:
    """The place in a caller of ``act`` that holds the same object as its parameter ``name``."""
    if act.caller is None:
        return None
    params = act.scope.module.bound(act.scope).params
    if takes_receiver(act.scope) and params[0].node.arg == name:
        called = act.call.func if isinstance(act.call, ast.Call) else None
        place = place_of(called.value) if isinstance(called, ast.Attribute) else None
        return (act.caller, place) if place is not None else None
    given = act.frame.bound.get(name, ()) if act.frame is not None else ()
    if len(given) != 1 or given[0].path:
        return None
    place = place_of(given[0].node)
    caller = next((each for each in act.caller.stack() if each.scope is given[0].scope), None)
    return (caller, place) if place is not None and caller is not None else None


class Envelopes:
    """Whether an expression is, or holds, an envelope whatever way was taken; asks ``is_envelope`` of other values."""

    def __init__(self, roles: Roles, is_envelope: Callable[[ast.expr, Activation], bool]) -> None:
        self.roles = roles
        self._is_envelope = is_envelope
        self._known: dict[Source, bool] = {}

    def holds(self, node: ast.expr | None, act: Activation, env: Environment) -> bool:
        """Whether ``node`` in ``act``, evaluated where ``env`` holds, is an envelope or has one in it."""
        self._known = {}
        return self._source((node, act, ()), env, 0)

    def _source(self, source: Source, env: Environment, depth: int) -> bool:
        if source not in self._known:
            self._known[source] = False
            self._known[source] = depth <= _DEEPEST and self._is_one(source, env, depth)
        return self._known[source]

    def _is_one(self, source: Source, env: Environment, depth: int) -> bool:
        node, act, path = source
        if node is None:
            return False
        if isinstance(node, (ast.Await, ast.NamedExpr, ast.Starred)):
            return self._source((node.value, act, path), env, depth + 1)
        if isinstance(node, (ast.Name, ast.Attribute)):
            return self._variable(node, act, path, env, depth)
        if isinstance(node, ast.IfExp):
            return all(self._source((each, act, path), env, depth + 1) for each in (node.body, node.orelse))
        if isinstance(node, ast.BoolOp):
            return self._either(node, act, path, env, depth)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            index = node.slice.value
            if isinstance(index, int):
                return self._source((node.value, act, (index, *path)), env, depth + 1)
            return self._variable(node, act, path, env, depth)
        if isinstance(node, (ast.Tuple, ast.List)):
            items = node.elts
            if path and -len(items) <= path[0] < len(items):
                return self._source((items[path[0]], act, path[1:]), env, depth + 1)
            return any(self._source((item, act, ()), env, depth + 1) for item in items)
        if isinstance(node, ast.Call):
            return self._call(node, act, path, env, depth)
        if isinstance(node, ast.Dict):
            return self._is_envelope(node, act) or any(
                self._source((value, act, ()), env, depth + 1) for value in node.values
            )
        return False

    def _all(self, sources: frozenset[Source], path: tuple[int, ...], env: Environment, depth: int) -> bool:
        return all(self._source((n, a, (*p, *path)), env, depth + 1) for n, a, p in sources)

    def _either(
        self, node: ast.BoolOp, act: Activation, path: tuple[int, ...], env: Environment, depth: int
    ) -> bool:
        parts = [self._source((each, act, path), env, depth + 1) for each in node.values]
        return parts[0] or all(parts) if isinstance(node.op, ast.Or) else parts[-1]

    def _variable(
        self,
        node: ast.Name | ast.Attribute | ast.Subscript,
        act: Activation,
        path: tuple[int, ...],
        env: Environment,
        depth: int,
    ) -> bool:
        name = place_of(node)
        if name is None:
            return self._is_envelope(node, act)
        owner, name = key_of(name, act)
        sources = env.get((owner, name))
        if sources is not None:
            parts = (held for key, held in env.items() if not path and is_part(key, (owner, name)))
            return any(self._all(held, path, env, depth) for held in (sources, *parts))
        given = owner.frame.bound.get(name, ()) if owner.frame is not None else ()
        caller = owner.caller
        if given and caller is not None:
            return all(
                self._source(
                    (each.node, next((a for a in caller.stack() if a.scope is each.scope), caller), path),
                    env,
                    depth + 1,
                )
                for each in given
            )
        return self._is_envelope(node, act)

    def _call(
        self, node: ast.Call, act: Activation, path: tuple[int, ...], env: Environment, depth: int
    ) -> bool:
        returned = env.get((act, call_key(node)))
        if returned is not None:
            return self._all(returned, path, env, depth)
        if self.roles.of_call(node, act.scope, act.frame) == ENVELOPE:
            return True
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        return any(self._source((each, act, ()), env, depth + 1) for each in arguments)
