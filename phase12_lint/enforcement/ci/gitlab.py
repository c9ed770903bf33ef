"""GitLab CI: the lines of the scripts of a pipeline's jobs, and why the failure of one would not count.

Source: https://docs.gitlab.com/ci/yaml/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatchcase
from posixpath import dirname
from typing import NamedTuple

from phase12_lint.enforcement.commands import Reader
from phase12_lint.enforcement.cuts import cut
from phase12_lint.enforcement.documents import Node
from phase12_lint.enforcement.expressions import truth
from phase12_lint.enforcement.facts import Duties, Place, Step, under
from phase12_lint.enforcement.project import ProjectFiles
from phase12_lint.enforcement.shell import Modes

FILE = ".gitlab-ci.yml"
_SUFFIXES = (".yml", ".yaml")
_NO_JOBS = {
    *("default", "include", "stages", "variables", "workflow", "image", "services", "cache", "before_script"),
    *("after_script", "pages:deploy", "spec"),
}
_MOST_PARENTS = 10
_MOST_FILES = 50
_NO_MERGE = {"schedule", "web", "api", "trigger", "chat", "webide", "tag", "pipeline", "external"}
_MERGING = ({"$CI_PIPELINE_SOURCE": "merge_request_event"}, {"$CI_PIPELINE_SOURCE": "push"})
_FAILURE = "1"  # the status of the linter, and of pytest, with findings


class _Line(NamedTuple):
    """A line of a script, with the file that it stands in."""

    path: str
    node: Node


def files(project: ProjectFiles, document: Callable[[str], Node]) -> dict[str, Node]:
    """The pipeline's file and the files of the project that it includes, by their paths."""
    found: dict[str, Node] = {}
    pending = [FILE] if project.read(FILE) is not None else []
    for path in pending:
        if path not in found:
            if len(found) >= _MOST_FILES:
                cut(f"{FILE} includes more than {_MOST_FILES} files; {path} was not read")
                continue
            found[path] = document(path)
            pending += _included(found[path], project)
    return found


def _included(document: Node, project: ProjectFiles) -> Iterator[str]:
    include = document.get("include")
    entries = [include, *include]
    for name in [*include.texts, *(entry.get("local").text for entry in entries)]:
        pattern = name.lstrip("/")
        if "*" in pattern:
            folder = dirname(pattern.partition("*")[0])
            yield from (
                path for path in project.names(folder or ".", _SUFFIXES) if fnmatchcase(path, pattern)
            )
        elif "://" not in pattern and project.read(pattern) is not None:
            yield pattern


def steps(documents: Mapping[str, Node], reader: Reader) -> Iterator[Step]:
    """The lines of the pipeline that the files ``documents`` are that do one of the duties."""
    pipeline = _Pipeline(documents)
    for name in pipeline.jobs():
        line = pipeline.ancestors(name)
        why = pipeline.why_idle() or _lost(line)
        before = pipeline.script(line, "before_script") or pipeline.default("before_script")
        script = [*before, *pipeline.script(line, "script")]
        counted = reader.script("\n".join(each.node.text for each in script), Modes(True, True))
        for each in script:
            duties = _of_line(each.node, counted, reader)
            if duties:
                yield Step(Place(each.path, each.node.span), under(duties, why))
        for each in pipeline.script(line, "after_script") or pipeline.default("after_script"):
            duties = reader.script(each.node.text, Modes(True, True))
            if duties:
                lost = "a job's `after_script` cannot fail it"
                yield Step(Place(each.path, each.node.span), dict.fromkeys(duties, lost))


class _Pipeline:
    def __init__(self, documents: Mapping[str, Node]) -> None:
        self._documents = documents

    def jobs(self) -> list[str]:
        """The names of the jobs that run; a file goes before those that it includes."""
        names = (key.text for document in self._documents.values() for key, _ in document.items())
        return [name for name in dict.fromkeys(names) if name not in _NO_JOBS and not name.startswith(".")]

    def _called(self, *names: str) -> list[tuple[str, Node]]:
        return [(path, node) for path, each in self._documents.items() if (node := each.get(*names))]

    def ancestors(self, name: str) -> list[tuple[str, Node]]:
        """The job ``name`` and what it extends, nearest first, each with its file."""
        found = self._called(name)
        for _, each in found:
            if len(found) > _MOST_PARENTS:
                cut(f"the job `{name}` extends more than {_MOST_PARENTS} others; the rest were not read")
                break
            for parent in reversed(each.get("extends").texts):
                found += self._called(parent)
        return found

    def script(self, line: list[tuple[str, Node]], name: str) -> list[_Line]:
        """The script ``name`` of the nearest of ``line`` that has one."""
        path, node = next(((path, value) for path, each in line if (value := each.get(name))), ("", Node()))
        return list(self._lines(path, node, 0))

    def default(self, name: str) -> list[_Line]:
        """The script ``name`` of jobs that have none."""
        found = self._called("default", name) or self._called(name)
        return list(self._lines(*found[0], 0)) if found else []

    def _lines(self, path: str, node: Node, depth: int) -> Iterator[_Line]:
        """The lines of a script; what ``!reference`` names stands for itself."""
        elements = [node] if node.tag == "!reference" else list(node)
        if not elements:
            yield from (_Line(path, each) for each in node.lines())
        for each in elements:
            if each.tag != "!reference":
                yield from (_Line(path, line) for line in each.lines())
            elif depth < _MOST_PARENTS:
                for place, target in self._called(*each.texts)[:1]:
                    yield from self._lines(place, target, depth + 1)
            else:
                cut(
                    f"{path}: a !reference leads through more than {_MOST_PARENTS} others, and was not followed"
                )

    def why_idle(self) -> str:
        """Why no pipeline runs before a merge; empty if one does."""
        for _, workflow in self._called("workflow"):
            if _is_never(workflow.get("rules")):
                return "the workflow's rules let no pipeline run before a merge"
        return ""


def _of_line(line: Node, counted: Duties, reader: Reader) -> Duties:
    """What one line does; it fails the job if it can within the whole script, where a later line may say so."""
    alone = reader.script(line.text, Modes(True, True))
    return {duty: counted.get(duty, why) for duty, why in alone.items()}


def _is_never(rules: Node) -> bool:
    """Whether there are rules, and none of them lets anything run before a merge."""
    idle = [
        rule.get("when").text == "never"
        or all(truth(rule.get("if").text, source.get) is False for source in _MERGING)
        for rule in rules
    ]
    return bool(idle) and all(idle)


def _lost(line: list[tuple[str, Node]]) -> str:
    allowed, when, rules, only = (
        next((value for _, each in line if (value := each.get(name))), Node())
        for name in ("allow_failure", "when", "rules", "only")
    )
    if allowed.is_true or _FAILURE in allowed.get("exit_codes").texts:
        return "the job has `allow_failure`"
    if when.text == "never" or _is_never(rules):
        return "the job's rules never let it run before a merge"
    events = only.texts or only.get("refs").texts
    if events and all(name.removesuffix("s") in _NO_MERGE for name in events):
        return f"the job runs on `{', '.join(events)}` only"
    if when.text == "on_failure":
        return "the job has `when: on_failure`, so it does not run when all jobs pass"
    if when.text == "manual" and not allowed.is_false and not list(rules):
        return "the job has `when: manual`, so the pipeline does not wait for it"
    if list(rules) and all(rule.get("allow_failure").is_true for rule in rules):
        return "each of the job's rules has `allow_failure`"
    return ""
