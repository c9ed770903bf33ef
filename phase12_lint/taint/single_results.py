"""The governed calls that give one thing, the result or the envelope in its place, and what tests tell of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from phase12_lint.calls.governed_calls import GovernedCall
from phase12_lint.calls.outcomes import Leaf, leaves
from phase12_lint.syntax.scopes import Scope
from phase12_lint.taint.domain import ERROR_KEY, INTERNAL_KEY
from phase12_lint.taint.envelopes import is_envelope_leaf
from phase12_lint.values.program import Program

_TAKING = {"get", "pop"}


def wholes_of(program: Program, pairs: Mapping[ast.Call, GovernedCall]) -> frozenset[ast.Call]:
    """Those of ``pairs`` that give an envelope itself, or, where it is not seen what they give, are used so."""
    return frozenset(node for node, call in pairs.items() if _is_whole(program, node, call.scope))


def _is_whole(program: Program, node: ast.Call, scope: Scope) -> bool:
    found = leaves(program, Leaf(node, scope, None), lambda leaf: is_envelope_leaf(program, leaf))
    if any(is_envelope_leaf(program, leaf) for leaf in found):
        return True
    is_seen = any(isinstance(leaf.node, ast.Tuple) or _has_error_key(leaf.node) for leaf in found)
    return not is_seen and any(_is_tested(place) for place in _places(program, node, scope))


def _has_error_key(node: ast.expr) -> bool:
    return isinstance(node, ast.Dict) and any(getattr(key, "value", None) == ERROR_KEY for key in node.keys)


def _places(program: Program, node: ast.Call, scope: Scope) -> Iterator[tuple[ast.expr, Scope]]:
    """Where the value of ``node`` is used, also once it has been waited for; not where it is taken apart."""
    parents = scope.module.parents
    outer = parents.get(node)
    given = outer if isinstance(outer, ast.Await) else node
    yield given, scope
    stored = parents.get(given)
    targets = stored.targets if isinstance(stored, ast.Assign) else [getattr(stored, "target", given)]
    if all(isinstance(target, ast.Name) for target in targets):
        for place in program.places(given, scope):
            yield place.node, place.scope


def _is_tested(place: tuple[ast.expr, Scope]) -> bool:
    """Whether it is asked there for the key of the error, or for the internal part."""
    node, scope = place
    parent = scope.module.parents.get(node)
    if isinstance(parent, ast.NamedExpr):
        return _is_tested((parent, scope))
    if isinstance(parent, ast.Compare):
        return tested_key(parent) == (ERROR_KEY, node)
    if isinstance(parent, ast.Subscript) and parent.value is node:
        return getattr(parent.slice, "value", None) == INTERNAL_KEY
    if isinstance(parent, ast.Attribute) and parent.attr in _TAKING:
        call = scope.module.parents.get(parent)
        asked = call.args[:1] if isinstance(call, ast.Call) else []
        return any(getattr(each, "value", None) == INTERNAL_KEY for each in asked)
    return False


def tested_key(test: ast.Compare) -> tuple[object, ast.expr] | None:
    """The key, and what ``test`` asks for it: ``"error" in x``, ``"error" not in x``."""
    if len(test.ops) != 1 or not isinstance(test.ops[0], (ast.In, ast.NotIn)):
        return None
    subject = test.comparators[0]
    if (
        isinstance(subject, ast.Call)
        and isinstance(subject.func, ast.Attribute)
        and subject.func.attr == "keys"
    ):
        subject = subject.func.value
    return (test.left.value, subject) if isinstance(test.left, ast.Constant) else None
