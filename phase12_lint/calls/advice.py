"""What this program calls the things that the policy governs, and which call is due at a place.

Messages, the reasons of paths and fixes all take both from here. Nothing is named that the program does not have: then
the advice is the key of the policy that has to be set.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from phase12_lint.calls.governed_calls import calls_in
from phase12_lint.calls.layers import API, layers_of
from phase12_lint.calls.policy_functions import PolicyFunctions
from phase12_lint.policy import last_part
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.choke_point import entry_scopes
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.ordering import order
from phase12_lint.values.parameters import takes_receiver
from phase12_lint.values.program import Program

FIRST_SERVICE = 1
_MOST_NAMED = 3


class _Target(NamedTuple):
    """A layer as the program has it: its name, its calls that lead to the choke point, and the code that it is."""

    name: str
    calls: tuple[str, ...] = ()
    code: tuple[ast.AST, ...] = ()

    @property
    def call(self) -> str:
        """What to call: its one method that leads on, else itself."""
        return self.calls[0] if len(self.calls) == 1 else self.name


class Advice:
    """Names and due calls of one program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._layers = layers_of(program)
        self._known: dict[int, list[_Target]] = {}
        self._known_to_run: dict[str, list[_Target]] = {}
        self._functions = program.once(PolicyFunctions)

    def due(self, source: int | None) -> int:
        """The layer that code of layer ``source`` (None: of no layer) has to call."""
        return FIRST_SERVICE if source is None else min(source + 1, self._layers.last)

    def layer(self, number: int) -> str:
        """What the program calls a layer, as a message writes it."""
        if number == API:
            return "the API"
        targets = self._targets(number)
        if len(targets) == 1:
            return f"`{targets[0].name}`"
        return "the choke point" if number == self._layers.last else f"`{self._layers.names[number]}`"

    @property
    def choke_point(self) -> str:
        """What the program calls the choke point, if it has one alone, as a message writes it."""
        return self.layer(self._layers.last)

    def runs(self, method: str) -> str:
        """What the program calls the choke points in whose code a plugin's ``method`` is named, all of them if none."""
        running = self._running(method)
        return _joined([each.name for each in running], "and") if running else self.choke_point

    def has(self, number: int) -> bool:
        """Whether the program has the layer."""
        return number == API or bool(self._targets(number))

    def at(self, scope: Scope, what: str, method: str) -> str:
        """What to do in the code of ``scope`` about a plugin's ``method``: ``what``, with the call that is due there in
        the place of its ``{}``."""
        return self.instead(self._layers.of(scope), what, method)

    def instead(self, source: int | None, what: str, method: str = "") -> str:
        """The same for code of layer ``source``; where nothing of the program is due, the key that has to be set."""
        number = self.due(source)
        if self._targets(number):
            return f"{what.format(self._call(number, method))} instead"
        if number == self._layers.last:
            entry = self._program.policy.choke_point[0]
            return (
                f"nothing here is called `{entry}`: name what may run plugins as `choke-point` in the policy"
            )
        name = self._layers.names[number]
        missing = f"no class here is called `{name}`: name your services as `layers` in the policy"
        if not self._targets(self._layers.last):
            return missing
        return f"{missing}, or leave `layers` empty and {what.format(self._call(self._layers.last, method))}"

    def function(self, key: str, what: str) -> str:
        """``what``, with the name of the function that ``key`` of the policy names in the place of its ``{}``."""
        name = self._functions.name(key)
        if name:
            return what.format(f"`{name}`")
        wanted = " or ".join(f"`{entry}`" for entry in self._functions.entries(key))
        missing = f"no function here is called {wanted}: write it or name yours" if wanted else "name yours"
        return f"{missing} as `{key}` in the policy, and {what.format('it')}"

    @property
    def states(self) -> tuple[str, ...]:
        """The states of a plugin."""
        return self._program.policy.states

    def named(self, key: str, otherwise: str) -> str:
        """The name of the function that ``key`` of the policy names; ``otherwise`` where the program has none."""
        name = self._functions.name(key)
        return f"`{name}`" if name else otherwise

    def _call(self, number: int, method: str) -> str:
        """What to call of a layer that the program has, on the way to a plugin's ``method``."""
        targets = self._running(method) if number == self._layers.last else self._targets(number)
        return _joined([each.call for each in targets], "or")

    def _running(self, method: str) -> Sequence[_Target]:
        """The choke points in whose code ``method`` is named; all of them if it is in none."""
        if method not in self._known_to_run:
            runners = self._targets(self._layers.last)
            naming = [each for each in runners if any(_names(code, method) for code in each.code)]
            self._known_to_run[method] = naming or [*runners]
        return self._known_to_run[method]

    def _targets(self, number: int) -> Sequence[_Target]:
        """What the program has of a layer: one at the most, but for the choke points."""
        if number not in self._known:
            found = [self._service(number)] if number != self._layers.last else self._choke_points()
            self._known[number] = [target for target in found if target is not None]
        return self._known[number]

    def _service(self, number: int) -> _Target | None:
        entry = self._program.policy.layers[number - 1]
        return self._of_class(entry, self._classes(entry), number)

    def _of_class(self, entry: str, classes: list[Scope], number: int) -> _Target | None:
        for scope in classes:
            methods = governed_methods(self._program, self._program.class_of(scope), number)
            return _Target(scope.name, tuple(f"{scope.name}.{each.name}" for each in methods), (scope.node,))
        return _Target(last_part(entry)) if self._is_imported(last_part(entry)) else None

    def _classes(self, entry: str) -> list[Scope]:
        last = last_part(entry)
        modules = self._program.project.modules_with(last)
        found = [
            scope for module in modules for scope in module.classes.get(last, ()) if scope.goes_by(entry)
        ]
        return sorted(found, key=lambda scope: order(scope, scope.node))

    def _is_imported(self, name: str) -> bool:
        return any(name in module.imported for module in self._program.project.modules_with(name))

    def _choke_points(self) -> list[_Target | None]:
        return list(map(self._choke_point, self._program.policy.choke_point))

    def _choke_point(self, entry: str) -> _Target | None:
        choke, dotted = self._program.choke, entry.replace(":", ".")
        functions = [scope for scope in choke.functions if scope.goes_by(dotted)]
        for scope in sorted(functions, key=lambda scope: order(scope, scope.node)):
            return _Target(scope.qualified_name, (scope.qualified_name,), (scope.node,))
        paths = self._program.project.names.named(dotted)
        modules = [module for module in choke.modules if module.path in paths]
        if modules:
            scopes = [each for each in entry_scopes(self._program) if each.module.path in paths]
            names = [each.qualified_name for each in scopes if each.name in self._program.entries]
            calls = tuple(f"{last_part(entry)}.{name}" for name in names)
            return _Target(last_part(entry), calls, tuple(module.tree for module in modules))
        return self._of_class(entry, self._classes(entry), self._layers.last)


def _names(code: ast.AST, method: str) -> bool:
    return any(isinstance(node, ast.Attribute) and node.attr == method for node in ast.walk(code))


def _joined(names: Iterable[str], word: str) -> str:
    """``names``, of which there is one at least, as a message writes them: each once, and the first of many."""
    written = [f"`{name}`" for name in dict.fromkeys(names)]
    if len(written) > _MOST_NAMED:
        written = [*written[: _MOST_NAMED - 1], "another choke point"]
    *first, last = written
    return f"{', '.join(first)} {word} {last}" if first else last


def advice_of(program: Program) -> Advice:
    """The advice of ``program``."""
    return program.once(Advice)


def governed_methods(program: Program, cls: ClassInfo, number: int) -> Iterator[Scope]:
    """The public methods of ``cls``, of layer ``number``, that lead to the choke point; if it is that, its entries."""
    is_last = number == layers_of(program).last
    seen: set[str] = set()
    for each in cls.ancestors(program):
        for scope in each.scope.children if isinstance(each, ClassInfo) else ():
            if scope.is_function and scope.name not in seen and not scope.name.startswith("_"):
                seen.add(scope.name)
                goes_on = (
                    scope.name in program.entries if is_last else any(True for _ in calls_in(program, scope))
                )
                if goes_on and takes_receiver(scope):
                    yield scope
