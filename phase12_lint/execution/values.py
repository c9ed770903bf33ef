"""What variables hold on given ways through an entry."""

from __future__ import annotations

import ast
from collections.abc import Callable, Container, Iterable, Iterator
from heapq import heappop, heappush

from phase12_lint.execution.places import (
    Environment,
    Key,
    Source,
    call_key,
    is_part,
    key_of,
    place_of,
)
from phase12_lint.execution.steps import Activation, Step, in_order, nexts
from phase12_lint.execution.truth import Truth

_MOST_ROUNDS = 60_000


def environments(
    truth: Truth, starts: Iterable[tuple[Step, Environment]], passes: Callable[[Step], Container[str]]
) -> dict[Step, Environment]:
    """What the variables hold right before each step that is reached from ``starts``, tests and all."""
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
            there = truth.narrowed(step, following, after)
            if there is None:
                continue
            known = before.get(following)
            joined = there if known is None else _join(known, there)
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
