"""What a message advises is due at its place: it names what this program has, and followed it leaves no finding."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from phase12_lint.model import Finding
from tests.doors import analysed
from tests.rules.test_examples import PROJECT

ROUTE = """\
from fastapi import FastAPI, HTTPException

{imports}

app = FastAPI()


@app.post("/v1/analyze")
def analyze({given}, name: str, payload: dict) -> dict:
    result, error = {call}
    if error:
        raise HTTPException(status_code=400, detail=error["error"])
    return {{"result": result}}
"""
SCRIPT = """\
{imports}


def nightly({given}, name: str, payload: dict):
    return {call}
"""
METHOD = """\
{imports}


class {owner}:
    def __init__(self, {given}) -> None:
        self.given = {argument}

    def {method}(self, name: str, payload: dict):
        return self.{call}
"""
OWN_NAMES = {
    "setup.cfg": """\
[phase12-lint]
plugin-bases = Extractor
plugin-methods = extract
plugin-sources =
choke-point = ExtractorRunner
runner-names = extractor_runner
layers = ExtractorService
input-validator = check_page
output-validator = check_words
error-envelope = make_error
metrics-update = record_execution
""",
    "docs/extractors.py": """\
class Extractor:
    def extract(self, page):
        raise NotImplementedError
""",
    "docs/errors.py": """\
def check_page(page):
    return page["image"], page["mime_type"]


def check_words(words):
    assert isinstance(words, dict)


def make_error(exc):
    return load_error(exc)
""",
    "docs/book.py": """\
class Book:
    def record_execution(self, name, state, elapsed_ms, had_error):
        print(name, state, elapsed_ms, had_error)
""",
    "docs/runner.py": """\
from docs.book import Book
from docs.errors import check_page, check_words, make_error
from docs.extractors import Extractor


class ExtractorRunner:
    def __init__(self, extractors: dict[str, Extractor], book: Book) -> None:
        self.extractors = extractors
        self.book = book

    def execute(self, name, page):
        try:
            extractor = self.extractors[name]
            check_page(page)
            words = extractor.extract(page)
            check_words(words)
            return words, None
        except Exception as exc:
            return None, make_error(exc)
        finally:
            self.book.record_execution(name, "RUNNING", page.elapsed, page.failed)
""",
    "docs/service.py": """\
from docs.runner import ExtractorRunner


class ExtractorService:
    def __init__(self, runner: ExtractorRunner) -> None:
        self.runner = runner

    def start(self, name, page):
        return self.runner.execute(name, page)
""",
}


def found_in(files: dict[str, str], root: Path) -> list[Finding]:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(analysed(root, {}).findings)


class Place(NamedTuple):
    """Where a plugin is run, and what is due there: what code of that place calls, from which module, and how."""

    title: str
    path: str
    text: str
    cls: str
    module: str
    method: str
    argument: str = "service"
    owner: str = ""
    own: str = ""

    def code(self, cls: str, module: str, method: str, argument: str) -> str:
        """The place with a call of ``argument.method``, ``argument`` being a ``cls``."""
        given = "given" if self.owner else argument
        return self.text.format(
            imports=f"from app.{module} import {cls}",
            given=f"{argument}: {cls}",
            argument=argument,
            call=f"{given}.{method}(name, payload)" if method != "run_plugin" else f"{given}.run(payload)",
            owner=self.owner,
            method=self.own,
        )


PLACES = [
    Place("route", "app/api.py", ROUTE, "AnalysisService", "analysis", "analyze"),
    Place("script", "app/nightly.py", SCRIPT, "AnalysisService", "analysis", "analyze"),
    Place(
        "first service",
        "app/analysis.py",
        METHOD,
        "JobManagementService",
        "job_management",
        "submit",
        owner="AnalysisService",
        own="analyze",
    ),
    Place(
        "second service",
        "app/job_management.py",
        METHOD,
        "PluginManagementService",
        "plugin_management",
        "execute",
        owner="JobManagementService",
        own="submit",
    ),
    Place(
        "last service",
        "app/plugin_management.py",
        METHOD,
        "ToolRunner",
        "tool_runner",
        "run",
        owner="PluginManagementService",
        own="execute",
    ),
]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.title)
def test_a_plugin_run_names_the_call_that_is_due(place: Place, tmp_path: Path) -> None:
    bad = place.code("Plugin", "plugins", "run_plugin", "plugin")
    direct = [
        each for each in found_in(PROJECT | {place.path: bad}, tmp_path / "bad") if each.code == "GOV101"
    ]
    due = f"call `{place.cls}.{place.method}` with the plugin's name instead"
    assert [each.message.partition("; ")[2] for each in direct] == [due]
    good = place.code(place.cls, place.module, place.method, place.argument)
    assert found_in(PROJECT | {place.path: good}, tmp_path / "good") == []


def test_a_layer_that_is_skipped_is_named_with_its_method(tmp_path: Path) -> None:
    route, script, *_ = PLACES
    for place in (route, script):
        code = place.code("ToolRunner", "tool_runner", "run", "tool_runner")
        messages = [each.message for each in found_in(PROJECT | {place.path: code}, tmp_path / place.title)]
        assert sum("call `AnalysisService.analyze` instead" in each for each in messages) == 1


@pytest.mark.parametrize(
    ("policy", "gone", "advice"),
    [
        ("layers =", (), "call `ToolRunner.run` with the plugin's name instead"),
        (
            "",
            ("app/analysis.py",),
            "no class here is called `AnalysisService`: name your services as `layers` in the policy, "
            "or leave `layers` empty and call `ToolRunner.run` with the plugin's name",
        ),
        (
            "layers =",
            ("app/analysis.py", "app/job_management.py", "app/plugin_management.py", "app/tool_runner.py"),
            "nothing here is called `ToolRunner`: name what may run plugins as `choke-point` in the policy",
        ),
    ],
)
def test_nothing_is_advised_that_the_program_lacks(
    policy: str, gone: tuple[str, ...], advice: str, tmp_path: Path
) -> None:
    script = SCRIPT.format(
        imports="from app.plugins import Plugin", given="plugin: Plugin", call="plugin.run(payload)"
    )
    files = {path: text for path, text in PROJECT.items() if path not in gone}
    found = found_in(files | {"app/nightly.py": script, "setup.cfg": f"[phase12-lint]\n{policy}\n"}, tmp_path)
    assert [each.message.partition("; ")[2] for each in found if each.code == "GOV101"] == [advice]


class Breach(NamedTuple):
    """A breach of the project with names of its own: ``text`` in the place of ``right``, or a file, and its message."""

    code: str
    path: str
    right: str
    text: str
    says: tuple[str, ...]


TRY = """\
        try:
            return self.runner.execute(name, page)
        except KeyError:
            return None
"""
ENVELOPE = "            return None, make_error(exc)\n"
UPDATE = '            self.book.record_execution(name, "RUNNING", page.elapsed, page.failed)\n'
CLI = """\
from docs.extractors import Extractor
from docs.runner import ExtractorRunner


"""
MAKES = ("return what `make_error` makes",)
BREACHES = [
    Breach(
        "GOV101",
        "docs/cli.py",
        "",
        f"{CLI}def main(extractor: Extractor):\n    return extractor.extract({{}})\n",
        ("outside `ExtractorRunner`", "call `ExtractorService.start` with"),
    ),
    Breach(
        "GOV105",
        "docs/cli.py",
        "",
        f"{CLI}ExtractorRunner.execute = print\n",
        ("`ExtractorRunner.execute`",),
    ),
    Breach("GOV201", "docs/runner.py", "            check_page(page)\n", "", ("call `check_page` on",)),
    Breach("GOV202", "docs/runner.py", "            check_words(words)\n", "", ("call `check_words` on",)),
    Breach(
        "GOV301",
        "docs/service.py",
        "        return self.runner.execute(name, page)\n",
        TRY,
        ("`ExtractorRunner` has already wrapped",),
    ),
    Breach("GOV303", "docs/runner.py", ENVELOPE, "            raise\n", MAKES),
    Breach("GOV306", "docs/runner.py", ENVELOPE, "            return None, {}\n", MAKES),
    Breach(
        "GOV401",
        "docs/runner.py",
        UPDATE,
        "            pass\n",
        ("call `record_execution` in a `finally`",),
    ),
    Breach(
        "GOV402",
        "docs/cli.py",
        "",
        f"{CLI}def main(book):\n    book.record_execution(1, 2, 3, 4)\n",
        ("outside `ExtractorRunner`",),
    ),
    Breach(
        "GOV505",
        "docs/cli.py",
        "",
        f"{CLI}def main(runner: ExtractorRunner):\n    return runner.execute(1, 2)\n",
        ("enters at `ExtractorRunner`", "call `ExtractorService.start` instead"),
    ),
]


@pytest.mark.parametrize("breach", BREACHES, ids=lambda breach: breach.code)
def test_a_message_uses_the_names_of_the_program(breach: Breach, tmp_path: Path) -> None:
    before = OWN_NAMES.get(breach.path, "")
    broken = before.replace(breach.right, breach.text) if breach.right else breach.text
    assert broken != before
    found = found_in(OWN_NAMES | {breach.path: broken}, tmp_path)
    [message] = [each.message for each in found if each.code == breach.code]
    assert [words for words in breach.says if words not in message] == [], message


def test_the_project_with_names_of_its_own_is_clean(tmp_path: Path) -> None:
    assert found_in(OWN_NAMES, tmp_path) == []
