"""What there is to be broken in one program: its choke point, plugins, layers and routes, and how code gets at them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import NamedTuple

from phase12_lint.adopt.mutate.mutants import Mutant, NotApplicable
from phase12_lint.calls.api import endpoints
from phase12_lint.calls.governed_calls import governed_calls
from phase12_lint.calls.layer_code import layer_classes
from phase12_lint.calls.layers import layers_of
from phase12_lint.calls.reached import GovernedCall
from phase12_lint.execution.entries import Entry, entries
from phase12_lint.execution.steps import Step
from phase12_lint.fixes.imports import dotted_name
from phase12_lint.inspect.changes import Changes
from phase12_lint.inspect.nodes import written
from phase12_lint.policy import last_part
from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.choke_point import entry_scopes
from phase12_lint.values.program import Program

NAME = "_mutant"  # what the code that is added is called


class Reach(NamedTuple):
    """How added code gets at something: ``parameter`` to be given, ``use`` to call it, ``prelude`` lines before it."""

    prelude: tuple[str, ...]
    parameter: str
    use: str


class Ground:
    """One program under its policy."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.policy = program.policy
        self.layers = layers_of(program)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """The entries of the choke point."""
        if not self._entries:
            raise NotApplicable("no entry of the choke point runs a plugin")
        return self._entries

    @property
    def _entries(self) -> tuple[Entry, ...]:
        return self.program.once(entries)

    def calls(self, role: str) -> Iterator[tuple[Entry, Step, ast.Call]]:
        """The calls of ``role`` in each entry, one a place."""
        for entry in self.entries:
            found = {step.node: step for step in reversed(entry.ways.with_role(role))}
            for node, step in reversed(found.items()):
                if isinstance(node, ast.Call) and is_in_reach(node, step.act.scope):
                    yield entry, step, node

    def demand_choke_point(self) -> None:
        """Raises ``NotApplicable`` where the program does not define the choke point: then few rules speak."""
        choke = self.program.choke
        if not choke.is_there:
            raise NotApplicable("the program does not define the choke point")

    @cached_property
    def routes(self) -> list[Scope]:
        """The functions of the routes."""
        return [each.scope for each in endpoints(self.program) if not each.handles and _has_body(each.scope)]

    @cached_property
    def governed(self) -> list[GovernedCall]:
        """The governed calls that are written as calls."""
        return [each for each in governed_calls(self.program).values() if is_in_reach(each.node, each.scope)]

    @cached_property
    def layer_classes(self) -> dict[int, list[Scope]]:
        """The classes of each layer, by its number."""
        found: dict[int, list[Scope]] = {}
        for scope in layer_classes(self.program):
            number = self.layers.of_class(self.program.class_of(scope))
            if number is not None:
                found.setdefault(number, []).append(scope)
        return found

    @cached_property
    def host(self) -> Module:
        """The module to which code of no layer is added: one with a governed route, else with a layer, or a plugin."""
        calling = {call.scope for call in self.governed}
        places = [route for route in self.routes if route in calling]
        places += [scope for number in sorted(self.layer_classes) for scope in self.layer_classes[number]]
        places += [*sorted(self.program.choke.classes, key=_place), *self.plugins]
        for scope in places:
            if scope.module not in self.program.choke.modules:
                return scope.module
        raise NotApplicable("no module other than the choke point contains anything governed")

    def classes_below_the_api(self) -> list[Scope]:
        """The classes of the choke point and of the layers, top-level ones of their modules."""
        layers = [scope for number in sorted(self.layer_classes) for scope in self.layer_classes[number]]
        every = (*sorted(self.program.choke.classes, key=_place), *layers)
        return [scope for scope in every if scope.parent is scope.module.scope]

    @cached_property
    def plugins(self) -> list[Scope]:
        """The bases of the plugins that are classes of the program, or the plugins where the bases are from outside."""
        program = self.program
        bases = [
            scope
            for entry in self.policy.plugin_bases
            for module in program.project.modules_with(last_part(entry))
            for scope in sorted((each for many in module.classes.values() for each in many), key=_place)
            if not module.exempt and program.governed.is_declared_plugin_class(program.class_of(scope))
        ]
        return sorted(dict.fromkeys(bases), key=lambda scope: not scope.goes_by(self.policy.plugin_bases[0]))

    @property
    def plugin(self) -> Scope:
        """The class that stands for all plugins."""
        for scope in self.plugins:
            if scope.parent is scope.module.scope:
                return scope
        raise NotApplicable("the program has no plugin class")

    @property
    def method(self) -> str:
        """The method of a plugin that is its run."""
        for entry in self._entries:
            for step in entry.runs:
                node = entry.fact(step).node
                if isinstance(node, ast.Attribute) and node.attr in self.policy.plugin_methods:
                    return node.attr
        return self.policy.plugin_methods[0]

    def imported(self, scope: Scope, host: Module, alias: str) -> str:
        """The statement that gives ``host`` what ``scope`` defines at the top of its module, as ``alias``."""
        if scope.parent is not scope.module.scope:
            raise NotApplicable(f"`{scope.qualified_name}` is nested, so nothing else can import it")
        if scope.module is host:
            return f"{alias} = {scope.name}"
        return f"from {dotted_name(self.program, scope.module, host)} import {scope.name} as {alias}"

    def typed(self, scope: Scope, host: Module, alias: str, method: str = "") -> Reach:
        """A parameter that is an instance of the class ``scope``; its ``method`` is called."""
        statement = self.imported(scope, host, alias)
        guarded = ("import typing", "", "if typing.TYPE_CHECKING:", f"    {statement}", "")
        prelude = (statement, "") if scope.module is host else guarded
        functions = [each for each in scope.children if each.name == method and each.is_function]
        given = ", ".join(_needed(functions[-1])[1:]) if functions else ""
        return Reach(prelude, f'given: "{alias}"', f"return given.{method}({given})" if method else "")

    def runner(self, host: Module) -> Reach:
        """A call of the choke point from code of ``host``."""
        for scope, owner in entry_scopes(self.program).items():
            if scope.name not in self.program.entries and scope not in self.program.choke.functions:
                continue
            cls = owner or scope.class_scope
            if cls is not None:
                return self.typed(cls, host, f"{NAME}_runner", scope.name)
            given = ", ".join(_needed(scope))
            return Reach((), "", f"{self.imported(scope, host, NAME)}; return {NAME}({given})")
        raise NotApplicable("the choke point has no entry")

    def added(self, code: str, does: str, *lines: str, at: Module | None = None) -> Mutant:
        """The mutant that has ``lines`` at the end of a module."""
        return mutant(code, does, Changes(at or self.host).append(*lines))


def mutant(code: str, does: str, *changes: Changes, at: str = "") -> Mutant:
    """The mutant that ``changes`` make; its finding stands in the first of their files, or in ``at``."""
    texts: dict[str, str | None] = {each.module.path: each.text for each in changes}
    return Mutant(code, does, texts, at or changes[0].module.path)


def replaced(places: Iterable[tuple[Module, ast.expr, str]]) -> list[Changes]:
    """The changes that put a text in the place of each node and of the ``await`` on it, once a node."""
    changed: dict[Module, Changes] = {}
    seen: set[ast.AST] = set()
    for module, node, text in places:
        if node not in seen:
            seen.add(node)
            changed.setdefault(module, Changes(module)).change(_awaited(node, module), written(text))
    return list(changed.values())


def path_of_run(entry: Entry) -> str:
    """The file of the first plugin run of ``entry``."""
    return entry.fact(entry.runs[0]).scope.module.path


def _awaited(node: ast.expr, module: Module) -> ast.expr:
    """``node`` with the ``await`` on it."""
    parent = module.parents.get(node)
    return parent if isinstance(parent, ast.Await) else node


def first_of(host: Scope) -> ast.stmt:
    """The statement of ``host`` before which others may stand: not a docstring."""
    body: list[ast.stmt] = getattr(host.node, "body", [])
    return body[1 if len(body) > 1 and isinstance(body[0], ast.Expr) else 0]


def is_in_reach(node: ast.AST, scope: Scope) -> bool:
    """Whether ``node`` is a call whose place in the text is known: in no f-string, in no code given as a text."""
    module = scope.module
    if not isinstance(node, ast.Call) or any(each.kind == "snippet" for each in scope.chain()):
        return False
    parent: ast.AST | None = node
    while parent is not None and not isinstance(parent, ast.stmt):
        if isinstance(parent, ast.JoinedStr):
            return False
        parent = module.parents.get(parent)
    return True


def _needed(function: Scope) -> list[str]:
    """A ``None`` for each argument that ``function`` cannot do without."""
    params = function.module.bound(function).params
    return ["None" for each in params if each.default is None and each.kind == "positional"]


def _has_body(scope: Scope) -> bool:
    return isinstance(scope.node, (ast.FunctionDef, ast.AsyncFunctionDef))


def _place(scope: Scope) -> tuple[str, int]:
    return scope.module.path, getattr(scope.node, "lineno", 0)
