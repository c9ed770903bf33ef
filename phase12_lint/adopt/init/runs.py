"""Where the method of a candidate is called, by the linter's own analysis; and the ways that lead there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from phase12_lint.adopt.init.bases import Candidate
from phase12_lint.adopt.init.homes import (
    Home,
    Homes,
    care,
    class_name,
    in_order,
    is_guarded,
    module_name,
    most_careful,
)
from phase12_lint.adopt.init.templates import within_the_base
from phase12_lint.adopt.init.uses import may_reach
from phase12_lint.calls.access import run_accesses
from phase12_lint.calls.path_verdicts import Way
from phase12_lint.calls.paths import ways
from phase12_lint.calls.reflection import reflections
from phase12_lint.facts.governed import plugin_classes
from phase12_lint.model import Confidence
from phase12_lint.policy import Policy, last_part
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.callables import CALL
from phase12_lint.values.places import Fact, Reflection, RunAccess
from phase12_lint.values.program import Program
from phase12_lint.values.project import Project

_TESTS = re.compile(r"^test_|^Test[A-Z]|Test(s|Case)?$")
_NOWHERE = "phase12_lint_has_not_found_one"


class Runs(NamedTuple):
    """The runs of a candidate's method outside its own classes, by where they stand, most first.

    ``by_name`` if nothing but the receiver's name says that they are; ``template`` are the methods of the base that
    are made to run them, whoever else does; ``inside`` if the base has runs that are not counted here.
    """

    candidate: Candidate
    homes: tuple[Home, ...]
    total: int
    first: str
    by_name: bool = False
    template: tuple[str, ...] = ()
    inside: bool = False

    @property
    def share(self) -> float:
        """The part of the runs that the first home holds."""
        return self.homes[0].runs / self.total if self.homes else 0.0


def homes_under(project: Project, policy: Policy) -> tuple[Homes, tuple[Scope, ...]]:
    """Where plugins are run in ``project`` by what ``policy`` says of them, whatever its choke point; their classes.

    What only the name of a receiver speaks for, and what plugins run themselves, is left out.
    """
    program = Program(project, policy._replace(choke_point=(_NOWHERE,)))
    facts = [
        fact
        for fact in _accesses(program)
        if fact.evidence.confidence > Confidence.NAMED and not _is_of_plugin(program, fact.scope)
    ]
    return _homes(program, facts), tuple(cls.scope for cls in plugin_classes(program))


def _is_of_plugin(program: Program, scope: Scope) -> bool:
    classes = [program.class_of(outer) for outer in scope.chain() if outer.kind == "class"]
    return any(map(program.governed.is_declared_plugin_class, classes))


def _homes(program: Program, facts: Sequence[Fact]) -> Homes:
    held: dict[Scope, list[Fact]] = {}
    for fact in facts:
        held.setdefault(_home(fact.scope), []).append(fact)
    homes = tuple(
        Home(_name(program, scope), scope, len(inside), *_surrounding(inside))
        for scope, inside in sorted(
            held.items(), key=lambda pair: (-len(pair[1]), pair[0].module.path, pair[0].name)
        )
    )
    return Homes(homes, len(facts), _place(facts[0]) if facts else "")


def _surrounding(inside: Sequence[Fact]) -> tuple[tuple[Scope, ...], bool]:
    """The functions in which the facts ``inside`` one home stand, and whether one of them is guarded."""
    functions = dict.fromkeys(
        scope for fact in inside if (scope := fact.scope.method or fact.scope).is_function
    )
    return tuple(functions), any(is_guarded(fact.scope.module, fact.node) for fact in inside)


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
    facts: list[Fact] = [fact for fact in _accesses(program) if _is_outside(program, fact, candidate)]
    known = [fact for fact in facts if fact.evidence.confidence > Confidence.NAMED]
    by_name, facts = not known, known or facts
    within = within_the_base(project, candidate)
    if not facts and not within.first:
        facts, by_name = _reflected(program, candidate), False
    if not facts:
        return Runs(candidate, *within, template=most_careful(project, within, candidate.method))
    outside = in_order(project, _homes(program, facts), candidate.method)
    if by_name or not within.homes:
        return Runs(candidate, *outside, by_name)
    names = most_careful(project, within, candidate.method)
    most = next(home for home in within.homes if home.name == names[0])
    is_template = candidate.method.startswith("_") or all(
        care(project, most, candidate.method) > care(project, home, candidate.method)
        for home in outside.homes
    )
    if not is_template:
        return Runs(candidate, *outside, inside=True)
    homes = (most, *(home for home in (*within.homes, *outside.homes) if home != most))
    return Runs(candidate, homes, within.total + outside.total, within.first, template=names)


def ways_under(project: Project, policy: Policy) -> list[Way]:
    """Every way to a plugin run of ``project`` under ``policy``."""
    program = Program(project, policy)
    return ways(program, _accesses(program))


def _accesses(program: Program) -> Iterator[RunAccess]:
    modules = {
        module.path: module
        for word in _words(program.policy)
        for module in program.project.modules_with(word)
    }
    for _, module in sorted(modules.items()):
        for fact in run_accesses(program, module):
            if isinstance(fact, RunAccess) and fact.use in ("called", "taken"):
                yield fact


def _words(policy: Policy) -> Iterator[str]:
    """The words of which one stands where plugins are run: what is called itself is known by its class."""
    for method in policy.plugin_methods:
        yield from map(last_part, policy.plugin_bases) if method == CALL else [method]


def _reflected(program: Program, candidate: Candidate) -> list[Fact]:
    """Where the method is reached by a name that is put together: ``getattr(plugin, f"on_{event}")``."""
    return [
        fact
        for module in program.project.modules_with("getattr")
        if may_reach(module, candidate.method)
        for fact in reflections(program, module)
        if isinstance(fact, Reflection) and _is_outside(program, fact, candidate)
    ]


def _is_outside(program: Program, fact: Fact, candidate: Candidate) -> bool:
    """Whether it is neither one of the plugins' own classes nor a test that stands beside what it tests."""
    base = program.class_of(candidate.scope)
    classes = [program.class_of(outer) for outer in fact.scope.chain() if outer.kind == "class"]
    inside = any(program.is_subclass(each, base) for each in classes)
    is_unbound = isinstance(fact, RunAccess) and fact.unbound
    return not is_unbound and not inside and not _TESTS.search(_home(fact.scope).name)


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
    module = module_name(scope.module.path)
    return f"{module}:{scope.qualified_name}" if scope.is_function else module


def _place(fact: Fact) -> str:
    return f"{fact.scope.module.path}:{fact.scope.module.lines.span(fact.node).line}"
