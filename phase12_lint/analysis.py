"""The analysis itself, behind the cache: from the files of a project to its findings."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from time import perf_counter
from typing import Any, TypeVar

from phase12_lint.cache import Cache
from phase12_lint.calls import reflection
from phase12_lint.calls.advice import advice_of
from phase12_lint.facts.collect import collect
from phase12_lint.facts.governed import Places, governed, united
from phase12_lint.facts.standing import standing_of
from phase12_lint.faults import raised_by, told
from phase12_lint.fingerprints import with_fingerprints
from phase12_lint.guarding import Guard, targets_in
from phase12_lint.index.module_names import ModuleNames
from phase12_lint.index.programs import Files, Seeds, programs_of
from phase12_lint.index.syntax_check import SyntaxCheck
from phase12_lint.inspect.inspection import inspect
from phase12_lint.inspect.rule import PlaceRule
from phase12_lint.ledger import Ledger
from phase12_lint.memory import Memory, Part
from phase12_lint.model import Finding
from phase12_lint.policy import Policy, side_by_side
from phase12_lint.registered import Loaded, loaded
from phase12_lint.request import Outcome, Progress, Request, Suppressed
from phase12_lint.rules import catalogue
from phase12_lint.rules.unparsable_file import UnparsableFile
from phase12_lint.rules.unused_suppression import UnusedSuppression
from phase12_lint.sources import Contents, SourceError, decode, exempt_among
from phase12_lint.syntax.modules import Module
from phase12_lint.values.interning import forget
from phase12_lint.values.places import Fact
from phase12_lint.values.program import Program
from phase12_lint.values.project import Project

Timings = list[tuple[str, float]]
_Json = TypeVar("_Json")


@contextmanager
def quietly() -> Iterator[None]:
    """Read programs without garbage collection, and without the warnings that Python has for their text."""
    collects = gc.isenabled()
    gc.disable()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        if collects:
            gc.enable()


def programs(request: Request, paths: Sequence[str]) -> Iterator[Program]:
    """The program of the project's ``paths`` under each policy of ``request``."""
    yield from _programs(_read(request, paths), request.policies)


def of_programs(
    what: str,
    request: Request,
    files: Contents,
    cache: Cache,
    make: Callable[[Program], _Json],
    is_sound: Callable[[_Json], bool],
    within: str = "",
) -> Iterator[_Json]:
    """What ``make`` gives of each program, or of those with the file ``within``: kept in ``cache`` as ``what``."""
    names, memory = ModuleNames(files), Memory(cache, files)
    for policy in side_by_side(request.policies):
        exempt = exempt_among(files, policy.exempt)
        for cut in memory.programs(names, _seeds(policy), exempt):
            if within and within not in cut.members:
                continue
            program = partial(_program, files, exempt, names, cut, policy)
            yield memory.of_program(
                what, cut, (policy, request.screen), exempt, partial(_made, make, program), is_sound
            )


def _made(make: Callable[[Program], _Json], program: Callable[[], Program]) -> _Json:
    return make(program())


def whole_programs(request: Request, paths: Sequence[str]) -> Iterator[Program]:
    """All of the project's ``paths`` as one program under each policy, to look for what a policy names."""
    files = _read(request, paths)
    for policy in side_by_side(request.policies):
        yield _whole(files, policy)


def _programs(files: Contents, policies: Sequence[Policy]) -> Iterator[Program]:
    names = ModuleNames(files)
    for policy in side_by_side(policies):
        yield from _under(files, names, policy)


def _under(files: Contents, names: ModuleNames, policy: Policy) -> Iterator[Program]:
    """The programs under ``policy``; an empty one if there is none. Each is at an end when the next is asked for."""
    exempt = exempt_among(files, policy.exempt)
    for cut in programs_of(files.without(exempt), names, _seeds(policy)) or [Files(())]:
        yield _program(files, exempt, names, cut, policy)


def _program(
    files: Mapping[str, bytes], exempt: frozenset[str], names: ModuleNames, cut: Files, policy: Policy
) -> Program:
    """The program that ``cut`` is; every one that was made before is at an end."""
    forget()
    project = Project(files, exempt, names, cut.members, cut.judged(), _seeds(policy).parts)
    return Program(project, policy).settle()


def _whole(files: Mapping[str, bytes], policy: Policy) -> Program:
    """All files as one program: what the policy names may exist anywhere."""
    return Program(Project(files, exempt_among(files, policy.exempt)), policy)


def _seeds(policy: Policy) -> Seeds:
    named = (*policy.plugin_bases, *policy.plugin_sources, *policy.choke_point, *policy.layers)
    named += policy.metrics_update
    methods = (*policy.plugin_methods, *reflection.WORDS)
    modules = tuple(name.replace(":", ".") for name in policy.choke_point)
    patterns = tuple(name.removesuffix("[]") for name in policy.plugin_names)
    return Seeds((*map(_word_of, named), *policy.runner_names), modules, patterns, methods)


def _word_of(name: str) -> str:
    """The name without which code cannot mean ``name``: a class, the owner of a method, a function."""
    head, _, within = name.rpartition(":")
    parts = within.split(".")
    if head:
        return parts[0]
    if len(parts) == 1 or parts[-1][:1].isupper():
        return parts[-1]
    return parts[-2] if len(parts) == 2 or parts[-2][:1].isupper() else parts[-1]


def analyse(
    request: Request, files: Contents, timings: Timings, progress: Progress | None, cache: Cache
) -> Outcome:
    """Every finding of the project in ``request``, made of ``files``; what ``cache`` knows is found there."""
    with quietly():
        return _analyse(request, files, timings, progress, cache)


def _analyse(
    request: Request, files: Contents, timings: Timings, progress: Progress | None, cache: Cache
) -> Outcome:
    own = _own_rules(request)
    memory = Memory(cache, files, [rule.code for rule in own.rules])
    findings = [UnparsableFile().check(path, error) for path, error in files.unread.items()]
    syntax = SyntaxCheck(files, memory.unchecked(), request.jobs, request.executor)
    incomplete: dict[str, None] = {}
    errors: list[str] = []
    deep: dict[str, SourceError] = {}
    started = perf_counter()
    names = ModuleNames(files)
    guards: list[Guard] = []
    for policy in side_by_side(request.policies):
        guard = Guard(policy, request.policies, errors)
        for part in _parts(request, files, names, policy, memory, progress):
            findings += part.findings
            incomplete |= dict.fromkeys(part.incomplete)
            errors += part.errors
            deep |= part.broken
            guard.note(part)
        guards.append(guard)
    timings.append(("survey and inspect", perf_counter() - started))
    started = perf_counter()
    failures = {**deep, **memory.failures(dict(syntax.failures(progress)))}
    memory.save()
    findings += [UnparsableFile().check(path, error) for path, error in sorted(failures.items())]
    for guard in guards:
        whole = partial(_whole, files, guard.policy)
        findings += guard.findings(files, whole, {*failures, *files.unread})
    timings.append(("syntax", perf_counter() - started))
    # What a rule that failed may have found is no reason to call a noqa stale.
    failed = set(map(raised_by, errors))
    ledger = Ledger(
        files, memory.suppressing(), findings, [rule.code for rule in own.rules if rule.code not in failed]
    )
    errors += own.errors
    errors += ledger.errors
    reasons = dict(ledger.suppressed)
    every = _told_once([*ledger.findings, *reasons])
    told_apart = with_fingerprints(every, files, errors)
    if request.fixes:
        told_apart = list(_with_fixes_of_comments(told_apart, files, errors))
    known = list(zip(every, told_apart))
    return Outcome(
        tuple(finding for bare, finding in known if bare not in reasons),
        tuple(Suppressed(finding, reasons[bare]) for bare, finding in known if bare in reasons),
        len(files),
        tuple(dict.fromkeys(ledger.notes)),
        (),
        tuple(incomplete),
        tuple(dict.fromkeys(errors)),
        tuple(sorted(ledger.noqas)),
        united(places for guard in guards for places in guard.places),
    )


def _told_once(findings: Iterable[Finding]) -> list[Finding]:
    """``findings`` in the order of a report; what several pipelines say in the same words, as the surest says it."""
    surest: dict[object, Finding] = {}
    for each in findings:
        key = (each.sort_key, each.span)
        if key not in surest or surest[key].confidence < each.confidence:
            surest[key] = each
    return sorted(surest.values(), key=lambda finding: finding.sort_key)


def _parts(
    request: Request,
    files: Mapping[str, bytes],
    names: ModuleNames,
    policy: Policy,
    memory: Memory,
    progress: Progress | None,
) -> Iterator[Part]:
    """What is found in each program under ``policy``."""
    exempt = exempt_among(files, policy.exempt)
    try:
        cuts = memory.programs(names, _seeds(policy), exempt)
    except Exception as error:  # without being cut, all is one program
        members = tuple(sorted(files.keys() - exempt))
        cuts = [Files(members, lambda: dict.fromkeys(members))]
        yield Part((), (), (told("the cutting into programs", error),), {})
    for cut in cuts:

        def judge(cut: Files = cut) -> Part:
            try:
                program = _program(files, exempt, names, cut, policy)
                errors: list[str] = []
                findings, places = _govern(program, request, progress, errors)
                targets = targets_in(program, errors)
            except Exception as error:  # it costs this program alone
                return Part((), (), (told("the program", error, cut.members[0] if cut.members else ""),), {})
            errors += program.project.faults
            broken = program.project.errors
            notes = tuple(program.notes)
            return Part(tuple(findings), notes, tuple(errors), broken, tuple(targets), places)

        yield memory.part(cut, (policy, request.screen, request.fixes), exempt, judge)


def _read(request: Request, paths: Sequence[str]) -> Contents:
    return Contents(request.root, paths, request.overlay).load()


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
            findings.append(_with_fix(placed, program, module, fact, errors) if request.fixes else placed)
    own = _own_rules(request).rules
    if own:
        from phase12_lint.inspect.own import own_findings  # imports libcst

        findings += own_findings(program, own, errors, progress)
    try:
        places = governed(program, (fact for facts in collected.values() for fact in facts))
    except Exception as error:
        errors.append(told("what is governed", error))
        places = Places()
    return findings, places


def _own_rules(request: Request) -> Loaded:
    return loaded() if request.own_rules is None else Loaded(request.own_rules, ())


def _with_fix(
    finding: Finding, program: Program | None, module: Module, fact: Fact | None, errors: list[str]
) -> Finding:
    """``finding`` with its fix; what making that raises costs the fix alone, and is told."""
    from phase12_lint.fixes import fix_at

    try:
        return finding._replace(fix=fix_at(program, module, finding, fact))
    except Exception as error:
        errors.append(told(finding.code, error, module.path))
        return finding


def _with_fixes_of_comments(
    findings: Sequence[Finding], files: Mapping[str, bytes], errors: list[str]
) -> Iterator[Finding]:
    """``findings``, with the fixes of those that are found in comments, whatever program these stand in."""
    for finding in findings:
        if finding.name == UnusedSuppression.name:
            module = Module(finding.path, decode(files[finding.path]), False)
            yield _with_fix(finding, None, module, None, errors)
        else:
            yield finding
