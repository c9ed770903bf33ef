"""What was found before a change: the analysis of the commit where the change left a branch."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from phase12_lint.adopt.matching import Known, count
from phase12_lint.adopt.trees import CONFIGURATION, Blob, HistoryError, list_tree, unpack
from phase12_lint.cache import Cache, key_of
from phase12_lint.config import ConfigError, load
from phase12_lint.engine import Progress, Request, run
from phase12_lint.sources.git import ask_git

_FETCH = "this clone is shallow: run 'git fetch --unshallow', or check out with its history (fetch-depth: 0)"


class Before(NamedTuple):
    """What is known of ``commit``, and what is to be said of how that was found."""

    commit: str
    known: Known
    notes: tuple[str, ...]


def merge_base(root: Path, revision: str) -> str:
    """The commit where HEAD and ``revision`` parted, as ``git diff REV...`` has it. Raises ``HistoryError``."""
    if _line(root, "rev-parse", "--is-inside-work-tree") != "true":
        raise HistoryError(f"--diff-base needs git and a repository; {root} is in none")
    if not _line(root, "rev-parse", "--verify", "--quiet", "HEAD^{commit}"):
        raise HistoryError("--diff-base: there is no commit yet")
    is_shallow = _line(root, "rev-parse", "--is-shallow-repository") == "true"
    commit = (
        ""
        if revision.startswith("-")
        else _line(root, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    )
    if not commit:
        hint = _FETCH if is_shallow else "name a branch, a tag or a commit that 'git rev-parse' knows"
        raise HistoryError(f"--diff-base: unknown revision {revision!r}; {hint}")
    base = _line(root, "merge-base", commit, "HEAD")
    if not base:
        hint = _FETCH if is_shallow else "name a revision that shares history with HEAD"
        raise HistoryError(f"--diff-base: HEAD and {revision!r} have no common ancestor; {hint}")
    return base


def before(
    request: Request, revision: str, same_policy: bool = False, progress: Progress | None = None
) -> Before:
    """Analyse the merge base with ``revision`` of the project that ``request`` is about.

    It is governed by its own configuration; by the policy in ``request`` if ``same_policy``, or if its own is
    wrong. The answer is kept by its content. Raises ``HistoryError``.
    """
    commit = merge_base(request.root, revision)
    scripts = frozenset(path for path in request.files or () if not path.endswith(".py"))
    blobs = list_tree(request.root, commit, scripts=scripts)

    def analyse() -> tuple[list[tuple[str, str, int]], str]:
        return _analyse(request, blobs, same_policy, progress)

    content = [blob[:3] for blob in blobs]
    key = key_of("before", content, request.policies, request.exclude, same_policy)
    stored, note = Cache(request.root, request.cache).reuse(key, analyse)
    known: Known = Counter({(path, fingerprint): number for path, fingerprint, number in stored})
    return Before(commit, known, (note,) if note else ())


def _analyse(
    request: Request, blobs: list[Blob], same_policy: bool, progress: Progress | None
) -> tuple[list[tuple[str, str, int]], str]:
    note = ""
    with TemporaryDirectory(prefix="phase12-lint-") as name:
        root = Path(name)
        unpack(blobs, root)
        if not same_policy:
            try:
                own = load(root)
            except ConfigError as error:
                note = f"--diff-base: today's configuration is used, as that of the base is wrong: {error.problems[0]}"
            else:
                request = request._replace(policies=own.policies, exclude=own.exclude)
        files = tuple(sorted({blob.path for blob in blobs} - CONFIGURATION))
        outcome = run(request._replace(root=root, files=files, cache=False), progress)
    return [
        (path, fingerprint, number) for (path, fingerprint), number in count(outcome.findings).items()
    ], note


def _line(root: Path, *arguments: str) -> str:
    """The first line of what git answers; empty if it has no answer."""
    return (ask_git(root, *arguments) or b"").decode("utf-8", "replace").partition("\n")[0].strip()
