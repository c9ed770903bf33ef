"""Whether an attribute of some name can be an object of the program, by its name alone.

Most attributes that are called are methods: ``parts.append(x)``. What ``parts`` is may stand on half the program, and
does not matter where no code stores, declares or imports anything under that name.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from phase12_lint.index.programs import code_in
from phase12_lint.syntax.modules import Module

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_BOUND = re.compile(
    rb"(?<![\w.])(\w+)[ \t]*=(?!=)|^[ \t(]*(\w[\w., \t]*?)[ \t]*(?:[,:)]|$)"
    rb"|\bas[ \t]+(\w+)|\bimport\b([^\n]*)|\bfor\b([^\n:]*?)\bin\b",
    re.MULTILINE,
)
_NAME = re.compile(rb"(?<![\w.])\w+")
_GETTER = re.compile(rb"^[ \t]+def\s+__getattr(?:ibute)?__\b", re.MULTILINE)


def may_hold_object(program: Program, name: str) -> bool:
    """Whether an attribute ``name`` may be anything but a method or a class."""
    return program.once(_HeldNames).has(name)


class _HeldNames:
    def __init__(self, program: Program) -> None:
        self._project = program.project
        self._known: dict[str, bool] = {}
        self._computes = any(map(_GETTER.search, program.project.texts().values()))
        self._bound: set[bytes] = set()
        for text in program.project.texts().values() if not self._computes else ():
            for found in _BOUND.findall(code_in(text)):
                self._bound.update(_NAME.findall(b" ".join(found)))

    def has(self, name: str) -> bool:
        if name not in self._known:
            word = name.encode("utf-8", "surrogatepass")
            self._known[name] = (
                self._computes or not name.isascii() or word in self._bound or self._is_stored(name)
            )
        return self._known[name]

    def _is_stored(self, name: str) -> bool:
        project = self._project
        if any(_stores(module, name) for module in project.modules_storing(name)):
            return True
        defined = re.compile(rb"\bdef\s+%b\b" % name.encode())
        paths = [path for path in project.files_with(name) if defined.search(project.texts()[path])]
        modules = (project.module(path) for path in paths)
        functions = (scope for module in modules if module for scope in module.functions.get(name, ()))
        return any(getattr(scope.node, "decorator_list", ()) for scope in functions)


def _stores(module: Module, name: str) -> bool:
    if module.stores.get(name):
        return True
    calls = (module.parents.get(load) for load in module.loads.get("setattr", ()))
    return any(
        isinstance(call, ast.Call) and any(_names(argument, name) for argument in call.args[1:2])
        for call in calls
    )


def _names(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == name
