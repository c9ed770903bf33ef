"""Put every forbidden pattern into a copy of the project, and see whether it is found."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache, partial
from multiprocessing import get_context
from typing import NamedTuple

from phase12_lint.adopt.mutate import (
    of_answers,
    of_enforcement,
    of_errors,
    of_files,
    of_layers,
    of_metrics,
    of_the_path,
    of_validation,
)
from phase12_lint.adopt.mutate.counted import Count, Counted, counted
from phase12_lint.adopt.mutate.ground import Ground
from phase12_lint.adopt.mutate.mutants import Mutant, NotApplicable, Trial, Verdict
from phase12_lint.analysis import quietly
from phase12_lint.config import Settings
from phase12_lint.enforcement.facts import Enforcement
from phase12_lint.enforcement.found import enforcement_of
from phase12_lint.enforcement.project import ProjectFiles
from phase12_lint.engine import Progress, Request
from phase12_lint.faults import told
from phase12_lint.inspect.no_change import NoChange
from phase12_lint.judgement import programs, whole_programs
from phase12_lint.model import Confidence
from phase12_lint.rules import catalogue
from phase12_lint.select import selected
from phase12_lint.sources import scan
from phase12_lint.values.program import Program


class Tried(NamedTuple):
    """What became of the rules; ``errors`` are what was raised, the traceback below it: each costs what it says."""

    verdicts: list[Verdict]
    errors: tuple[str, ...]


_Maker = Callable[..., Iterator[Mutant]]
OF_ANY_FILE: Mapping[str, Callable[[Ground], Iterator[Mutant]]] = {
    "GOV001": of_files.unparsable,
    "GOV002": of_files.unused,
    "GOV003": of_files.without_reason,
}
OF_THE_POLICY: Mapping[str, Callable[[Ground], Iterator[Mutant]]] = {
    "GOV004": of_files.missing_target,
    "GOV005": of_files.nothing_governed,
}
OF_THE_PROGRAM: Mapping[str, Callable[[Ground], Iterator[Mutant]]] = {
    "GOV101": of_the_path.direct,
    "GOV102": of_the_path.escaping,
    "GOV103": of_the_path.dynamic,
    "GOV104": of_the_path.unbound,
    "GOV105": of_the_path.tampered,
    "GOV201": of_validation.input_unvalidated,
    "GOV202": of_validation.output_unvalidated,
    "GOV203": of_validation.silenced,
    "GOV204": of_validation.incomplete,
    "GOV301": of_errors.caught_at_the_runner,
    "GOV302": of_errors.caught_above,
    "GOV303": of_errors.escaping,
    "GOV304": of_errors.raw,
    "GOV305": of_errors.malformed,
    "GOV306": of_errors.unwrapped,
    "GOV401": of_metrics.missing,
    "GOV402": of_metrics.elsewhere,
    "GOV403": of_metrics.written,
    "GOV404": of_metrics.literal,
    "GOV405": of_metrics.wall_clock,
    "GOV406": of_metrics.forbidden_state,
    "GOV501": of_layers.skipped,
    "GOV502": of_layers.reversed_,
    "GOV503": of_layers.imported,
    "GOV504": of_layers.dead_end,
    "GOV505": of_layers.bypassed,
    "GOV601": of_answers.raw,
    "GOV602": of_answers.wrong_status,
    "GOV603": of_answers.ignored,
    "GOV604": of_answers.leaked,
    "GOV605": of_answers.bare,
}
OF_THE_FILES: Mapping[str, Callable[..., Iterator[Mutant]]] = {
    "GOV701": of_enforcement.no_hook,
    "GOV702": of_enforcement.no_step,
    "GOV703": of_enforcement.toothless,
    "GOV704": of_enforcement.no_tests,
}


class _Plan(NamedTuple):
    """The mutants of a rule in one pipeline, or why there are none; ``before`` is how each changed file was.

    ``error`` is what was raised while they were made.
    """

    code: str
    pipeline: str
    mutants: tuple[Mutant, ...]
    reason: str
    before: Mapping[str, str]
    error: str = ""


def try_out(
    request: Request, settings: Settings, wanted: Callable[[str], bool], jobs: int, progress: Progress
) -> Tried:
    """What becomes of the rules that are ``wanted`` in each pipeline of the project in ``request``.

    ``settings`` say what would be reported; ``jobs`` is the number of processes.
    """
    on = selected(settings.select, (*settings.extend_select, *OF_THE_FILES), settings.ignore, True)
    known = counted(request, settings.min_confidence, None)
    made = (*_of_the_program(request, wanted), *_of_the_files(request, wanted))
    plans = [_if_on(plan, on) for plan in made]
    mutants = [mutant for plan in plans for mutant in plan.mutants]
    found: list[Counted] = []
    for each in _analysed(request._replace(cache=False, jobs=1), settings.min_confidence, mutants, jobs):
        progress("mutants", len(found), len(mutants))
        found.append(each)
    results = iter(each.found for each in found)
    verdicts = [_verdict(plan, known.found, [next(results) for _ in plan.mutants]) for plan in plans]
    errors = [plan.error for plan in plans if plan.error]
    errors += (error for each in (known, *found) for error in each.errors)
    return Tried(verdicts, tuple(dict.fromkeys(errors)))


def _verdict(plan: _Plan, known: Count, found: Sequence[Count]) -> Verdict:
    """What became of a plan. Where the code breaks the rule already, a mutant that changes nothing tells nothing."""
    trials = [_trial(*pair, known, plan.before) for pair in zip(plan.mutants, found)]
    telling = [
        trial for trial, mutant in zip(trials, plan.mutants) if trial.is_caught or not _speaks(mutant, known)
    ]
    reason = plan.reason
    if trials and not telling:
        reason = f"{plan.mutants[0].at or 'the project'} breaks this rule already"
    return Verdict(plan.code, plan.pipeline, tuple(telling), reason)


def _if_on(plan: _Plan, on: Container[str]) -> _Plan:
    return plan if plan.code in on else plan._replace(mutants=(), reason="the configuration switches it off")


def _analysed(request: Request, least: Confidence, mutants: Sequence[Mutant], jobs: int) -> Iterator[Counted]:
    analyse = partial(counted, request, least)
    if jobs == 1:
        yield from map(analyse, mutants)
        return
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        yield from pool.map(analyse, mutants)


def _of_the_program(request: Request, wanted: Callable[[str], bool]) -> Iterator[_Plan]:
    """The plans for what a policy names in the whole project, and for each program; those of a pipeline by code."""
    paths = list(scan(request.root, request.exclude))
    plans: list[_Plan] = []
    with quietly():
        for program in whole_programs(request, paths):
            plans += _plans(program, _wanted(OF_THE_POLICY, wanted))
        for program in programs(request, paths):
            of_any_file = {} if program.policy.name else OF_ANY_FILE
            plans += _plans(program, _wanted({**of_any_file, **OF_THE_PROGRAM}, wanted))
    order = [policy.name for policy in request.policies]
    yield from sorted(plans, key=lambda plan: (order.index(plan.pipeline), plan.code))


def _plans(program: Program, makers: Iterable[tuple[str, _Maker]]) -> Iterator[_Plan]:
    ground = cache(partial(Ground, program))
    for code, make in makers:
        mutants, reason, error = _made(code, partial(_on, program, ground, code, make))
        modules = (program.project.module(path) for each in mutants for path in each.texts)
        before = {module.path: module.text for module in modules if module is not None}
        yield _Plan(code, program.policy.name, mutants, reason, before, error)


def _of_the_files(request: Request, wanted: Callable[[str], bool]) -> Iterator[_Plan]:
    named = (request.root, request.policies[0], request.policy_file)
    project = ProjectFiles(*named)
    found = cache(partial(enforcement_of, *named))
    for code, make in _wanted(OF_THE_FILES, wanted):
        mutants, reason, error = _made(code, partial(_in, project, found, make))
        before = {path: project.read(path) or "" for each in mutants for path in each.texts}
        yield _Plan(code, "", mutants, reason, before, error)


def _wanted(makers: Mapping[str, _Maker], wanted: Callable[[str], bool]) -> Iterator[tuple[str, _Maker]]:
    return ((code, make) for code, make in makers.items() if wanted(code))


def _on(program: Program, ground: Callable[[], Ground], code: str, make: _Maker) -> Iterator[Mutant]:
    rule = next(each for each in catalogue() if each.code == code)
    if not rule.speaks(program.policy):
        raise NotApplicable(f"the policy's `{rule.needs}` is empty")
    return make(ground())


def _in(project: ProjectFiles, found: Callable[[], Enforcement], make: _Maker) -> Iterator[Mutant]:
    return make(project, found())


def _made(code: str, make: Callable[[], Iterator[Mutant]]) -> tuple[tuple[Mutant, ...], str, str]:
    """The mutants, why there are no more, and what was raised."""
    mutants: list[Mutant] = []
    try:
        mutants += make()
    except NoChange as error:
        return tuple(mutants), str(error), ""
    except Exception as error:
        failed = told(code, error)
        return tuple(mutants), failed.partition("\n")[0], failed
    return tuple(mutants), "", ""


def _speaks(mutant: Mutant, found: Count) -> bool:
    """Whether ``found`` has the finding that ``mutant`` is to bring."""
    return any(code == mutant.code and mutant.at in ("", path) for code, path in found)


def _trial(mutant: Mutant, found: Count, known: Count, before: Mapping[str, str]) -> Trial:
    is_caught = _speaks(mutant, found - known)
    path, text = next(iter(mutant.texts.items()))
    was, now = before.get(path, "").splitlines(), (text or "").splitlines()
    line = next((n for n, (a, b) in enumerate(zip(was, now), 1) if a != b), min(len(was), len(now)) + 1)
    diff = "\n".join(
        line
        for each, text in mutant.texts.items()
        for line in difflib.unified_diff(
            before.get(each, "").splitlines(), (text or "").splitlines(), each, each, lineterm="", n=2
        )
    )
    return Trial(mutant.does, is_caught, path, line if text is not None else 1, diff)
