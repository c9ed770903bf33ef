"""The analysis itself, behind the cache: from the files of a project to its findings."""

from __future__ import annotations

import gc
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, TypeVar

from phase12_lint.cache import Cache
from phase12_lint.faults import raised_by, told
from phase12_lint.fingerprints import with_fingerprints
from phase12_lint.guarding import Guard, Target
from phase12_lint.index.module_names import ModuleNames
from phase12_lint.index.programs import Files
from phase12_lint.index.seeds import seeds_of
from phase12_lint.index.spread import Judged
from phase12_lint.index.syntax_check import SyntaxCheck
from phase12_lint.index.texts import Trace
from phase12_lint.ledger import Ledger
from phase12_lint.memory import Memory, Part
from phase12_lint.model import Finding, united
from phase12_lint.policy import Policy, side_by_side
from phase12_lint.registered import rules_for
from phase12_lint.request import Outcome, Progress, Request, Suppressed
from phase12_lint.rules.unparsable_file import UnparsableFile
from phase12_lint.sources import Contents, SourceError, exempt_among

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

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
    names = ModuleNames(files)
    memory = Memory(cache, files, names)
    for policy in side_by_side(request.policies):
        exempt = exempt_among(files, policy.exempt)
        for cut in memory.programs(seeds_of(policy), exempt):
            if within and within not in cut.members:
                continue

            def made(
                cut: Files = cut, policy: Policy = policy, exempt: frozenset[str] = exempt
            ) -> tuple[_Json, Trace]:
                from phase12_lint.judgement import program_of

                program = program_of(files, exempt, names, cut, policy)
                return make(program), program.project.trace()

            yield memory.of_program(what, cut, (policy, request.screen), exempt, made, is_sound)


def analyse(
    request: Request, files: Contents, timings: Timings, progress: Progress | None, cache: Cache
) -> Outcome:
    """Every finding of the project in ``request``, made of ``files``; what ``cache`` knows is found there."""
    with quietly():
        return _analyse(request, files, timings, progress, cache)


def _analyse(
    request: Request, files: Contents, timings: Timings, progress: Progress | None, cache: Cache
) -> Outcome:
    own = rules_for(request)
    names = ModuleNames(files)
    memory = Memory(cache, files, names, [rule.code for rule in own.rules])
    findings = [UnparsableFile().check(path, error) for path, error in files.unread.items()]
    syntax = SyntaxCheck(files, memory.unchecked(), request.jobs, request.executor)
    incomplete: dict[str, None] = {}
    errors: list[str] = []
    deep: dict[str, SourceError] = {}
    started = perf_counter()
    guards: list[Guard] = []
    for policy in side_by_side(request.policies):
        guard = Guard(policy, request.policies)
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
        had = partial(_targets_in_all, files, guard.policy, errors)
        findings += guard.findings(files, had, {*failures, *files.unread})
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
        from phase12_lint.judgement import with_fixes_of_comments

        told_apart = list(with_fixes_of_comments(told_apart, files, errors))
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
        cuts = memory.programs(seeds_of(policy), exempt)
    except Exception as error:  # without being cut, all is one program
        members = tuple(sorted(files.keys() - exempt))
        cuts = [Files(members, lambda: Judged(dict.fromkeys(members)))]
        yield Part((), (), (told("the cutting into programs", error),), {})
    for cut in cuts:

        def judge(cut: Files = cut) -> tuple[Part, Trace]:
            from phase12_lint.judgement import judged, program_of  # only where a program must be made

            make = partial(program_of, files, exempt, names, cut, policy)
            return judged(make, cut.members[0] if cut.members else "", request, progress)

        yield memory.part(cut, (policy, request.screen, request.fixes), exempt, judge)


def _targets_in_all(files: Mapping[str, bytes], policy: Policy, errors: list[str]) -> list[Target]:
    from phase12_lint.judgement import targets_in, whole

    return targets_in(whole(files, policy), errors)
