"""Whether what the policy names exists in the program (GOV004)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from phase12_lint.policy import last_part
from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Assigned
from phase12_lint.values.atoms import ClassRef, External, Instance, ModuleRef
from phase12_lint.values.plugin_sources import tail_of

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_CLASSES = ("plugin-bases", "layers")


def exists(program: Program, key: str, name: str) -> bool:
    """Whether a governed file defines or imports ``name`` as what the key demands.

    A choke point is a class, function or module, a layer and the base of plugins a class; a plugin source may also be
    what a file calls.
    """
    dotted = name.replace(":", ".")
    if name in program.meant.names:
        return True
    if key == "choke-point" and any(
        path in program.project.texts.paths for path in program.project.names.named(dotted)
    ):
        return True
    if any(
        _defines(module, key, dotted) or _imports(program, module, dotted)
        for module in _modules_with(program, dotted)
    ):
        return True
    return key == "plugin-sources" and any(
        _calls(program, module, dotted) for module in _modules_with(program, dotted)
    )


def _modules_with(program: Program, dotted: str) -> Iterator[Module]:
    """The modules that may hold ``dotted``: they mention its last name and, in their text or path, the one before."""
    project, parts = program.project, dotted.split(".")
    owned = project.texts.holding(parts[-2]) if len(parts) > 1 else ()
    for path in project.texts.holding(parts[-1]):
        if len(parts) == 1 or path in owned or parts[-2] in path.removesuffix(".py").split("/"):
            module = project.module(path)
            if module is not None:
                yield module


def exists_like(program: Program, pattern: str) -> bool:
    """Whether a governed file defines a class or function whose name ``pattern`` (with ``*``, ``?``) matches."""
    last = last_part(pattern)
    begins = re.compile(rb"\b(?:def|class)\s+" + re.escape(last.partition("*")[0].partition("?")[0]).encode())
    return any(
        fnmatchcase(name, last)
        for module in program.project.modules_matching(begins)
        for name in (*module.functions, *module.classes)
    )


def _defines(module: Module, key: str, dotted: str) -> bool:
    """Whether what ``key`` demands is called so in ``module``, by its last name or a longer one."""
    last = last_part(dotted)
    scopes = list(module.classes.get(last, ()))
    if key not in _CLASSES:
        scopes += module.functions.get(last, ())
    names = [scope.qualified_name for scope in scopes]
    bound = module.bound(module.scope).bindings.get(last, ())
    if key == "plugin-bases":
        bound = [each for each in bound if isinstance(each, Assigned)]  # a call may have made the class
    if bound and key not in ("choke-point", "layers"):
        names.append(last)
    return any(module.names(each, dotted) for each in names)


def _imports(program: Program, module: Module, dotted: str) -> bool:
    """Whether ``module`` imports something of that name from outside the program."""
    for statement, _ in module.imports:
        source = statement.module or "" if isinstance(statement, ast.ImportFrom) else ""
        for alias in statement.names:
            if not f".{source}.{alias.name}".endswith(f".{dotted}"):
                continue
            found = (
                program.import_source(module, statement) if isinstance(statement, ast.ImportFrom) else None
            )
            if "." not in dotted and not _binds(found, alias.name):
                return True
            if isinstance(found, External):
                return True
    return False


def _binds(source: ModuleRef | External | None, name: str) -> bool:
    """Whether ``source`` is a module of the program that binds ``name``, so that what it is there is what counts."""
    module = source.module if isinstance(source, ModuleRef) else None
    return module is not None and name in module.bound(module.scope).bindings


def _calls(program: Program, module: Module, dotted: str) -> bool:
    """Whether ``module`` calls it, as written or on an imported class."""
    tail = tuple(dotted.split("."))
    for node in module.loads.get(tail[-1], ()):
        call = module.parents.get(node)
        if isinstance(call, ast.Call) and call.func is node:
            if tail_of(node)[-len(tail) :] == tail:
                return True
            if isinstance(node, ast.Attribute) and len(tail) > 1:
                owners = program.evaluate(node.value, module.scopes[node])
                names = {
                    a.cls for a in owners if isinstance(a, (Instance, ClassRef)) and isinstance(a.cls, str)
                } | {a.name for a in owners if isinstance(a, External)}
                if any(last_part(name) == tail[-2] for name in names):
                    return True
    return False
