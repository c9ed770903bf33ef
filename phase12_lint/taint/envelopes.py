"""Error envelopes: which dict displays are envelopes, what they lack, and whether an expression is an envelope."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeGuard

from phase12_lint.calls.envelope_builder import is_builder, is_of_builder
from phase12_lint.calls.layer_code import functions_of_layers, layer_classes, nodes_within
from phase12_lint.calls.layers import API, layer_of
from phase12_lint.calls.outcomes import Leaf, leaves
from phase12_lint.calls.policy_calls import calls_one_of
from phase12_lint.calls.routes import is_error_handler
from phase12_lint.model import Confidence
from phase12_lint.policy import last_part, spelled
from phase12_lint.syntax.scopes import Scope
from phase12_lint.taint.domain import ERROR_KEY, INTERNAL_KEY
from phase12_lint.taint.made_dicts import Display, dict_made_by, is_written_out, written_in
from phase12_lint.values import folding
from phase12_lint.values.atoms import Container, Site
from phase12_lint.values.evidence import describe
from phase12_lint.values.frames import Frame
from phase12_lint.values.mutations import EXTENSION
from phase12_lint.values.places import Evidence, Fact
from phase12_lint.values.program import Program

FIELDS = ("type", "message", "details", "plugin", "timestamp")
_TELLING = {"type", "message"}
_TRACEBACK = "traceback"
_Within = tuple[ast.AST, ...]


@dataclass(frozen=True, slots=True)
class MalformedEnvelope(Fact):
    """A dict display that is an envelope and lacks something: fields of ``error``, its ``_internal.traceback``.

    ``in_builder`` if the envelope builder itself writes it.
    """

    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    no_error: bool
    no_traceback: bool
    in_builder: bool


_Written = ast.Dict | ast.Call


class _Made(NamedTuple):
    node: _Written
    scope: Scope


def is_envelope(program: Program, node: ast.expr, scope: Scope, frame: Frame | None = None) -> bool:
    """Whether ``node`` is an envelope whatever way it came about: made by the builder, or written out as one."""
    found = [
        leaf
        for leaf in leaves(program, Leaf(node, scope, frame), lambda leaf: _is_built(program, leaf))
        if not (isinstance(leaf.node, ast.Constant) and leaf.node.value is None)
    ]
    return bool(found) and all(is_envelope_leaf(program, leaf) for leaf in found)


def is_envelope_leaf(program: Program, leaf: Leaf) -> bool:
    """Whether ``leaf`` is an envelope, built or written out."""
    return _is_built(program, leaf) or _is_written(program, leaf)


def _is_built(program: Program, leaf: Leaf) -> bool:
    """Whether ``leaf`` calls the envelope builder."""
    if leaf.path or not isinstance(leaf.node, ast.Call):
        return False
    return calls_one_of(program, leaf.node, leaf.scope, leaf.frame, program.policy.envelope_builders)


def _is_written(program: Program, leaf: Leaf) -> bool:
    node, scope, frame, path = leaf
    if path or not is_written_out(node, program, scope):
        return False
    spread = (value for key, value in written_in(node) if key is None)
    return _error_of(program, node, scope, frame) is not None or any(
        is_envelope(program, value, scope, frame) for value in spread
    )


def malformed_envelopes(program: Program) -> Iterator[Fact]:
    """Every malformed envelope in a layer below the API, the choke point, the builder, and what makes their answers."""
    if not _has_pipeline(program):
        return
    builders = list(_builders(program))
    built = {node: scope for builder in builders for node, scope in _built(program, builder)}
    for node, scope in built.items():
        yield from _judged(program, node, scope, True)
    for node, scope in _displays(program, builders).items():
        if (
            node not in built
            and not scope.module.exempt
            and _error_of(program, node, scope, None) is not None
        ):
            yield from _judged(program, node, scope, False)


def _has_pipeline(program: Program) -> bool:
    choke = program.choke
    return bool(choke.functions or choke.modules or layer_classes(program))


def _builders(program: Program) -> Iterator[Scope]:
    """The functions that the policy names as the envelope builder."""
    words = re.compile(spelled(map(last_part, program.policy.envelope_builders)).encode())
    for module in program.project.modules_matching(words):
        for scopes in module.functions.values():
            yield from (scope for scope in scopes if is_builder(program, scope))


def _displays(program: Program, builders: Iterable[Scope]) -> dict[_Written, Scope]:
    """The dicts that are written out in judged code, and those that a function elsewhere makes for its answers."""
    found: dict[_Written, Scope] = {}
    judged = dict.fromkeys((*functions_of_layers(program), *builders))
    for scope in judged:
        for node in nodes_within(scope):
            where = scope.module.scopes.get(node, scope)
            is_other_call = isinstance(node, ast.Call) and all(e.arg != ERROR_KEY for e in node.keywords)
            if not is_other_call and is_written_out(
                node, program, where
            ):  # what it calls may be dear to know
                found[node] = where
        for value in scope.module.bound(scope).returns:
            found |= {leaf.node: leaf.scope for leaf in _made_for(program, value, scope)}
    return found


def _made_for(program: Program, value: ast.expr, scope: Scope) -> Iterator[_Made]:
    """The dicts that are written out and that ``value``, an answer, comes down to: itself, or a part of it."""
    pending = [Leaf(value, scope, None)]
    seen = set(pending)
    while pending:
        for leaf in leaves(program, pending.pop()):
            parts: list[ast.expr] = []
            if not leaf.path and is_written_out(leaf.node, program, leaf.scope):
                yield _Made(leaf.node, leaf.scope)
                parts = [each for _, each in written_in(leaf.node)]
            elif isinstance(leaf.node, (ast.Tuple, ast.List)):
                parts = leaf.node.elts
            elif isinstance(leaf.node, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
                parts = [leaf.node.elt]
            elif isinstance(leaf.node, ast.DictComp):
                parts = [leaf.node.value]
            elif isinstance(leaf.node, ast.Call) and leaf.node is not value:
                parts = [*leaf.node.args, *(keyword.value for keyword in leaf.node.keywords)]
            fresh = [each for part in parts if (each := leaf._replace(node=part, path=())) not in seen]
            seen |= set(fresh)
            pending += fresh


def _built(program: Program, builder: Scope) -> Iterator[tuple[_Written, Scope]]:
    """The dicts that an envelope builder returns as they are written out."""
    for value in builder.module.bound(builder).returns:
        for atom in program.evaluate(value, builder):
            site = atom.made if isinstance(atom, Container) and atom.kind == "dict" else None
            if site is not None and isinstance(site.node, ast.Dict):
                yield site.node, site.scope
        for leaf in leaves(program, Leaf(value, builder, None)):
            if not leaf.path and is_written_out(leaf.node, program, leaf.scope):
                yield leaf.node, leaf.scope


def _judged(program: Program, node: _Written, scope: Scope, built: bool) -> Iterator[Fact]:
    display = _dict_of(program, Leaf(_whole(node, scope), scope, None)) or Display({}, True)
    error = _error_of(program, node, scope, None)
    if error is None and built:
        error = _resolved(program, display.values.get(ERROR_KEY, []))
    no_error = built and not display.is_open and ERROR_KEY not in display.values
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    if error is not None:
        missing = () if error.is_open else tuple(name for name in FIELDS if name not in error.values)
        unknown = tuple(sorted(set(error.values) - set(FIELDS)))
    no_traceback = not no_error and _lacks_traceback(program, display) and not _is_public(program, scope)
    if missing or unknown or no_error or no_traceback:
        evidence = Evidence(describe(node), Confidence.CERTAIN, ())
        inside = program.is_inside(scope)
        in_builder = is_of_builder(program, scope)
        yield MalformedEnvelope(
            node, scope, evidence, inside, missing, unknown, no_error, no_traceback, in_builder
        )


def _whole(node: _Written, scope: Scope) -> ast.expr:
    """The union ``{...} | {...}`` of which ``node`` is a part, or ``node``."""
    whole: ast.expr = node
    while isinstance(parent := scope.module.parents.get(whole), ast.BinOp) and _is_union(parent):
        whole = parent
    return whole


def _is_union(node: ast.AST) -> TypeGuard[ast.BinOp]:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr)


def _is_public(program: Program, scope: Scope) -> bool:
    """Whether it is code of the API, whose answers must not hold the internal part."""
    return any(
        outer.is_function and (layer_of(program, outer) == API or is_error_handler(program, outer))
        for outer in scope.chain()
    )


def _lacks_traceback(program: Program, display: Display) -> bool:
    if INTERNAL_KEY not in display.values:
        return not display.is_open
    internal = _resolved(program, display.values[INTERNAL_KEY])
    return internal is not None and not internal.is_open and _TRACEBACK not in internal.values


def _error_of(program: Program, node: _Written, scope: Scope, frame: Frame | None) -> Display | None:
    """The dict under ``error``, written out in the same function, if it has a type or a message.

    An answer of JSON-RPC has an ``error`` of its own.
    """
    pairs = list(written_in(node))
    if any(isinstance(key, ast.Constant) and key.value == "jsonrpc" for key, _ in pairs):
        return None
    for key, value in pairs:
        if key is not None and _key(program, key, scope, frame) == [ERROR_KEY]:
            for leaf in leaves(program, Leaf(value, scope, frame), lambda leaf: leaf.scope is not scope):
                found = _dict_of(program, leaf) if leaf.scope is scope else None
                if found is not None and not _TELLING.isdisjoint(found.values):
                    return found
    return None


def _key(program: Program, key: ast.expr, scope: Scope, frame: Frame | None) -> Sequence[str]:
    """The texts that a key may be."""
    if isinstance(key, ast.Constant):
        return [key.value] if isinstance(key.value, str) else []
    return folding.strings(program.evaluate(key, scope, frame))


def _resolved(program: Program, given: list[Leaf], within: _Within = ()) -> Display | None:
    """The dict that a value is known to be; None where it may be anything, or is made of itself ``within`` another."""
    found: Display | None = None
    for start in given:
        for leaf in leaves(program, start):
            inner = _dict_of(program, leaf, within) if leaf.node not in within else None
            if inner is None:
                return None
            found = inner if found is None or len(inner.values) < len(found.values) else found
    return found


def _dict_of(program: Program, leaf: Leaf, within: _Within = ()) -> Display | None:
    """The dict that ``leaf`` is, as it is written or made by a call; None where it may be anything."""
    if leaf.path:
        return None
    inside = (*within, leaf.node)
    if isinstance(leaf.node, ast.Dict):
        return _filled(program, _display(program, leaf.node, leaf, inside), leaf, inside)
    if _is_union(leaf.node):
        sides = [leaf._replace(node=each) for each in (leaf.node.left, leaf.node.right)]
        return _filled(program, _merged(program, Display({}, False), sides, inside), leaf, inside)
    return dict_made_by(program, leaf) if isinstance(leaf.node, ast.Call) else None


def _display(program: Program, node: ast.Dict, leaf: Leaf, within: _Within) -> Display:
    display = Display({}, False)
    for key, value in zip(node.keys, node.values):
        if key is None:
            display = _merged(program, display, [leaf._replace(node=value)], within)
            continue
        known = _key(program, key, leaf.scope, leaf.frame)
        put = {name: [leaf._replace(node=value)] for name in known}
        display = Display(display.values | put, display.is_open or not known)
    return display


def _filled(program: Program, display: Display, leaf: Leaf, within: _Within) -> Display:
    """``display``, which ``leaf`` makes, with what is put into it later."""
    for later in program.ask(("mutations", Site.of(leaf.node, leaf.scope, leaf.frame))):
        given = Leaf(later.value.node, later.value.scope, later.value.frame, later.value.path)
        if later.name is not None:
            display = Display({**display.values, later.name: [given]}, display.is_open)
        elif given.path == (EXTENSION,):
            display = _merged(program, display, [given._replace(path=())], within)
        else:
            display = Display(display.values, True)
    return display


def _merged(program: Program, display: Display, others: list[Leaf], within: _Within) -> Display:
    """``display`` with what is in ``others``."""
    for other in others:
        added = _resolved(program, [other], within) or Display({}, True)
        display = Display(display.values | added.values, display.is_open or added.is_open)
    return display
