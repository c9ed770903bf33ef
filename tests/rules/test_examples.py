"""What ``explain`` shows of a rule is true: its example is that finding and no other, what to use instead is clean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import indent

import pytest

from phase12_lint.model import Finding
from phase12_lint.reports.manual import how_to_suppress
from phase12_lint.rulebook import Entry, built_in
from tests.doors import analysed, reported, settings_of

PAGE = (Path(__file__).parents[1] / "rule_examples.md").read_text(encoding="utf-8")
FILE = re.compile(r"^`([^`\n]+)`\n```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PLACE = re.compile(r"^( *)\{example\}$", re.MULTILINE)
TESTS = "def test_it():\n    assert True\n"


def files_by_title() -> Iterator[tuple[str, dict[str, str]]]:
    for part in PAGE.split("\n## ")[1:]:
        title, _, body = part.partition("\n")
        yield title, dict(FILE.findall(body))


FILES = dict(files_by_title())
PROJECT = FILES["The project"]


def of_code(code: str) -> dict[str, str]:
    """The files in which the examples of ``code`` stand."""
    return next(files for title, files in FILES.items() if code in title.split(", "))


def written(markdown: str) -> str:
    """The text of the one fenced block."""
    return markdown.partition("\n")[2].removesuffix("```").rstrip("\n")


def example_of(code: str, text: str) -> dict[str, str]:
    """The project with the example ``text`` of ``code`` in it."""
    if code == "GOV005":  # its example is a whole program, and its replacement the policy for that
        program = {"app/extractors.py": written(built_in()[code].parts["Example"])}
        return program | ({"setup.cfg": text} if text.startswith("[") else {})
    if code == "GOV704":  # its examples are lists of files
        others = {path: file for path, file in PROJECT.items() if not path.startswith("tests/")}
        return others | dict.fromkeys(text.splitlines(), TESTS)
    placed = {
        path: PLACE.sub(lambda place: indent(text, place[1]), file) for path, file in of_code(code).items()
    }
    assert placed != of_code(code)
    return PROJECT | placed


def findings_in(files: Mapping[str, str], root: Path, code: str) -> list[Finding]:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    options = {"extend-select": "GOV7"} if code.startswith("GOV7") else {}
    return reported(analysed(root, options).findings, settings_of(root, options))


def found_in(files: Mapping[str, str], root: Path, code: str) -> set[str]:
    return {each.code for each in findings_in(files, root, code)}


def suppressed(files: Mapping[str, str], findings: list[Finding]) -> dict[str, str]:
    """``files`` with what ``explain`` says of a comment done on the line of each of ``findings``."""
    lines = {path: text.split("\n") for path, text in files.items()}
    for code, path, number in {(each.code, each.path, each.span.line) for each in findings}:
        line = lines[path][number - 1]
        add, there = f"  # noqa: {code} the reason", re.search("# noqa: GOV...", line)
        lines[path][number - 1] = line.replace(there[0], f"{there[0]}, {code}") if there else line + add
    return {path: "\n".join(each) for path, each in lines.items()}


@pytest.mark.parametrize("entry", built_in().values(), ids=lambda entry: entry.code)
def test_the_example_is_that_finding_and_its_replacement_is_clean(entry: Entry, tmp_path: Path) -> None:
    bad, good = written(entry.parts["Example"]), written(entry.parts["Use instead"])
    assert found_in(example_of(entry.code, bad), tmp_path / "bad", entry.code) == {entry.code}
    assert found_in(example_of(entry.code, good), tmp_path / "good", entry.code) == set()


@pytest.mark.parametrize("entry", built_in().values(), ids=lambda entry: entry.code)
def test_how_to_suppress_is_true(entry: Entry, tmp_path: Path) -> None:
    files = example_of(entry.code, written(entry.parts["Example"]))
    findings = findings_in(files, tmp_path / "bad", entry.code)
    assert ("`# noqa` has no effect" in how_to_suppress(entry)) is not entry.by_noqa
    if entry.by_noqa:
        assert found_in(suppressed(files, findings), tmp_path / "noqa", entry.code) == set()
    policy = files.get("setup.cfg", "[phase12-lint]") + f"\nignore = {entry.code}\n"
    assert found_in(files | {"setup.cfg": policy}, tmp_path / "ignored", entry.code) == set()
