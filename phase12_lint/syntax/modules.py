"""One module: its tree, who is whose parent and scope, and where each name is read or stored."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from functools import cached_property
from typing import NamedTuple

from phase12_lint.index import operators
from phase12_lint.index.parsing import parse
from phase12_lint.syntax import by_text
from phase12_lint.syntax.flow import bind
from phase12_lint.syntax.lines import Lines
from phase12_lint.syntax.nodes import fields_of
from phase12_lint.syntax.older_coroutines import said_with_await
from phase12_lint.syntax.scopes import (
    Definition,
    Names,
    Raw,
    Rebound,
    Scope,
    bases,
    is_tail,
    last_name,
    sees,
)

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SCOPED = {*_FUNCTIONS, ast.Lambda, ast.ClassDef}
_BODY_FIELDS = frozenset({"body", "args", "type_params"})
_GENERIC_FIELDS = _BODY_FIELDS | {"returns", "bases", "keywords"}
_NO_FIELDS: frozenset[str] = frozenset()
_NOTED = {ast.Name, ast.Attribute, ast.Subscript, ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal}


class ImportedName(NamedTuple):
    """What ``from ... import`` brings into ``scope`` under one name, or under all of them (``*``)."""

    statement: ast.ImportFrom
    alias: ast.alias
    scope: Scope


class Module:
    """A parsed file. ``path`` is relative to the root; ``exempt`` files are tests, ``is_package`` ones ``__init__.py``.

    ``tree`` is what was made of ``text``, if it is there already; it is used up.
    Raises ``SyntaxError`` (also for what ``ast`` gives up on by depth) when it is made from text that does not parse.
    """

    def __init__(self, path: str, text: str, exempt: bool, tree: ast.Module | None = None) -> None:
        self.path = path
        self.text = text
        self.lines = Lines(text)
        self.exempt = exempt
        self.is_package = path.rpartition("/")[2] == "__init__.py"
        self.tree = said_with_await(parse(text) if tree is None else tree, text)
        self.scope = Scope("module", self.tree, self, None, "")
        self.parents: dict[ast.AST, ast.AST] = {}
        self.scopes: dict[ast.AST, Scope] = {}
        self.scope_of_node: dict[ast.AST, Scope] = {self.tree: self.scope}
        self.loads: dict[str, list[ast.Name | ast.Attribute]] = {}
        self.stores: dict[str, list[ast.Attribute]] = {}
        self.subscript_stores: list[ast.Subscript] = []
        self.classes: dict[str, list[Scope]] = {}
        self.derived: dict[
            str | None, list[Scope]
        ] = {}  # classes by the last name of a base; None if it has none
        self.functions: dict[str, list[Scope]] = {}
        self.imports: list[tuple[ast.Import | ast.ImportFrom, Scope]] = []
        self.imported: dict[str, list[ImportedName]] = {}
        self.global_writers: dict[str, list[Scope]] = {}
        self.nonlocal_writers: dict[str, list[Scope]] = {}
        self.definitions: dict[ast.AST, tuple[Definition, ...]] = {}
        self._reads: dict[tuple[Scope, str, ast.AST | None], list[ast.Name]] = {}
        self._index(self.tree, self.scope)
        self.nodes = tuple(self.parents)  # of its own text: what a snippet adds is not among them

    @cached_property
    def stored_by_text(self) -> Mapping[str, list[by_text.Stored]]:
        """By attribute, the stores that a text names."""
        found: dict[str, list[by_text.Stored]] = {}
        for name, stored in by_text.stores(self):
            found.setdefault(name, []).append(stored)
        return found

    @cached_property
    def operations(self) -> Mapping[str, list[operators.Operation]]:
        """By special method, the operators that may call it."""
        found: dict[str, list[operators.Operation]] = {}
        for name, operation in operators.operations(self.nodes):
            found.setdefault(name, []).append(operation)
        return found

    @cached_property
    def stored_tables(self) -> list[by_text.Stored]:
        """The stores of all that a table holds."""
        return list(by_text.tables(self))

    def names(self, qualified: str, name: str) -> bool:
        """Whether ``name`` is a tail of what ``qualified`` in this module is called by its whole name."""
        return is_tail(self.whole_name(qualified), name)

    def whole_name(self, qualified: str) -> str:
        """``qualified`` behind the dotted name of the module."""
        place = self.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        return f"{place}.{qualified}"

    def reads(self, scope: Scope, name: str, node: ast.AST | None) -> list[ast.Name]:
        """Where the variable ``name`` of ``scope`` is read with what was bound at ``node`` (None: with anything)."""
        key = (scope, name, node)
        if key not in self._reads:
            loads = (load for load in self.loads.get(name, ()) if isinstance(load, ast.Name))
            self._reads[key] = [load for load in loads if self._is_read(load, scope, node)]
        return self._reads[key]

    def _is_read(self, load: ast.Name, scope: Scope, node: ast.AST | None) -> bool:
        where = self.scopes[load]
        if where is not scope and not sees(where, scope, load.id):
            return False
        self.bound(where)
        definitions = self.definitions.get(load)
        if definitions is None or node is None:
            return True
        return any(isinstance(each, (Raw, Rebound)) or each.node is node for each in bases(definitions))

    def statement(self, node: ast.AST) -> ast.stmt:
        """The statement that ``node`` is, or stands in."""
        while not isinstance(node, ast.stmt):
            node = self.parents[node]
        return node

    def bound(self, scope: Scope) -> Scope:
        """``scope`` with its flow known."""
        if not scope.bound:
            if scope.parent is not None:
                self.bound(scope.parent)
            if not scope.bound:
                scope.bound = True
                bind(scope, self.definitions)
        return scope

    def add_snippet(self, text: str, scope: Scope, at: ast.AST, given: Names) -> ast.Expression | ast.Module:
        """Code given as a string to ``eval`` or ``exec`` at ``at``, read as if it stood there, with names ``given``."""
        tree: ast.Expression | ast.Module
        try:
            tree = ast.parse(text.strip(), mode="eval")
        except SyntaxError:
            tree = ast.parse(text)
        inner = Scope("snippet", tree, self, scope, "<string>")
        self.scope_of_node[tree] = inner
        self.parents[tree] = at
        self._index(tree, inner, noted=False)
        self.bound(scope)
        inner.captured = {**scope.snapshots.get(at, {}), **given}
        self.bound(inner)
        return tree

    def _index(self, tree: ast.AST, scope: Scope, noted: bool = True) -> None:
        parents, scopes = self.parents, self.scopes
        stack: list[tuple[ast.AST, Scope]] = [(tree, scope)]
        while stack:
            node, outer = stack.pop()
            kind = type(node)
            if kind in _NOTED and noted:
                self._note(node, outer)
            inner, inner_fields = outer, _NO_FIELDS
            if kind in _SCOPED:
                inner = self._open(node, outer)
                inner_fields = _GENERIC_FIELDS if inner.type_parameters else _BODY_FIELDS
            for name in fields_of(kind):
                value = getattr(node, name, None)
                if not value:
                    continue
                where = inner if name in inner_fields else outer
                for child in reversed(value) if type(value) is list else (value,):
                    if isinstance(child, ast.AST):
                        parents[child] = node
                        if type(child) is ast.arguments:
                            self._arguments(child, outer, where, stack)
                            continue
                        scopes[child] = where
                        stack.append((child, where))

    def _arguments(
        self, node: ast.arguments, outer: Scope, inner: Scope, stack: list[tuple[ast.AST, Scope]]
    ) -> None:
        for argument in (*node.posonlyargs, *node.args, node.vararg, *node.kwonlyargs, node.kwarg):
            if argument is not None:
                self.parents[argument] = node
                self.scopes[argument] = inner
                if argument.annotation is not None:
                    self.parents[argument.annotation] = argument
                    self.scopes[argument.annotation] = inner if inner.type_parameters else outer
                    stack.append((argument.annotation, inner if inner.type_parameters else outer))
        for default in (*node.defaults, *node.kw_defaults):
            if default is not None:
                self.parents[default] = node
                self.scopes[default] = outer
                stack.append((default, outer))

    def _open(self, node: ast.AST, outer: Scope) -> Scope:
        if isinstance(node, ast.Lambda):
            scope = Scope("lambda", node, self, outer, "<lambda>")
        elif isinstance(node, ast.ClassDef):
            scope = Scope("class", node, self, outer, node.name)
            self.classes.setdefault(node.name, []).append(scope)
            for base in node.bases:
                last = last_name(base.value if isinstance(base, ast.Subscript) else base)
                self.derived.setdefault(last, []).append(scope)
        else:
            assert isinstance(node, _FUNCTIONS)
            scope = Scope("function", node, self, outer, node.name)
            self.functions.setdefault(node.name, []).append(scope)
        for parameter in getattr(node, "type_params", ()):
            scope.type_parameters[parameter.name] = parameter
        outer.children.append(scope)
        self.scope_of_node[node] = scope
        return scope

    def _note(self, node: ast.AST, scope: Scope) -> None:
        if isinstance(node, (ast.Name, ast.Attribute)):
            name = node.id if isinstance(node, ast.Name) else node.attr
            if isinstance(node.ctx, ast.Load) or isinstance(self.parents[node], ast.AugAssign):
                self.loads.setdefault(name, []).append(node)
            if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load):
                self.stores.setdefault(name, []).append(node)
        elif isinstance(node, ast.Subscript):
            if isinstance(node.ctx, ast.Store):
                self.subscript_stores.append(node)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            self.imports.append((node, scope))
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    self.imported.setdefault(alias.name, []).append(ImportedName(node, alias, scope))
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            writers = self.global_writers if isinstance(node, ast.Global) else self.nonlocal_writers
            for name in node.names:
                writers.setdefault(name, []).append(scope)
