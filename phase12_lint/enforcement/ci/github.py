"""GitHub Actions: the steps of a workflow, and why the failure of one would not count.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import normpath

from phase12_lint.enforcement.commands import Reader
from phase12_lint.enforcement.documents import DocumentError, Node, read
from phase12_lint.enforcement.facts import Duties, Place, Step
from phase12_lint.enforcement.project import ProjectFiles
from phase12_lint.enforcement.shell import Modes

FOLDER = ".github/workflows"
SUFFIXES = (".yml", ".yaml")
_LOCAL = re.compile(r"\./[\w./-]+")
_MATRIX = re.compile(r"\$\{\{\s*matrix\.([\w-]+)\s*\}\}")
_BY_HAND = {"workflow_dispatch", "schedule"}


def steps(path: str, document: Node, project: ProjectFiles, reader: Reader) -> Iterator[Step]:
    """The steps of the workflow at ``path`` that do one of the duties."""
    outside = _triggered(document)
    jobs = [job for _, job in document.get("jobs").items()]
    for job in jobs:
        why = outside or _lost(job, "the job")
        settings = [job.get("defaults", "run"), document.get("defaults", "run")]
        for step in job.get("steps"):
            duties = _duties(step, settings, job, project, reader)
            if duties:
                reason = why or _lost(step, "the step")
                if reason:
                    duties = dict.fromkeys(duties, reason)
                yield Step(Place(path, step.span), duties)


def _triggered(document: Node) -> str:
    events = set(document.get("on").keys)
    if events and events <= _BY_HAND:
        return f"the workflow runs on `{', '.join(sorted(events))}` alone, so it stops no merge"
    return ""


def _lost(node: Node, what: str) -> str:
    if node.get("continue-on-error").is_true:
        return f"{what} has `continue-on-error: true`"
    if node.get("if").is_false:
        return f"{what} has `if: false`, so it never runs"
    return ""


def _duties(step: Node, settings: list[Node], job: Node, project: ProjectFiles, reader: Reader) -> Duties:
    uses = step.get("uses").text
    if uses.startswith("pre-commit/action@"):
        return reader.script("pre-commit run --all-files", Modes(errexit=True))
    if _LOCAL.fullmatch(uses) and FOLDER not in uses:
        return _of_action(normpath(uses), project, reader)
    script = step.get("run").text
    if not script:
        return {}
    shell, folder = step.get("shell").text, step.get("working-directory").text
    for each in settings:
        shell, folder = shell or each.get("shell").text, folder or each.get("working-directory").text
    return reader.script(_with_matrix(script, job), _modes(shell), normpath(folder) if folder else "")


def _of_action(folder: str, project: ProjectFiles, reader: Reader) -> Duties:
    """What a composite action of the project does."""
    text = next(
        (t for name in ("action.yml", "action.yaml") if (t := project.read(f"{folder}/{name}"))), None
    )
    found: Duties = {}
    try:
        steps = read(text).get("runs", "steps") if text else Node()
    except DocumentError:
        return {}
    for step in steps:
        reason = _lost(step, "the step of the action")
        for duty, why in reader.script(step.get("run").text, _modes(step.get("shell").text)).items():
            found[duty] = (reason or why) and found.get(duty, reason or why)
    return found


def _modes(shell: str) -> Modes:
    """How GitHub starts a shell: ``bash -e`` if none is named, with pipefail if bash is named."""
    name, *options = shell.split() or [""]
    if options:
        return Modes(
            "-e" in options or any(re.fullmatch(r"-\w*e\w*", each) for each in options), "pipefail" in options
        )
    return Modes(errexit=name in ("", "bash", "sh"), pipefail=name == "bash")


def _with_matrix(script: str, job: Node) -> str:
    """``script`` once for each value of a matrix variable in it, at most one such variable."""
    match = _MATRIX.search(script)
    values = job.get("strategy", "matrix", match[1]).texts if match else []
    if not match or not values:
        return script
    return "\n".join(script.replace(match[0], value) for value in values[:50])
