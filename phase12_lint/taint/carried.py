"""What an expression holds: asked on demand, followed through variables, containers, text, helpers and attributes.

A function is followed anew for each call, under the arguments of that call. Under no call its parameters hold
nothing, so that what is found there came into being in the function itself.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence

from phase12_lint.calls.api import endpoints, exception_of
from phase12_lint.calls.decorated import wrappers_of_layers
from phase12_lint.calls.envelope_builder import is_of_builder
from phase12_lint.calls.governed_calls import GovernedCall
from phase12_lint.calls.layers import API, layer_of, layers_of
from phase12_lint.syntax.scopes import Definition, Path, Scope
from phase12_lint.syntax.stores import source_of
from phase12_lint.taint import carried_by_calls, carried_by_keys, carried_by_names, exceptions
from phase12_lint.taint.domain import (
    NONE_HELD,
    RAW,
    Holdings,
    Step,
    as_text,
    iterated,
    join,
    merged,
    stored,
    taken,
    under,
)
from phase12_lint.taint.objects import Additions, Put
from phase12_lint.taint.opened_envelopes import opened_of
from phase12_lint.taint.order import may_precede, statement_at
from phase12_lint.taint.result_pairs import Pairs, helpers_of, pairs_of
from phase12_lint.taint.single_results import wholes_of
from phase12_lint.values import folding
from phase12_lint.values.atoms import Instance, Value
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.expressions import Receiver, Undecorated
from phase12_lint.values.frames import Argument, Frame
from phase12_lint.values.parameters import makes_manager
from phase12_lint.values.program import Program
from phase12_lint.values.solver import Answer, Key, Solver

_NOTHING = (ast.Constant, ast.Compare, ast.Lambda, Receiver, Undecorated)
_MAKERS = (ast.Dict, ast.List, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp, ast.Call, ast.BinOp)


class Held:
    """The answers for one program.

    ``pairs`` are the calls that give a result and an envelope, in the API and below it;
    ``helpers`` are calls in a route of what may pass on such a pair. ``wholes`` are those of both that give one or the
    other, ``opened`` the pairs that give the error object alone; ``alone`` the calls that give the result alone.
    ``handled`` are parameters that are given exceptions. ``answering`` are the functions outside the layers that are
    part of one all the same and were found to return raw exceptions.
    """

    def __init__(
        self,
        program: Program,
        pairs: Pairs,
        helpers: Mapping[ast.Call, GovernedCall],
    ) -> None:
        self.program = program
        self.pairs = {**pairs.below, **pairs.api}
        self.alone = pairs.alone
        self.wholes = wholes_of(program, {**self.pairs, **helpers})
        self.opened = opened_of(program, ((node, call.scope) for node, call in self.pairs.items()))
        self.helpers = helpers
        self.answering: dict[Scope, None] = {}
        self.governing = {call.scope for call in (*pairs.api.values(), *helpers.values())}
        every = (exception_of(endpoint) for endpoint in endpoints(program))
        self.handled = frozenset(param.node for param in every if param is not None)
        self.additions = Additions()
        self._solver = Solver(self._compute, self._cut)

    def of(
        self, node: ast.expr, scope: Scope, frame: Frame | None = None, at: ast.AST | None = None
    ) -> Holdings:
        """What ``node`` holds when the statement ``at`` runs (None: the one that it stands in)."""
        if isinstance(node, _NOTHING):
            return NONE_HELD
        when = statement_at(scope, node) if at is None else at
        return self._solver.ask(("expression", node, scope, frame, when))

    def after(self, definition: Definition, frame: Frame | None, at: ast.AST | None) -> Holdings:
        """What a name bound by ``definition`` holds when the statement ``at`` runs (None: at any time)."""
        return self._solver.ask(("definition", definition, frame, at))

    def added(self, origin: ast.AST, scope: Scope, frame: Frame | None, at: ast.AST | None) -> Holdings:
        """What is put into the object that ``origin`` makes in ``scope`` before the statement ``at`` runs."""
        return join(
            self.put(put, frame if put.scope is scope else None)
            for put in self.additions.to(origin, scope)
            if put.scope is not scope or at is None or may_precede(scope, put.statement, at)
        )

    def put(self, put: Put, frame: Frame | None) -> Holdings:
        """What ``put`` adds to the object that it puts into."""
        return self._solver.ask(("put", put, frame))

    def returned(self, scope: Scope, frame: Frame | None) -> Holdings:
        """What a call of the function ``scope`` gives."""
        return self._solver.ask(("returned", scope, frame))

    def argument(self, argument: Argument) -> Holdings:
        """What an argument of a call holds."""
        return self.along(argument.node, argument.path, argument.scope, argument.frame)

    def along(
        self, node: ast.expr, path: Path, scope: Scope, frame: Frame | None, at: ast.AST | None = None
    ) -> Holdings:
        """What ``path`` takes out of ``node`` when the statement ``at`` runs (None: the one that it stands in)."""
        return carried_by_names.along(self, self.of(node, scope, frame, at), node, path, scope, frame)

    def is_judged(self, scope: Scope) -> bool:
        """Whether the returns of the function ``scope`` are judged: of a service or the choke point, and no lambda."""
        if scope in self.program.once(wrappers_of_layers):
            return True
        is_lambda = isinstance(scope.node, ast.Lambda)
        return not is_lambda and layers_of(self.program).written_in(scope) not in (None, API)

    def answers_for(self, scope: Scope, found: Holdings) -> bool:
        """Whether ``found``, which comes into being in ``scope``, is judged where ``scope`` returns it."""
        if makes_manager(scope):
            return False
        if self.is_judged(scope):
            return True
        if scope not in self.answering:
            if all(each.kind not in RAW for each in found) or is_of_builder(self.program, scope):
                return False
            if isinstance(scope.node, ast.Lambda) or layer_of(self.program, scope) in (None, API):
                return False
            self.answering[scope] = None
        return True

    def raw_attribute(self, node: ast.Attribute, scope: Scope, frame: Frame | None) -> Holdings:
        """The attribute as the object has it, whatever has been stored in it nearby."""
        value = self.program.evaluate(node.value, scope, frame)
        return self.attribute_of(self.of(node.value, scope, frame), value, node.attr)

    def attribute_of(self, owner: Holdings, value: Value, name: str) -> Holdings:
        """Attribute ``name`` of what holds ``owner`` and is ``value``."""
        return exceptions.attribute(_by_field(self, owner, value, name), name) | _stored(self, value, name)

    def steps(self, index: ast.expr, scope: Scope, frame: Frame | None, owner: Holdings) -> Iterable[Step]:
        """The keys or positions of ``owner`` that ``index`` may be."""
        return _steps_of(self, index, scope, frame, owner)

    def _cut(self, key: Key, from_outside: bool) -> Answer:
        if from_outside:
            place = next((part for part in key if isinstance(part, Scope)), None)
            where = f" in `{place.qualified_name}` ({place.module.path})" if place is not None else ""
            self.program.note(
                f"what an expression contains of an exception{where} is not known: it depends on too much"
            )
        return NONE_HELD

    def _compute(self, key: Key) -> Answer:
        answer: Holdings = _QUESTIONS[str(key[0])](self, *key[1:])
        return answer


def held_in(program: Program) -> Held:
    """The one ``Held`` of ``program``."""
    return program.once(_held)


def _held(program: Program) -> Held:
    return Held(program, pairs_of(program), helpers_of(program))


def _expression(
    held: Held, node: ast.expr, scope: Scope, frame: Frame | None, at: ast.AST | None
) -> Holdings:
    handler = _HANDLERS.get(type(node))
    found: Holdings = handler(held, node, scope, frame, at) if handler is not None else NONE_HELD
    if isinstance(node, _MAKERS):
        found |= held.added(node, scope, frame, at)
    return found


def _put(held: Held, put: Put, frame: Frame | None) -> Holdings:
    """What ``put`` adds to the object, from the object on."""
    if put.call is not None:
        given = carried_by_calls.put_by_callee(held, put.call, put.value, put.scope, frame)
    else:
        given = held.along(put.value, put.path, put.scope, frame, put.statement)
    for part in reversed(put.way if given else ()):
        steps: Sequence[Step] = (
            [part] if not isinstance(part, ast.expr) else _texts(held, part, put.scope, frame)
        )
        given = join(under(given, step) for step in steps)
    return given


def _texts(held: Held, key: ast.expr, scope: Scope, frame: Frame | None) -> Sequence[Step]:
    return folding.strings(held.program.evaluate(key, scope, frame)) or [None]


def _name(held: Held, node: ast.Name, scope: Scope, frame: Frame | None, at: ast.AST | None) -> Holdings:
    return carried_by_names.name(held, node, scope, frame, at)


def _attribute(
    held: Held, node: ast.Attribute, scope: Scope, frame: Frame | None, at: ast.AST | None
) -> Holdings:
    definitions = scope.module.definitions.get(node)
    if definitions:
        return join(held.after(definition, frame, at) for definition in definitions)
    return held.raw_attribute(node, scope, frame)


def _by_field(held: Held, owner: Holdings, value: Value, name: str) -> Holdings:
    """``owner`` with the position of field ``name`` of a named tuple turned into its name."""
    index = carried_by_names.position_of(held.program, value, name)
    return owner if index is None else owner | under(taken(_in_containers(owner), index), name)


def _in_containers(held: Holdings) -> Holdings:
    return frozenset(each for each in held if each.way)


def _stored(held: Held, value: Value, name: str) -> Holdings:
    """What methods of the class of an object store in its attribute ``name``, and what is put into that anywhere."""
    found = NONE_HELD
    classes = [atom.cls for atom in value if isinstance(atom, Instance) and isinstance(atom.cls, ClassInfo)]
    for cls in classes:
        for store, scope in cls.writes().get(name, ()):
            source = source_of(scope, store)
            if source is not None:
                found |= held.along(source[0], source[1], scope, None)
    for put, load in held.additions.to_attribute(held.program, name) if classes else ():
        given = held.put(put, None)
        if given and _is_of_one(held.program, held.program.evaluate(load.value, put.scope), classes):
            found |= given
    return stored(found)


def _is_of_one(program: Program, owner: Value, classes: Sequence[ClassInfo]) -> bool:
    return any(
        isinstance(atom, Instance) and any(program.related(atom.cls, cls) for cls in classes)
        for atom in owner
    )


def _subscript(
    held: Held, node: ast.Subscript, scope: Scope, frame: Frame | None, at: ast.AST | None
) -> Holdings:
    owner = held.of(node.value, scope, frame, at)
    if not owner:
        return NONE_HELD
    if isinstance(node.slice, ast.Slice):
        return owner
    value = held.program.evaluate(node.value, scope, frame)
    return join(
        carried_by_names.at(held.program, owner, value, step) if isinstance(step, int) else taken(owner, step)
        for step in held.steps(node.slice, scope, frame, owner)
    )


def _steps_of(
    held: Held, index: ast.expr, scope: Scope, frame: Frame | None, owner: Holdings
) -> Iterable[Step]:
    """The keys or positions that ``index`` may be."""
    if isinstance(index, ast.UnaryOp) and isinstance(index.op, ast.USub):
        inner = index.operand
        return [-inner.value] if isinstance(inner, ast.Constant) and isinstance(inner.value, int) else [None]
    if isinstance(index, ast.Constant) and isinstance(index.value, int):
        return [index.value]
    known = folding.strings(held.program.evaluate(index, scope, frame))
    if known:
        return known
    if isinstance(index, ast.Name):
        return carried_by_keys.admitted(held, index, scope, frame, owner)
    return [None]


def _formatted(
    held: Held, node: ast.JoinedStr, scope: Scope, frame: Frame | None, at: ast.AST | None
) -> Holdings:
    return as_text(
        join(
            held.of(part.value, scope, frame) for part in node.values if isinstance(part, ast.FormattedValue)
        )
    )


def _operation(
    held: Held, node: ast.BinOp, scope: Scope, frame: Frame | None, at: ast.AST | None
) -> Holdings:
    both = held.of(node.left, scope, frame) | held.of(node.right, scope, frame)
    if isinstance(node.op, ast.Mod):
        return as_text(both)
    return merged(both) if isinstance(node.op, ast.BitOr) else both


def _either(held: Held, node: ast.BoolOp, scope: Scope, frame: Frame | None, at: ast.AST | None) -> Holdings:
    """What is falsy holds nothing, and only that is left of the first part of an ``and``."""
    values = node.values[-1:] if isinstance(node.op, ast.And) else node.values
    return join(held.of(value, scope, frame, at) for value in values)


def _chosen(held: Held, node: ast.IfExp, scope: Scope, frame: Frame | None, at: ast.AST | None) -> Holdings:
    return held.of(node.body, scope, frame, at) | held.of(node.orelse, scope, frame, at)


def _itself(
    held: Held,
    node: ast.Await | ast.NamedExpr | ast.Starred,
    scope: Scope,
    frame: Frame | None,
    at: ast.AST | None,
) -> Holdings:
    return held.of(node.value, scope, frame, at)


def _sequence(
    held: Held, node: ast.Tuple | ast.List | ast.Set, scope: Scope, frame: Frame | None, at: ast.AST | None
) -> Holdings:
    starred = any(isinstance(item, ast.Starred) for item in node.elts)
    parts = []
    for position, item in enumerate(node.elts):
        inner = held.of(item, scope, frame, at)
        if isinstance(item, ast.Starred):
            inner = iterated(inner)
        parts.append(under(inner, None if starred else position))
    return join(parts)


def _dict(held: Held, node: ast.Dict, scope: Scope, frame: Frame | None, at: ast.AST | None) -> Holdings:
    parts = []
    for key, value in zip(node.keys, node.values):
        inner = held.of(value, scope, frame, at)
        if key is None:
            parts.append(merged(inner))
            continue
        parts.append(under(as_text(held.of(key, scope, frame)), None))
        if inner:
            known: Sequence[Step] = folding.strings(held.program.evaluate(key, scope, frame)) or [None]
            parts += [under(inner, step) for step in known]
    return join(parts)


def _comprehension(
    held: Held,
    node: ast.ListComp | ast.SetComp | ast.GeneratorExp,
    scope: Scope,
    frame: Frame | None,
    at: ast.AST | None,
) -> Holdings:
    return under(held.of(node.elt, scope, frame), None)


def _dict_comprehension(
    held: Held, node: ast.DictComp, scope: Scope, frame: Frame | None, at: ast.AST | None
) -> Holdings:
    return carried_by_keys.dict_comprehension(held, node, scope, frame)


def _returned(held: Held, scope: Scope, frame: Frame | None) -> Holdings:
    scope.module.bound(scope)
    if scope.yields:
        lasting = scope.node if makes_manager(scope) else None  # it goes on when what it yields has been used
        given = ((held.of(node, scope, frame, lasting), is_from) for node, is_from in scope.yields)
        return join(inner if is_from else under(inner, None) for inner, is_from in given)
    return join(held.of(node, scope, frame) for node in scope.returns)


_HANDLERS: dict[type[ast.AST], Callable[..., Holdings]] = {
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Call: carried_by_calls.call,
    ast.JoinedStr: _formatted,
    ast.BinOp: _operation,
    ast.BoolOp: _either,
    ast.IfExp: _chosen,
    ast.Await: _itself,
    ast.NamedExpr: _itself,
    ast.Starred: _itself,
    ast.Tuple: _sequence,
    ast.List: _sequence,
    ast.Set: _sequence,
    ast.Dict: _dict,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _dict_comprehension,
}
_QUESTIONS: dict[str, Callable[..., Holdings]] = {
    "expression": _expression,
    "definition": carried_by_names.after,
    "returned": _returned,
    "put": _put,
}
