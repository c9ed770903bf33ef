"""GitLab CI: the lines of the scripts of a pipeline's jobs, and why the failure of one would not count.

Source: https://docs.gitlab.com/ci/yaml/
"""

from __future__ import annotations

from collections.abc import Iterator

from phase12_lint.enforcement.commands import Reader
from phase12_lint.enforcement.documents import Node
from phase12_lint.enforcement.facts import Duties, Place, Step
from phase12_lint.enforcement.shell import Modes

FILE = ".gitlab-ci.yml"
_NO_JOBS = {
    *("default", "include", "stages", "variables", "workflow", "image", "services", "cache", "before_script"),
    *("after_script", "pages:deploy", "spec"),
}
_MOST_PARENTS = 10


def steps(path: str, document: Node, reader: Reader) -> Iterator[Step]:
    """The lines of the pipeline at ``path`` that do one of the duties."""
    for key, job in document.items():
        if key.text in _NO_JOBS or key.text.startswith("."):
            continue
        line = _ancestors(document, job)
        why = _lost(line)
        for name in ("before_script", "script"):
            script = _first(line, name) or (_defaults(document, name) if name == "before_script" else Node())
            lines = script.lines()
            whole = "\n".join(each.text for each in lines)
            counted = reader.script(whole, Modes(True, True))
            for each in lines:
                duties = _of_line(each, counted, reader)
                if duties:
                    yield Step(Place(path, each.span), dict.fromkeys(duties, why) if why else duties)


def _of_line(line: Node, counted: Duties, reader: Reader) -> Duties:
    """What one line does; it fails the job if it can within the whole script."""
    alone = reader.script(line.text, Modes(True, True))
    return {duty: why or counted.get(duty, "") for duty, why in alone.items()}


def _ancestors(document: Node, job: Node) -> list[Node]:
    """The job and what it extends, nearest first."""
    found = [job]
    for each in found:
        if len(found) > _MOST_PARENTS:
            break
        found += [parent for name in reversed(each.get("extends").texts) if (parent := document.get(name))]
    return found


def _first(line: list[Node], name: str) -> Node:
    return next((value for each in line if (value := each.get(name))), Node())


def _defaults(document: Node, name: str) -> Node:
    return document.get("default", name) or document.get(name)


def _lost(line: list[Node]) -> str:
    allowed, when, rules = (_first(line, name) for name in ("allow_failure", "when", "rules"))
    if allowed.is_true or allowed.get("exit_codes"):
        return "the job has `allow_failure`"
    conditions = [rule.get("when").text for rule in rules]
    if when.text == "never" or (conditions and all(each == "never" for each in conditions)):
        return "the job has `when: never`, so it never runs"
    if when.text == "manual" and not allowed.is_false and not conditions:
        return "the job has `when: manual`, so the pipeline does not wait for it"
    if conditions and all(rule.get("allow_failure").is_true for rule in rules):
        return "each of the job's rules has `allow_failure`"
    return ""
