"""What ``init`` is to write, and what it leaves alone and why. Nothing that exists is ever overwritten.

``PlanError`` is raised where a file cannot be written.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from phase12_lint.adopt.init import workflows
from phase12_lint.adopt.init.governance import TITLE, governance
from phase12_lint.adopt.init.guesses import Inferred
from phase12_lint.adopt.init.scanner import SCANNER
from phase12_lint.adopt.init.section import in_force, section
from phase12_lint.adopt.init.surroundings import Surroundings
from phase12_lint.config import file_for, load
from phase12_lint.policy import Policy


class PlanError(Exception):
    """A file cannot be written; says which and why."""


class Write(NamedTuple):
    """A file to write, text to put at the end of one that exists (``appends``), or a new one in its place
    (``replaces``)."""

    path: str
    text: str
    appends: bool = False
    executable: bool = False
    replaces: bool = False


class Keep(NamedTuple):
    """What is left alone, and why."""

    path: str
    why: str


def policy_of(root: Path) -> Policy | None:
    """The policy that is written already, if one is. Raises ``ConfigError`` if what is written is wrong."""
    settings = load(root)
    return settings.policies[0] if settings.file else None


def plan(policy: Policy | Inferred, around: Surroundings, refresh: bool = False) -> Iterator[Write | Keep]:
    """Each file in turn, for the ``policy`` that is written already, or for one that is inferred.

    To ``refresh`` is to write again what was made from the policy.
    """
    root = around.root
    if isinstance(policy, Inferred):
        yield _policy(root, section(policy, "ini"), section(policy, "toml"))
        policy = in_force(policy)
    else:
        yield Keep("the policy", "one is written already")
    scanner = Write("scripts/scan_phase_12_violations.py", SCANNER, executable=True)
    readme = Write("docs/PHASE12_GOVERNANCE.md", governance(policy))
    yield _unless_there(root, scanner)
    yield _renewed(root, readme, TITLE) if refresh else _unless_there(root, readme)
    if around.has_hook:
        yield Keep(".pre-commit-config.yaml", "a hook runs the linter already")
    else:
        there = (
            "it exists and is not changed; add this hook to it:\n" + workflows.PRE_COMMIT.partition("\n")[2]
        )
        yield _unless_there(root, Write(".pre-commit-config.yaml", workflows.PRE_COMMIT), there)
    made = (
        Write(".github/workflows/phase12-ci.yml", workflows.ci(around)),
        Write(".github/workflows/phase12-full.yml", workflows.full(around)),
    )
    if refresh and any(os.path.lexists(root / each.path) for each in made):
        yield from (_renewed(root, each, each.text.partition("\n")[0]) for each in made)
    elif around.has_ci:
        yield Keep(
            ".github/workflows", "a workflow runs the linter and the tests that the policy names already"
        )
    else:
        yield from (_unless_there(root, each) for each in made)


def _unless_there(root: Path, write: Write, why: str = "it exists") -> Write | Keep:
    return Keep(write.path, why) if os.path.lexists(root / write.path) else write


def _renewed(root: Path, write: Write, title: str) -> Write | Keep:
    """``write`` in place of what was written before, which begins with ``title``."""
    path = root / write.path
    if not os.path.lexists(path):
        return write
    try:
        was = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        return Keep(write.path, f"it cannot be read ({error})")
    if was == write.text:
        return Keep(write.path, "it already matches the policy")
    if not was.startswith(title):
        return Keep(write.path, f"it does not begin with '{title}', so it is not what `init` wrote")
    return write._replace(replaces=True)


def _policy(root: Path, ini: str, toml: str) -> Write | Keep:
    """The section at the end of ``setup.cfg``, else of ``pyproject.toml``, else in a new ``setup.cfg``."""
    name = file_for(root)
    text = toml if name.endswith(".toml") else ini
    return _appended(root, name, text) if os.path.lexists(root / name) else Write(name, text)


def _appended(root: Path, name: str, text: str) -> Write | Keep:
    try:
        data = (root / name).read_bytes()
        old = data.decode("utf-8")
    except OSError as error:
        return Keep(name, f"it cannot be read ({error.strerror}); write the section yourself:\n{text}")
    except UnicodeDecodeError as error:
        return Keep(
            name, f"it is not UTF-8 ({error}); save it as such, then write the section yourself:\n{text}"
        )
    gap = "" if not old else "\n" if old.endswith("\n") else "\n\n"
    added = gap + text
    if "\r\n" in old:
        added = added.replace("\n", "\r\n")
    if not _is_sound(root / name, old + added):
        return Keep(name, f"a section appended to it would not be read as one; write it yourself:\n{text}")
    return Write(name, added, appends=True)


def _is_sound(path: Path, text: str) -> bool:
    """Whether ``text`` as the file ``path`` says to us what we want to say."""
    if path.suffix == ".toml":
        from phase12_lint.config.toml import read
    else:
        from phase12_lint.config.ini import read
    written = read(text)
    return written.found and not written.problems


def carry_out(root: Path, write: Write) -> None:
    """Do it. Raises ``PlanError``; a file that has come into being meanwhile is not overwritten."""
    path = root / write.path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab" if write.appends else "wb" if write.replaces else "xb") as file:
            file.write(write.text.encode())
        if write.executable:
            path.chmod(path.stat().st_mode | 0o111)
    except OSError as error:
        raise PlanError(f"cannot write {write.path}: {error.strerror}") from None
