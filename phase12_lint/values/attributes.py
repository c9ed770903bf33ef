"""Attributes: of modules, classes, instances and everything else that a value may be."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Assigned, Defined, Definition, Scope
from phase12_lint.syntax.stores import source_of
from phase12_lint.values import (
    binding,
    callers,
    container_classes,
    declared_types,
    enumerations,
    frameworks,
    injection,
    metaclasses,
    parameters,
    records,
    stored_elsewhere,
    super_lines,
    targets,
    type_variables,
)
from phase12_lint.values.atoms import (
    ANYTHING,
    ELSE,
    NONE,
    NOTHING,
    Atom,
    ClassRef,
    Container,
    External,
    Function,
    Instance,
    Method,
    ModuleRef,
    Partial,
    Site,
    Sourced,
    Super,
    Text,
    Typed,
    Value,
)
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import Argument, Frame, Shape
from phase12_lint.values.names import submodule

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_DISPLAYS = (ast.Dict, ast.List, ast.Set, ast.Tuple)
_REFLECTIVE = ("__dict__", "__getattribute__", "__getattr__")
_PLAIN_BASES = {
    *("abc.ABC", "typing.Protocol", "typing.Generic", "builtins.object", "typing.NamedTuple", "enum.Enum"),
    *(
        "typing_extensions.Protocol",
        "typing.TypedDict",
        "collections.namedtuple",
        "dataclasses.make_dataclass",
    ),
}
_NEW = External("builtins.object.__new__")


def of_value(program: Program, owner: Value, name: str) -> Value:
    """The attribute ``name`` of each thing that ``owner`` may be."""
    return program.join(of_atom(program, atom, name) for atom in owner)


def of_atom(program: Program, atom: Atom, name: str) -> Value:
    """The attribute ``name`` of ``atom``."""
    if isinstance(atom, ModuleRef):
        return frozenset({Method(atom, name)}) if name == "__dict__" else submodule(program, atom, name)
    if isinstance(atom, External):
        whole = f"{atom.name}.{name}"
        return frozenset({External(whole)}) | _known(whole) | program.kept(atom, name)
    if isinstance(atom, (Instance, ClassRef)):
        return _of_object(program, atom, name)
    if isinstance(atom, Super):
        return _of_super(program, atom, name)
    if isinstance(atom, Sourced):
        return _of_sourced(atom, name)
    if isinstance(atom, Function):
        return _of_function(atom, name)
    if isinstance(atom, Partial):
        return ANYTHING
    if isinstance(atom, Text) and name in ("value", "_value_"):
        return frozenset({Text(atom.text)})
    if isinstance(atom, Text) and atom.member is not None and _is_said_by_class(program, atom.member, name):
        return _of_object(program, atom.member, name)
    if isinstance(atom, Method) and isinstance(atom.owner, (Container, Text)):
        return ANYTHING
    if isinstance(atom, (Container, Text, Method, Typed)):
        return frozenset({Method(atom, name)}) | program.kept(atom, name)
    return NOTHING if atom is NONE else ANYTHING


def _is_said_by_class(program: Program, member: Instance, name: str) -> bool:
    """Whether a class of the program says what ``name`` of ``member``, a text, is."""
    assert isinstance(member.cls, ClassInfo)
    classes = (each for each in member.cls.ancestors(program) if isinstance(each, ClassInfo))
    return name in ("name", "_name_") or any(each.members(name) or name in each.writes() for each in classes)


def _known(name: str) -> Value:
    return frozenset(map(Instance, frameworks.ATTRIBUTES.get(name, ())))


def _of_sourced(atom: Sourced, name: str) -> Value:
    if name in _REFLECTIVE:
        return frozenset({Method(atom, name)})
    if name == "__class__" and atom.role == "plugin":
        return frozenset({Sourced(atom.node, atom.named, "plugin class")})
    return ANYTHING


def _of_function(atom: Function, name: str) -> Value:
    if name in ("__call__", "__wrapped__"):
        return frozenset({atom})
    if name == "__func__":
        return frozenset({Function(atom.scope, None, atom.closure)})
    if name == "__self__" and atom.receiver is not None:
        return frozenset({atom.receiver})
    return ELSE if name.startswith("__") else ANYTHING


def _of_object(program: Program, atom: Instance | ClassRef, name: str) -> Value:
    if name in _REFLECTIVE or name == "__subclasses__":
        return frozenset({Method(atom, name)})
    if name == "__class__" and isinstance(atom, Instance):
        return frozenset({ClassRef(atom.cls, True, atom.arguments)})
    if name in ("__mro__", "__bases__") and isinstance(atom, ClassRef) and isinstance(atom.cls, ClassInfo):
        line = frozenset(ClassRef(each, atom.reflected) for each in atom.cls.ancestors(program))
        return frozenset({Container("list", None, (line,))})
    if name == "__members__" and isinstance(atom.cls, ClassInfo) and atom.cls.is_enum(program):
        return enumerations.table(program, atom.cls)
    if isinstance(atom.cls, str):
        if isinstance(atom, ClassRef):
            return frozenset({External(f"{atom.cls}.{name}")})
        if atom.site is not None and isinstance(atom.site.node, ast.Call):
            given = next((k.value for k in atom.site.node.keywords if k.arg == name), None)
            if given is not None:
                return program.evaluate(given, atom.site.scope, atom.site.frame) | ANYTHING
        return frozenset({Method(atom, name)}) | _known(f"{atom.cls}.{name}") | program.kept(atom, name)
    return program.ask(("attribute", atom, name))


def compute_attribute(program: Program, atom: Instance | ClassRef, name: str) -> Value:
    """The attribute of a class of the program or an instance of one."""
    assert isinstance(atom.cls, ClassInfo)
    if name in ("value", "_value_") and isinstance(atom, Instance) and atom.cls.is_enum(program):
        member = atom.site.node if atom.site is not None else None
        if isinstance(member, ast.expr):
            return program.evaluate(member, atom.cls.scope)
        return enumerations.values(program, atom.cls)
    if name in ("name", "_name_") and isinstance(atom, Instance) and atom.cls.is_enum(program):
        return frozenset(map(Text, enumerations.names_of(atom))) or ANYTHING
    found: set[Atom] = set()
    outside = False
    declared = False
    for ancestor in atom.cls.ancestors(program):
        if isinstance(ancestor, str):
            outside = outside or ancestor not in _PLAIN_BASES
            continue
        value, final = _own(program, ancestor, atom, name)
        found |= value
        if final:
            declared = True
            break
    found |= _in_subclasses(program, atom, name)
    if not declared:
        found |= stored_elsewhere.from_outside(program, atom, name)
    if found - {NONE}:
        return frozenset(found)
    return _not_seen(program, atom, name, frozenset(found), outside)


def _not_seen(program: Program, atom: Instance | ClassRef, name: str, found: Value, outside: bool) -> Value:
    """An attribute that no code of the class sets to anything but None; it may be of a base ``outside``."""
    assert isinstance(atom.cls, ClassInfo)
    if name == "__new__":
        return frozenset({_NEW})
    if records.is_method(program, atom, name):
        return frozenset({Method(atom, name)})
    inherited = container_classes.inherited(program, atom, name) if outside else NOTHING
    if inherited and (container_classes.has(name) or method_of(program, atom, "__getattr__") is None):
        return inherited
    if isinstance(atom, ClassRef) and (of_metaclass := metaclasses.attribute(program, atom, name)):
        return of_metaclass
    getter = method_of(program, atom, "__getattr__")
    if getter is not None:
        asked = Shape((Argument(program.written(name), atom.cls.scope, None),), ())
        return found | program.apply(getter, atom.cls.node, atom.cls.scope, None, asked)
    return found | ANYTHING if outside or not found or NONE in found else found


def _own(program: Program, cls: ClassInfo, atom: Instance | ClassRef, name: str) -> tuple[Value, bool]:
    """What ``cls`` itself says of the attribute, and whether bases can no longer matter."""
    annotation = cls.annotation(name)
    declared: Value = NOTHING
    if annotation is not None:
        frame = program.receiver_frame(atom, cls.scope)
        declared = declared_types.instance(program, annotation[0], annotation[1], frame)
        if not program.governed.leaves_room(declared):
            written = _written_out(program, cls, name)
            stored = declared_types.reconcile_stored(program, declared, written) if written else written
            return stored or declared | _texts(cls, name), not written
    flows: set[Atom] = set()
    member = False
    given = records.constructed(program, atom, name)
    for definition in _members(cls, name):
        member = True
        if not given or not isinstance(atom, Instance) or atom.site is None:
            flows |= _member(program, definition, cls, atom) | records.by_decorated(
                program, definition, cls, atom
            )
    flows |= given
    if annotation is not None:
        written = _written(program, cls, atom, name) | records.by_metadata(program, *annotation)
        given = records.validated(program, cls, name, frozenset(flows | written))
        value = declared_types.reconcile_stored(program, declared, given)
        return program.told_apart(value, *cls.declared_at(annotation)), True
    return frozenset(flows) | _written(program, cls, atom, name), member and _is_function(cls, name)


def _texts(cls: ClassInfo, name: str) -> Value:
    """The texts that the class body gives the attribute, whatever else it may be."""
    given = [getattr(getattr(each, "value", None), "value", None) for each in _members(cls, name)]
    return frozenset(Text(each) for each in given if isinstance(each, str))


def _written_out(program: Program, cls: ClassInfo, name: str) -> Value:
    """The table or list that the class body writes out for the attribute, if its methods store nothing else there."""
    given = [getattr(each, "value", None) for each in _members(cls, name)]
    displays = [each for each in given if isinstance(each, _DISPLAYS)]
    if name in cls.writes() or len(displays) < len(given):
        return NOTHING
    return program.join(program.evaluate(each, cls.scope) for each in displays)


def _is_function(cls: ClassInfo, name: str) -> bool:
    return cls.method(name) is not None


def _members(cls: ClassInfo, name: str) -> tuple[Definition, ...]:
    """The class body's bindings; of a property all its functions, so that the getter is among them."""
    every = cls.module.bound(cls.scope).bindings.get(name, ())
    getters = [d for d in every if _is_property(cls, d)]
    return tuple(getters) if getters else cls.members(name)


def _is_property(cls: ClassInfo, definition: Definition) -> bool:
    if not isinstance(definition, Defined) or isinstance(definition.node, ast.ClassDef):
        return False
    return parameters.is_property(cls.module.scope_of_node[definition.node])


def _member(program: Program, definition: Definition, cls: ClassInfo, atom: Instance | ClassRef) -> Value:
    if isinstance(definition, Defined) and not isinstance(definition.node, ast.ClassDef):
        return binding.method(program, cls.module.scope_of_node[definition.node], atom)
    if isinstance(definition, Assigned) and definition.annotation is not None and definition.value is None:
        return NOTHING
    given = definition.value if isinstance(definition, Assigned) and not definition.path else None
    if isinstance(given, ast.Call) and injection.injects(program, given, cls.scope):
        return injection.provided(program, given, cls.scope)
    if got := binding.got(program, given, cls, atom):
        return got
    value = program.define(definition, records.made_anew(program, given, cls, atom))
    if isinstance(given, ast.Call):
        value = records.made_for(program, given, cls, atom, value)
    if isinstance(definition, Assigned) and cls.is_enum(program) and definition.value is not None:
        of_enum = Instance(cls, Site.of(definition.value, cls.scope, None))
        if not cls.is_text_enum(program):
            return frozenset({of_enum})
        if isinstance(definition.value, ast.Call) and isinstance(definition.node, ast.Name):
            return frozenset({Text(definition.node.id.lower(), of_enum)})
        return frozenset(Text(each.text, of_enum) if isinstance(each, Text) else each for each in value)
    if isinstance(definition, Assigned) and binding.is_kept_as_it_is(program, definition, cls):
        return value
    return program.join(binding.bound(program, item, atom) for item in value)


def method_of(program: Program, atom: Instance | ClassRef, name: str) -> Function | None:
    """The method ``name`` bound to ``atom``, if a class of the program defines it."""
    if isinstance(atom.cls, str):
        return None
    for ancestor in atom.cls.ancestors(program):
        if isinstance(ancestor, ClassInfo):
            scope = ancestor.method(name)
            if scope is not None:
                return Function(scope, atom)
    return None


def _written(program: Program, cls: ClassInfo, atom: Instance | ClassRef, name: str) -> Value:
    """What methods of ``cls`` store in the attribute, under the constructor call that made the instance if known."""
    found: set[Atom] = set()
    for store, scope in cls.writes().get(name, ()):
        frame = _under(program, cls, atom, store, scope)
        stored = targets.stored(program, store, scope, frame)
        found |= stored if frame is not None else _told_by_calls(program, cls, atom, store, scope, stored)
    for table, scope in cls.tables():
        frame = _under(program, cls, atom, table, scope)
        for each in program.evaluate(table, scope, frame):
            container = each if isinstance(each, Container) else container_classes.held_by(program, each)
            found |= program.element(container, ("key", name)) if container is not None else NOTHING
    return frozenset(found)


def _told_by_calls(
    program: Program, cls: ClassInfo, atom: Instance | ClassRef, store: ast.expr, scope: Scope, stored: Value
) -> Value:
    """``stored``, which a method of ``cls`` puts into ``store``, without what it puts there for other instances."""
    is_told = isinstance(atom, Instance) and (atom.site is not None or atom.cls is not cls)
    is_asked = is_told and scope.method is scope
    is_of_several = sum(isinstance(each, Function) for each in stored) > 1
    if not is_asked or not (is_of_several or any(map(program.governed.is_governed_itself, stored))):
        return stored
    calls = callers.calls_of(program, scope)
    own = (each for each in calls if each is None or not callers.is_another(program, each.receiver, atom))
    return program.join(targets.stored(program, store, scope, each) for each in own)


def _under(
    program: Program, cls: ClassInfo, atom: Instance | ClassRef, store: ast.expr, scope: Scope
) -> Frame | None:
    """The call under which ``store`` says what ``atom`` has, if one does."""
    if scope.method is scope and scope.name in ("__init__", "__new__"):
        frame = constructor_frame(program, atom, scope)
        if frame is not None:
            return frame
    if scope.method is scope and scope.name == "__init_subclass__":
        return _deriving_frame(program, atom, scope)
    is_said = _is_said_by_variables(program, cls, atom, store, scope)
    return program.receiver_frame(atom, scope) if is_said else None


def _deriving_frame(program: Program, atom: Instance | ClassRef, method: Scope) -> Frame | None:
    """The call of ``__init_subclass__`` that the class statement of ``atom`` makes, if no class is below that."""
    if (
        not isinstance(atom.cls, ClassInfo)
        or atom.cls.scope is method.class_scope
        or program.subclasses(atom.cls)
    ):
        return None
    return program.frame(Frame(method, atom.cls.node, ClassRef(atom.cls), None, Shape((), ()), None))


def _is_said_by_variables(
    program: Program, cls: ClassInfo, atom: Instance | ClassRef, store: ast.expr, scope: Scope
) -> bool:
    """Whether what is stored is made of parameters that type variables of the class annotate, and ``atom`` says what
    these stand for: then no call needs to be asked what it passes.
    """
    source = source_of(scope, store)
    if source is None or scope.method is not scope or not isinstance(atom, Instance):
        return False
    names = {each.id for each in ast.walk(source[0]) if isinstance(each, ast.Name)}
    params = [each for each in scope.module.bound(scope).params if each.node.arg in names]
    annotations = [each.node.annotation for each in params]
    given = [value for _, value in type_variables.arguments_of(program, atom, cls)]
    if not given or any(map(program.governed.leaves_room, given)):
        return False
    return bool(params) and all(
        each is not None and type_variables.variables_in(program, each, scope.signature)
        for each in annotations
    )


def constructor_frame(program: Program, atom: Instance | ClassRef, method: Scope) -> Frame | None:
    """The call of ``__init__`` that made ``atom``, where that is known."""
    site = atom.site if isinstance(atom, Instance) else None
    shape = enumerations.making(program, atom) if isinstance(atom, Instance) else None
    if site is None or shape is None:
        return None
    return parameters.frame_for(program, Function(method, atom), site.node, shape, site.frame)


def _in_subclasses(program: Program, atom: Instance | ClassRef, name: str) -> Value:
    assert isinstance(atom.cls, ClassInfo)
    if isinstance(atom, ClassRef) or atom.site is not None:
        return NOTHING
    found: set[Atom] = set()
    for cls in program.subclasses(atom.cls):
        found |= _own(program, cls, Instance(cls, None, atom.arguments), name)[0]
    return frozenset(found)


def _of_super(program: Program, atom: Super, name: str) -> Value:
    found = frozenset(
        Function(each.scope, atom.receiver, each.closure)
        for scope in super_lines.methods(program, atom, name)
        for each in binding.functions(program, scope)
    )
    return found or (frozenset({_NEW}) if name == "__new__" else ANYTHING)
