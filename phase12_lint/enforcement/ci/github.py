"""GitHub Actions: the steps of a workflow, and why the failure of one would not count.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from posixpath import normpath

from phase12_lint.enforcement.ci.conditions import FOLDER, Inputs, Run, Workflows, given_inputs, matrix
from phase12_lint.enforcement.commands import Reader
from phase12_lint.enforcement.cuts import cut
from phase12_lint.enforcement.documents import DocumentError, Node, read
from phase12_lint.enforcement.expressions import truth
from phase12_lint.enforcement.facts import Duties, Place, Step, joined, under
from phase12_lint.enforcement.project import ProjectFiles
from phase12_lint.enforcement.shell.outcome import Modes, fails
from phase12_lint.enforcement.shell.parse import parse

__all__ = ["FOLDER", "SUFFIXES", "steps"]

SUFFIXES = (".yml", ".yaml")
_LOCAL = re.compile(r"\./[\w./-]*")
_OURS = re.compile(r"[\w.-]+/phase12-lint@.+")
_CONTEXT = re.compile(r"\$\{\{\s*(env|matrix|inputs)\.([\w.-]+)\s*\}\}")
_MOST_VALUES = 50


def steps(documents: Mapping[str, Node], project: ProjectFiles, reader: Reader) -> Iterator[Step]:
    """The steps of the workflows ``documents``, by their paths, that do one of the duties."""
    workflows = Workflows(documents, project.files)
    for path, document in documents.items():
        events = workflows.events(path)
        inputs = workflows.inputs(path)
        for node in document.get("jobs").values():
            job = _Job(document, Run(node, events), project, reader, inputs)
            why = workflows.why_idle(path) or workflows.why_lost(path, job.run)
            for step in node.get("steps"):
                if duties := job.of_step(step):
                    yield Step(Place(path, step.span), under(duties, why))


class _Job:
    """A job of the workflow ``document``, which may be called with each of the values of its ``inputs``."""

    def __init__(
        self, document: Node, run: Run, project: ProjectFiles, reader: Reader, inputs: Inputs
    ) -> None:
        self.run = run
        self._inputs = inputs
        self._document = document
        self._job = run.job
        self._project = project
        self._reader = reader
        self._actions: list[str] = []  # those that are being read, against circles

    def of_step(self, step: Node, kind: str = "the step") -> Duties:
        """What ``step`` does, of the job or of an action that it uses."""
        reason = self.run.why_lost(step, kind)
        is_told = reason and self._is_looked_at(step)
        return under(self._done(step), "" if is_told else reason)

    def _is_looked_at(self, step: Node) -> bool:
        """Whether a step of the job looks at the ``outcome`` of ``step``, which may fail, and fails then."""
        outcome = f"steps.{step.get('id').text}.outcome"
        use = re.compile(rf"\$\{{\{{\s*{re.escape(outcome)}\s*\}}\}}")
        for other in self._job.get("steps") if step.get("id") and step.get("continue-on-error") else ():
            condition, script = other.get("if").text, other.get("run").text
            if outcome in condition + script and not self.run.why_lost(other, ""):
                told = parse(use.sub("failure", script))
                if truth(condition or "true", {outcome: "failure"}.get) and fails(told, self._modes(other)):
                    return True
        return False

    def _done(self, step: Node) -> Duties:
        uses, script = step.get("uses").text, step.get("run").text
        modes = self._modes(step)
        if uses.startswith("pre-commit/action@"):
            script, modes = (
                f"pre-commit run {step.get('with', 'extra_args').text or '--all-files'}",
                Modes(True),
            )
        elif _OURS.fullmatch(uses):
            script, modes = f"phase12-lint check {step.get('with', 'args').text}", Modes(True)
        elif _LOCAL.fullmatch(uses):
            return self._of_action(normpath(uses), step.get("with"))
        nodes = (self._document, self._job, step)
        variables = {key.text: value.text for node in nodes for key, value in node.get("env").items()}
        folder = self._setting(step, "working-directory")
        script = self._filled(script, variables)
        return self._reader.script(script, modes, normpath(folder) if folder else "", variables)

    def _modes(self, step: Node) -> Modes:
        """How GitHub starts the shell of ``step``: ``bash -e`` if none is named, with pipefail if bash is named."""
        on_windows = self._job.get("runs-on").text.startswith("windows")
        name, *options = (self._setting(step, "shell") or ("pwsh" if on_windows else "sh")).split()
        return Modes().after(options) if options else Modes(name in ("bash", "sh"), name == "bash")

    def _setting(self, step: Node, name: str) -> str:
        defaults = (self._job.get("defaults", "run"), self._document.get("defaults", "run"))
        return next((text for each in (step, *defaults) if (text := each.get(name).text)), "")

    def _of_action(self, folder: str, given: Node) -> Duties:
        """What a composite action of the project does, which is ``given`` its inputs."""
        done: Duties = {}
        texts = (self._project.read(f"{folder}/{name}") for name in ("action.yml", "action.yaml"))
        try:
            action = read(next(filter(None, texts), ""))
        except DocumentError:
            return done
        if folder not in self._actions:
            outer, self._inputs = self._inputs, given_inputs(action.get("inputs"), [given])
            self._actions.append(folder)
            for step in action.get("runs", "steps"):
                done = joined(done, self.of_step(step, "the step of the action"))
            self._actions.pop()
            self._inputs = outer
        return done

    def _filled(self, script: str, variables: Mapping[str, str]) -> str:
        """``script`` with the values of its contexts in it, once for each value that one may have."""
        for kind, name in _CONTEXT.findall(script):
            values = (
                matrix(self._job, name)
                if kind == "matrix"
                else self._inputs.get(name, [])
                if kind == "inputs"
                else [variables.get(name, "")]
            )
            use = re.compile(rf"\$\{{\{{\s*{kind}\.{re.escape(name)}\s*\}}\}}")
            if any(values) and not any("${{" in value for value in values):
                if len(values) > _MOST_VALUES:
                    cut(f"`{kind}.{name}` has more than {_MOST_VALUES} values; the others were not read")
                filled = [value.join(use.split(script)) for value in values[:_MOST_VALUES]]
                return "\n".join(self._filled(each, variables) for each in filled)
        return script
