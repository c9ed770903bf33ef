"""The expressions that an expression may come down to: through names, conditions, imports and helper functions."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import NamedTuple

from phase12_lint.syntax.scopes import (
    Assigned,
    Definition,
    Imported,
    Param,
    Path,
    Phi,
    Raw,
    Refined,
    Scope,
)
from phase12_lint.values.atoms import Function, ModuleRef
from phase12_lint.values.evidence import describe
from phase12_lint.values.frames import Argument, Frame, Shape, shape_of
from phase12_lint.values.program import Program

_MOST = 120


class Leaf(NamedTuple):
    """An expression that is no mere name for another; ``path`` is the way out of it that is still to go."""

    node: ast.expr
    scope: Scope
    frame: Frame | None
    path: Path = ()


Stop = Callable[[Leaf], bool]


class Assumption:
    """What is taken for granted about conditions; this one takes nothing for granted."""

    def outcome(self, test: ast.expr, scope: Scope, frame: Frame | None) -> bool | None:
        """How ``test`` comes out; None if either way."""
        return None

    def holds_at(self, node: ast.AST, scope: Scope, frame: Frame | None) -> bool:
        """Whether ``node`` is reached only under the assumption."""
        return False


NOTHING_ASSUMED = Assumption()


def leaves(
    program: Program, start: Leaf, stop: Stop = lambda leaf: False, assumed: Assumption = NOTHING_ASSUMED
) -> list[Leaf]:
    """What ``start`` comes down to under ``assumed``, in the order of the code; no further than ``stop`` says."""
    return list(_Search(program, stop, assumed).run(start))


class _Search:
    def __init__(self, program: Program, stop: Stop, assumed: Assumption) -> None:
        self._program = program
        self._stop = stop
        self._assumed = assumed

    def run(self, start: Leaf) -> Iterator[Leaf]:
        seen = {start}
        pending = [start]
        while pending:
            leaf = pending.pop()
            following = None if self._stop(leaf) else self._next(leaf)
            if following is not None and len(seen) > _MOST:
                path, line = start.scope.module.path, start.scope.module.lines.span(start.node).line
                self._program.note(
                    f"`{describe(start.node)}` at {path}:{line} may come from more than {_MOST} expressions; "
                    "the others were not followed"
                )
                following = None
            if following is None:
                yield leaf
                continue
            fresh = [each for each in following if each not in seen]
            seen |= set(fresh)
            pending += reversed(fresh)

    def _next(self, leaf: Leaf) -> list[Leaf] | None:
        """What ``leaf`` is another word for; None if it is not."""
        node, scope, frame, path = leaf
        if isinstance(node, ast.IfExp):
            outcome = self._assumed.outcome(node.test, scope, frame)
            sides = [node.body] * (outcome is not False) + [node.orelse] * (outcome is not True)
            return [leaf._replace(node=side) for side in sides]
        if isinstance(node, ast.BoolOp):
            values = node.values[-1:] if isinstance(node.op, ast.And) else node.values
            return [leaf._replace(node=value) for value in values]
        if isinstance(node, (ast.Await, ast.NamedExpr)):
            return [leaf._replace(node=node.value)]
        if isinstance(node, (ast.Tuple, ast.List)) and path:
            return self._element(leaf, node)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            return self._subscript(leaf, node, node.slice.value)
        if isinstance(node, ast.Name):
            found = list(self._defined(node, scope, frame))
            fitting = [each for each in found if self._assumed.holds_at(each.node, each.scope, each.frame)]
            return self._after(fitting or found, path)
        if isinstance(node, ast.Attribute):
            return self._after(list(self._of_module(node, scope, frame)), path)
        if isinstance(node, ast.Call):
            return self._called(leaf, node)
        return None

    def _element(self, leaf: Leaf, node: ast.Tuple | ast.List) -> list[Leaf] | None:
        kind, step = leaf.path[0]
        if kind != "index" or not isinstance(step, int) or any(isinstance(e, ast.Starred) for e in node.elts):
            return None
        if not -len(node.elts) <= step < len(node.elts):
            return None
        return [leaf._replace(node=node.elts[step], path=leaf.path[1:])]

    def _subscript(self, leaf: Leaf, node: ast.Subscript, key: object) -> list[Leaf] | None:
        if not isinstance(key, (int, str)):
            return None
        step = ("index", key) if isinstance(key, int) else ("key", key)
        inner = Leaf(node.value, leaf.scope, leaf.frame, (step, *leaf.path))
        known = list(_Search(self._program, self._stop, self._assumed).run(inner))
        if all(len(each.path) <= len(leaf.path) for each in known):
            return known
        return None

    def _called(self, leaf: Leaf, node: ast.Call) -> list[Leaf] | None:
        found: list[Leaf] = []
        shape = shape_of(node, leaf.scope, leaf.frame)
        atoms = self._program.evaluate(node.func, leaf.scope, leaf.frame)
        for atom in atoms:
            if not isinstance(atom, Function):
                return None
            called = self._program.call_frame(atom, node, shape, leaf.frame)
            if called is None:  # too deep: what it is given is not known, what it gives is
                called = self._program.frame(
                    Frame(atom.scope, node, atom.receiver, None, Shape((), ()), None)
                )
            inner = atom.scope.module.bound(atom.scope)
            if not inner.returns or inner.yields:
                return None
            found += [Leaf(value, inner, called, leaf.path) for value in inner.returns]
        return found or None

    def _after(self, found: list[Leaf], path: Path) -> list[Leaf] | None:
        return [each._replace(path=each.path + path) for each in found] or None

    def _defined(self, node: ast.Name, scope: Scope, frame: Frame | None) -> Iterator[Leaf]:
        scope.module.bound(scope)
        definitions = scope.module.definitions.get(node)
        where = frame
        if not definitions:
            definitions, where = _visible(node.id, scope, frame)
        yield from self._behind(definitions, where)

    def _behind(self, definitions: tuple[Definition, ...], frame: Frame | None) -> Iterator[Leaf]:
        seen: set[Definition] = set()
        pending = list(reversed(definitions))
        while pending:
            definition = pending.pop()
            if definition in seen:
                continue
            seen.add(definition)
            if isinstance(definition, (Refined, Phi)):
                pending += reversed(definition.previous)
            elif isinstance(definition, Assigned):
                if definition.value is not None and not isinstance(definition.node, ast.ExceptHandler):
                    yield Leaf(definition.value, definition.scope, frame, definition.path)
            elif isinstance(definition, Param):
                for argument in _given(definition, frame):
                    yield Leaf(argument.node, argument.scope, argument.frame, argument.path)
            elif isinstance(definition, Imported):
                yield from self._imported(definition)
            elif isinstance(definition, Raw) and isinstance(definition.node, ast.Name):
                inner, where = _visible(definition.node.id, definition.scope, frame)
                yield from self._behind(inner, where)

    def _imported(self, definition: Imported) -> Iterator[Leaf]:
        if isinstance(definition.statement, ast.ImportFrom):
            source = self._program.import_source(definition.scope.module, definition.statement)
            if isinstance(source, ModuleRef) and source.module is not None:
                scope = source.module.bound(source.module.scope)
                yield from self._behind(scope.final.get(definition.node.name, ()), None)

    def _of_module(self, node: ast.Attribute, scope: Scope, frame: Frame | None) -> Iterator[Leaf]:
        for atom in self._program.evaluate(node.value, scope, frame):
            if isinstance(atom, ModuleRef) and atom.module is not None:
                inner = atom.module.bound(atom.module.scope)
                yield from self._behind(inner.final.get(node.attr, ()), None)


def _visible(name: str, scope: Scope, frame: Frame | None) -> tuple[tuple[Definition, ...], Frame | None]:
    """The definitions of a variable of an outer scope, and the call under which they were made."""
    where = frame
    for outer in scope.chain():
        outer.module.bound(outer)
        if outer.kind == "module":
            return outer.final.get(name) or tuple(outer.bindings.get(name, ())), None
        if name in outer.bindings and (outer is scope or outer.kind != "class"):
            return tuple(outer.bindings[name]), where
        if outer.is_function:
            where = where.closure if where is not None else None
    return (), None


def _given(param: Param, frame: Frame | None) -> tuple[Argument, ...]:
    if frame is None or frame.scope is not param.scope:
        return ()
    given = frame.bound.get(param.node.arg, ())
    if not given and param.default is not None and param.scope.parent is not None:
        return (Argument(param.default, param.scope.parent, None),)
    return given
