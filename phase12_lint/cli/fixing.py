"""``check --fix`` and ``--diff``: the fixes of what would be reported, written or shown."""

from __future__ import annotations

import os
import re
import sys
from argparse import Namespace
from collections.abc import Collection, Iterator
from difflib import diff_bytes, unified_diff
from os.path import relpath
from pathlib import Path

from phase12_lint.adopt.fixing import Applied, Changed, Wanted, fixed
from phase12_lint.cli.output import put, replace
from phase12_lint.cli.progress import Progress
from phase12_lint.engine import Request
from phase12_lint.reports.summary import counted


def fix(options: Namespace, request: Request, wanted: Wanted, progress: Progress) -> tuple[str, ...]:
    """Fix what is ``wanted``: write the files, or show how they would differ; say on stderr what was done.

    Returns what rules, and the makers of fixes, raised.
    """
    done = fixed(request, wanted, options.unsafe_fixes, progress)
    act = _show if options.diff else _write
    # A link changes with its file.
    files = {_real(request.root, each.path): each for each in reversed(done.files)}
    written = [each.path for each in reversed(files.values()) if act(request.root, each)]
    if not options.quiet:
        sys.stderr.writelines(
            f"phase12-lint: {each}\n" for each in _told(request.root, done, written, options.diff)
        )
    return done.errors


def _told(root: Path, done: Applied, written: Collection[str], only_shown: bool) -> Iterator[str]:
    for finding, why in done.refused:
        yield f"{_seen(root, finding.path)}:{finding.span.line}: {finding.code} is not fixed: {why}"
    number = sum(finding.path in written for finding in done.fixed)
    if number:
        verb = "would be fixed" if only_shown else "fixed"
        yield f"{counted(number, 'finding')} {verb} in {counted(len(written), 'file')}"


def _write(root: Path, changed: Changed) -> bool:
    """Write the file, whole or not at all, if it is as it was read; whether that was done."""
    try:
        why = _hindrance(root, changed)
        if not why:
            replace(root / changed.path, changed.data)
    except OSError as error:
        why = str(error.strerror)
    return _said(root, changed, why)


def _show(root: Path, changed: Changed) -> bool:
    """Show how the file would differ, byte by byte, so that ``patch`` takes it; whether it could be written."""
    try:
        why = _hindrance(root, changed)
    except OSError as error:
        why = str(error.strerror)
    if not why:
        name = os.fsencode(_seen(root, _real(root, changed.path)))
        lines = diff_bytes(unified_diff, _lines(changed.was), _lines(changed.data), name, name)
        missing = b"\n\\ No newline at end of file\n"
        put(b"".join(line if line.endswith(b"\n") else line + missing for line in lines))
    return _said(root, changed, why)


def _lines(data: bytes) -> list[bytes]:
    return re.findall(rb"[^\n]*\n|[^\n]+", data)


def _hindrance(root: Path, changed: Changed) -> str:
    """Why the file cannot be written; empty if it can. Raises ``OSError``."""
    path = root / changed.path
    if not path.resolve().is_relative_to(root.resolve()):
        return "it is a link to a file outside the project"
    if path.read_bytes() != changed.was:
        return "it was changed in the meantime"
    if not path.stat().st_mode & 0o222:  # to replace it, no permission is needed
        return "it is read-only"
    return ""


def _real(root: Path, path: str) -> str:
    """The path of the file that is changed, behind links."""
    return Path(relpath((root / path).resolve(), root.resolve())).as_posix()


def _said(root: Path, changed: Changed, why: str) -> bool:
    if why:
        sys.stderr.write(f"phase12-lint: cannot fix {_seen(root, changed.path)}: {why}\n")
    return not why


def _seen(root: Path, path: str) -> str:
    return Path(relpath(root / path)).as_posix()
