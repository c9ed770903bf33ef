"""``check --fix`` and ``--diff``: the fixes of what would be reported, written or shown."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Collection, Iterator
from difflib import unified_diff
from os.path import relpath
from pathlib import Path

from phase12_lint.adopt.fixing import Applied, Changed, Wanted, fixed
from phase12_lint.cli.output import put, replace
from phase12_lint.cli.progress import Progress
from phase12_lint.engine import Request
from phase12_lint.reports.summary import counted
from phase12_lint.sources.decode import split_lines


def fix(options: Namespace, request: Request, wanted: Wanted, progress: Progress) -> None:
    """Fix what is ``wanted``: write the files, or show how they would differ; say on stderr what was done."""
    done = fixed(request, wanted, options.unsafe_fixes, progress)
    if options.diff:
        put("".join(line for each in done.files for line in _diff(request.root, each)))
        written: Collection[str] = [each.path for each in done.files]
    else:
        written = [each.path for each in done.files if _write(request.root, each)]
    if not options.quiet:
        sys.stderr.writelines(
            f"phase12-lint: {each}\n" for each in _told(request.root, done, written, options.diff)
        )


def _told(root: Path, done: Applied, written: Collection[str], only_shown: bool) -> Iterator[str]:
    for finding, why in done.refused:
        yield f"{_seen(root, finding.path)}:{finding.span.line}: {finding.code} is not fixed: {why}"
    number = sum(finding.path in written for finding in done.fixed)
    if number:
        verb = "would be fixed" if only_shown else "fixed"
        yield f"{counted(number, 'finding')} {verb} in {counted(len(written), 'file')}"


def _write(root: Path, changed: Changed) -> bool:
    """Write the file, whole or not at all, if it is as it was read; whether that was done."""
    path = root / changed.path
    why = ""
    try:
        if not path.resolve().is_relative_to(root.resolve()):
            why = "it is a link to a file outside the project"
        elif (data := path.read_bytes()) == changed.data:
            return True  # a link to a file that was written
        elif data != changed.was:
            why = "it was changed in the meantime"
        elif not path.stat().st_mode & 0o222:  # to replace it, no permission is needed
            why = "it is read-only"
        else:
            replace(path, changed.data)
    except OSError as error:
        why = str(error.strerror)
    if why:
        sys.stderr.write(f"phase12-lint: cannot fix {_seen(root, changed.path)}: {why}\n")
    return not why


def _diff(root: Path, changed: Changed) -> Iterator[str]:
    name = _seen(root, changed.path)
    before, after = split_lines(changed.before), split_lines(changed.after)
    for line in unified_diff(before, after, name, name):
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def _seen(root: Path, path: str) -> str:
    return Path(relpath(root / path)).as_posix()
