"""GitLab CI: the lines of the scripts of a pipeline's jobs, and why the failure of one would not count.

Source: https://docs.gitlab.com/ci/yaml/
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from itertools import islice, product
from math import prod

from phase12_lint.enforcement.ci.paths import taken
from phase12_lint.enforcement.commands import Reader
from phase12_lint.enforcement.cuts import cut
from phase12_lint.enforcement.documents import Node
from phase12_lint.enforcement.expressions import truth
from phase12_lint.enforcement.facts import Duties, Place, Step, joined, under
from phase12_lint.enforcement.project import ProjectFiles
from phase12_lint.enforcement.shell.outcome import Modes

FILE = ".gitlab-ci.yml"
_NO_JOBS = {
    *("default", "include", "stages", "variables", "workflow", "image", "services", "cache", "before_script"),
    *("after_script", "pages:deploy", "spec"),
}
_MOST_PARENTS = 10
_MOST_VALUES = 50
_NO_MERGE = {"schedule", "web", "api", "trigger", "chat", "webide", "tag", "pipeline", "external"}
_MERGING = ({"$CI_PIPELINE_SOURCE": "merge_request_event"}, {"$CI_PIPELINE_SOURCE": "push"})
_TRIGGERED = ({"$CI_PIPELINE_SOURCE": "parent_pipeline"},)
_FAILURE = "1"  # the status of the linter, and of pytest, with findings

_Located = tuple[str, Node]
"""A node, with the file that it stands in before it."""


def pipelines(project: ProjectFiles, document: Callable[[str], Node]) -> list[Pipeline]:
    """The pipeline of the project, and those that its jobs trigger out of files of the project."""
    found = [Pipeline(_files([FILE], project, document), project)]
    for each in found:
        for paths, why in each.triggered():
            if not any(path in other.documents for path in paths for other in found):
                found.append(Pipeline(_files(paths, project, document), project, why, _TRIGGERED))
    return found


def _files(paths: Iterable[str], project: ProjectFiles, document: Callable[[str], Node]) -> dict[str, Node]:
    """The files ``paths`` and those of the project that they include, by their paths."""
    found: dict[str, Node] = {}
    pending = [*paths]
    for path in pending:
        if path not in found and project.read(path) is not None:
            found[path] = document(path)
            pending += _included(found[path].get("include"), project)
    return found


def _included(include: Node, project: ProjectFiles) -> Iterator[str]:
    for name in [*include.texts, *(entry.get("local").text for entry in (include, *include))]:
        if name and "://" not in name:
            yield from project.fitting(name.lstrip("/"))


def steps(pipeline: Pipeline, reader: Reader) -> Iterator[Step]:
    """The lines of the ``pipeline`` that do one of the duties."""
    modes = Modes(errexit=True, pipefail=True)

    def done(lines: list[_Located], choices: list[dict[str, str]]) -> Duties:
        text = "\n".join(node.text for _, node in lines)
        return reduce(joined, (reader.script(text, modes, "", each) for each in choices), {})

    for name in pipeline.jobs():
        job = pipeline.ancestors(name)
        why = pipeline.why_lost(job)
        choices = list(pipeline.variables(job))
        script = [*pipeline.script(job, "before_script"), *pipeline.script(job, "script", is_own=True)]
        counted = done(script, choices)
        for line in script:  # which fails the job if it can within the whole, where a later line may say so
            if alone := done([line], choices):
                duties = {duty: counted.get(duty, own) for duty, own in alone.items()}
                yield Step(Place(line[0], line[1].span), under(duties, why))
        for line in pipeline.script(job, "after_script"):
            if duties := done([line], choices):
                yield Step(
                    Place(line[0], line[1].span), under(duties, "a job's `after_script` cannot fail it")
                )


class Pipeline:
    """A pipeline that ``documents`` are, by their paths: ``why`` its failure does not count, if it does not, and what
    may be known where it runs before a merge (``sources``).
    """

    def __init__(
        self,
        documents: Mapping[str, Node],
        project: ProjectFiles,
        why: str = "",
        sources: Sequence[Mapping[str, str]] = _MERGING,
    ) -> None:
        self.documents = documents
        self._project = project
        self._why = why
        self._sources = sources

    def triggered(self) -> Iterator[tuple[list[str], str]]:
        """The files of each pipeline that a job triggers, and why the failure of that one does not count."""
        for job in map(self.ancestors, self.jobs()):
            trigger = next((value for _, each in job if (value := each.get("trigger"))), Node())
            is_awaited = trigger.get("strategy").text in ("depend", "mirror")
            why = "" if is_awaited else "the pipeline that triggers this one does not wait for it"
            if paths := list(_included(trigger.get("include"), self._project)):
                yield paths, self.why_lost(job) or why

    def jobs(self) -> list[str]:
        """The names of the jobs that run; a file goes before those that it includes."""
        names = (key.text for document in self.documents.values() for key, _ in document.items())
        return [name for name in dict.fromkeys(names) if name not in _NO_JOBS and not name.startswith(".")]

    def _called(self, *names: str) -> list[_Located]:
        return [(path, node) for path, each in self.documents.items() if (node := each.get(*names))]

    def ancestors(self, name: str) -> list[_Located]:
        """The job ``name`` and what it extends, nearest first."""
        names = [name]
        for each in names:
            for _, node in self._called(each):
                names += [parent for parent in reversed(node.get("extends").texts) if parent not in names]
        return [located for each in names for located in self._called(each)]

    def script(self, job: list[_Located], name: str, is_own: bool = False) -> list[_Located]:
        """The lines of the script ``name`` of ``job``, or of the default that one has which is not its own."""
        found = [(path, script) for path, each in job if (script := each.get(name))]
        if not (found or is_own):
            found = self._called("default", name) or self._called(name)
        return [line for path, node in found[:1] for line in self._lines(path, node, 0)]

    def variables(self, job: list[_Located]) -> Iterator[dict[str, str]]:
        """The variables of ``job``, for each choice of its matrix, a bounded number of them."""
        tables = [*reversed([each.get("variables") for _, each in job])]
        tables = [node for _, node in reversed(self._called("variables"))] + tables
        known = {
            key.text: (value.get("value") or value).text for each in tables for key, value in each.items()
        }
        matrix = next((value for _, each in job if (value := each.get("parallel", "matrix"))), Node())
        rows = [{key.text: value.texts for key, value in row.items()} for row in matrix] or [{}]
        for row in rows:
            if prod(map(len, row.values())) > _MOST_VALUES:
                cut(f"a job's matrix has more than {_MOST_VALUES} choices; the others were not read")
            for chosen in islice(product(*row.values()), _MOST_VALUES):
                yield {**known, **dict(zip(row, chosen))}

    def _lines(self, path: str, node: Node, depth: int) -> Iterator[_Located]:
        """The lines of a script; what ``!reference`` names stands for itself."""
        elements = [] if node.tag == "!reference" else list(node)
        for each in elements or [node]:
            if each.tag != "!reference":
                yield from ((path, line) for line in each.lines())
            elif depth < _MOST_PARENTS:
                for place, target in self._called(*each.texts)[:1]:
                    yield from self._lines(place, target, depth + 1)
            else:
                cut(
                    f"{path}: a !reference leads through more than {_MOST_PARENTS} others, and was not followed"
                )

    def _why_idle(self) -> str:
        """Why it does not run before a merge; empty if it does."""
        is_idle = any(
            self._is_never(list(self._rules(workflow.get("rules"))))
            for _, workflow in self._called("workflow")
        )
        return "the workflow's rules let no pipeline run before a merge" if is_idle else ""

    def _rules(self, rules: Node, depth: int = 0) -> Iterator[Node]:
        """The ``rules`` of a job, those that ``!reference`` names in its place."""
        for each in [rules] if rules.tag == "!reference" else rules:
            if each.tag != "!reference":
                yield each
            elif depth < _MOST_PARENTS:
                for _, target in self._called(*each.texts)[:1]:
                    yield from self._rules(target, depth + 1)

    def _is_never(self, rules: Sequence[Node]) -> bool:
        """Whether there are rules, and none of them lets anything run before a merge."""
        idle = [
            rule.get("when").text == "never"
            or _is_unchanged(rule.get("changes"), self._project.files)
            or all(truth(rule.get("if").text, source.get) is False for source in self._sources)
            for rule in rules
        ]
        return bool(idle) and all(idle)

    def why_lost(self, job: list[_Located]) -> str:
        """Why the failure of ``job`` does not count; empty if it does."""
        allowed, when, written, only, excepted = (
            next((value for _, each in job if (value := each.get(name))), Node())
            for name in ("allow_failure", "when", "rules", "only", "except")
        )
        rules = list(self._rules(written))
        left_out = set(_events(excepted)) | ({"branches", "tags"} if "pushes" in _events(excepted) else set())
        events = [name for name in _events(only) or ("branches", "tags") if name not in left_out]
        if idle := self._why or self._why_idle():
            return idle
        if allowed.is_true or _FAILURE in allowed.get("exit_codes").texts:
            return "the job has `allow_failure`"
        if when.text == "never" or self._is_never(rules):
            return "the job's rules never let it run before a merge"
        if _is_unchanged(only.get("changes"), self._project.files):
            return "the job runs where other files than those of Python change only"
        if not rules and all(name.removesuffix("s") in _NO_MERGE for name in events):
            return f"the job runs on `{', '.join(events)}` only" if events else "the job runs on nothing"
        if when.text == "on_failure":
            return "the job has `when: on_failure`, so it does not run when all jobs pass"
        if when.text == "manual" and not allowed and not rules:
            return "the job has `when: manual`, so the pipeline does not wait for it"
        if rules and all(rule.get("allow_failure").is_true for rule in rules):
            return "each of the job's rules has `allow_failure`"
        return ""


def _is_unchanged(changes: Node, files: Sequence[str]) -> bool:
    """Whether ``changes`` asks for a change of files of which none is of Python."""
    patterns = changes.get("paths").texts or changes.texts
    return bool(patterns and files) and not any(taken(patterns, files))


def _events(filters: Node) -> list[str]:
    """The kinds of pipelines that ``only`` or ``except`` names."""
    return filters.texts or filters.get("refs").texts
