"""What of a program is governed: what the end of a report counts, and what GOV005 misses."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from phase12_lint.calls.api import endpoints
from phase12_lint.calls.governed_calls import governed_calls
from phase12_lint.calls.seeds import has_pipeline
from phase12_lint.facts.existence import exists
from phase12_lint.model import Places, united
from phase12_lint.policy import last_part
from phase12_lint.syntax.modules import Module
from phase12_lint.values.atoms import External
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.places import Fact, Reflection, Replacement, RunAccess
from phase12_lint.values.program import Program
from phase12_lint.values.room import with_room

_RUNNING = ("called", "taken")


@with_room
def governed(program: Program, facts: Iterable[Fact]) -> Places:
    """What of ``program`` is governed; ``facts`` are all of its facts."""
    facts = list(facts)
    choke = program.choke
    scopes = [*choke.classes, *choke.functions]
    found = Places(
        tuple(_place(cls.scope.module, cls.scope.node) for cls in plugin_classes(program)),
        (*(_place(scope.module, scope.node) for scope in scopes), *(each.path for each in choke.modules)),
        runs=tuple(_place(fact.scope.module, fact.node) for fact in facts if _is_run(fact)),
    )
    if facts or has_pipeline(program):
        calls = governed_calls(program).values()
        routes = [each.scope for each in endpoints(program) if not each.handles]
        found = found._replace(
            calls=tuple(_place(call.scope.module, call.node) for call in calls),
            routes=tuple(_place(scope.module, scope.node) for scope in routes),
        )
    return (
        found
        if united([found]).guards
        else found._replace(others=tuple(dict.fromkeys(_others(program, facts))))
    )


def plugin_classes(program: Program) -> Iterator[ClassInfo]:
    """The classes of the program that are plugins by their bases."""
    lines = dict.fromkeys(cls for cls, _ in program.ask(("plugin lines",)))
    return (cls for cls in lines if program.governed.is_declared_plugin_class(cls))


def _is_run(fact: Fact) -> bool:
    return isinstance(fact, Reflection) or (isinstance(fact, RunAccess) and fact.use in _RUNNING)


def _others(program: Program, facts: Iterable[Fact]) -> Iterator[str]:
    policy = program.policy
    yield from (fact.target for fact in facts if isinstance(fact, Replacement))
    yield from (name for name in policy.plugin_sources if exists(program, "plugin-sources", name))
    for entry in (*policy.plugin_bases, *policy.choke_point):
        last = last_part(entry)
        for module in program.project.modules_with(last):
            yield from filter(program.governed.is_plugin_base_name, _from_outside(program, module, last))
            yield from filter(program.governed.is_runner_name, _from_outside(program, module, last))


def _from_outside(program: Program, module: Module, name: str) -> Iterator[str]:
    """The full names of what is called ``name`` where ``module`` takes it from another package."""
    for imported in module.imported.get(name, ()):
        if isinstance(imported.statement, ast.ImportFrom):
            source = program.import_source(module, imported.statement)
            if isinstance(source, External):
                yield f"{source.name}.{name}"
    for load in module.loads.get(name, ()):
        yield from (
            atom.name for atom in program.evaluate(load, module.scopes[load]) if isinstance(atom, External)
        )


def _place(module: Module, node: ast.AST) -> str:
    if isinstance(node, ast.Module):
        return module.path
    span = module.lines.span(node)
    return f"{module.path}:{span.line}:{span.column}-{span.end_line}:{span.end_column}"
