"""What the names of the policy mean in one program: each is led to what it names, once, when the program is made.

A name may be written as it is imported, and not as it is defined: ``documents.plugins.Plugin`` of a package that takes
``Plugin`` from ``documents.plugins.base``. All else compares names with definitions, and so needs to know of none of
the ways in which Python gives a thing another name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, NamedTuple

from phase12_lint.policy import Policy
from phase12_lint.syntax.modules import Module
from phase12_lint.values.atoms import Atom, ClassRef, External, Function, Instance, ModuleRef
from phase12_lint.values.classes import ClassInfo

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_FIELDS = (
    *("plugin_bases", "plugin_sources", "choke_point", "layers", "input_validator", "output_validator"),
    *("error_envelope", "foreign_envelopes", "metrics_update"),
)
UNGOVERNED = Policy(runner_names=(), plugin_names=(), **dict.fromkeys(_FIELDS, ()))  # type: ignore[arg-type]
"""A policy that names nothing: what a name means has nothing to do with what is governed."""


class Meant(NamedTuple):
    """``policy`` is the one that is ``written``, with the definitions that its names mean.

    ``names`` has these by the names that are written, where they are not the names of definitions.
    """

    written: Policy
    policy: Policy
    names: dict[str, tuple[str, ...]]


def meant(policy: Policy, ungoverned: Callable[[], Program]) -> Meant:
    """What ``policy`` means in a program, which is asked as ``ungoverned`` if a name is not written as it is defined.

    A layer is one class. Everything else keeps the name that is written too, which may be the end of a call as it is
    spelled.
    """
    programs: list[Program] = []

    def program() -> Program:
        if not programs:
            programs.append(ungoverned())
        return programs[0]

    names: dict[str, tuple[str, ...]] = {}
    fields: dict[str, Any] = {}
    for field in _FIELDS:
        written: tuple[str, ...] = getattr(policy, field)
        entries: dict[str, None] = {}
        for name in written:
            if name not in names and name not in Policy._field_defaults[field]:
                names[name] = tuple(dict.fromkeys(_definitions(program(), name)))
            found = names.get(name, ())
            entries |= dict.fromkeys(found[:1] or (name,) if field == "layers" else (*found, name))
        if tuple(entries) != written:
            fields[field] = tuple(entries)
    return Meant(policy, policy._replace(**fields), {name: found for name, found in names.items() if found})


def _definitions(program: Program, name: str) -> Iterator[str]:
    """The whole names of what ``name`` means, where these are other names."""
    parts = name.replace(":", ".").split(".")
    if len(parts) == 1:
        if not any(sign in name for sign in "*?") and not _is_defined(program, name):
            for module in program.project.modules_with(name):
                if name in module.bound(module.scope).bindings:
                    yield from _of(program, module, name, "")
        return
    for size in range(len(parts) - 1, 0, -1):
        rest = "".join(f".{part}" for part in parts[size + 1 :])
        for path in program.project.names.ending(".".join(parts[:size])):
            giving = program.project.module(path) if path not in program.project.exempt else None
            if giving is not None:
                for each in _names_like(giving, parts[size]):
                    yield from _of(program, giving, each, rest)


def _is_defined(program: Program, name: str) -> bool:
    """Whether a class or function, or a module, is called so."""
    defined = re.compile(rb"\b(?:def|class)\s+" + name.encode() + rb"\b")
    project = program.project
    return bool(project.names.ending(name)) or bool(project.texts.matching(defined, name))


def _names_like(module: Module, pattern: str) -> list[str]:
    """The names that ``module`` gives away and that ``pattern`` fits."""
    if not any(sign in pattern for sign in "*?"):
        return [pattern]
    return [name for name in module.bound(module.scope).bindings if fnmatchcase(name, pattern)]


def _of(program: Program, module: Module, name: str, rest: str) -> Iterator[str]:
    reference = ModuleRef(module.whole_name("").strip("."), module, module)
    for atom in program.attribute(frozenset({reference}), name):
        whole = _whole_name(program, atom)
        if whole and whole != module.whole_name(name):
            yield whole + rest


def _whole_name(program: Program, atom: Atom) -> str:
    """What the definition of a class, a function, an object that is called or a module is called; empty for what is
    none, or Python's own.
    """
    if isinstance(atom, Instance):
        atom = program.method(atom, "__call__") or atom
    if isinstance(atom, ClassRef):
        if isinstance(atom.cls, ClassInfo):
            return atom.cls.scope.module.whole_name(atom.cls.scope.qualified_name)
        return "" if program.governed.is_known_external(atom.cls) else atom.cls
    if isinstance(atom, Function):
        return atom.scope.module.whole_name(atom.scope.qualified_name)
    if isinstance(atom, External):
        return "" if program.governed.is_known_external(atom.name) else atom.name
    if isinstance(atom, ModuleRef) and atom.module is not None:
        return atom.module.whole_name("").strip(".")
    return ""
