"""Classes of the program below ``dict``, ``list`` and the like: their instances are containers.

What a constructor is given is in the instance that it makes alone. What is put into ``self``, or into an instance
wherever it has come to, is taken to be in all of them.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, NamedTuple

from phase12_lint.syntax.scopes import last_name
from phase12_lint.values.atoms import (
    NOTHING,
    Atom,
    ClassRef,
    Container,
    Function,
    Instance,
    Method,
    Site,
    Value,
)
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import Frame, Shape

if TYPE_CHECKING:
    from phase12_lint.syntax.scopes import Scope
    from phase12_lint.values.program import Program


_ABSTRACT = {"Mapping", "MutableMapping", "Sequence", "MutableSequence"}
_GETTING = {"get", "pop", "setdefault"}


class Base(NamedTuple):
    """The container ``declared`` that ``cls`` has as a base of this ``name``; ``is_said`` if what is in it is, too."""

    cls: ClassInfo
    name: str
    declared: Container
    is_said: bool


def base_of(program: Program, cls: ClassInfo) -> Base | None:
    """The container that ``cls`` is below."""
    for ancestor in cls.ancestors(program):
        if isinstance(ancestor, ClassInfo) and ancestor.scope.parent is not None:
            for base in ancestor.node.bases:
                declared = program.annotated(base, ancestor.scope.parent)
                found = next((each for each in declared if isinstance(each, Container)), None)
                if found is not None:
                    is_said = isinstance(base, ast.Subscript)
                    name = last_name(base.value if isinstance(base, ast.Subscript) else base) or ""
                    return Base(ancestor, name, found, is_said)
    return None


def held_by(program: Program, atom: Atom) -> Container | None:
    """The container that an instance of such a class is."""
    if not isinstance(atom, Instance) or not isinstance(atom.cls, ClassInfo):
        return None
    base = base_of(program, atom.cls)
    if base is None or base.is_said:
        return base.declared if base is not None else None
    if atom.site is not None and isinstance(atom.site.node, ast.Call):
        return Container(base.declared.kind, atom.site)
    return Container(base.declared.kind, Site(base.cls.node, base.cls.scope, None))


def inherited(program: Program, atom: Atom, name: str) -> Value:
    """The attribute ``name`` of a container that an instance has as its base's; nothing if it has no such base."""
    held = held_by(program, atom)
    if held is None:
        return NOTHING
    if name == "data":
        return frozenset({held})
    getter = _getter(program, atom)
    if getter is None:
        return frozenset({Method(held, name)})
    if name in _GETTING:
        empty = Container(held.kind, None, (NOTHING, NOTHING))  # gives the default that the call may name
        return frozenset({getter, Method(empty, name)})
    values = program.apply(getter, getter.scope.node, getter.scope, None, Shape((), ()))
    items = (program.iterate(frozenset({atom})), values) if held.kind == "dict" else (values,)
    return frozenset({Method(Container(held.kind, None, items), name)})


def _getter(program: Program, atom: Atom) -> Function | None:
    """The ``__getitem__`` of the program that all methods of an abstract container stand on."""
    if not isinstance(atom, Instance) or not isinstance(atom.cls, ClassInfo):
        return None
    base = base_of(program, atom.cls)
    is_abstract = base is not None and base.name in _ABSTRACT and not base.is_said
    return program.method(atom, "__getitem__") if is_abstract else None


def base_made_by(program: Program, call: ast.Call, scope: Scope, frame: Frame | None) -> Base | None:
    """The container that ``call`` makes, if it makes an instance of such a class."""
    classes = [a.cls for a in program.evaluate(call.func, scope, frame) if isinstance(a, ClassRef)]
    bases = (base_of(program, cls) for cls in classes if isinstance(cls, ClassInfo))
    return next((base for base in bases if base is not None), None)


def takes_content(program: Program, cls: ClassInfo) -> bool:
    """Whether what a constructor of ``cls`` is given is what will be in the instance."""
    return (
        program.method(Instance(cls), "__init__") is None and program.method(Instance(cls), "__new__") is None
    )


def site_of_class(program: Program, site: Site) -> Site | None:
    """Where what is in all instances of such a class is kept, if ``site`` makes one."""
    if not isinstance(site.node, ast.Call):
        return None
    base = base_made_by(program, site.node, site.scope, site.frame)
    return Site(base.cls.node, base.cls.scope, None) if base is not None else None
