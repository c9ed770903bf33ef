"""``python -m tests.flake8_in_each FOLDER ...``: flake8 in each folder, in a process each; prints JSON.

The processes are forked from one that has imported all that flake8 and the plugin import, which takes longer
than the linting of a case.
"""

from __future__ import annotations

import json
import os
import re
import sys
from pathlib import Path

from flake8.main.cli import main

import phase12_lint.analysis
import phase12_lint.integrations.flake8  # noqa: F401

LINE = re.compile(r"(?P<path>.*)\x1f(?P<line>\d+)\x1f(?P<column>\d+)\x1f(?P<code>\w+)")
FORMAT = "%(path)s\x1f%(row)d\x1f%(col)d\x1f%(code)s"


def lint(folder: Path) -> list[tuple[str, int, int, str]]:
    """The findings in ``folder``, sorted; raises ``RuntimeError`` when flake8 fails."""
    output, errors = folder.with_suffix(".flake8"), folder.with_suffix(".errors")
    child = os.fork()
    if child == 0:
        for descriptor, path in ((1, output), (2, errors)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), descriptor)
        os.chdir(folder)
        status = main(["--select=GOV", "--jobs=1", f"--format={FORMAT}"])
        sys.stdout.flush()
        os._exit(status)
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1) or errors.read_text():
        raise RuntimeError(f"flake8 in {folder}: {errors.read_text()}")
    found = [LINE.fullmatch(line) for line in output.read_text(errors="surrogateescape").splitlines()]
    places = [(m["path"].removeprefix("./"), int(m["line"]), int(m["column"]), m["code"]) for m in found if m]
    assert len(places) == len(found)
    return sorted(places)


if __name__ == "__main__":
    sys.stdout.write(json.dumps([lint(Path(folder)) for folder in sys.argv[1:]]))
