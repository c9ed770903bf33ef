"""All that a project does to enforce its governance.

Nothing is run (but git, which is asked where its hooks stand). Source: seed, "7. Mechanical Enforcement".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from phase12_lint.enforcement import hooks
from phase12_lint.enforcement.ci import github, gitlab
from phase12_lint.enforcement.commands import Reader
from phase12_lint.enforcement.cuts import told
from phase12_lint.enforcement.documents import DocumentError, Node, read
from phase12_lint.enforcement.facts import UNDECIDED, Enforcement, Step, Unread, line_of
from phase12_lint.enforcement.project import ProjectFiles
from phase12_lint.policy import Policy


def enforcement_of(
    root: Path, policy: Policy, policy_file: str = "", instead: Mapping[str, str | None] = {}
) -> Enforcement:
    """What the project at ``root`` does; the arguments are those of ``ProjectFiles``."""
    with told() as cuts:
        found = _enforcement(ProjectFiles(root, policy, policy_file, instead))
    undecided = (*_undecided(found.hooks), *_undecided(found.steps))
    return found._replace(incomplete=tuple(dict.fromkeys([*cuts, *undecided])))


def _undecided(steps: tuple[Step, ...]) -> Iterator[str]:
    """What nobody can tell of ``steps``, as far as no other step does the same for certain."""
    held = {duty for step in steps for duty, why in step.duties.items() if not why}
    for step in steps:
        if open_duties := [
            duty for duty, why in step.duties.items() if why == UNDECIDED and duty not in held
        ]:
            where, what = f"{step.place.path}:{step.place.span.line}", " and ".join(open_duties)
            yield f"{where}: {UNDECIDED} whether a failure of {what} counts; run it in a step of its own"


def _enforcement(project: ProjectFiles) -> Enforcement:
    unread: list[Unread] = []
    configured: list[hooks.Hook] = []
    reader = Reader(project, lambda words, skipped: hooks.doing(configured, words, skipped))
    document = _document(hooks.CONFIGURATION, project, unread)
    configured += hooks.configured(document, project, reader)
    workflows = {
        path: _document(path, project, unread) for path in project.names(github.FOLDER, github.SUFFIXES)
    }
    pipelines = gitlab.pipelines(project, lambda path: _document(path, project, unread))
    return Enforcement(
        policy=line_of(project.section.path),
        section=project.section,
        hook_files=(hooks.CONFIGURATION,) if project.read(hooks.CONFIGURATION) is not None else (),
        hooks=(*hooks.in_force(configured), *hooks.of_git(project, reader)),
        workflows=(*workflows, *(path for each in pipelines for path in each.documents)),
        steps=(
            *github.steps(workflows, project, reader),
            *(step for each in pipelines for step in gitlab.steps(each, reader)),
        ),
        unread=tuple(unread),
        folders=project.folders,
    )


def _document(path: str, project: ProjectFiles, unread: list[Unread]) -> Node:
    try:
        return read(project.read(path) or "")
    except DocumentError as error:
        unread.append(Unread(line_of(path, error.line), str(error)))
        return Node()
