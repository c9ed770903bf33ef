"""Where a variable or an attribute is read."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from phase12_lint.syntax.arity import may_be_called_so
from phase12_lint.syntax.marks import mark
from phase12_lint.syntax.modules import ImportedName, Module
from phase12_lint.syntax.scopes import Scope, last_name
from phase12_lint.values import models, spelling, super_lines
from phase12_lint.values.atoms import (
    UNKNOWN,
    Atom,
    ClassRef,
    Function,
    Instance,
    Marked,
    ModuleRef,
    Super,
    Value,
)
from phase12_lint.values.callers import is_another
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import Frame
from phase12_lint.values.ordering import frame_order, order

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_MANY = 8
Wrapping = tuple["int | str | None", ...]


@dataclass(eq=False, slots=True)
class Place(Marked):
    """An expression that has the value, seen under the call ``frame``."""

    node: ast.expr
    scope: Scope
    wrapped: Wrapping = ()
    frame: Frame | None = None

    def marked(self) -> int:
        return mark(self.node, self.scope.mark, str(self.wrapped))

    @property
    def call(self) -> ast.Call | None:
        """The call of the value right there, if that is what is done with it."""
        parent = self.scope.module.parents.get(self.node)
        if isinstance(parent, ast.Call) and parent.func is self.node and not self.wrapped:
            return parent
        return None

    @property
    def decorated(self) -> Scope | None:
        """The function that the value decorates right there."""
        module = self.scope.module
        parent = module.parents.get(self.node)
        found = (
            module.scope_of_node.get(parent)
            if parent is not None and self.node in getattr(parent, "decorator_list", ())
            else None
        )
        return found if found is not None and found.is_function and not self.wrapped else None


def place_order(place: Place) -> tuple[object, ...]:
    """A stable order of uses of a value."""
    return (*order(place.scope, place.node), str(place.wrapped))


def name_loads(
    program: Program,
    scope: Scope,
    name: str,
    node: ast.AST | None,
    frame: Frame | None = None,
    passed: frozenset[tuple[Scope, str]] = frozenset(),
) -> Iterator[Place]:
    """Where the variable ``name`` of ``scope`` is read with what was bound at ``node`` (None: with anything).

    ``passed`` are the modules that it has been imported through: modules may import it from each other.
    """
    module = scope.module
    module.bound(scope)
    if name in scope.declared_global:
        scope = module.scope
    while name in scope.declared_nonlocal and scope.parent is not None:
        scope = module.bound(next(each for each in scope.parent.chain() if each.kind != "class"))
    for load in module.reads(scope, name, node):
        yield from _in_frames(program, load, module.scopes[load], scope, frame)
    if scope.kind == "module":
        yield from _from_other_modules(program, module, name, passed | {(scope, name)})


def _in_frames(
    program: Program, load: ast.Name, where: Scope, scope: Scope, frame: Frame | None
) -> Iterator[Place]:
    if where is scope or frame is None:
        yield Place(load, where, (), frame if where is scope else None)
        return
    frames = calls_under(program, where, scope, frame) if where.is_function else set()
    for inner in sorted(frames, key=frame_order):
        yield Place(load, where, (), inner)
    if not frames:
        yield Place(load, where)


def calls_under(program: Program, where: Scope, scope: Scope, frame: Frame) -> set[Frame]:
    """The calls of ``where``, a function within ``scope``, that see the variables of the call ``frame`` of ``scope``:
    those that are known to, and those that ``scope`` itself makes.
    """
    found: set[Frame] = set()
    for call in program.ask(("frames", where)):
        if call.closure is frame:
            found.add(call)
        elif call.closure is None and call.caller is None and call.shape.where is scope:
            function, shape = Function(where, call.receiver, frame), call.shape.under(frame)
            made = program.call_frame(function, call.site, shape, frame)
            found |= {made} if made is not None and made.closure is frame else set()
    return found


def _from_other_modules(
    program: Program, module: Module, name: str, passed: frozenset[tuple[Scope, str]]
) -> Iterator[Place]:
    for other, imports in program.once(_Importers).of(module, name):
        for imported in imports:
            yield from _imported_as(program, module, name, other, imported, passed)
        for load, written in (*_attributes(other, name), *_spelled(other, name)):
            where = other.scopes[load]
            owner = program.evaluate(written, where)
            if any(isinstance(atom, ModuleRef) and atom.module is module for atom in owner):
                yield Place(load, where)


def is_read_elsewhere(program: Program, module: Module, name: str) -> bool:
    """Whether another module may read ``name`` from ``module``, by an import or as an attribute."""
    return any(
        imports or any(_attributes(other, name)) or any(_spelled(other, name))
        for other, imports in program.once(_Importers).of(module, name)
    )


def _attributes(module: Module, name: str) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Where an attribute ``name`` is read, and of what."""
    for load in module.loads.get(name, ()):
        if isinstance(load, ast.Attribute):
            yield load, load.value


def _spelled(module: Module, name: str) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Where ``getattr`` reads an attribute that is written out as ``name``, and of what."""
    for load in module.loads.get("getattr", ()):
        call = module.parents.get(load)
        if not isinstance(call, ast.Call) or call.func is not load or len(call.args) < 2:
            continue
        if isinstance(call.args[1], ast.Constant) and call.args[1].value == name:
            yield call, call.args[0]


class _Importers:
    """Which modules may have a name from a module, and where they import it from there, by itself or by ``*``."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._known: dict[tuple[Module, str], list[tuple[Module, list[ImportedName]]]] = {}

    def of(self, module: Module, name: str) -> list[tuple[Module, list[ImportedName]]]:
        """The modules that mention ``name`` and may import ``module``, each with its imports of that name."""
        key = (module, name)
        if key not in self._known:
            others = self._program.project.modules_importing(name, module)
            self._known[key] = [(other, list(self._imports(other, module, name))) for other in others]
        return self._known[key]

    def _imports(self, other: Module, module: Module, name: str) -> Iterator[ImportedName]:
        for imported in (*other.imported.get(name, ()), *other.imported.get("*", ())):
            source = self._program.import_source(other, imported.statement)
            if isinstance(source, ModuleRef) and source.module is module:
                yield imported


def _imported_as(
    program: Program,
    module: Module,
    name: str,
    other: Module,
    imported: ImportedName,
    passed: frozenset[tuple[Scope, str]],
) -> Iterator[Place]:
    _, alias, scope = imported
    if alias.name == "*":
        if other is not module and (other.scope, name) not in passed:
            yield from name_loads(program, other.scope, name, None, None, passed)
    elif (scope, alias.asname or alias.name) not in passed:
        yield from name_loads(program, scope, alias.asname or alias.name, alias, None, passed)


def attribute_loads(
    program: Program, cls: ClassInfo, name: str, method: Scope | None = None, of: Atom | None = None
) -> Iterator[Place]:
    """Where attribute ``name`` of ``cls``, its instances or its relatives is read; it may be ``method`` of it, or what
    the object ``of`` alone was given.
    """
    for read, call, scope in computed_reads(program, cls, name):
        if _may_be_instance(program, program.evaluate(read, scope), cls, name, of):
            yield Place(call, scope)
    modules = program.project.modules_reading(name)
    if len(modules) > _MANY:
        holders = program.ask(("holders", cls))
        modules = [module for module in modules if module in holders]
    for module in modules:
        for load in module.loads.get(name, ()):
            if isinstance(load, ast.Attribute):
                scope = module.scopes[load]
                if method is not None and not may_be_called_so(method, load, scope):
                    continue
                owner = program.evaluate(load.value, scope)
                if _may_be_instance(program, owner, cls, name, of):
                    yield Place(load, scope)


def computed_reads(program: Program, cls: ClassInfo, name: str) -> Iterator[tuple[ast.expr, ast.Call, Scope]]:
    """The calls of ``getattr`` beside ``cls`` and the classes above it that may read an attribute called ``name``."""
    line = (each.module for each in cls.ancestors(program) if isinstance(each, ClassInfo))
    for module in dict.fromkeys(line):
        for call, pattern in program.once(_Spelled).of(module):
            if pattern.fullmatch(name):
                yield call.args[0], call, module.scopes[call]


class _Spelled:
    """The calls of ``getattr`` in a module of which something of the name is written out."""

    def __init__(self, program: Program) -> None:
        self._known: dict[Module, list[tuple[ast.Call, re.Pattern[str]]]] = {}

    def of(self, module: Module) -> list[tuple[ast.Call, re.Pattern[str]]]:
        """Each with what is known of the name."""
        if module not in self._known:
            self._known[module] = []
            for load in module.loads.get("getattr", ()):
                call = module.parents.get(load)
                if isinstance(call, ast.Call) and call.func is load and len(call.args) > 1:
                    pattern = spelling.spelled(call.args[1], module.scopes[call])
                    self._known[module] += [(call, pattern)] if pattern is not None else []
        return self._known[module]


def _is_apart(program: Program, one: Atom | None, other: Atom) -> bool:
    """Whether ``other`` is known not to be the object ``one``, nor made of it."""
    made = getattr(other.site, "node", None) if isinstance(other, Instance) else None
    is_changed = isinstance(made, ast.Call) and last_name(made.func) in models.CHANGES
    return not is_changed and is_another(program, one, other)


def _may_be_instance(program: Program, owner: Value, cls: ClassInfo, name: str, of: Atom | None) -> bool:
    """Whether attribute ``name`` of ``owner`` may be the one of ``cls``, and of its instance ``of``."""
    for atom in owner:
        if _is_apart(program, of, atom):
            continue
        if isinstance(atom, (Instance, ClassRef)) and program.related(atom.cls, cls):
            return True
        if isinstance(atom, Super) and any(cls in line for line in super_lines.lines(program, atom)):
            return True
        if atom is UNKNOWN and cls.has_alone(program, name):
            return True
    return False
