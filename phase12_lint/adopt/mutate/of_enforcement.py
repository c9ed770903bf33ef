"""What enforces the governance is taken away or made toothless (GOV7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from phase12_lint.adopt.mutate.mutants import Mutant, NotApplicable
from phase12_lint.enforcement.ci import gitlab
from phase12_lint.enforcement.facts import Enforcement, Step
from phase12_lint.enforcement.project import ProjectFiles
from phase12_lint.sources import split_lines


def no_hook(project: ProjectFiles, found: Enforcement) -> Iterator[Mutant]:
    """No hook runs the linter."""
    files = dict.fromkeys([*found.hook_files, *(step.place.path for step in found.hooks)])
    if not any(not why for step in found.hooks for why in step.duties.values()):
        raise NotApplicable("no hook runs the linter, as was reported already")
    yield Mutant("GOV701", "there is no hook", dict.fromkeys(files), "")


def no_step(project: ProjectFiles, found: Enforcement) -> Iterator[Mutant]:
    """No workflow does anything."""
    _held(found)
    yield Mutant("GOV702", "there is no workflow", dict.fromkeys(found.workflows), "")


def toothless(project: ProjectFiles, found: Enforcement) -> Iterator[Mutant]:
    """The steps of the workflows cannot fail."""
    duty = _held(found)[0]
    texts: dict[str, str | None] = {}
    for path in found.workflows:
        steps = [each for each in found.steps if each.place.path == path and each.duties.get(duty) == ""]
        if steps:
            texts[path] = _toothless(project.read(path) or "", steps, path == gitlab.FILE)
    yield Mutant("GOV703", f"no step that runs {duty} can fail", texts, "")


def no_tests(project: ProjectFiles, found: Enforcement) -> Iterator[Mutant]:
    """A folder of tests that the policy names is gone."""
    for folder in found.folders:
        if folder.tests:
            yield Mutant("GOV704", f"{folder.path} is not there", {folder.path: None}, "")
            return
    raise NotApplicable("no folder that `phase-tests` names holds a test")


def _held(found: Enforcement) -> list[str]:
    held = [duty for duty in found.duties if any(step.duties.get(duty) == "" for step in found.steps)]
    if not held:
        raise NotApplicable("no workflow does what it should, as was reported already")
    return held


def _toothless(text: str, steps: Sequence[Step], is_gitlab: bool) -> str:
    lines = split_lines(text)
    for number, column in sorted({(each.place.span.line, each.place.span.column) for each in steps}):
        line = lines[number - 1]
        if is_gitlab:
            body = line.rstrip("\r\n")
            lines[number - 1] = f"{body} || true{line[len(body) :]}"
        else:
            key = f"continue-on-error: true\n{' ' * (column - 1)}"
            lines[number - 1] = line[: column - 1] + key + line[column - 1 :]
    return "".join(lines)
