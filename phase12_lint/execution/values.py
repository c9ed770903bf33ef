"""What variables hold on given ways through an entry: the forward solution of one data-flow problem per question.

*Domain.* An environment maps places (a variable of an activation, an attribute or item of what it holds, what a
followed call gave back) to the sets of sources that they may hold: expressions as written, each with the activation
that evaluates it. Environments are joined place by place. A test narrows what it lets through, and closes a way
that what is known contradicts: that is conditional constant propagation (Wegman and Zadeck, TOPLAS 1991), of
expressions in the place of constants.

*Why it ends.* The steps, their places and their sources are finite, and what is known before a step only grows.

*Recursion.* What is known is not carried from a recursive call back to the first step of the function: each way from
there is one of the outer call's, where more is known.

*What is kept.* Only the places that somebody asks for (``Asked``): the variables of tests, of what an entry returns
and of what its calls of the metrics update are given, and those that these were made from. All other variables are
never copied, which is what makes it cheap: most environments hold a handful of places, or none.

*Example.* ``error = None; try: … except E: error = build(…); if error is None: return result``: at the ``return``
``error`` holds the source ``None`` alone, so no way from the handler leads there.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Container, Iterable, Iterator
from heapq import heappop, heappush

from phase12_lint.execution import contents
from phase12_lint.execution.origins import part_of
from phase12_lint.execution.places import (
    ANY_ITEM,
    YIELDED,
    Environment,
    Key,
    Path,
    Source,
    assigned,
    call_key,
    is_part,
    item_taken,
    key_of,
    place_of,
)
from phase12_lint.execution.roles import UPDATE
from phase12_lint.execution.steps import Activation, Step, in_order, nexts
from phase12_lint.execution.truth import Truth

_CONSTANTS = {truth: ast.Constant(truth) for truth in (True, False)}
_RECEIVERS = ("self", "cls")
_Stores = dict[Key, frozenset[Source]]


class Environments:
    """The environments of the ways that consist of ``steps`` and of which ``entry`` is the outermost activation."""

    def __init__(self, truth: Truth, steps: Iterable[Step], entry: Activation) -> None:
        self._truth = truth
        self._asked = Asked(steps, entry)
        self._stores: dict[Step, _Stores] = {}
        self._parts: dict[Key, None] = {}
        for step in steps:
            stored = {key: held for key, held in _stored(step) if self._asked.has(step, key)}
            if stored:
                stored |= contents.made(truth.roles.program, step, self._asked.words)
            else:
                stored = dict(contents.given(truth.roles.program, step, self._asked.words))
            if stored:
                self._stores[step] = stored
                self._parts |= dict.fromkeys(key for key in stored if "." in key[1])

    def before(
        self, starts: Iterable[tuple[Step, Environment]], passes: Callable[[Step], Container[str]]
    ) -> dict[Step, Environment]:
        """What the variables hold right before each step that is reached from ``starts``, tests and all."""
        before: dict[Step, Environment] = dict(starts)
        steps = in_order(before, passes)
        number = {step: index for index, step in enumerate(steps)}
        pending = sorted(number[step] for step in before)
        waiting = set(pending)
        while pending:
            step = steps[heappop(pending)]
            waiting.discard(number[step])
            after = self._after(step, before[step])
            again = step.following[1:] if step.node in step.act.again else ()
            for following in nexts(step, passes):
                if following in again:
                    continue
                there = self._truth.narrowed(step, following, after)
                if there is None:
                    continue
                known = before.get(following)
                joined = there if known is None else _join(known, there)
                if joined is not known:
                    before[following] = joined
                    if number[following] not in waiting:
                        waiting.add(number[following])
                        heappush(pending, number[following])
        return before

    def _after(self, step: Step, env: Environment) -> Environment:
        """``env`` after ``step``: what is stored in a variable is not in the parts of what it held before."""
        stored = self._stores.get(step)
        if stored is None:
            return env
        if step.kind == "call":
            stored = {key: held for key, held in stored.items() if (key[0], _whole(key[1])) in env}
        elif step.kind == "assign":
            stored = {
                key: frozenset(self._told(source, env) for source in held) for key, held in stored.items()
            }
        after = {**env, **stored}
        for part in self._parts:
            if part in env and part not in stored and any(is_part(part, whole) for whole in stored):
                del after[part]
        return after

    def _told(self, source: Source, env: Environment) -> Source:
        """``source``, or what it comes to where it is a test that ``env`` decides."""
        node, act, path = source
        known = self._truth.of(node, act, env) if isinstance(node, (ast.Compare, ast.UnaryOp)) else None
        return source if known is None else (_CONSTANTS[known], act, path)


class Asked:
    """The places whose value anybody asks for, by their last names, and the calls whose result anybody asks for.

    A name that is asked for asks for the names in what is stored under it anywhere in the ways, or in a part of what it
    holds; a call for those in what it returns. That is coarser than places, ends with the names of the program, and
    costs one look at each step.
    """

    def __init__(self, steps: Iterable[Step], entry: Activation) -> None:
        self._from: dict[str | ast.AST, list[ast.AST]] = {}
        asked: list[ast.AST] = []
        for step in steps:
            node = step.node
            if node is None:
                continue
            if step.kind == "test" or step.role == UPDATE:
                asked.append(node)
            elif step.kind in ("return", "yield"):
                self._returned(step, entry, asked)
            elif step.kind == "assign":
                targets, value = assigned(node)
                value = node.iter if isinstance(node, (ast.For, ast.AsyncFor)) else value
                value = node.value if isinstance(node, ast.AugAssign) else value
                for word in {word for target in targets for word in _last_words(target)}:
                    self._from.setdefault(word, []).extend([value] if value is not None else [])
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                self._from.setdefault(_last(node.func.value), []).append(node)
        for act in {step.act: None for step in steps}:
            self._arguments(act)
        self.words: set[str | ast.AST] = set()
        while asked:
            for name in _words(asked.pop()):
                if name not in self.words:
                    self.words.add(name)
                    asked += self._from.get(name, ())

    def has(self, step: Step, key: Key) -> bool:
        """Whether anybody asks for what ``step`` stores under ``key``."""
        if step.kind in ("return", "yield"):
            return step.act.call in self.words
        whole, _, part = key[1].removesuffix(f".{ANY_ITEM}").rpartition(".")
        return part in self.words or (whole not in _RECEIVERS and whole.rpartition(".")[2] in self.words)

    def _returned(self, step: Step, entry: Activation, asked: list[ast.AST]) -> None:
        value = getattr(step.node, "value", None)
        if isinstance(step.node, ast.Lambda):
            value = step.node.body
        if isinstance(value, ast.expr):
            if step.act is entry:
                asked.append(value)
            elif step.act.call is not None:
                self._from.setdefault(step.act.call, []).append(value)

    def _arguments(self, act: Activation) -> None:
        """A parameter is what it is given at the call; ``self`` what the method is called on."""
        for name, given in act.frame.bound.items() if act.frame is not None else ():
            self._from.setdefault(name, []).extend(each.node for each in given)
        params = act.scope.params
        if params and isinstance(act.call, ast.Call) and isinstance(act.call.func, ast.Attribute):
            self._from.setdefault(params[0].node.arg, []).append(act.call.func.value)


def _words(node: ast.AST) -> Iterator[str | ast.AST]:
    """The names in ``node``, those of attributes and items among them, and its calls."""
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            yield each.id
        elif isinstance(each, (ast.Attribute, ast.Subscript)):
            yield part_of(each) or ""
        elif isinstance(each, ast.Call):
            yield each
            item = item_taken(each)
            yield from (item[1],) if item is not None else ()


def _last_words(target: ast.expr) -> Iterator[str]:
    if isinstance(target, (ast.Tuple, ast.List)):
        for item in target.elts:
            yield from _last_words(item)
    elif isinstance(target, ast.Starred):
        yield from _last_words(target.value)
    else:
        yield _last(target)
        whole = _last(target.value) if isinstance(target, (ast.Attribute, ast.Subscript)) else ""
        if whole and whole not in _RECEIVERS:
            yield whole


def _last(node: ast.expr) -> str:
    if isinstance(node, (ast.Attribute, ast.Subscript)):
        return part_of(node) or _last(node.value)
    return node.id if isinstance(node, ast.Name) else ""


def _whole(part: str) -> str:
    return part.rpartition(".")[0]


def _join(first: Environment, second: Environment) -> Environment:
    """What one of the two says; ``first`` itself where it says all."""
    if first is second:
        return first
    joined: dict[Key, frozenset[Source]] | None = None
    new = 0
    for key, held in second.items():
        known = first.get(key)
        if known is held:
            continue
        if known is None:
            new += 1
            both = held | {(None, key[0], ())} if "." in key[1] else held
        elif held <= known:
            continue
        else:
            both = known | held
        joined = dict(first) if joined is None else joined
        joined[key] = both
    if len(first) + new == len(second):
        return first if joined is None else joined
    for key in first:
        if "." in key[1] and key not in second:  # a part that one way has not stored is not known there
            unknown = (None, key[0], ())
            if unknown not in first[key]:
                joined = dict(first) if joined is None else joined
                joined[key] = first[key] | {unknown}
    return first if joined is None else joined


def _stored(step: Step) -> Iterator[tuple[Key, frozenset[Source]]]:
    node, act = step.node, step.act
    if step.kind in ("return", "yield") and act.caller is not None and act.call is not None:
        if _generates(act):
            yield from _yielded(node, act, (act.caller, f"{call_key(act.call)}.{YIELDED}"))
            return
        value = getattr(node, "value", None) if isinstance(node, ast.Return) else getattr(node, "body", None)
        held = value if isinstance(value, ast.expr) else None
        yield (act.caller, call_key(act.call)), frozenset({(held, act, ())})
    elif isinstance(node, ast.ExceptHandler) and node.name:
        yield (act, node.name), frozenset({(None, act, ())})
    elif isinstance(node, (ast.For, ast.AsyncFor)) and step.kind == "assign":
        yield from _targets(node.target, node.iter, act, (None,))
    elif isinstance(node, ast.AugAssign) and (place := place_of(node.target)) is not None:
        for part, given, path in contents.added(node):
            yield key_of(f"{place}.{part}", act), frozenset({(given, act, path)})
        if not isinstance(node.value, contents.DISPLAYS):  # it may be a number that is not what it was
            yield key_of(place, act), frozenset({(None, act, ())})
    elif step.kind == "assign":
        targets, value = assigned(node)
        for target in targets:
            yield from _targets(target, value, act, ())


def _generates(act: Activation) -> bool:
    return bool(act.scope.module.bound(act.scope).yields)


def _yielded(node: ast.AST | None, act: Activation, key: Key) -> Iterator[tuple[Key, frozenset[Source]]]:
    """What a generator yields is put into what its call gives."""
    if isinstance(node, (ast.Yield, ast.YieldFrom)):
        yield key, frozenset({(node.value, act, (None,) if isinstance(node, ast.YieldFrom) else ())})


def _targets(
    target: ast.expr, value: ast.expr | None, act: Activation, path: Path
) -> Iterator[tuple[Key, frozenset[Source]]]:
    if isinstance(target, (ast.Tuple, ast.List)):
        first_star = next((i for i, each in enumerate(target.elts) if isinstance(each, ast.Starred)), None)
        for index, item in enumerate(target.elts):
            inner = item.value if isinstance(item, ast.Starred) else item
            is_placed = first_star is None or index < first_star
            yield from _targets(inner, value if is_placed else None, act, (*path, index))
        return
    name = place_of(target)
    if name is not None:
        yield key_of(name, act), frozenset({(value, act, path)})
    elif isinstance(target, ast.Subscript) and (whole := place_of(target.value)) is not None:
        yield key_of(f"{whole}.{ANY_ITEM}", act), frozenset({(value, act, path)})
