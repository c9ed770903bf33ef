"""Whether an attribute of some name can be an object or a function of the program, by its name alone.

Most attributes that are called are methods: ``parts.append(x)``. What ``parts`` is may stand on half the program, and
does not matter where no code stores, declares, defines or imports anything under that name.
"""

from __future__ import annotations

import ast
import re
from functools import cached_property
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Imported, Scope, bases
from phase12_lint.values.atoms import Atom, ClassRef, Function, Instance, Partial, Value
from phase12_lint.values.classes import ClassInfo

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_GETTER = re.compile(rb"^[ \t]+def\s+__getattr(?:ibute)?__\b", re.MULTILINE)
_GETTERS = ("__getattr__", "__getattribute__")
_OF_BUILTINS = {
    name for type_ in (str, bytes, list, dict, set, tuple, int, float, frozenset) for name in dir(type_)
}


def may_hold(program: Program, name: str, cls: ClassInfo) -> bool:
    """Whether an attribute ``name`` may be an instance of ``cls``, or a function that gives one."""
    return program.once(_HeldNames).may_hold(name, cls)


def may_be_of_program(program: Program, node: ast.expr, scope: Scope) -> bool:
    """Whether ``node`` may be a function or class of the program, or of a library, as far as a name tells."""
    if not isinstance(node, ast.Attribute) or _may_be_module(node.value, scope):
        return True
    return program.once(_HeldNames).may_be_defined(node.attr)


def _may_be_module(node: ast.expr, scope: Scope) -> bool:
    while isinstance(node, ast.Attribute):
        node = node.value
    if not isinstance(node, ast.Name):
        return False
    scope.module.bound(scope)
    return any(
        isinstance(each, Imported) or isinstance(getattr(each, "value", None), (ast.Name, ast.Attribute))
        for each in bases(scope.module.definitions.get(node, ()))
    ) or not scope.module.definitions.get(node)


class _HeldNames:
    def __init__(self, program: Program) -> None:
        self._program = program
        self._project = program.project
        self._held: dict[str, bool] = {}

    @cached_property
    def _computed(self) -> Value:
        """What the program's own ``__getattr__`` give."""
        getters = (
            scope
            for module in self._project.modules_matching(_GETTER)
            for name in _GETTERS
            for scope in module.functions.get(name, ())
        )
        return self._program.join(self._program.ask(("result", scope, None)) for scope in getters)

    def may_be_defined(self, name: str) -> bool:
        """Whether an attribute ``name`` may be a function or class.

        What computes attributes is taken to leave those that texts and containers have to them.
        """
        if not name.isascii() or self._project.texts.using(name, "defined in code") or self._is_bound(name):
            return True
        return name not in _OF_BUILTINS and any(map(_is_called, self._computed))

    def may_hold(self, name: str, cls: ClassInfo) -> bool:
        """Whether an attribute ``name`` may be an instance of ``cls``, or a function."""
        if name not in self._held:
            self._held[name] = not name.isascii() or self._is_bound(name) or self._is_decorated(name)
        return self._held[name] or any(
            _is_called(atom) or (isinstance(atom, Instance) and self._program.related(atom.cls, cls))
            for atom in self._computed
        )

    def _is_bound(self, name: str) -> bool:
        """Whether anything is stored, declared or imported under ``name``."""
        project = self._project
        return bool(project.texts.using(name, "bound in code")) or any(
            module.stores.get(name) or module.stored_by_text.get(name)
            for module in project.modules_storing(name)
        )

    def _is_decorated(self, name: str) -> bool:
        defined = re.compile(rb"\bdef\s+%b\b" % name.encode())
        modules = self._project.modules_matching(defined, name)
        functions = (scope for module in modules for scope in module.functions.get(name, ()))
        return any(getattr(scope.node, "decorator_list", ()) for scope in functions)


def _is_called(atom: Atom) -> bool:
    return isinstance(atom, (Function, ClassRef, Partial))
