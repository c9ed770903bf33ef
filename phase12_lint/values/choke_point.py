"""The choke point: which code is in it, and what its entries are."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values import spelling
from phase12_lint.values.atoms import Function, Instance
from phase12_lint.values.callables import CALL, called_objects
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.kept_runs import KeptRuns, is_looked_at, loads_in
from phase12_lint.values.ordering import order

if TYPE_CHECKING:
    from phase12_lint.values.program import Program


class Home(Protocol):
    """Code that what only it calls is part of: the choke point, or a layer. Compares by identity."""

    def holds(self, scope: Scope) -> bool:
        """Whether the code of ``scope`` stands in it."""

    def excludes(self, scope: Scope) -> bool:
        """Whether the code of ``scope`` stands in another such place."""

    def __hash__(self) -> int: ...


class ChokePoint:
    """The scopes and modules that the policy's ``choke-point`` names."""

    def __init__(self, program: Program) -> None:
        self.classes: set[Scope] = set()
        self.functions: set[Scope] = set()
        self.modules: set[Module] = set()
        self.bases: set[Scope] = set()
        self.overrides: set[Scope] = set()
        self.found: set[str] = set()  # of what the policy names
        for entry in program.policy.choke_point:
            self._find(program, entry)

    def _find(self, program: Program, entry: str) -> None:
        dotted = entry.replace(":", ".")
        last = dotted.rpartition(".")[2]
        before = len(self.classes) + len(self.functions)
        for module in program.project.modules_with(last):
            for scope in module.classes.get(last, ()):
                if program.governed.names_class(program.class_of(scope), (entry,)):
                    self.classes.add(scope)
            for scope in module.functions.get(last, ()):
                if scope.goes_by(dotted) and (scope.parent is module.scope or "." in dotted):
                    self.functions.add(scope)
        if len(self.classes) + len(self.functions) > before:
            self.found.add(entry)
            return
        for path in program.project.names.named(dotted):
            module_named = program.project.module(path) if path in program.project.texts.paths else None
            if module_named is not None:
                self.modules |= {module_named, *_modules_within(program, module_named)}
                self.found.add(entry)

    @property
    def is_there(self) -> bool:
        """Whether the program has what the policy names."""
        return bool(self.found)

    def holds(self, scope: Scope) -> bool:
        """Whether the code of ``scope`` stands in what the policy names."""
        if scope.module in self.modules:
            return True
        own = self.classes | self.functions | self.bases | self.overrides
        return any(outer in own for outer in scope.chain())

    def add_bases(self, program: Program) -> None:
        """The classes that only the choke point's classes are made from are part of it, as if written in them."""
        for owner in sorted(self.classes, key=lambda scope: scope.module.path):
            for base in program.class_of(owner).ancestors(program):
                if isinstance(base, ClassInfo) and _is_only_inherited(program, base):
                    self.bases.add(base.scope)
        for method in list(self.functions):
            self.overrides.update(_delegating_overrides(program, method))

    def line(self, program: Program, owner: Scope) -> list[Scope]:
        """The choke point's class ``owner`` and those of its bases that are part of it, nearest first."""
        line = program.class_of(owner).ancestors(program)
        return [
            owner,
            *(each.scope for each in line if isinstance(each, ClassInfo) and each.scope in self.bases),
        ]

    def excludes(self, scope: Scope) -> bool:
        """Whatever else calls it ends with a caller that is not part of the choke point."""
        return False


def _modules_within(program: Program, package: Module) -> Iterator[Module]:
    """The modules of ``package``, in its folder and in those within; none if it is no package."""
    folder = package.path.rpartition("/")[0] + "/"
    for path in program.project.texts.paths if package.is_package and folder != "/" else ():
        module = program.project.module(path) if path.startswith(folder) else None
        if module is not None and not module.exempt:
            yield module


def _delegating_overrides(program: Program, method: Scope) -> list[Scope]:
    """The overrides of ``method`` that call it with ``super()``: they add to it, and are part of it."""
    owner = method.class_scope
    below = program.subclasses(program.class_of(owner)) if owner is not None else []
    overrides = [each.method(method.name) for each in below]
    return [each for each in overrides if each is not None and delegates(each)]


def delegates(method: Scope) -> bool:
    """Whether a method calls the one of its name in a class above."""
    return any(
        isinstance(node, ast.Attribute)
        and node.attr == method.name
        and isinstance(node.value, ast.Call)
        and getattr(node.value.func, "id", "") == "super"
        for node in ast.walk(method.node)
    )


def _is_only_inherited(program: Program, base: ClassInfo) -> bool:
    """Whether ``base`` has no instances but those of the choke point's classes."""
    governed = program.governed
    below = program.subclasses(base)
    return (
        not governed.is_runner_class(base)
        and not governed.is_protocol(base)
        and not base.module.exempt
        and all(
            governed.is_runner_class(each) or any(map(governed.is_runner_class, program.subclasses(each)))
            for each in below
        )
        and all(place.call is None for place in program.references(base.scope))
    )


def entries(program: Program) -> frozenset[str]:
    """``run``, and every public method or function of the choke point from which a plugin is run.

    Where ``run`` is what the plugins themselves define, it is none: the choke point is a class above them.
    """
    choke = program.choke
    found = (
        set() if choke.classes and all(_is_plugins_own(program, each) for each in choke.classes) else {"run"}
    )
    for owner in sorted(choke.classes, key=lambda scope: scope.module.path):
        functions = [
            scope for cls in choke.line(program, owner) for scope in cls.children if scope.is_function
        ]
        if _is_plugins_own(program, owner):
            functions = [scope for scope in functions if scope.name not in program.policy.plugin_methods]
        found |= _running(program, functions)
    for module in choke.modules:
        found |= _running(program, functions_of(module))
    return frozenset(found)


def _is_plugins_own(program: Program, owner: Scope) -> bool:
    """Whether ``owner`` is a plugin class of which ``run`` is the governed method."""
    cls = program.class_of(owner)
    return "run" in program.policy.plugin_methods and program.governed.is_declared_plugin_class(cls)


def functions_of(module: Module) -> list[Scope]:
    """The functions of a module, and the methods of its classes."""
    owners = [module.scope, *(scope for scope in module.scope.children if scope.kind == "class")]
    return [scope for owner in owners for scope in owner.children if scope.is_function]


def entry_scopes(program: Program) -> dict[Scope, Scope | None]:
    """The functions that may be entries of the choke point, its public ones, in the order of their places; each with
    the class that inherits it, if it is written in a base.
    """
    found: dict[Scope, Scope | None] = dict.fromkeys(program.choke.functions)
    for module in program.choke.modules:
        found |= dict.fromkeys(filter(_is_public, functions_of(module)))
    for owner in sorted(program.choke.classes, key=lambda scope: scope.module.path):
        names: set[str] = set()
        for cls in program.choke.line(program, owner):
            own = [scope for scope in _public(cls) if scope.name not in names]
            found |= {scope: None if cls is owner else found.get(scope, owner) for scope in own}
            names.update(scope.name for scope in cls.children)
    return {scope: found[scope] for scope in sorted(found, key=lambda scope: order(scope, scope.node))}


def _public(owner: Scope) -> list[Scope]:
    return [scope for scope in owner.children if scope.is_function and _is_public(scope)]


def _is_public(scope: Scope) -> bool:
    """Whether code outside calls it: ``x.work()``, and ``x()``."""
    return scope.name == "__call__" or not scope.name.startswith("_")


def _running(program: Program, functions: list[Scope]) -> set[str]:
    """The public ones of ``functions`` that run a plugin, themselves or through calls of each other."""
    running = {scope for scope in functions if _runs_plugin(program, scope)}
    grown = bool(running)
    while grown:
        more = {scope for scope in functions if scope not in running and _calls(program, scope, running)}
        running |= more
        grown = bool(more)
    return {scope.name for scope in running if _is_public(scope)}


def _runs_plugin(program: Program, scope: Scope) -> bool:
    kept = program.once(KeptRuns)
    if (
        _runs_itself(program, scope)
        or _runs_by_name(program, scope)
        or any(scope in where.chain() for where in kept.calls.values())
    ):
        return True
    return any(
        isinstance(node, ast.Attribute)
        and node not in kept.taken
        and not is_looked_at(program, node, where)
        and _is_governed(program, node.value, where)
        for name in program.policy.plugin_methods
        for node, where in loads_in(scope, name)
    )


def _is_governed(program: Program, owner: ast.expr, scope: Scope) -> bool:
    """Whether ``owner`` may be a plugin, or the class of one."""
    return any(
        program.governed.is_role(atom, role)
        for atom in program.evaluate(owner, scope)
        for role in ("plugin", "plugin class")
    )


def _runs_itself(program: Program, scope: Scope) -> bool:
    """Whether a plugin that is called itself is called in ``scope``."""
    return CALL in program.policy.plugin_methods and any(
        program.governed.is_role(atom, "plugin")
        for node, where in called_objects(scope.module)
        if scope in where.chain()
        for atom in program.evaluate(node, where)
    )


def _runs_by_name(program: Program, scope: Scope) -> bool:
    """Whether ``scope`` calls ``getattr(plugin, name)`` or ``methodcaller(name)(plugin)``, by what may be the name of a
    governed method.
    """
    for taking, position in (("getattr", 1), ("methodcaller", 0)):
        for node, where in loads_in(scope, taking):
            call = scope.module.parents.get(node)
            if not isinstance(call, ast.Call) or call.func is not node or len(call.args) <= position:
                continue
            name = call.args[position]
            if not any(spelling.may_be(program, name, where, each) for each in program.policy.plugin_methods):
                continue
            calls = [(place.call, place.scope) for place in program.places(call, where)]
            owners = [(call, where) for each, _ in calls if each is not None] if position else calls
            if any(
                each and each.args and _is_governed(program, each.args[0], inner) for each, inner in owners
            ):
                return True
    return False


def _calls(program: Program, scope: Scope, running: set[Scope]) -> bool:
    """Whether ``scope`` calls one of ``running`` or hands it on: a name alone may be that of something else."""
    return any(
        function is not None and function.scope in running
        for name in {each.name for each in running}
        for node, where in loads_in(scope, name)
        for function in _named(program, node, where)
    )


def _named(program: Program, node: ast.Name | ast.Attribute, scope: Scope) -> Iterator[Function | None]:
    """The functions that ``node`` is; of a method that is decorated, what its class defines, too."""
    yield from (atom for atom in program.evaluate(node, scope) if isinstance(atom, Function))
    if isinstance(node, ast.Attribute):
        for atom in program.evaluate(node.value, scope):
            yield program.method(atom, node.attr) if isinstance(atom, Instance) else None
