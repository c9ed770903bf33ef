"""What is to be found, as it is marked in the code, and what was found, as ``--format=concise`` says it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

_MARK = re.compile(r"  # error: (GOV\d{3})$")
_FINDING = re.compile(r"(.+?):(\d+):\d+: (GOV\d{3}) ")


class Mark(NamedTuple):
    """A finding: path below the tree, line from 1, code."""

    path: str
    line: int
    code: str


def marked(tree: Path) -> set[Mark]:
    """What is marked in the files below ``tree``."""
    return {
        Mark(path.relative_to(tree).as_posix(), number, mark[1])
        for path in tree.rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (mark := _MARK.search(line))
    }


def found(output: str, below: str = "") -> set[Mark]:
    """The findings in ``output``; of paths in the folder ``below``, what comes after it."""
    findings = (match for line in output.splitlines() if (match := _FINDING.match(line)))
    prefix = f"{below}/" if below else ""
    return {Mark(match[1].removeprefix(prefix), int(match[2]), match[3]) for match in findings}
