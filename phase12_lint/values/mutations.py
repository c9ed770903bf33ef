"""What is put into a container after it was made, wherever it has come to."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from phase12_lint.syntax.scopes import Scope
from phase12_lint.syntax.stores import source_of
from phase12_lint.values import keys
from phase12_lint.values.atoms import NOTHING, Atom, Container, Function, Instance, Kept, Site, Value
from phase12_lint.values.callers import calls_of, is_another
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import Argument, Frame, are_apart
from phase12_lint.values.keys import ITERATED, KEYS, VALUES, Which
from phase12_lint.values.loads import Place, name_loads
from phase12_lint.values.ordering import order
from phase12_lint.values.parameters import is_self

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
    "send": 0,
    "send_nowait": 0,
}
EXTENSION = ("extension", None)
_EXTENDING = {"extend", "extendleft", "update", "__ior__", "__iadd__"}
FILLING = {"heappush", "insort"}
MUTATORS = frozenset(_ADDING) | _EXTENDING


_UNCHANGED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.GeneratorExp)


class Put(NamedTuple):
    """What is put into the container at ``place``: under which ``name`` if that is known, and what else."""

    place: Place
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
            found |= _put_at(program, place, None)
    return frozenset(found)


def are_left_out(program: Program, site: Site | Kept) -> bool:
    """Whether what names tell to be put into the container made at ``site`` was not looked for."""
    if not isinstance(site, Site):
        return False
    asked = (("mutations", site), ("same", site.node, site.scope, site.within))
    return any(map(program.lacks, asked)) and program.is_filled(site)


def given(program: Program, site: Site | Kept, put: Put, which: Which) -> Value:
    """What ``put`` adds to the elements ``which`` of the container made at ``site``.

    What is governed, and a function, is asked for again under each call that puts it, for the same code may fill the
    containers of other instances, and other keys, with something else.
    """
    value, place = _given(program, put, which), put.place
    callers = _callers(program, site, place, value)
    if callers is None:
        return value
    calls = calls_of(program, place.scope, callers)
    own = [each for each in calls if not _is_into_another(program, site, place, each)]
    puts = [each for call in own for each in sorted(_put_at(program, place, call), key=mutation_order)]
    return program.join(_given(program, each, which) for each in puts)


def _given(program: Program, put: Put, which: Which) -> Value:
    if which == KEYS or (which == ITERATED and put.key is not None):
        return program.argument(put.key) if put.key is not None else NOTHING
    value, key = put.value, which[1] if isinstance(which, tuple) else None
    if put.name is None and key is not None and value.path == (EXTENSION,):
        return program.argument(Argument(value.node, value.scope, value.frame, (("key", key),)))
    return program.argument(value) if put.name is None or key is None or put.name == key else NOTHING


def _callers(program: Program, site: Site | Kept, place: Place, value: Value) -> int | None:
    """By how many callers the calls that put ``value`` are told apart; None if it does not matter which does."""
    anew = [each for atom in value for each in _made_anew(program, atom, place.scope)]
    if any(map(program.governed.is_governed_itself, anew)):
        return 2
    if any(isinstance(each, Function) for each in anew):
        return 2 if _owner(site, place) is None else 0
    return None


def _made_anew(program: Program, atom: Atom, scope: Scope) -> Value:
    """``atom``, or what is in it if it is a container that each call of ``scope`` makes anew; what an object is given
    that each call makes.
    """
    if isinstance(atom, Instance) and isinstance(atom.cls, ClassInfo) and atom.site is not None:
        call = atom.site.node if atom.site.scope is scope else None
        given = (*call.args, *(each.value for each in call.keywords)) if isinstance(call, ast.Call) else ()
        return program.join(program.evaluate(each, scope) for each in given) | {atom}
    if not isinstance(atom, Container):
        return frozenset({atom})
    is_anew = atom.made is not None and atom.made.scope is scope
    return program.element(atom, VALUES) if is_anew else NOTHING


def _owner(site: Site | Kept, place: Place) -> Instance | None:
    """The known object that has the container made at ``site`` in an attribute, and fills it there by itself."""
    owner = site.frame.receiver if isinstance(site, Site) and site.frame is not None else None
    is_own = isinstance(place.node, ast.Attribute) and is_self(place.node.value, place.scope)
    return owner if is_own and isinstance(owner, Instance) and owner.site is not None else None


def _is_into_another(program: Program, site: Site | Kept, place: Place, call: Frame | None) -> bool:
    """Whether ``call`` is known to have another container at ``place``: one that is made elsewhere, or was made at
    ``site`` by another call, that of another instance or of another decorated function.
    """
    if not isinstance(site, Site):
        return False
    if (owner := _owner(site, place)) is not None and isinstance(place.node, ast.Attribute):
        fillers = program.evaluate(place.node.value, place.scope, call)
        if fillers and all(is_another(program, each, owner) for each in fillers):
            return True
    value = program.evaluate(place.node, place.scope, call)
    sites = [each.site for each in value if isinstance(each, Container) and isinstance(each.site, Site)]
    if any(each.node is site.node for each in sites):
        return all(are_apart(site.frame, each.frame) for each in sites if each.node is site.node)
    return bool(value) and all(isinstance(each, Container) and each.site is not None for each in value)


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


def _put_at(program: Program, place: Place, frame: Frame | None) -> set[Put]:
    node, scope = place.node, place.scope
    parent = scope.module.parents[node]
    if isinstance(parent, ast.Subscript) and parent.value is node and isinstance(parent.ctx, ast.Store):
        source = source_of(scope, parent)
        if source is None:
            return set()
        value = Argument(source[0], scope, frame, source[1])
        return _under(program, place, parent.slice, value)
    if isinstance(parent, ast.AugAssign) and parent.target is node:
        return {_extended(place, parent.value, frame)}
    call = scope.module.parents[parent] if isinstance(parent, ast.Attribute) else parent
    if not isinstance(call, ast.Call):
        return set()
    if isinstance(parent, ast.Attribute):
        return _put_by_method(program, place, call, parent.attr, frame) if call.func is parent else set()
    name = getattr(call.func, "attr", getattr(call.func, "id", ""))
    if name in FILLING and call.args and call.args[0] is node and len(call.args) > 1:
        return {Put(place, None, Argument(call.args[1], scope, frame))}
    return set()


def _put_by_method(
    program: Program, place: Place, call: ast.Call, name: str, frame: Frame | None
) -> set[Put]:
    scope = place.scope
    if name in _ADDING and len(call.args) > _ADDING[name]:
        position = 1 if name == "set" and len(call.args) > 1 else _ADDING[name]
        value = Argument(call.args[position], scope, frame)
        return _under(program, place, call.args[0], value) if position else {Put(place, None, value)}
    if name in _EXTENDING:
        found = {Put(place, k.arg, Argument(k.value, scope, frame)) for k in call.keywords if k.arg}
        return found | {_extended(place, argument, frame) for argument in call.args}
    return set()


def _extended(place: Place, added: ast.expr, frame: Frame | None) -> Put:
    key = Argument(added, place.scope, frame, (("element", None),))
    return Put(place, None, Argument(added, place.scope, frame, (EXTENSION,)), key)


def _under(program: Program, place: Place, key: ast.expr, value: Argument) -> set[Put]:
    scope, frame = value.scope, value.frame
    names: list[str | None] = [*keys.names(program, key, scope, frame)] or [None]
    return {Put(place, name, value, Argument(key, scope, frame)) for name in names}
