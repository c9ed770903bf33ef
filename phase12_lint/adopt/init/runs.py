"""Where the method of a candidate is called, by the linter's own analysis; and the ways that lead there."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from phase12_lint.adopt.init.bases import Candidate
from phase12_lint.adopt.init.helpers import helpers
from phase12_lint.calls.access import run_accesses
from phase12_lint.calls.path_verdicts import Way
from phase12_lint.calls.paths import ways
from phase12_lint.facts.governed import plugin_classes
from phase12_lint.model import Confidence
from phase12_lint.policy import Policy
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.places import RunAccess
from phase12_lint.values.program import Program
from phase12_lint.values.project import Project

_NOWHERE = "phase12_lint_has_not_found_one"


class Home(NamedTuple):
    """The class or function that plugins are run in: the name for a policy, and how many of the runs it holds."""

    name: str
    scope: Scope
    runs: int


class Runs(NamedTuple):
    """The runs of a candidate's method outside its own classes, by where they stand, most first.

    ``by_name`` if nothing but the receiver's name says that they are; ``template`` if the base has a method that is
    made to run them, whoever else does; ``inside`` if the base has runs that are not counted here.
    """

    candidate: Candidate
    homes: tuple[Home, ...]
    total: int
    first: str
    by_name: bool = False
    template: bool = False
    inside: bool = False

    @property
    def share(self) -> float:
        """The part of the runs that the first home holds."""
        return self.homes[0].runs / self.total if self.homes else 0.0


class Homes(NamedTuple):
    """Where plugins are run, most first; how many places do, and the first of them."""

    homes: tuple[Home, ...]
    total: int
    first: str


def homes_under(project: Project, policy: Policy) -> tuple[Homes, tuple[Scope, ...]]:
    """Where plugins are run in ``project`` by what ``policy`` says of them, whatever its choke point; their classes.

    What only the name of a receiver speaks for, and what plugins run themselves, is left out.
    """
    program = Program(project, policy._replace(choke_point=(_NOWHERE,)))
    facts = [
        fact
        for fact in _accesses(program, policy.plugin_methods)
        if fact.evidence.confidence > Confidence.NAMED and not _is_of_plugin(program, fact.scope)
    ]
    return _homes(program, facts), tuple(cls.scope for cls in plugin_classes(program))


def _is_of_plugin(program: Program, scope: Scope) -> bool:
    classes = [program.class_of(outer) for outer in scope.chain() if outer.kind == "class"]
    return any(map(program.governed.is_declared_plugin_class, classes))


def _homes(program: Program, facts: list[RunAccess]) -> Homes:
    counted = Counter(_home(fact.scope) for fact in facts)
    homes = tuple(
        Home(_name(program, scope), scope, count)
        for scope, count in sorted(
            counted.items(), key=lambda pair: (-pair[1], pair[0].module.path, pair[0].name)
        )
    )
    return Homes(homes, len(facts), _place(facts[0]) if facts else "")


def runs_of(project: Project, candidate: Candidate, policy_name: str) -> Runs:
    """Where the method of ``candidate``, whose class a policy calls ``policy_name``, is run in ``project``."""
    policy = Policy(
        plugin_bases=(policy_name,),
        plugin_methods=(candidate.method,),
        plugin_names=candidate.receivers,
        plugin_sources=(),
        choke_point=(_NOWHERE,),
        runner_names=(),
        layers=(),
    )
    program = Program(project, policy)
    facts = [
        fact for fact in _accesses(program, policy.plugin_methods) if _is_outside(program, fact, candidate)
    ]
    known = [fact for fact in facts if fact.evidence.confidence > Confidence.NAMED]
    by_name, facts = not known, known or facts
    within = _within_the_base(project, candidate)
    if not facts:
        return Runs(candidate, *within, template=bool(within.homes))
    outside = _homes(program, facts)
    if by_name or not within.homes:
        return Runs(candidate, *outside, by_name)
    most = max(within.homes, key=lambda home: care(project, home, candidate))
    is_template = candidate.method.startswith("_") or all(
        care(project, most, candidate) > care(project, home, candidate) for home in outside.homes
    )
    if not is_template:
        return Runs(candidate, *outside, inside=True)
    homes = (most, *(home for home in (*within.homes, *outside.homes) if home != most))
    return Runs(candidate, homes, within.total + outside.total, within.first, template=True)


def care(project: Project, home: Home, candidate: Candidate) -> int:
    """How much ``home`` does around the runs, by the names of what it is and calls."""
    if home.scope.kind == "module":
        return 0
    named = "Runner" in home.name or "Executor" in home.name
    return named + sum(bool(guess.names) for guess in helpers(project, home.scope, candidate.method))


def _within_the_base(project: Project, candidate: Candidate) -> Homes:
    """The runs of a template method: the base itself calls what the classes below it override."""
    found = [
        (inner, call)
        for inner in candidate.scope.children
        if inner.is_function and inner.name != candidate.method
        for call in ast.walk(inner.node)
        if isinstance(call, ast.Call) and _is_own(call.func, candidate.method)
    ]
    if not found or not candidate.abstract:
        return Homes((), 0, "")
    counted = Counter(inner for inner, _ in found)
    base = class_name(project, candidate.scope)
    homes = tuple(Home(f"{base}.{inner.name}", inner, count) for inner, count in counted.most_common())
    first = f"{candidate.scope.module.path}:{min(call.lineno for _, call in found)}"
    return Homes(homes, len(found), first)


def _is_own(called: ast.expr, method: str) -> bool:
    return (
        isinstance(called, ast.Attribute)
        and called.attr == method
        and isinstance(called.value, ast.Name)
        and called.value.id == "self"
    )


def ways_under(project: Project, policy: Policy) -> list[Way]:
    """Every way to a plugin run of ``project`` under ``policy``."""
    program = Program(project, policy)
    return ways(program, _accesses(program, policy.plugin_methods))


def _accesses(program: Program, methods: Iterable[str]) -> Iterable[RunAccess]:
    modules = {module.path: module for method in methods for module in program.project.modules_with(method)}
    for _, module in sorted(modules.items()):
        for fact in run_accesses(program, module):
            if isinstance(fact, RunAccess) and fact.use in ("called", "taken"):
                yield fact


def _is_outside(program: Program, fact: RunAccess, candidate: Candidate) -> bool:
    base = program.class_of(candidate.scope)
    classes = [program.class_of(outer) for outer in fact.scope.chain() if outer.kind == "class"]
    inside = any(program.is_subclass(each, base) for each in classes)
    return not fact.unbound and not inside


def _home(scope: Scope) -> Scope:
    """The outermost class or function that ``scope`` stands in; the module for code in no function.

    A function that another one makes and returns is for itself: who calls the maker runs nothing yet.
    """
    outer = [each for each in scope.chain() if each.kind == "class" or each.is_function]
    while len(outer) > 1 and _returns(outer[-1], outer[-2].name):
        outer.pop()
    return outer[-1] if outer else scope


def _returns(maker: Scope, name: str) -> bool:
    return maker.is_function and any(
        isinstance(node, ast.Return) and isinstance(node.value, ast.Name) and node.value.id == name
        for node in ast.walk(maker.node)
    )


def _name(program: Program, scope: Scope) -> str:
    """How a policy names it: a class by its name if no other has it, a function by its module."""
    if scope.kind == "class":
        return class_name(program.project, scope)
    module = _module_name(scope)
    return f"{module}:{scope.qualified_name}" if scope.is_function else module


def class_name(project: Project, scope: Scope) -> str:
    """The name of a class, with its module where another class has the same."""
    same = [
        each for module in project.modules_with(scope.name) for each in module.classes.get(scope.name, ())
    ]
    return scope.name if len(same) == 1 else f"{_module_name(scope)}.{scope.qualified_name}"


def _module_name(scope: Scope) -> str:
    parts = scope.module.path.removesuffix(".py").removesuffix("/__init__").split("/")
    return ".".join(part for part in parts if part not in ("src", "lib"))


def _place(fact: RunAccess) -> str:
    return f"{fact.scope.module.path}:{fact.scope.module.lines.span(fact.node).line}"
