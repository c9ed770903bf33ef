"""Containers and iterables: what is in them, and what a path takes out of a value."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Path, Scope
from phase12_lint.syntax.stores import stands_in
from phase12_lint.values import (
    container_classes,
    externals,
    folding,
    import_machinery,
    keys,
    metaclasses,
    slices,
)
from phase12_lint.values.atoms import (
    ANYTHING,
    ELSE,
    NONE,
    NOTHING,
    OTHER,
    UNKNOWN,
    Atom,
    ClassRef,
    Container,
    Instance,
    Kept,
    Method,
    Site,
    Sourced,
    Text,
    Value,
)
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import Argument, Frame, Shape
from phase12_lint.values.keys import ITERATED, KEYS, VALUES, Which
from phase12_lint.values.mutations import are_left_out, given, mutation_order
from phase12_lint.values.ordering import frame_order

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

OPEN_KINDS = ("list", "dict")
_DEEPEST = 2
_ITERATING = {"dict": KEYS, "any": ITERATED}
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.GeneratorExp)


def take(program: Program, node: ast.expr, path: Path, scope: Scope, frame: Frame | None) -> Value:
    """What ``path`` takes out of the value of ``node``."""
    value = program.evaluate(node, scope, frame)
    for kind, step in path:
        if kind == "element":
            value = iterate(program, value)
        elif kind == "index":
            assert isinstance(step, int)
            value = unpack(program, value, step)
        elif kind == "less":
            assert isinstance(step, int)
            value = slices.less(program, value, step)
        elif kind == "rest":
            assert isinstance(step, int)
            value = slices.rest(program, value, step)
        elif kind == "key":
            which: Which = ("key", step) if isinstance(step, str) else VALUES
            value = program.join(_element(program, atom, which) for atom in value)
        elif kind == "extension":
            value = extension(program, value)
        elif kind == "attribute":
            value = program.attribute(value, str(step))
        elif kind == "enter":
            value = _enter(program, value)
        elif kind == "narrow":
            assert isinstance(step, ast.pattern)
            value = program.narrow(value, step, scope, frame)
        elif kind == "match_argument":
            assert isinstance(step, int)
            value = _match_argument(program, value, step)
        else:
            value = _raised(program, value)
    return value


def iterate(program: Program, value: Value) -> Value:
    """What a loop over ``value`` gives. Objects may give each other to be looped over: each is asked once."""
    found: set[Atom] = set()
    pending = list(value)
    for atom in pending:  # grows by what was not met yet
        iterators = _called(program, atom, "__iter__", "__aiter__")
        if iterators is None:
            found |= _iterated(program, atom)
        for each in iterators or ():
            given = _called(program, each, "__next__", "__anext__")
            if given is not None or each == atom:
                found |= ANYTHING if given is None else given
            elif each not in pending:
                pending.append(each)
    return frozenset(found)


def _called(program: Program, atom: Atom, *names: str) -> Value | None:
    """What the first of the methods ``names`` that an object of the program has gives; None if it has none of them."""
    if not isinstance(atom, Instance) or not isinstance(atom.cls, ClassInfo):
        return None
    found = (program.call_method(atom, name) for name in names)
    return next((each for each in found if each is not None), None)


def _iterated(program: Program, atom: Atom) -> Value:
    """What a loop over an ``atom`` without ``__iter__`` gives."""
    if isinstance(atom, Container):
        return elements(program, atom, _ITERATING.get(atom.kind, VALUES))
    if isinstance(atom, ClassRef):
        return metaclasses.iterated(program, atom)
    if isinstance(atom, Instance) and isinstance(atom.cls, ClassInfo):
        getter = program.call_method(atom, "__getitem__")
        held = container_classes.held_by(program, atom)
        if getter is None and held is not None:
            return _iterated(program, held)
        return getter if getter is not None else ANYTHING
    if isinstance(atom, Text):
        return ELSE
    container = program.container_of(atom)
    return elements(program, container, ITERATED) if container is not None else ANYTHING


def unpack(program: Program, value: Value, index: int) -> Value:
    """The element at ``index`` where ``value`` is unpacked."""
    return program.join(_unpacked(program, atom, index) for atom in value)


def _unpacked(program: Program, atom: Atom, index: int) -> Value:
    if isinstance(atom, Container):
        return elements(program, atom, index if atom.kind != "dict" else KEYS)
    if isinstance(atom, Instance) and isinstance(atom.cls, ClassInfo):
        fields = atom.cls.fields(program)
        if fields is not None and -len(fields) <= index < len(fields):
            return program.attribute(frozenset({atom}), fields[index])
    return iterate(program, frozenset({atom}))


def _enter(program: Program, value: Value) -> Value:
    found: set[Atom] = set()
    for atom in value:
        if isinstance(atom, Container):
            found |= elements(program, atom, VALUES)
        elif isinstance(atom, Instance) and isinstance(atom.cls, ClassInfo):
            found |= _called(program, atom, "__enter__", "__aenter__") or ANYTHING
        elif isinstance(atom, (Instance, Sourced)) or atom is OTHER:
            found.add(atom)
        elif atom is not NONE:
            found |= ANYTHING
    return frozenset(found)


def awaited(program: Program, value: Value) -> Value:
    """What waiting for ``value`` gives: of a future what it holds."""
    return program.join(
        elements(program, atom, VALUES)
        if isinstance(atom, Container) and atom.kind in ("future", "any")
        else frozenset({atom})
        for atom in value
    )


def _raised(program: Program, value: Value) -> Value:
    """What ``except value as x`` binds to x, where a class of the program says what it has."""
    classes = program.join(
        program.iterate(frozenset({atom})) if isinstance(atom, Container) else frozenset({atom})
        for atom in value
    )
    known = [atom for atom in classes if isinstance(atom, ClassRef) and isinstance(atom.cls, ClassInfo)]
    return frozenset(Instance(atom.cls) for atom in known) or ELSE


def _match_argument(program: Program, value: Value, index: int) -> Value:
    found: set[Atom] = set()
    for atom in value:
        if isinstance(atom, Instance) and isinstance(atom.cls, ClassInfo):
            fields = atom.cls.fields(program) or atom.cls.match_arguments()
            if index < len(fields):
                found |= program.attribute(frozenset({atom}), fields[index])
                continue
        found |= ANYTHING
    return frozenset(found)


def item(program: Program, owner: Value, index: ast.expr, scope: Scope, frame: Frame | None) -> Value:
    """``owner[index]``."""
    if isinstance(index, ast.Slice):
        return slices.sliced(program, owner, index)
    said = keys.said_by(program, index, scope, frame)
    if said:
        return said
    which = keys.which(program, index, scope, frame)
    return program.join(_item(program, atom, which, index, scope, frame) for atom in owner)


def _item(
    program: Program, atom: Atom, which: Which, index: ast.expr, scope: Scope, frame: Frame | None
) -> Value:
    if isinstance(atom, Text):
        return folding.sliced(atom.text, index)
    found = import_machinery.looked_up(program, atom, which[1], scope) if isinstance(which, tuple) else None
    if found is not None:
        return found
    if isinstance(atom, Instance) and isinstance(atom.cls, ClassInfo):
        shape = Shape((Argument(index, scope, frame),), ())
        found = program.call_method(atom, "__getitem__", shape)
        if found is not None:
            return found
        fields = atom.cls.fields(program)
        if fields is not None:
            if isinstance(which, int) and which < len(fields):
                return program.attribute(frozenset({atom}), fields[which])
            if isinstance(which, tuple) and which[1] in fields:
                return program.attribute(frozenset({atom}), which[1])
        missing = program.call_method(atom, "__missing__", shape) or NOTHING
        held = container_classes.held_by(program, atom)
        return missing | elements(program, held, which) if held is not None else ANYTHING
    return _element(program, atom, which)


def _element(program: Program, atom: Atom, which: Which) -> Value:
    key = which[1] if isinstance(which, tuple) else None
    container = atom if isinstance(atom, Container) else program.container_of(atom, key)
    if isinstance(atom, Method) and atom.name == "__dict__" and key is not None:
        return program.attribute(frozenset({atom.owner}), key)
    if container is not None:
        return elements(program, container, which)
    return NOTHING if atom is NONE else ANYTHING


def elements(program: Program, container: Container, which: Which) -> Value:
    """``which`` is ``keys``, ``values``, a position, or ``("key", name)``."""
    return program.ask(("elements", container, which))


def compute_elements(program: Program, container: Container, which: Which) -> Value:
    """See ``elements``."""
    site = container.site
    declared = _declared(container, which) if container.items else NOTHING
    found = _within(site, declared) if container.items else _made(program, container, which)
    if (
        site is None
        or container.kind == "tuple"
        or not (container.made or program.governed.leaves_room(found))
    ):
        return found
    puts = set(program.ask(("mutations", site)))
    found |= ANYTHING if are_left_out(program, site) else NOTHING
    of_class = container_classes.site_of_class(program, site) if isinstance(site, Site) else None
    puts |= program.ask(("mutations", of_class)) if of_class is not None else set()
    for put in sorted(puts, key=mutation_order):
        found |= given(program, site, put, which)
    if found or (not puts and isinstance(site, Site) and stands_in(site.scope, site.node)):
        return found
    return ELSE if which == KEYS else ANYTHING


def _within(site: Site | Kept | None, value: Value) -> Value:
    """What is declared of the elements of what comes in at ``site``, containers among them told apart."""
    bare = [a for a in value if isinstance(a, Container) and a.site is None and a.kind in OPEN_KINDS]
    inner = _inner(site, bare if UNKNOWN not in value else [*bare, Container("any")])
    return value.difference(bare) | inner if inner else value


def _inner(site: Site | Kept | None, containers: list[Container]) -> Value:
    """``containers`` as what is in the one that comes in at ``site``; nothing where that is too deep to be told."""
    if not isinstance(site, Site) or site.within >= _DEEPEST:
        return NOTHING
    inner = Site(site.node, site.scope, site.frame, site.within + 1)
    return frozenset(Container(each.kind, inner, each.items, each.exact) for each in containers)


def _declared(container: Container, which: Which) -> Value:
    if container.kind == "dict":
        return container.items[0] if which == KEYS else container.items[-1]
    if container.kind == "generator":
        return container.items[0]
    if container.exact and isinstance(which, int):
        return container.items[which] if -len(container.items) <= which < len(container.items) else NOTHING
    return frozenset().union(*container.items) if container.items else NOTHING


def _made(program: Program, container: Container, which: Which) -> Value:
    if container.kind == "any":
        return ANYTHING | _inner(container.site, [container])
    if not isinstance(container.site, Site):
        return NOTHING
    node, scope, frame = container.site.node, container.site.scope, container.site.frame
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return _of_display(program, node.elts, which, scope, frame)
    if isinstance(node, ast.Dict):
        return _of_dict(program, node, which, scope, frame)
    if isinstance(node, _COMPREHENSIONS):
        return program.evaluate(node.elt, scope, frame)
    if isinstance(node, ast.DictComp):
        if (table := keys.kept_as_they_were(node)) is not None:
            return program.join(_element(program, a, which) for a in program.evaluate(table, scope, frame))
        return program.evaluate(node.key if which == KEYS else node.value, scope, frame)
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
        return _yielded(program, scope, frame)
    if isinstance(node, ast.arg):
        return _variadic(program, container.kind, scope, frame, which)
    if isinstance(node, ast.Call):
        return externals.elements(program, node, which, scope, frame)
    if isinstance(node, ast.ClassDef):
        made = (each for each in program.constructions(program.class_of(scope)) if each.node is not node)
        return program.join(_made(program, Container(container.kind, each), which) for each in made)
    return NOTHING


def _of_display(
    program: Program, items: list[ast.expr], which: Which, scope: Scope, frame: Frame | None
) -> Value:
    if isinstance(which, int) and not any(isinstance(item, ast.Starred) for item in items):
        return program.evaluate(items[which], scope, frame) if -len(items) <= which < len(items) else NOTHING
    return program.join(
        iterate(program, program.evaluate(item.value, scope, frame))
        if isinstance(item, ast.Starred)
        else program.evaluate(item, scope, frame)
        for item in items
    )


def _of_dict(program: Program, node: ast.Dict, which: Which, scope: Scope, frame: Frame | None) -> Value:
    found: set[Atom] = set()
    for key, value in zip(node.keys, node.values):
        if key is None:
            inner = program.evaluate(value, scope, frame)
            found |= program.join(_element(program, atom, which) for atom in inner)
        elif which == KEYS:
            found |= program.evaluate(key, scope, frame)
        else:
            known = keys.names(program, key, scope, frame) if isinstance(which, tuple) else []
            if not known or which[1] in known:  # type: ignore[index]
                found |= program.evaluate(value, scope, frame)
    return frozenset(found)


def _yielded(program: Program, scope: Scope, frame: Frame | None) -> Value:
    values = ((program.evaluate(node, scope, frame), is_from) for node, is_from in scope.yields)
    return program.join(iterate(program, value) if is_from else value for value, is_from in values)


def _variadic(program: Program, kind: str, scope: Scope, frame: Frame | None, which: Which) -> Value:
    """What ``*args`` or ``**kwargs`` of ``scope`` holds under one call; under any if ``frame`` is None."""
    calls = sorted(program.ask(("frames", scope)), key=frame_order) if frame is None else [frame]
    is_open = frame is None and (not calls or program.ask(("escapes", scope)))
    under = _by_name if kind == "dict" else _by_position
    return program.join(under(program, call, which) for call in calls) | (ANYTHING if is_open else NOTHING)


def _by_position(program: Program, frame: Frame, which: Which) -> Value:
    found: set[Atom] = set()
    for position, argument in enumerate(frame.extra):
        if argument.spread:
            found |= program.argument(argument.element())
        elif not isinstance(which, int) or which == position:
            found |= program.argument(argument)
    return frozenset(found)


def _by_name(program: Program, frame: Frame, which: Which) -> Value:
    named = dict(frame.extra_keywords)
    if isinstance(which, tuple) and which[1] in named:
        return program.argument(named[which[1]])
    if isinstance(which, tuple) and all(named):  # no table was spread into the call, so nothing else is in it
        return NOTHING
    found: set[Atom] = set()
    for name, argument in frame.extra_keywords:
        if which == KEYS:
            found |= {Text(name)} if name else program.argument(argument.element())
        else:
            path = argument.path if name else (*argument.path, ("key", None))
            found |= program.argument(Argument(argument.node, argument.scope, argument.frame, path))
    return frozenset(found)


def extension(program: Program, value: Value) -> Value:
    """What ``extend`` or ``update`` adds: values of a dict, else elements."""
    return program.join(
        elements(program, atom, VALUES)
        if isinstance(atom, Container)
        else iterate(program, frozenset({atom}))
        for atom in value
    )
