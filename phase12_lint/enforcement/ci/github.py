"""GitHub Actions: the steps of a workflow, and why the failure of one would not count.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from posixpath import normpath

from phase12_lint.enforcement.ci.conditions import FOLDER, Workflows, matrix, never, why_lost
from phase12_lint.enforcement.commands import Reader
from phase12_lint.enforcement.cuts import cut
from phase12_lint.enforcement.documents import DocumentError, Node, read
from phase12_lint.enforcement.expressions import truth
from phase12_lint.enforcement.facts import Duties, Place, Step, joined, under
from phase12_lint.enforcement.project import ProjectFiles
from phase12_lint.enforcement.shell import Modes, fails, parse

__all__ = ["FOLDER", "SUFFIXES", "steps"]

SUFFIXES = (".yml", ".yaml")
_LOCAL = re.compile(r"\./[\w./-]*")
_CONTEXT = re.compile(r"\$\{\{\s*(env|matrix)\.([\w-]+)\s*\}\}")
_MOST_VALUES = 50
_OURS = re.compile(r"[\w.-]+/phase12-lint@.+")
_DEEPEST = 5  # of actions within actions


def steps(documents: Mapping[str, Node], project: ProjectFiles, reader: Reader) -> Iterator[Step]:
    """The steps of the workflows ``documents``, by their paths, that do one of the duties."""
    workflows = Workflows(documents)
    for path, document in documents.items():
        idle, events = workflows.why_idle(path), workflows.events(path)
        for job in document.get("jobs").values():
            yield from _Job(document, job, events, project, reader).steps(path, idle)


class _Job:
    """A job of the workflow ``document``, or an action that stands for one (``job`` is absent)."""

    def __init__(
        self, document: Node, job: Node, events: tuple[str, ...], project: ProjectFiles, reader: Reader
    ) -> None:
        self._document = document
        self._job = job
        self._events = events
        self._project = project
        self._reader = reader

    def steps(self, path: str, idle: str) -> Iterator[Step]:
        why = idle or why_lost(self._job, self._job, self._events, "the job")
        if not why and never(self._job, self._document, self._events):
            why = "a job that this one needs never runs"
        for step in self._job.get("steps"):
            duties = self._of_step(step)
            if duties:
                yield Step(Place(path, step.span), under(duties, why))

    def _of_step(self, step: Node, depth: int = 0) -> Duties:
        duties = self._done(step, depth)
        reason = why_lost(step, self._job, self._events, "the step of the action" if depth else "the step")
        if reason and not depth and self._is_looked_at(step):
            return duties
        return under(duties, reason)

    def _is_looked_at(self, step: Node) -> bool:
        """Whether a step of the job looks at the ``outcome`` of ``step``, which may fail, and fails then."""
        name = step.get("id").text
        if not name or not step.get("continue-on-error"):
            return False
        outcome = f"steps.{name}.outcome"
        use = re.compile(rf"\$\{{\{{\s*{re.escape(outcome)}\s*\}}\}}")
        for other in self._job.get("steps"):
            condition, script = other.get("if").text, other.get("run").text
            if outcome not in condition + script or why_lost(other, self._job, self._events, "the step"):
                continue
            told = parse(use.sub("failure", script))
            if truth(condition or "true", {outcome: "failure"}.get) and fails(told, self._modes(other)):
                return True
        return False

    def _done(self, step: Node, depth: int) -> Duties:
        uses = step.get("uses").text
        script = ""
        if uses.startswith("pre-commit/action@"):
            script = f"pre-commit run {step.get('with', 'extra_args').text or '--all-files'}"
        elif _OURS.fullmatch(uses):
            script = f"phase12-lint check {step.get('with', 'args').text}"
        if script:
            return self._reader.script(script, Modes(errexit=True), "", self._variables(step))
        if _LOCAL.fullmatch(uses):
            if depth < _DEEPEST:
                return self._of_action(normpath(uses), depth)
            cut(f"the action {uses} is used by more than {_DEEPEST} others in turn, and was not read there")
        script = step.get("run").text
        if not script:
            return {}
        folder = self._setting(step, "working-directory")
        variables = self._variables(step)
        script = self._filled(script, variables)
        return self._reader.script(script, self._modes(step), normpath(folder) if folder else "", variables)

    def _modes(self, step: Node) -> Modes:
        """How GitHub starts the shell of ``step``."""
        shell = self._setting(step, "shell")
        return _modes(shell or ("pwsh" if self._job.get("runs-on").text.startswith("windows") else ""))

    def _setting(self, step: Node, name: str) -> str:
        defaults = (self._job.get("defaults", "run"), self._document.get("defaults", "run"))
        return next((text for each in (step, *defaults) if (text := each.get(name).text)), "")

    def _variables(self, step: Node) -> dict[str, str]:
        nodes = (self._document, self._job, step)
        return {key.text: value.text for node in nodes for key, value in node.get("env").items()}

    def _of_action(self, folder: str, depth: int) -> Duties:
        """What a composite action of the project does."""
        texts = (self._project.read(f"{folder}/{name}") for name in ("action.yml", "action.yaml"))
        text = next(filter(None, texts), None)
        found: Duties = {}
        try:
            action = read(text) if text else Node()
        except DocumentError:
            return {}
        for step in action.get("runs", "steps"):
            found = joined(found, self._of_step(step, depth + 1))
        return found

    def _filled(self, script: str, variables: Mapping[str, str]) -> str:
        """``script`` with the values of ``env`` and ``matrix`` in it, once for each value of one of the matrix."""
        for kind, name in _CONTEXT.findall(script):
            values = matrix(self._job, name) if kind == "matrix" else [variables.get(name, "")]
            use = re.compile(rf"\$\{{\{{\s*{kind}\.{re.escape(name)}\s*\}}\}}")
            if any(values) and not any("${{" in value for value in values):
                if len(values) > _MOST_VALUES:
                    cut(f"`{kind}.{name}` has more than {_MOST_VALUES} values; the others were not read")
                filled = [value.join(use.split(script)) for value in values[:_MOST_VALUES]]
                return "\n".join(self._filled(each, variables) for each in filled)
        return script


def _modes(shell: str) -> Modes:
    """How GitHub starts a shell: ``bash -e`` if none is named, with pipefail if bash is named."""
    name, *options = shell.split() or [""]
    return Modes().after(options) if options else Modes(name in ("", "bash", "sh"), name == "bash")
