"""Classes and their metaclasses: what a method of a metaclass has as its class, and what a class has of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import last_name
from phase12_lint.values.atoms import ClassRef, Function, Instance, Value
from phase12_lint.values.classes import PROPERTIES, ClassInfo
from phase12_lint.values.frames import Shape

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_TYPES = {"builtins.type", "abc.ABCMeta", "enum.EnumMeta", "enum.EnumType"}


def is_metaclass(program: Program, cls: ClassInfo) -> bool:
    """Whether the instances of ``cls`` are classes."""
    return not _TYPES.isdisjoint(each for each in cls.ancestors(program) if isinstance(each, str))


def classes_of(program: Program, metaclass: ClassInfo) -> Value:
    """The classes that ``metaclass``, or one below it, makes."""
    made: dict[ClassInfo, None] = {}
    for module in program.project.modules_with("metaclass"):
        for scope in (each for scopes in module.classes.values() for each in scopes):
            cls = program.class_of(scope)
            named = _named(program, cls)
            if named is not None and program.is_subclass(named, metaclass):
                made.update(dict.fromkeys((cls, *program.subclasses(cls))))
    return frozenset(map(ClassRef, made))


def _named(program: Program, cls: ClassInfo) -> ClassInfo | None:
    for keyword in cls.node.keywords:
        if keyword.arg == "metaclass" and cls.scope.parent is not None:
            for atom in program.evaluate(keyword.value, cls.scope.parent):
                if isinstance(atom, ClassRef) and isinstance(atom.cls, ClassInfo):
                    return atom.cls
    return None


def metaclass_of(program: Program, cls: ClassInfo) -> ClassInfo | None:
    """The metaclass of the program that makes ``cls``."""
    for ancestor in cls.ancestors(program):
        named = _named(program, ancestor) if isinstance(ancestor, ClassInfo) else None
        if named is not None:
            return named
    return None


def method_of(program: Program, atom: ClassRef, name: str) -> Function | None:
    """The method ``name`` that the class ``atom`` has of its metaclass."""
    made = metaclass_of(program, atom.cls) if isinstance(atom.cls, ClassInfo) else None
    method = program.method(Instance(made), name) if made is not None else None
    return Function(method.scope, atom) if method is not None else None


def attribute(program: Program, atom: ClassRef, name: str) -> Value:
    """The attribute ``name`` that the class ``atom`` has of its metaclass; nothing if it has none."""
    method = method_of(program, atom, name)
    if method is not None:
        names = {last_name(each) for each in getattr(method.scope.node, "decorator_list", ())}
        is_read = not PROPERTIES.isdisjoint(names)
        return _given_by(program, method) if is_read else frozenset({method})
    made = metaclass_of(program, atom.cls) if isinstance(atom.cls, ClassInfo) else None
    return program.attribute(frozenset({ClassRef(made)}), name) if made is not None else frozenset()


def iterated(program: Program, atom: ClassRef) -> Value:
    """What going through the class ``atom`` gives: its members, unless its metaclass says something else."""
    method = method_of(program, atom, "__iter__")
    if method is None:
        return frozenset({Instance(atom.cls)})
    return program.iterate(_given_by(program, method))


def _given_by(program: Program, method: Function) -> Value:
    return program.apply(method, method.scope.node, method.scope, None, Shape((), ()))
