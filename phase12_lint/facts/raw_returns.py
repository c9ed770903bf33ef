"""Where code of a layer gives a caught exception back: itself, its text or its traceback."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from phase12_lint.calls.decorated import wrappers_of_layers
from phase12_lint.calls.envelope_builder import is_of_builder
from phase12_lint.calls.layer_code import functions_of_layers, nodes_within
from phase12_lint.calls.layers import layer_of, layers_of
from phase12_lint.model import Confidence, Hop
from phase12_lint.syntax.scopes import Scope
from phase12_lint.taint.carried import Held, held_in
from phase12_lint.taint.domain import RAW, Holding, Holdings, Kind
from phase12_lint.values.evidence import describe
from phase12_lint.values.places import Evidence, Fact
from phase12_lint.values.program import Program


@dataclass(frozen=True, slots=True)
class RawReturn(Fact):
    """A return or yield of code of ``layer`` that gives back ``kind`` of exception; ``how`` is the verb."""

    layer: int
    kind: Kind
    how: str


def raw_returns(program: Program) -> Iterator[Fact]:
    """Every return and yield of raw exceptions in the services and the choke point."""
    held = held_in(program)
    for scope in _judged(program):
        yield from _returned_raw(held, scope)
    judged: set[Scope] = set()
    while pending := [scope for scope in held.answering if scope not in judged]:
        judged |= set(pending)
        for scope in pending:
            yield from _returned_raw(held, scope)


def _judged(program: Program) -> dict[Scope, None]:
    """The functions of the layers, and those that their decorators put in their place."""
    return dict.fromkeys((*functions_of_layers(program), *program.once(wrappers_of_layers)))


def _returned_raw(held: Held, scope: Scope) -> Iterator[Fact]:
    program = held.program
    for statement, node, how in exits(scope):
        raw = only_raw(held.of(node, scope))
        layer = layer_of(program, scope) if raw else None
        if layer is not None and not is_of_builder(program, scope):
            kind, evidence = told(scope, node, raw)
            inside = layer == layers_of(program).last
            yield RawReturn(statement, scope, evidence, inside, layer, kind, how)


def raw_statements(program: Program) -> frozenset[ast.AST]:
    """The statements of ``raw_returns``."""
    return frozenset(fact.node for fact in raw_returns(program))


def exits(scope: Scope) -> Iterator[tuple[ast.AST, ast.expr, str]]:
    """Each statement by which the function ``scope`` gives a value to its caller, the value, and the verb.

    A lambda is followed to where it is called.
    """
    scope.module.bound(scope)
    if isinstance(scope.node, ast.Lambda):
        return
    for node in nodes_within(scope):
        if isinstance(node, ast.Return) and node.value is not None:
            yield node, node.value, "returns"
        elif isinstance(node, (ast.Yield, ast.YieldFrom)) and node.value is not None:
            yield statement_of(scope, node), node.value, "yields"


def statement_of(scope: Scope, node: ast.AST) -> ast.AST:
    """The statement of ``scope`` that ``node`` stands in."""
    while not isinstance(node, ast.stmt) and node is not scope.node:
        node = scope.module.parents[node]
    return node


def only_raw(held: Holdings) -> list[Holding]:
    """The exceptions and their texts, in the order in which they came into being."""
    raw = [each for each in held if each.kind in RAW]
    return sorted(raw, key=lambda e: (getattr(e.origin, "lineno", 0), e.kind is Kind.TEXT, str(e.way)))


def told(scope: Scope, node: ast.expr, raw: list[Holding]) -> tuple[Kind, Evidence]:
    """What of an exception ``node`` gives away, and the hop to where it was caught."""
    first = raw[0]
    hops: tuple[Hop, ...] = ()
    if isinstance(first.origin, ast.ExceptHandler):
        module = first.where.module
        line, column = module.lines.position(first.origin)
        hops = (Hop(module.path, line, column, f"`{heading(first.origin)}` catches it"),)
    return first.kind, Evidence(describe(node), Confidence.CERTAIN, hops)


def heading(handler: ast.ExceptHandler) -> str:
    """The first line of a handler."""
    caught = f" {describe(handler.type)}" if handler.type is not None else ""
    return f"except{caught}{f' as {handler.name}' if handler.name else ''}"


OF_THE_PROGRAM = (raw_returns,)
