"""How a project enforces its governance: hooks, workflows and the tests of its phases, read from its own files.

Nothing is run (but git, which is asked where its hooks stand). Source: seed, "7. Mechanical Enforcement".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from phase12_lint.enforcement import hooks
from phase12_lint.enforcement.ci import github, gitlab
from phase12_lint.enforcement.commands import Reader
from phase12_lint.enforcement.cuts import told
from phase12_lint.enforcement.documents import DocumentError, Node, read
from phase12_lint.enforcement.facts import Enforcement, Place, Unread, line_of
from phase12_lint.enforcement.project import ProjectFiles

__all__ = ["enforcement_of"]

_SECTION = {
    "setup.cfg": re.compile(r"^\[phase12-lint(:.*)?\]"),
    "pyproject.toml": re.compile(r"^\[tool\.\"?phase12-lint\"?(\..*)?\]"),
}


def enforcement_of(root: Path, policy_file: str = "", instead: Mapping[str, str | None] = {}) -> Enforcement:
    """What the project at ``root`` does; ``policy_file`` is where its policy was read, if it was ``--config``.

    ``instead`` is as for ``ProjectFiles``.
    """
    with told() as cuts:
        found = _enforcement(root, policy_file, instead)
    return found._replace(incomplete=tuple(cuts))


def _enforcement(root: Path, policy_file: str, instead: Mapping[str, str | None]) -> Enforcement:
    project = ProjectFiles(root, instead)
    unread: list[Unread] = []
    configured: list[hooks.Hook] = []
    reader = Reader(project, lambda call: hooks.doing(configured, call))
    document = _document(hooks.CONFIGURATION, project, unread)
    configured += hooks.configured(document, project, reader)
    workflows = {
        path: _document(path, project, unread) for path in project.names(github.FOLDER, github.SUFFIXES)
    }
    pipeline = gitlab.files(project, lambda path: _document(path, project, unread))
    policy, section = _policy(project, policy_file)
    return Enforcement(
        policy=policy,
        section=section,
        hook_files=(hooks.CONFIGURATION,) if project.read(hooks.CONFIGURATION) is not None else (),
        hooks=(*hooks.in_force(configured), *hooks.of_git(project, reader)),
        workflows=(*workflows, *pipeline),
        steps=(*github.steps(workflows, project, reader), *gitlab.steps(pipeline, reader)),
        unread=tuple(unread),
        folders=project.folders,
    )


def _document(path: str, project: ProjectFiles, unread: list[Unread]) -> Node:
    try:
        return read(project.read(path) or "")
    except DocumentError as error:
        unread.append(Unread(line_of(path, error.line), str(error)))
        return Node()


def _policy(project: ProjectFiles, named: str) -> tuple[Place, Place]:
    """Where the policy is written, or would be: the file, and its section."""
    if named:
        return line_of(named), line_of(named)
    for path, header in _SECTION.items():
        for number, line in enumerate((project.read(path) or "").splitlines(), 1):
            if header.match(line.strip()):
                return line_of(path), line_of(path, number)
    path = next((each for each in reversed(_SECTION) if project.read(each) is not None), "setup.cfg")
    return line_of(path), line_of(path)
