"""The governed calls whose callee has taken the envelope apart: what they give has no internal part any more."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import partial

from phase12_lint.calls.outcomes import Leaf, leaves
from phase12_lint.syntax.scopes import Scope
from phase12_lint.taint.domain import ERROR_FIELDS, ERROR_KEY, INTERNAL_KEY
from phase12_lint.taint.envelopes import is_envelope_leaf
from phase12_lint.taint.removals import changes
from phase12_lint.values.atoms import ClassRef
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.program import Program

_TAKING = {"get", "pop"}
_ERROR = 1


def opened_of(program: Program, pairs: Iterable[tuple[ast.Call, Scope]]) -> frozenset[ast.Call]:
    """Those of ``pairs`` that give, on all ways that are seen, the error object in the place of its envelope."""
    return frozenset(node for node, scope in pairs if _is_opened(program, Leaf(node, scope, None)))


def _is_opened(program: Program, call: Leaf) -> bool:
    given = [part for leaf in leaves(program, call) for part in _errors(program, leaf)]
    stop = partial(_is_stripped, program)
    found = [leaf for part in given for leaf in leaves(program, part, stop) if not _is_nothing(leaf.node)]
    return bool(found) and all(_has_no_internal(program, leaf) for leaf in found)


def _errors(program: Program, leaf: Leaf) -> Iterator[Leaf]:
    """What stands where the error does in ``leaf``: a tuple, a dict or a record."""
    node = leaf.node
    values: list[ast.expr] = []
    if isinstance(node, ast.Tuple):
        values = node.elts[_ERROR : _ERROR + 1]
    elif isinstance(node, ast.Dict):
        values = [v for k, v in zip(node.keys, node.values) if getattr(k, "value", None) in ERROR_FIELDS]
    elif isinstance(node, ast.Call):
        names = _fields(program, leaf, node)
        values = [argument for name, argument in zip(names, node.args) if name in ERROR_FIELDS]
        values += [keyword.value for keyword in node.keywords if keyword.arg in ERROR_FIELDS]
    yield from (leaf._replace(node=value) for value in values)


def _fields(program: Program, leaf: Leaf, node: ast.Call) -> list[str]:
    for atom in program.evaluate(node.func, leaf.scope, leaf.frame):
        if isinstance(atom, ClassRef) and isinstance(atom.cls, ClassInfo):
            return atom.cls.fields(program) or []
    return []


def _is_nothing(node: ast.expr) -> bool:
    return (isinstance(node, ast.Constant) and not node.value) or (
        isinstance(node, ast.Dict) and not node.keys
    )


def _has_no_internal(program: Program, leaf: Leaf) -> bool:
    """Whether ``leaf`` is taken from an envelope's error object, or has, as written, no internal part."""
    if _is_stripped(program, leaf):
        return True
    if isinstance(leaf.node, ast.Dict):
        keys = [getattr(key, "value", None) for key in leaf.node.keys]
        return None not in keys and INTERNAL_KEY not in keys
    envelope = _opened(leaf.node)
    if envelope is None:
        return False
    return not any(_is_pair(program, each) for each in leaves(program, leaf._replace(node=envelope)))


def _is_stripped(program: Program, leaf: Leaf) -> bool:
    """Whether ``leaf`` is a variable out of which the internal part has been taken."""
    name = leaf.node
    if not isinstance(name, ast.Name):
        return False
    change = changes(program, name, leaf.scope, leaf.frame).get(INTERNAL_KEY)
    return change is not None and change.value is None


def _opened(node: ast.expr) -> ast.expr | None:
    """What ``node`` takes the key of the error out of."""
    while True:
        if isinstance(node, ast.Subscript):
            owner, key = node.value, node.slice
        elif (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _TAKING
        ):
            owner, key = node.func.value, node.args[0] if node.args else node
        else:
            return None
        if isinstance(key, ast.Constant) and key.value == ERROR_KEY:
            return owner
        node = owner


def _is_pair(program: Program, leaf: Leaf) -> bool:
    """Whether ``leaf`` is a dict that holds an envelope under the key of the error and is none itself."""
    return not is_envelope_leaf(program, leaf) and any(True for _ in _errors(program, leaf))
