"""Which object an expression is part of, by the names of one function, and what is put into objects there.

An object is named by the expression that makes it (a display, a call), by a parameter, or, for
``self.errors``, by the attribute. ``jobs[0]["notes"].append(x)`` puts x into what ``jobs`` is, at the way
``0, "notes"``. No value is asked for: this is what the text of the function says. It ends, for a function has finitely
many expressions and a way is cut at ``LONGEST_WAY``; a cut way names more, not less.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from phase12_lint.calls.layer_code import nodes_within
from phase12_lint.calls.surroundings import refers_to_the_governed_program
from phase12_lint.syntax.scopes import Assigned, Definition, Param, Path, Raw, Scope, bases
from phase12_lint.syntax.stores import source_of
from phase12_lint.taint.domain import LONGEST_WAY
from phase12_lint.taint.order import may_precede, statement_at
from phase12_lint.values.mutations import MUTATORS
from phase12_lint.values.parameters import is_self
from phase12_lint.values.program import Program

Part = str | int | None | ast.expr
Way = tuple[Part, ...]
Objects = frozenset[tuple[ast.AST, Way]]
_KEYED = {"insert", "setdefault", "__setitem__", "register"}
_EXTENDING = {"extend", "extendleft", "update", "__ior__", "__iadd__"}
_GIVING_A_PART = {"get", "pop", "setdefault", "__getitem__", "popleft", "get_nowait", "values", "items"}
_GIVING_ALL = {"cast", "wait_for", "shield"}
_PUSHING = {"heappush", "insort"}
_PUT_IN_ATTRIBUTE = rb"\.\s*NAME\s*(?:\[|[+|]=|[,)]|\.\s*(?:%b)\b)" % b"|".join(
    name.encode() for name in sorted({*MUTATORS, *_GIVING_A_PART})
)
_ELEMENT: Path = (("extension", None),)


@dataclass(frozen=True, slots=True, eq=False)
class Put:
    """What ``path`` takes out of ``value`` is put in at ``way``.

    Where there is a ``call``, it is given ``value``, which is the object or lies in it at ``way``, to put things there.
    """

    way: Way
    value: ast.expr
    path: Path
    scope: Scope
    statement: ast.AST
    call: ast.Call | None = None


def objects_of(node: ast.expr, scope: Scope) -> Objects:
    """The objects that ``node`` may be part of, each with the way to it."""
    found: dict[tuple[ast.AST, Way], None] = {}
    seen: set[tuple[ast.AST | Definition, Way]] = set()
    pending: list[tuple[ast.AST | Definition, Scope, Way]] = [(node, scope, ())]
    while pending:
        each, where, way = pending.pop()
        way = way[:LONGEST_WAY]
        if (each, way) in seen:
            continue
        seen.add((each, way))
        following = list(_behind(each, where, way))
        pending += following
        if not following and isinstance(each, (ast.expr, Param)):
            found[(each.node if isinstance(each, Param) else each, way)] = None
        elif isinstance(each, ast.Call):
            found[(each, way)] = None
    return frozenset(found)


def _behind(
    each: ast.AST | Definition, scope: Scope, way: Way
) -> Iterator[tuple[ast.AST | Definition, Scope, Way]]:
    """What ``each`` is another word for, or a part of."""
    if isinstance(each, (ast.Name, ast.Attribute)):
        for definition in _definitions(each, scope):
            yield definition, definition.scope, way
    elif isinstance(each, Assigned) and each.value is not None:
        yield each.value, each.scope, (*_parts(each.path), *way)
    elif isinstance(each, Raw) and isinstance(each.node, ast.Name):
        for definition in _outer(each.node.id, each.scope):
            yield definition, definition.scope, way
    elif isinstance(each, (ast.Await, ast.NamedExpr, ast.Starred)):
        yield each.value, scope, way
    elif isinstance(each, (ast.IfExp, ast.BoolOp)):
        sides = each.values if isinstance(each, ast.BoolOp) else (each.body, each.orelse)
        yield from ((side, scope, way) for side in sides)
    elif isinstance(each, ast.Subscript) and not isinstance(each.slice, ast.Slice):
        yield each.value, scope, (_part(each.slice), *way)
    elif isinstance(each, ast.Call):
        yield from ((inner, scope, found) for inner, found in _given_by(each, way))


def _given_by(call: ast.Call, way: Way) -> Iterator[tuple[ast.expr, Way]]:
    """What ``call`` gives a part of, as ``jobs.get(key)``, or gives back."""
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if isinstance(call.func, ast.Attribute) and name in _GIVING_A_PART:
        yield call.func.value, (_part(call.args[0]) if call.args else None, *way)
        yield from ((given, way) for given in call.args[1:2])
    elif name in _GIVING_ALL:
        yield from ((given, way) for given in call.args)


def _definitions(node: ast.Name | ast.Attribute, scope: Scope) -> Iterator[Definition]:
    scope.module.bound(scope)
    known = scope.module.definitions.get(node)
    if known:
        yield from (each for each in bases(known) if not _is_attribute_itself(each))
    elif isinstance(node, ast.Name):
        yield from _outer(node.id, scope)


def _is_attribute_itself(definition: Definition) -> bool:
    """Whether it says of an attribute no more than that it is the attribute."""
    return isinstance(definition, Raw) and isinstance(definition.node, ast.Attribute)


def _outer(name: str, scope: Scope) -> Iterator[Definition]:
    for outer in scope.chain():
        outer.module.bound(outer)
        if outer.kind == "module" or name in outer.declared_global:
            return
        if name in outer.bindings and name not in outer.declared_nonlocal and outer.kind != "class":
            yield from bases(outer.bindings[name])
            return


def _parts(path: Path) -> Iterator[Part]:
    for kind, step in path:
        if kind in ("index", "key") and isinstance(step, (int, str)):
            yield step
        elif kind in ("element", "extension", "rest", "key"):
            yield None


def _part(index: ast.expr) -> Part:
    if isinstance(index, ast.Constant):
        return index.value if isinstance(index.value, (str, int)) else None
    return None if isinstance(index, ast.UnaryOp) else index


class Additions:
    """What the functions of a program put into objects; each function is read when it is first asked about."""

    def __init__(self) -> None:
        self._own: dict[Scope, Mapping[ast.AST, list[Put]]] = {}
        self._by_attribute: dict[str, list[tuple[Put, ast.Attribute]]] = {}

    def to(self, origin: ast.AST, scope: Scope) -> Iterator[Put]:
        """What ``scope``, or a function within it, puts into the object that ``origin`` makes."""
        pending = [scope]
        while pending:
            current = pending.pop()
            yield from self._of(current).get(origin, ())
            pending += current.children

    def to_attribute(self, program: Program, name: str) -> list[tuple[Put, ast.Attribute]]:
        """What the files around the governed program put into the attribute ``name`` of anything."""
        if name not in self._by_attribute:
            wanted = re.compile(_PUT_IN_ATTRIBUTE.replace(b"NAME", re.escape(name.encode())))
            self._by_attribute[name] = [
                (put, load)
                for module in program.project.modules_matching(wanted, name)
                if refers_to_the_governed_program(program, module)
                for load in module.loads.get(name, ())
                if isinstance(load, ast.Attribute)
                for put in self._of(module.scopes[load]).get(load, ())
            ]
        return self._by_attribute[name]

    def _of(self, scope: Scope) -> Mapping[ast.AST, list[Put]]:
        if scope not in self._own:
            self._own[scope] = _puts_of(scope)
        return self._own[scope]

    def follow(self, name: ast.Name, key: str, scope: Scope, after: ast.AST, before: ast.AST | None) -> bool:
        """Whether something may be put under ``key`` of what ``name`` is, once the statement ``after`` has run."""
        for origin, way in objects_of(name, scope):
            for put in self.to(origin, scope):
                if put.statement is after or put.call is not None or put.way != (*way, key):
                    continue
                if put.scope is not scope or (
                    may_precede(scope, after, put.statement)
                    and (before is None or may_precede(scope, put.statement, before))
                ):
                    return True
        return False


def _puts_of(scope: Scope) -> Mapping[ast.AST, list[Put]]:
    found: dict[ast.AST, list[Put]] = {}
    if scope.is_function:
        for receiver, put in _written(scope):
            for origin, way in objects_of(receiver, scope):
                found.setdefault(origin, []).append(replace(put, way=(*way, *put.way)[:LONGEST_WAY]))
    return found


def _written(scope: Scope) -> Iterator[tuple[ast.expr, Put]]:
    """Each expression that something is put into, or that is given to a call, which may do so."""
    scope.module.bound(scope)
    for node in nodes_within(scope):
        if isinstance(node, (ast.Subscript, ast.Attribute)) and isinstance(node.ctx, ast.Store):
            part = node.attr if isinstance(node, ast.Attribute) else _part(node.slice)
            is_own = isinstance(node, ast.Attribute) and not _is_of_variable(node, scope)
            source = source_of(scope, node) if not is_own else None
            if source is not None:
                yield node.value, Put((part,), *source, scope, statement_at(scope, node))
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, (ast.Name, ast.Attribute)):
            yield node.target, Put((None,), node.value, _ELEMENT, scope, node)
        elif isinstance(node, ast.Call):
            yield from _by_call(node, scope, statement_at(scope, node))


def _is_of_variable(node: ast.Attribute, scope: Scope) -> bool:
    """Whether it is an attribute of what a variable holds; what methods store in their own object its class tells."""
    return isinstance(node.value, ast.Name) and not is_self(node.value, scope)


def _by_call(call: ast.Call, scope: Scope, statement: ast.AST) -> Iterator[tuple[ast.expr, Put]]:
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if isinstance(call.func, ast.Attribute) and name in MUTATORS:
        yield from ((call.func.value, put) for put in put_by_method(call, name, scope, statement))
    elif name in _PUSHING and len(call.args) > 1:
        yield call.args[0], Put((None,), call.args[1], (), scope, statement)
    else:
        for given in (*call.args, *(keyword.value for keyword in call.keywords)):
            if isinstance(given, (ast.Name, ast.Attribute, ast.Subscript)):
                yield given, Put((), given, (), scope, statement, call)


def put_by_method(call: ast.Call, name: str, scope: Scope, statement: ast.AST) -> Iterator[Put]:
    """What the method ``name`` of a container puts into it by ``call``."""
    if name in _EXTENDING:
        for keyword in call.keywords:
            if keyword.arg is not None:
                yield Put((keyword.arg,), keyword.value, (), scope, statement)
        for given in call.args:
            if isinstance(given, ast.Dict) and name in ("update", "__ior__"):
                for key, value in zip(given.keys, given.values):
                    path: Path = () if key is not None else _ELEMENT
                    yield Put((_part(key) if key is not None else None,), value, path, scope, statement)
            else:
                yield Put((None,), given, _ELEMENT, scope, statement)
    elif name in _KEYED and len(call.args) > 1:
        yield Put((_part(call.args[0]) if name != "insert" else None,), call.args[1], (), scope, statement)
    elif name not in _KEYED and call.args:
        yield Put((None,), call.args[0], (), scope, statement)
