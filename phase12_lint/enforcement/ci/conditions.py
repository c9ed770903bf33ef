"""What decides over a job or a step of GitHub Actions: the events, the matrix, ``if`` and ``continue-on-error``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from math import prod
from typing import NamedTuple

from phase12_lint.enforcement.ci.paths import taken
from phase12_lint.enforcement.cuts import cut, shortened
from phase12_lint.enforcement.documents import Node
from phase12_lint.enforcement.expressions import truth

FOLDER = ".github/workflows"
_STOPPING = {"push", "pull_request", "pull_request_target", "merge_group"}
_MATRIX = re.compile(r"\bmatrix\.([\w.-]+)")
_GOES_ON = re.compile(r"\b(always|failure|cancelled)\s*\(")
_MOST_RUNS = 2_000

Inputs = Mapping[str, Sequence[str]]
"""The values that each input of a workflow, or of an action, may have."""


class Run(NamedTuple):
    """A job, and the events that it runs on."""

    job: Node
    events: tuple[str, ...]

    def why_lost(self, node: Node, what: str) -> str:
        """Why the failure of ``node``, the job or one of its steps, does not count; empty if it does."""
        allowed, condition = node.get("continue-on-error"), node.get("if")
        if self._is_always(allowed, True):
            return f"{what} has `continue-on-error: {allowed.text.strip()}`"
        if self._is_always(condition, False):
            return f"{what} has `if: {condition.text.strip()}`, so it never runs when all steps pass"
        return ""

    def is_never(self, document: Node, depth: int = 0) -> bool:
        """Whether the job never runs, itself or because of one that it needs."""
        condition = self.job.get("if")
        if self._is_always(condition, False):
            return True
        if _GOES_ON.search(condition.text) or depth > len(document.get("jobs").keys):
            return False
        needed = (self._replace(job=document.get("jobs", name)) for name in self.job.get("needs").texts)
        return any(each.is_never(document, depth + 1) for each in needed)

    def _is_always(self, condition: Node, expected: bool) -> bool:
        """Whether ``condition`` is written and comes to ``expected`` whatever the event and the matrix."""
        text = condition.text.strip()
        return bool(text) and all(truth(text, known.get) is expected for known in self._known(text))

    def _known(self, text: str) -> Iterator[dict[str, str]]:
        """What is known in each run of the job, of that which ``text`` looks at; at least one."""
        choices = {f"matrix.{name}": matrix(self.job, name) for name in sorted(set(_MATRIX.findall(text)))}
        choices["github.event_name"] = list(self.events)
        choices = {name: values for name, values in choices.items() if values}
        if prod(map(len, choices.values())) > _MOST_RUNS:
            cut(f"a job has more than {_MOST_RUNS} runs for `{shortened(text)}`; the others were not read")
        yield from (dict(zip(choices, values)) for values in islice(product(*choices.values()), _MOST_RUNS))


class Workflows:
    """All workflows of a project, by their paths, and the events that make each of them run before a merge.

    ``files`` are those of Python, of which a change has to start it.
    """

    def __init__(self, documents: Mapping[str, Node], files: Sequence[str]) -> None:
        self._documents = documents
        self._files = files

    def events(self, path: str, seen: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The events that the workflow at ``path`` runs on, as far as they can stop a merge."""
        on = self._documents[path].get("on")
        found = {event for event in on.keys if event in _STOPPING and not self._why_no_change(on, event)}
        if not on:
            found.add("push")
        if "workflow_call" in on.keys and path not in seen:
            for caller, job in self._callers(path):
                events, document = self.events(caller, (*seen, path)), self._documents[caller]
                found |= {each for each in events if not Run(job, (each,)).is_never(document)}
        return tuple(sorted(found))

    def inputs(self, path: str) -> Inputs:
        """What the workflow at ``path`` is given as its inputs by those that call it."""
        declared = self._documents[path].get("on", "workflow_call", "inputs")
        return given_inputs(declared, [job.get("with") for _, job in self._callers(path)])

    def _callers(self, path: str) -> Iterator[tuple[str, Node]]:
        """The jobs that call the workflow at ``path``, each with that of its own workflow."""
        for caller, document in self._documents.items():
            for job in document.get("jobs").values():
                if job.get("uses").text.removeprefix("./") == path:
                    yield caller, job

    def why_idle(self, path: str) -> str:
        """Why the workflow at ``path`` stops no merge; empty if it does."""
        if self.events(path):
            return ""
        on = self._documents[path].get("on")
        events = sorted(on.keys)
        if "workflow_call" in events:
            return "no workflow that can stop a merge calls this one"
        if filtered := next(filter(None, (self._why_no_change(on, event) for event in events)), ""):
            return filtered
        return f"the workflow runs on `{', '.join(events)}` alone, so it stops no merge"

    def _why_no_change(self, on: Node, event: str) -> str:
        """Why no change of the code makes ``event`` start the workflow, by its filters; empty if one does."""
        filters = on.get(event)
        if (
            event == "push"
            and "tags" in filters.keys
            and not {"branches", "branches-ignore"}.intersection(filters.keys)
        ):
            return "the workflow runs on tags alone, so it stops no merge"
        if event in _STOPPING and filters.get("types").texts == ["closed"]:
            return f"the workflow runs on `{event}` that is closed alone, so it stops no merge"
        wanted, ignored = filters.get("paths").texts, filters.get("paths-ignore").texts
        if self._files and (
            (wanted and not any(taken(wanted, self._files)))
            or (ignored and len(list(taken(ignored, self._files))) == len(self._files))
        ):
            return f"the paths of `{event}` leave out every file of Python, so no change of one starts the workflow"
        return ""

    def why_lost(self, path: str, run: Run) -> str:
        """Why the failure of a job of the workflow at ``path`` does not count; empty if it does."""
        never = "a job that this one needs never runs" if run.is_never(self._documents[path]) else ""
        return run.why_lost(run.job, "the job") or never


def given_inputs(declared: Node, given: Sequence[Node]) -> Inputs:
    """The values of the inputs that are ``declared``: those ``given`` in each call, else the default."""
    return {
        key.text: [(each.get(key.text) or value.get("default")).text for each in given]
        for key, value in declared.items()
    }


def matrix(job: Node, name: str) -> list[str]:
    """The values of a variable of the job's matrix, or of a part of one, an empty one where a run may have none."""
    table = job.get("strategy", "matrix")
    name, *parts = name.split(".")
    listed = [node.get(*parts).text for node in table.get(name)] if parts else table.get(name).texts
    included = [entry.get(name, *parts) for entry in table.get("include")]
    others = set(table.keys) - {"include", "exclude", name}
    values = [*listed, *(value.text for value in included if value)]
    is_lacking = not listed and (bool(others) or not all(included))
    return [*values, ""] if values and is_lacking else values
