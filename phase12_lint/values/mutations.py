"""What is put into a container after it was made, wherever it has come to."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from phase12_lint.syntax.scopes import Scope
from phase12_lint.syntax.stores import source_of
from phase12_lint.values import folding
from phase12_lint.values.atoms import Kept, Site
from phase12_lint.values.frames import Argument
from phase12_lint.values.loads import Place, name_loads
from phase12_lint.values.ordering import order

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_ADDING = {"append": 0, "add": 0, "appendleft": 0, "put": 0, "put_nowait": 0, "push": 0, "insert": 1}
_ADDING |= {
    "setdefault": 1,
    "__setitem__": 1,
    "heappush": 1,
    "insort": 1,
    "register": 1,
    "set_result": 0,
    "set": 0,
}
_EXTENDING = {"extend", "extendleft", "update", "__ior__", "__iadd__"}
FILLING = {"heappush", "insort"}
MUTATORS = frozenset(_ADDING) | _EXTENDING


_UNCHANGED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.GeneratorExp)


class Put(NamedTuple):
    """What is put into a container: under which ``name`` if that is known, and what else it is put under."""

    name: str | None
    value: Argument
    key: Argument | None = None


def mutation_order(put: Put) -> tuple[object, ...]:
    """A stable order of what is put into a container."""
    return (*order(put.value.scope, put.value.node), put.name or "")


def compute_mutations(program: Program, site: Site | Kept) -> frozenset[Put]:
    """What is put into the container made at ``site``, wherever it has come to."""
    if isinstance(site, Site) and isinstance(site.node, _UNCHANGED):
        return frozenset()
    if isinstance(site, Site) and isinstance(site.node, ast.arg) and not program.is_filled(site):
        return frozenset()
    found: set[Put] = set()
    for place in _holders(program, site):
        if not place.wrapped:
            found |= _put_at(program, place.node, place.scope)
    return frozenset(found)


def _holders(program: Program, site: Site | Kept) -> Iterator[Place]:
    """The places that have the container; of a class below a container, its instances and ``self`` in its methods."""
    if isinstance(site, Kept):
        yield from program.places_of(site)
        return
    if not isinstance(site.node, ast.ClassDef):
        yield from program.ask(("same", site.node, site.scope, site.within))
        return
    for method in site.scope.children:
        params = method.module.bound(method).params if method.is_function else []
        if params:
            name = params[0].node.arg
            for place in name_loads(program, method, name, params[0].node):
                yield place
                parent = place.scope.module.parents.get(place.node)
                if isinstance(parent, ast.Attribute) and parent.attr == "data":
                    yield Place(parent, place.scope)
    for made in program.constructions(program.class_of(site.scope)):
        yield from program.places(made.node, made.scope)


def _put_at(program: Program, node: ast.expr, scope: Scope) -> set[Put]:
    parent = scope.module.parents[node]
    if isinstance(parent, ast.Subscript) and parent.value is node and isinstance(parent.ctx, ast.Store):
        source = source_of(scope, parent)
        if source is None:
            return set()
        value = Argument(source[0], scope, None, source[1])
        return _under(program, parent.slice, value, scope)
    if isinstance(parent, ast.AugAssign) and parent.target is node:
        return {Put(None, Argument(parent.value, scope, None, (("element", None),)))}
    call = scope.module.parents[parent] if isinstance(parent, ast.Attribute) else parent
    if not isinstance(call, ast.Call):
        return set()
    if isinstance(parent, ast.Attribute):
        return _put_by_method(program, call, parent.attr, scope) if call.func is parent else set()
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if name in FILLING and call.args and call.args[0] is node and len(call.args) > 1:
        return {Put(None, Argument(call.args[1], scope, None))}
    return set()


def _put_by_method(program: Program, call: ast.Call, name: str, scope: Scope) -> set[Put]:
    if name in _ADDING and len(call.args) > _ADDING[name]:
        position = 1 if name == "set" and len(call.args) > 1 else _ADDING[name]
        value = Argument(call.args[position], scope, None)
        return _under(program, call.args[0], value, scope) if position else {Put(None, value)}
    if name in _EXTENDING:
        found = {Put(k.arg, Argument(k.value, scope, None)) for k in call.keywords if k.arg}
        for argument in call.args:
            key = Argument(argument, scope, None, (("element", None),))
            found.add(Put(None, Argument(argument, scope, None, (("extension", None),)), key))
        return found
    return set()


def _under(program: Program, key: ast.expr, value: Argument, scope: Scope) -> set[Put]:
    names: list[str | None] = [*folding.strings(program.evaluate(key, scope))] or [None]
    return {Put(name, value, Argument(key, scope, None)) for name in names}
