"""What rules by name, by shape and by value find of the evasion program: the table of ``docs/comparison.md``.

``python -m benchmarks.comparison`` writes it. A tool that cannot be installed here has no row.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from benchmarks import ours, peer_rules, peers
from benchmarks.marks import marked
from benchmarks.trees import fresh
from benchmarks.wheels import CACHE

PAGE = Path(__file__).parents[1] / "docs" / "comparison.md"
EVASIONS = Path(__file__).parents[1] / "tests" / "evasions" / "program"
PROGRAM = CACHE / "evasions"  # semgrep leaves out what stands below a folder `tests`
CODES = ("GOV101", "GOV102", "GOV103", "GOV104")
ANY = {
    "ast-grep": "id: any\nlanguage: python\nrule: {any: [{pattern: $P.run($$$)}, {pattern: 'getattr($P, \"run\")'}]}\n",
    "semgrep": (
        "rules: [{id: any, languages: [python], severity: ERROR, message: any, pattern-either: "
        "[{pattern: $P.run(...)}, {pattern: 'getattr($P, \"run\")'}]}]\n"
    ),
}
Lines = set[tuple[str, int]]


class Row(NamedTuple):
    """What a tool with a rule has reported."""

    tool: str
    rule: str
    lines: Lines

    def text(self, wanted: Lines, allowed: Lines) -> str:
        """The row of the table."""
        found = len(wanted & self.lines)
        other = len(self.lines - wanted - allowed)
        return f"| {self.tool} | {self.rule} | {found} | {len(wanted) - found} | {other} |\n"


def _said(command: Sequence[str]) -> str:
    return subprocess.run(command, cwd=PROGRAM, capture_output=True, text=True, check=False).stdout


def _ours() -> Lines:
    said = _said(
        (
            str(ours.PROGRAMS / "phase12-lint"),
            "check",
            "--select=GOV1",
            "--format=json",
            "--no-cache",
            "--exit-zero",
        )
    )
    return {(each["path"], each["line"]) for each in json.loads(said)["findings"] if each["code"] in CODES}


def _script() -> Lines:
    """A script that looks for the words, as teams write it first."""
    return {
        (path.relative_to(PROGRAM).as_posix(), number)
        for path in PROGRAM.rglob("*.py")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"\bplugin\.run\(", line)
    }


def _peer(tool: str, program: Path, rule: Path) -> Lines:
    if tool == "ast-grep":
        said = json.loads(_said((str(program), "scan", "--json", "--rule", str(rule), ".")))
        return {(each["file"].removeprefix("./"), each["range"]["start"]["line"] + 1) for each in said}
    options = ("--quiet", "--metrics=off", "--disable-version-check", "--no-git-ignore", "--json")
    said = json.loads(_said((str(program), "scan", *options, "--config", str(rule), ".")))
    return {(each["path"].removeprefix("./"), each["start"]["line"]) for each in said["results"]}


def _rows() -> Iterator[Row]:
    yield Row("phase12-lint", "GOV101 to GOV104", _ours())
    yield Row("a script", "`plugin.run(` in the text", _script())
    named = peer_rules.written()
    for tool, program in peers.install(tuple(ANY)).items():
        yield Row(tool, "`run` of a receiver named `*plugin*`", _peer(tool, program, named / f"{tool}.yml"))
        with TemporaryDirectory() as folder:
            rule = Path(folder, "any.yml")
            rule.write_text(ANY[tool], encoding="utf-8")
            yield Row(tool, "`run` of any receiver", _peer(tool, program, rule))


def main() -> None:
    """Measure, and write the table into the page."""
    shutil.copytree(EVASIONS, fresh(PROGRAM), dirs_exist_ok=True)
    marks = marked(PROGRAM)
    wanted = {(mark.path, mark.line) for mark in marks if mark.code in CODES}
    allowed = {(mark.path, mark.line) for mark in marks} - wanted
    rows = "".join(row.text(wanted, allowed) for row in _rows())
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(re.sub(r"(?<=\|--:\|--:\|--:\|\n)(\|.*\n)+", rows, page), encoding="utf-8")


if __name__ == "__main__":
    main()
