"""What a route answers with: the responses and exceptions that a returned or raised expression comes down to."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from phase12_lint.governance.answer_kinds import Maker, maker_of, status_of
from phase12_lint.governance.api import Run
from phase12_lint.governance.held import Held
from phase12_lint.governance.holdings import Holdings, join
from phase12_lint.governance.layer_code import nodes_within
from phase12_lint.governance.leaves import Leaf, leaves
from phase12_lint.governance.removals import earlier
from phase12_lint.governance.statuses import OPEN, Statuses, statuses
from phase12_lint.survey.program import Program
from phase12_lint.survey.scopes import Scope, last_name
from phase12_lint.survey.values import Function

_SUCCESS: Statuses = frozenset({200})


class Exit(NamedTuple):
    """A statement by which a run ends with an answer, and the expression that is answered."""

    statement: ast.stmt
    value: ast.expr
    run: Run
    raised: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the things that an exit may come down to. ``plain`` if it is no response object and no exception."""

    held: Holdings
    statuses: Statuses
    plain: bool
    node: ast.expr


def exits_of(program: Program, run: Run, is_endpoint: bool) -> Iterator[Exit]:
    """The exits of ``run``: returns of the endpoint itself; exceptions, also by ``abort``, of all that it runs."""
    if isinstance(run.scope.node, ast.Lambda):
        return
    for node in nodes_within(run.scope):
        if isinstance(node, ast.Return) and node.value is not None and is_endpoint:
            yield Exit(node, node.value, run, False)
        elif isinstance(node, ast.Raise) and node.exc is not None:
            yield Exit(node, node.exc, run, True)
        elif isinstance(node, ast.Expr) and _aborts(program, node.value, run):
            yield Exit(node, node.value, run, True)


def _aborts(program: Program, node: ast.expr, run: Run) -> bool:
    return isinstance(node, ast.Call) and maker_of(program, node, run.scope, run.frame) is Maker.ABORT


def answers(held: Held, found: Exit) -> list[Answer]:
    """What ``found`` may come down to; nothing where it raises what the framework does not answer with."""
    program, run = held.program, found.run
    start = Leaf(found.value, run.scope, run.frame)
    answered = []
    for leaf in leaves(program, start, lambda leaf: _is_made(held, leaf)):
        answer = _answer(held, leaf, found)
        if answer is not None:
            answered.append(answer)
    return answered


def _is_made(held: Held, leaf: Leaf) -> bool:
    """Whether ``leaf`` makes an answer, or calls what is no part of the API."""
    if not isinstance(leaf.node, ast.Call):
        return False
    if leaf.node in held.pairs:
        return True
    if not leaf.path and maker_of(held.program, leaf.node, leaf.scope, leaf.frame) is not None:
        return True
    callee = held.program.evaluate(leaf.node.func, leaf.scope, leaf.frame)
    return any(isinstance(atom, Function) and held.judged(atom.scope) for atom in callee)


def _answer(held: Held, leaf: Leaf, found: Exit) -> Answer | None:
    given = _given(held, leaf)
    maker = None
    if isinstance(leaf.node, ast.Call) and not leaf.path:
        maker = maker_of(held.program, leaf.node, leaf.scope, leaf.frame)
    if maker is None:
        if found.raised:
            return None
        return _plain(held, leaf, found, given)
    if found.raised and maker is Maker.RESPONSE:
        return None
    assert isinstance(leaf.node, ast.Call)
    status = status_of(held.program, leaf.node, leaf.scope, leaf.frame, maker)
    later = _set_later(held.program, found)
    return Answer(given, later or status, False, leaf.node)


def _given(held: Held, leaf: Leaf) -> Holdings:
    return held.along(leaf.node, leaf.path, leaf.scope, leaf.frame)


def _plain(held: Held, leaf: Leaf, found: Exit, given: Holdings) -> Answer:
    """A value that the framework makes a response of; Flask takes ``body, status`` and ``body, status, headers``."""
    program = held.program
    node = leaf.node
    if isinstance(node, ast.Tuple) and not leaf.path and len(node.elts) in (2, 3):
        status = statuses(program, node.elts[1], leaf.scope, leaf.frame)
        if status != OPEN or _is_status(program, node.elts[1], leaf):
            body = held.of(node.elts[0], leaf.scope, leaf.frame)
            inner = Exit(found.statement, node.elts[0], Run(leaf.scope, leaf.frame), False)
            plain = all(answer.plain for answer in answers(held, inner))
            rest = join(held.of(each, leaf.scope, leaf.frame) for each in node.elts[2:])
            return Answer(body | rest, status, plain, node.elts[0])
    return Answer(given, _set_later(program, found) or declared_status(program, found.run.scope), True, node)


def _is_status(program: Program, node: ast.expr, leaf: Leaf) -> bool:
    """Whether the second of a tuple is called a status, though its value is not known."""
    name = (last_name(node) or "").lower()
    return "status" in name or "code" in name


def declared_status(program: Program, scope: Scope) -> Statuses:
    """The status that the decorator of a route declares for what it returns."""
    for decorator in getattr(scope.node, "decorator_list", ()):
        for keyword in getattr(decorator, "keywords", ()):
            if keyword.arg == "status_code" and scope.parent is not None:
                return statuses(program, keyword.value, scope.parent, None)
    return _SUCCESS


def _set_later(program: Program, found: Exit) -> Statuses | None:
    """The status that ``response.status_code = 400`` gives to what is returned, by a statement that always runs."""
    scope, frame = found.run
    status: Statuses | None = None
    for statement in reversed(list(earlier(scope, found.statement))):
        if not isinstance(statement, ast.Assign):
            continue
        for target in statement.targets:
            if isinstance(target, ast.Attribute) and target.attr in ("status_code", "status"):
                status = statuses(program, statement.value, scope, frame)
    return status
