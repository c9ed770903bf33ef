"""The house keeps its own rules: sizes, versions that agree, pages that say what is true today."""

from __future__ import annotations

import re
from configparser import ConfigParser
from pathlib import Path
from statistics import median

import pytest

from docs.generate import stale, wanted
from phase12_lint import __version__
from phase12_lint.rulebook import HEADINGS, Entry, rulebook
from tests.forked import command

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "phase12_lint").rglob("*.py"))
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]


def setup_cfg() -> ConfigParser:
    parser = ConfigParser(interpolation=None)
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_file_is_of_one_subject(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= 400


def test_files_are_mostly_small() -> None:
    assert median(len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES) <= 150


@pytest.mark.parametrize("entry", rulebook().values(), ids=lambda entry: entry.code)
class TestEachRule:
    def test_is_written_in_one_place(self, entry: Entry) -> None:
        spelled = re.compile(rf'code(: [\w\[\].]+)? = "{entry.code}"')
        assert [path.parent.name for path in SOURCES if spelled.search(path.read_text())] == ["rules"]

    def test_says_all_that_explain_shows(self, entry: Entry) -> None:
        assert tuple(entry.parts) == HEADINGS
        assert all(entry.parts.values())

    def test_has_a_name_that_reads_well_and_a_section(self, entry: Entry) -> None:
        assert re.fullmatch(r"[a-z]+(-[a-z]+)*", entry.name)
        assert entry.section.startswith("§") or entry.code.startswith("GOV0")


def test_the_version_is_said_once_and_has_its_notes() -> None:
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(rf"^## {re.escape(__version__)}\b", changes, re.MULTILINE)


def test_the_oldest_python_is_the_same_for_all_tools() -> None:
    tools = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    options = setup_cfg()["options"]
    classifiers = setup_cfg()["metadata"]["classifiers"].split("\n")
    versions = [line.split(" :: ")[-1] for line in classifiers if re.search(r":: 3\.\d+$", line)]
    assert options["python_requires"] == f">={versions[0]}"
    assert f'\npython_version = "{versions[0]}"\n' in tools
    assert f'\ntarget-version = "py{versions[0].replace(".", "")}"\n' in tools


def test_the_documents_that_are_made_are_what_the_program_says() -> None:
    assert stale(wanted()) == [], "make docs writes them anew"


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_page_names_only_targets_and_files_that_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`make ([a-z-]+)", text)) <= targets
    links = [link for link in re.findall(r"\]\(([^)#\s]+)", text) if ":" not in link]
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_pages_name_only_options_that_exist() -> None:
    named: dict[str, set[str]] = {}
    for page in PAGES:
        for each in re.finditer(
            r"\bphase12-lint ([a-z]+(?: create| update| prune)?)([^`\n|]*)", page.read_text(encoding="utf-8")
        ):
            named.setdefault(each[1], set()).update(re.findall(r"(--[a-z][a-z-]+)", each[2]))
    assert len(named) > 8
    wrong = {
        name: {option for option in options if not re.search(rf"{option}\b", told)}
        for name, options in named.items()
        if options and (told := command(ROOT, [*name.split(), "--help"]).stdout)
    }
    assert {name: options for name, options in wrong.items() if options} == {}


def test_the_readme_is_short() -> None:
    assert len(README.split()) < 1200
