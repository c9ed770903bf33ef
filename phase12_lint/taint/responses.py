"""What a route answers with: the responses and exceptions that a returned or raised expression comes down to."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from phase12_lint.calls.api import Run
from phase12_lint.calls.layer_code import nodes_within
from phase12_lint.calls.outcomes import NOTHING_ASSUMED, Assumption, Leaf, leaves
from phase12_lint.calls.routes import takes_pairs
from phase12_lint.syntax.before import earlier
from phase12_lint.syntax.scopes import Scope, last_name
from phase12_lint.taint.carried import Held
from phase12_lint.taint.domain import Holdings, join
from phase12_lint.taint.guards import without_refuted
from phase12_lint.taint.response_calls import Maker, maker_of, status_of
from phase12_lint.taint.result_pairs import gives_pair
from phase12_lint.taint.statuses import OPEN, Statuses, statuses
from phase12_lint.taint.unhandled import STATUS, is_unhandled
from phase12_lint.values.atoms import Function
from phase12_lint.values.program import Program

_SENDING = {"send_json", "send_text", "send_bytes"}
_SENT = {
    *("body", "content", "data", "description", "detail", "headers", "html", "media", "text", "write"),
    *("set_cookie", "set_data"),
}
_SUCCESS: Statuses = frozenset({200})


class Exit(NamedTuple):
    """A statement by which a run answers, the expression that is answered, and whether it is raised or returned.

    It ``ends_route`` if it stands in the route itself.
    """

    statement: ast.stmt
    value: ast.expr
    run: Run
    raised: bool
    ends_route: bool = True

    @property
    def how(self) -> str:
        """The verb for a message."""
        return "raises" if self.raised else "returns"


class Sent(NamedTuple):
    """A message that a run sends over a websocket: the statement, and what is sent."""

    statement: ast.stmt
    value: ast.expr
    run: Run


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the things that an exit may come down to. ``plain`` if it is no response object and no exception."""

    held: Holdings
    statuses: Statuses
    plain: bool


def exits_of(
    program: Program, run: Run, is_endpoint: bool, answering: Collection[ast.Return]
) -> Iterator[Exit]:
    """The exits of ``run``: returns that are ``answering``; exceptions, also by ``abort``, of all that runs."""
    if isinstance(run.scope.node, ast.Lambda):
        return
    for node in nodes_within(run.scope):
        if isinstance(node, ast.Return) and node.value is not None and node in answering:
            yield Exit(node, node.value, run, False)
        elif isinstance(node, ast.Raise) and node.exc is not None:
            yield Exit(node, node.exc, run, True, is_endpoint)
        elif isinstance(node, ast.Expr) and _aborts(program, node.value, run):
            yield Exit(node, node.value, run, True)


def messages_of(run: Run) -> Iterator[Sent]:
    """What ``run`` sends over a websocket."""
    for node in nodes_within(run.scope):
        call = node.value if isinstance(node, ast.Expr) else None
        call = call.value if isinstance(call, ast.Await) else None
        if isinstance(call, ast.Call) and call.args and getattr(call.func, "attr", "") in _SENDING:
            assert isinstance(node, ast.Expr)
            yield Sent(node, call.args[0], run)


def _aborts(program: Program, node: ast.expr, run: Run) -> bool:
    return isinstance(node, ast.Call) and maker_of(program, node, run.scope, run.frame) is Maker.ABORT


def answers(held: Held, found: Exit, assumed: Assumption = NOTHING_ASSUMED) -> list[Answer]:
    """What ``found`` may come down to under ``assumed``; nothing where the framework does not answer with it."""
    scope, frame = found.run
    return [
        replace(each, held=without_refuted(held, each.held, found.statement, scope, frame))
        for each in _Reader(held, found, assumed).read(found.value, found.run)
    ]


class _Reader:
    def __init__(self, held: Held, found: Exit, assumed: Assumption) -> None:
        self._held = held
        self._program = held.program
        self._exit = found
        self._assumed = assumed

    def read(self, value: ast.expr, run: Run) -> Iterator[Answer]:
        start = Leaf(value, run.scope, run.frame)
        for leaf in leaves(self._program, start, self._is_last, self._assumed):
            maker = self._maker(leaf)
            if maker is not None:
                yield from self._made(leaf, maker)
            elif not self._exit.raised:
                yield self._plain(leaf)
            elif self._exit.ends_route and not leaf.path and self._is_unhandled(leaf):
                yield Answer(frozenset(), frozenset({STATUS}), False)

    def _is_last(self, leaf: Leaf) -> bool:
        """Whether ``leaf`` makes an answer, or calls what is no part of the API."""
        if not isinstance(leaf.node, ast.Call):
            return False
        if (
            gives_pair(self._program, self._held.pairs, leaf.node, leaf.scope, leaf.frame)
            or self._maker(leaf) is not None
        ):
            return True
        callee = self._program.evaluate(leaf.node.func, leaf.scope, leaf.frame)
        return any(isinstance(atom, Function) and self._held.is_judged(atom.scope) for atom in callee)

    def _is_unhandled(self, leaf: Leaf) -> bool:
        here = self._exit.run.scope
        return leaf.scope is here and is_unhandled(self._program, leaf.node, self._exit.statement, here)

    def _maker(self, leaf: Leaf) -> Maker | None:
        if leaf.path or not isinstance(leaf.node, ast.Call):
            return None
        return maker_of(self._program, leaf.node, leaf.scope, leaf.frame)

    def _made(self, leaf: Leaf, maker: Maker) -> Iterator[Answer]:
        assert isinstance(leaf.node, ast.Call)
        if self._exit.raised and maker is Maker.RESPONSE:
            return
        status = self._set_later() or status_of(
            self._program, leaf.node, leaf.scope, leaf.frame, maker, self._assumed
        )
        scope, frame = self._exit.run
        put = [self._held.of(each, scope, frame) for each in self._put_in()]
        yield Answer(join([self._held.of(leaf.node, leaf.scope, leaf.frame), *put]), status, False)

    def _put_in(self) -> Iterator[ast.expr]:
        """What goes into the variable that is answered, by statements that always run before: ``response.body = x``."""
        if not isinstance(self._exit.value, ast.Name):
            return
        name = self._exit.value.id
        for statement in earlier(self._exit.run.scope, self._exit.statement, None):
            call = statement.value if isinstance(statement, ast.Expr) else None
            if isinstance(statement, ast.Assign) and any(_is_sent(each, name) for each in statement.targets):
                yield statement.value
            elif isinstance(call, ast.Call) and _is_sent(call.func, name):
                yield from (*call.args, *(keyword.value for keyword in call.keywords))

    def _plain(self, leaf: Leaf) -> Answer:
        """A value that the framework makes a response of; Flask takes ``body, status`` and headers behind it."""
        scope = self._exit.run.scope
        without = self._set_later() or declared_status(self._program, scope)
        if isinstance(leaf.node, ast.Tuple) and not leaf.path and len(leaf.node.elts) in (2, 3):
            body, status, *others = leaf.node.elts
            known = statuses(self._program, status, leaf.scope, leaf.frame, self._assumed)
            if known != OPEN or _is_called_status(status):
                inner = list(self.read(body, Run(leaf.scope, leaf.frame)))
                given = [self._held.of(each, leaf.scope, leaf.frame) for each in others]
                given += [answer.held for answer in inner]
                sent = known if takes_pairs(self._program, scope) else without
                return Answer(join(given), sent, all(answer.plain for answer in inner))
        return Answer(self._held.along(leaf.node, leaf.path, leaf.scope, leaf.frame), without, True)

    def _set_later(self) -> Statuses | None:
        """The status that ``response.status_code = 400`` gives, by a statement that always runs before the exit."""
        scope, frame = self._exit.run
        for statement in earlier(scope, self._exit.statement, None):
            if not isinstance(statement, ast.Assign):
                continue
            for target in statement.targets:
                if isinstance(target, ast.Attribute) and target.attr in ("status_code", "status"):
                    return statuses(self._program, statement.value, scope, frame, self._assumed)
        return None


def _is_sent(place: ast.expr, name: str) -> bool:
    """Whether ``place`` is, or is in, a part of the response ``name`` that is sent."""
    while isinstance(place, (ast.Attribute, ast.Subscript)):
        if isinstance(place, ast.Attribute) and getattr(place.value, "id", None) == name:
            return place.attr in _SENT
        place = place.value
    return False


def _is_called_status(node: ast.expr) -> bool:
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
