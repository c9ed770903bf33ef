"""From a program that was cut out of a project to what is found in it: what costs, and what imports the engine.

A run in which all is known does without; so nothing here may be imported before a program must be made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from phase12_lint.calls.advice import advice_of
from phase12_lint.facts.collect import collect
from phase12_lint.facts.existence import exists
from phase12_lint.facts.governed import governed
from phase12_lint.facts.standing import standing_of
from phase12_lint.faults import told
from phase12_lint.index.module_names import ModuleNames
from phase12_lint.index.programs import Files, programs_of
from phase12_lint.index.seeds import seeds_of
from phase12_lint.index.texts import Trace
from phase12_lint.inspect.inspection import inspect
from phase12_lint.inspect.rule import PlaceRule
from phase12_lint.memory import Part
from phase12_lint.model import Finding, Places
from phase12_lint.policy import Policy, side_by_side
from phase12_lint.registered import rules_for
from phase12_lint.request import Progress, Request
from phase12_lint.rules import catalogue
from phase12_lint.rules.policy_target_missing import PolicyTargetMissing
from phase12_lint.rules.unused_suppression import UnusedSuppression
from phase12_lint.sources import Contents, decode, exempt_among
from phase12_lint.syntax.modules import Module
from phase12_lint.values.interning import forget
from phase12_lint.values.places import Fact
from phase12_lint.values.program import Program
from phase12_lint.values.project import Project


def programs(request: Request, paths: Sequence[str]) -> Iterator[Program]:
    """The program of the project's ``paths`` under each policy of ``request``."""
    yield from _programs(_read(request, paths), request.policies)


def whole_programs(request: Request, paths: Sequence[str]) -> Iterator[Program]:
    """All of the project's ``paths`` as one program under each policy, to look for what a policy names."""
    files = _read(request, paths)
    for policy in side_by_side(request.policies):
        yield whole(files, policy)


def _programs(files: Contents, policies: Sequence[Policy]) -> Iterator[Program]:
    names = ModuleNames(files)
    for policy in side_by_side(policies):
        yield from _under(files, names, policy)


def _under(files: Contents, names: ModuleNames, policy: Policy) -> Iterator[Program]:
    """The programs under ``policy``; an empty one if there is none. Each is at an end when the next is asked for."""
    exempt = exempt_among(files, policy.exempt)
    for cut in programs_of(files.without(exempt), names, seeds_of(policy)) or [Files(())]:
        yield program_of(files, exempt, names, cut, policy)


def program_of(
    files: Mapping[str, bytes], exempt: frozenset[str], names: ModuleNames, cut: Files, policy: Policy
) -> Program:
    """The program that ``cut`` is; every one that was made before is at an end."""
    forget()
    project = Project(files, exempt, names, cut.members, cut.judged(), seeds_of(policy).parts)
    return Program(project, policy).settle()


def whole(files: Mapping[str, bytes], policy: Policy) -> Program:
    """All files as one program: what the policy names may exist anywhere."""
    return Program(Project(files, exempt_among(files, policy.exempt)), policy)


def judged(
    make: Callable[[], Program], first: str, request: Request, progress: Progress | None
) -> tuple[Part, Trace]:
    """What is found in the program that ``make`` gives, and what that was made from; ``first`` is the file of it that
    is named where the program itself fails."""
    errors: list[str] = []
    try:
        program = make()
        findings, places = _govern(program, request, progress, errors)
        targets = targets_in(program, errors)
    except Exception as error:  # it costs this program alone
        return Part((), (), (told("the program", error, first),), {}), Trace()
    project = program.project
    errors += project.faults
    part = Part(tuple(findings), tuple(program.notes), tuple(errors), project.errors, tuple(targets), places)
    return part, project.trace()


def _govern(
    program: Program, request: Request, progress: Progress | None, errors: list[str]
) -> tuple[list[Finding], Places]:
    """The findings in ``program``, and what of it is governed."""
    advice = advice_of(program)
    rules: list[PlaceRule[Any]] = [
        rule(advice) for rule in catalogue() if issubclass(rule, PlaceRule) and rule.speaks(program.policy)
    ]
    findings: list[Finding] = []
    collected = collect(program, request.screen, progress, errors)
    for module, facts in collected.items():
        for finding, fact in inspect(module, facts, rules, errors):
            placed = finding._replace(standing=standing_of(program, fact))
            findings.append(with_fix(placed, program, module, fact, errors) if request.fixes else placed)
    own = rules_for(request).rules
    if own:
        from phase12_lint.inspect.own import own_findings  # imports libcst

        findings += own_findings(program, own, errors, progress)
    try:
        places = governed(program, (fact for facts in collected.values() for fact in facts))
    except Exception as error:
        errors.append(told("what is governed", error))
        places = Places()
    return findings, places


def targets_in(program: Program, errors: list[str]) -> list[tuple[str, str]]:
    """The names that the user wrote into the policy and that ``program`` has."""
    found = []
    for key, name in PolicyTargetMissing.targets(program.policy):
        try:
            if exists(program, key, name):
                found.append((key, name))
        except Exception as error:
            errors.append(told(PolicyTargetMissing.code, error))
            found.append((key, name))
    return found


def with_fix(
    finding: Finding, program: Program | None, module: Module, fact: Fact | None, errors: list[str]
) -> Finding:
    """``finding`` with its fix; what making that raises costs the fix alone, and is told."""
    from phase12_lint.fixes import fix_at

    try:
        return finding._replace(fix=fix_at(program, module, finding, fact))
    except Exception as error:
        errors.append(told(finding.code, error, module.path))
        return finding


def with_fixes_of_comments(
    findings: Sequence[Finding], files: Mapping[str, bytes], errors: list[str]
) -> Iterator[Finding]:
    """``findings``, with the fixes of those that are found in comments, whatever program these stand in."""
    for finding in findings:
        if finding.name == UnusedSuppression.name:
            module = Module(finding.path, decode(files[finding.path]), False)
            yield with_fix(finding, None, module, None, errors)
        else:
            yield finding


def _read(request: Request, paths: Sequence[str]) -> Contents:
    return Contents(request.root, paths, request.overlay).load()
