"""The checklist, line by line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache, partial

from phase12_lint.adopt.baseline import Entry, compare
from phase12_lint.adopt.certify.items import Certificate, Item
from phase12_lint.adopt.certify.policy import missing_targets
from phase12_lint.adopt.certify.results import Results
from phase12_lint.config import Settings
from phase12_lint.enforcement.facts import LINTER, Enforcement, Folder, Step
from phase12_lint.enforcement.found import enforcement_of
from phase12_lint.engine import Outcome, Progress, Request, run
from phase12_lint.faults import told
from phase12_lint.model import Finding
from phase12_lint.policy import Policy
from phase12_lint.proofs import Proof, prove
from phase12_lint.reports.summary import counted
from phase12_lint.rulebook import built_in
from phase12_lint.select import selected

_MOST = 10  # findings or ways that one line shows


def certify(
    request: Request,
    settings: Settings,
    results: Results,
    progress: Progress | None = None,
    baseline: Sequence[Entry] = (),
) -> Certificate:
    """The checklist of the project in ``request``, whose files say ``settings``; ``results`` are of its tests.

    What the ``baseline`` freezes is told as frozen, and is open all the same.
    """
    outcome = run(request._replace(enforcement=True), progress)
    enforced = cache(partial(enforcement_of, request.root, request.policies[0], request.policy_file))
    errors = list(outcome.errors)

    def guarded(title: str, section: str, make: Callable[[], Item]) -> Item:
        """What ``make`` makes; an open line, told with the errors, if it raises."""
        try:
            return make()
        except Exception as error:
            errors.append(told(title, error))
            return Item(title, section, (), (errors[-1].partition("\n")[0],))

    def proved() -> Item:
        proof = prove(request, progress)
        errors.extend(proof.errors)
        return _ways(proof)

    def tests(title: str, number: int) -> Item:
        return _tests(title, enforced().folders[number], results)

    named = request.policies[0].phase_tests
    items = (
        guarded(_RULES, "§1-§8", lambda: _rules(settings)),
        guarded(_POLICY, "§7", lambda: _policy(request, outcome)),
        guarded(
            _SCANNER, "§7", lambda: _scanner(outcome, frozenset(compare(baseline, outcome.findings).frozen))
        ),
        guarded(_WAYS, "§1", proved),
        *([] if named else [Item(_TESTS, "§9", ("`phase-tests` is empty, so none are asked for",))]),
        *(
            guarded(title, "§9", partial(tests, title, number))
            for number, title in enumerate(f"All tests in {name} pass" for name in named)
        ),
        guarded(_HOOK, "§7", lambda: _hook(enforced(), outcome)),
        guarded(_WORKFLOWS, "§7", lambda: _workflows(enforced(), outcome)),
    )
    return Certificate(request.root.name, items, tuple(dict.fromkeys(errors)))


_RULES = "All invariants are enforced mechanically"
_POLICY = "The policy names what exists"
_SCANNER = "The scanner passes"
_WAYS = "Every path to a plugin run is proved"
_TESTS = "All tests pass"
_HOOK = "A hook runs the linter before a commit"
_WORKFLOWS = "The CI pipeline stops what does not pass"


def _rules(settings: Settings) -> Item:
    on = selected(settings.select, settings.extend_select, settings.ignore)
    wanted = [code for code, entry in built_in().items() if entry.default]
    off = [code for code in wanted if code not in on]
    missing = (
        [f"{', '.join(off)} {'is' if len(off) == 1 else 'are'} off; delete `ignore` and `select`"]
        if off
        else []
    )
    if settings.min_confidence > min(type(settings.min_confidence)):
        missing.append(
            f"findings below `{settings.min_confidence.label}` are hidden; delete `min-confidence`"
        )
    evidence = [f"{len(wanted) - len(off)} of {len(wanted)} rules are on"]
    evidence += [f"left out by `exclude`: {', '.join(settings.exclude)}"] if settings.exclude else []
    exempt = [name for policy in settings.policies for name in policy.exempt if name not in Policy().exempt]
    evidence += [f"treated as tests by `exempt`: {', '.join(dict.fromkeys(exempt))}"] if exempt else []
    return Item(_RULES, "§1-§8", tuple(evidence), tuple(missing))


def _policy(request: Request, outcome: Outcome) -> Item:
    written = [_told(each) for each in outcome.findings if each.code == "GOV004"]
    named, missing = missing_targets(request)
    return Item(_POLICY, "§7", named, (*written, *missing))


def _scanner(outcome: Outcome, frozen: Collection[Finding]) -> Item:
    default = {code for code, entry in built_in().items() if entry.default} - {"GOV004"}
    findings = [each for each in outcome.findings if each.code in default]
    hidden = [pair for pair in outcome.suppressed if pair[0].code in default]
    held = sum(each in frozen for each in findings)
    told = f"{counted(len(findings), 'finding')}{f' ({held} frozen in the baseline)' if held else ''}"
    evidence = [f"{counted(outcome.files, 'file')}, {told}, {len(hidden)} suppressed"]
    evidence += [f"suppressed: {_told(one)} ({reason or 'no reason given'})" for one, reason in hidden]
    nothing = [] if outcome.files else ["no Python file was found, so nothing was checked"]
    undecided = [f"incomplete: {each}" for each in outcome.incomplete]
    failed = [each.partition("\n")[0] for each in outcome.errors]
    shown = (f"{_told(each)}{' (frozen in the baseline)' if each in frozen else ''}" for each in findings)
    missing = (*_first(shown, len(findings)), *nothing, *undecided, *failed)
    return Item(_SCANNER, "§7", tuple(evidence), missing)


def _ways(proof: Proof) -> Item:
    ways = proof.ways
    unproved = [way for way in ways if way.verdict != "PROVED"]
    shown = (
        f"{way.verdict}: {way.hops[0].path}:{way.hops[0].line} {way.hops[0].name}: {way.reason}"
        for way in unproved
    )
    missing = _first(shown, len(unproved))
    if not ways:
        missing = [
            "no path to a plugin run was found, so nothing is proved; check that the policy fits the code"
        ]
    missing += [f"incomplete: {each}" for each in proof.incomplete]
    missing += [each.partition("\n")[0] for each in proof.errors]
    evidence = f"{counted(len(ways), 'path')}, {len(ways) - len(unproved)} PROVED"
    return Item(_WAYS, "§1", (evidence,), tuple(missing))


def _tests(title: str, folder: Folder, results: Results) -> Item:
    if not folder.tests:
        what = "contains no test" if folder.exists else "does not exist"
        return Item(title, "§9", (), (f"{folder.path} {what}",))
    evidence = [f"{folder.path} contains {folder.tests} test function{'s' * (folder.tests != 1)}"]
    result = results.of(folder)
    if result is None:
        return Item(
            title, "§9", tuple(evidence), ("not run: use --run-tests, or --junit with pytest's --junitxml",)
        )
    evidence.append(
        f"{result.passed} passed, {result.skipped} skipped, {len(result.failed)} failed ({result.source})"
    )
    missing = [f"failed: {name}" for name in result.failed[:_MOST]]
    if result.broken:
        missing.append(result.broken)
    elif not result.passed and not missing:
        missing.append("none of its tests has run and passed")
    elif result.functions < folder.tests:
        missing.append(
            f"{result.functions} of its {folder.tests} test functions are in the results; run all of them"
        )
    return Item(title, "§9", tuple(evidence), tuple(missing))


def _hook(found: Enforcement, outcome: Outcome) -> Item:
    evidence = [f"{_at(step)} runs {LINTER}" for step in found.hooks if not step.duties[LINTER]]
    return Item(_HOOK, "§7", tuple(evidence), _missing(outcome, "GOV701"))


def _workflows(found: Enforcement, outcome: Outcome) -> Item:
    evidence = []
    for duty in found.duties:
        places = list(dict.fromkeys(_at(step) for step in found.steps if step.duties.get(duty) == ""))
        evidence += [f"{', '.join(places)} {'runs' if len(places) == 1 else 'run'} {duty}"] if places else []
    missing = _missing(outcome, "GOV702") + _missing(outcome, "GOV703")
    return Item(_WORKFLOWS, "§7", tuple(evidence), missing)


def _missing(outcome: Outcome, code: str) -> tuple[str, ...]:
    return tuple(_told(each) for each in outcome.findings if each.code == code)


def _at(step: Step) -> str:
    return f"{step.place.path}:{step.place.span.line}"


def _told(finding: Finding) -> str:
    return f"{finding.path}:{finding.span.line} {finding.code} {finding.message}"


def _first(lines: Iterable[str], count: int) -> list[str]:
    shown = [line for _, line in zip(range(_MOST), lines)]
    return [*shown, f"and {count - _MOST} more"] if count > _MOST else shown
