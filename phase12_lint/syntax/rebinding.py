"""Variables that other code may set while a scope runs: through ``nonlocal`` and ``global``, at any call.

A function inside that sets one can be called once its name has been read, or a function that reads its name has been
made.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from phase12_lint.syntax.environments import Environment
from phase12_lint.syntax.scopes import Definition, Raw, Rebound, Refined, Scope
from phase12_lint.syntax.views import is_view

_OF_A_CLASS = {"isinstance", "type", "guard", "pattern"}


class Rebinding:
    """What may be set in one scope, as far as the flow pass has come."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        module = scope.module
        writers = module.global_writers if scope.kind == "module" else module.nonlocal_writers
        self._writers = {
            name: [inner for inner in found if inner is not scope and scope in inner.chain()]
            for name, found in writers.items()
        }
        self.names = frozenset(name for name, found in self._writers.items() if found)
        self._makers: dict[str, set[str]] = {}
        self._active: dict[str, Definition] = {}

    def declare(self, node: ast.Global | ast.Nonlocal) -> None:
        """The scope itself shares the names that ``node`` lists."""
        for name in node.names:
            shared = ast.copy_location(ast.Name(id=name, ctx=ast.Load()), node)
            self._active[name] = Raw(shared, self._scope)

    def make(self, node: ast.AST, inner: Scope) -> None:
        """A function or class is made here."""
        sets = {name for name in self.names if any(inner in each.chain() for each in self._writers[name])}
        read = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} if self._makers else set()
        for name in read & self._makers.keys():
            self._activate(self._makers[name])
        if sets:
            self._makers.setdefault(inner.name, set()).update(sets)
            if getattr(node, "decorator_list", ()) or isinstance(node, ast.Lambda):
                self._activate(sets)

    def read(self, name: str) -> None:
        """``name`` is read here: what it stands for can be called from now on."""
        if name in self._makers:
            self._activate(self._makers[name])

    def _activate(self, names: Iterable[str]) -> None:
        for name in names:
            self._active.setdefault(name, Rebound(self._scope.node, self._scope, name))

    def call(self, env: Environment) -> None:
        """Something is called: it may set what is shared, and make something of what was found to be None."""
        for name, shared in self._active.items():
            known = env.get(name)
            if known and shared not in known and not all(_is_told(each) for each in known):
                env.put(name, (*known, shared))
        for view, known in [*env.views.items()]:
            if all(_is_unset(view, each) for each in known):
                del env.views[view]


def _is_told(definition: Definition) -> bool:
    """Whether a test has said of which class the value is: that holds on, as it does for attributes."""
    return isinstance(definition, Refined) and definition.test.kind in _OF_A_CLASS


def _is_unset(name: str, definition: Definition) -> bool:
    """Whether it says that something which is shared is None."""
    if not isinstance(definition, Refined) or definition.test.kind != "none" or not definition.positive:
        return False
    return is_view(name) or all(isinstance(each, Raw) for each in definition.previous)
