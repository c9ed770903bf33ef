"""The JSON Schemas in ``docs/schema`` take what the linter takes and gives, and refuse what it refuses."""

from __future__ import annotations

import json
import sys
from configparser import RawConfigParser
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from phase12_lint.config import ConfigError, load
from phase12_lint.config.keys import KEYS
from phase12_lint.engine import Request
from phase12_lint.presets import preset, preset_names
from phase12_lint.proofs import prove
from phase12_lint.reports.ways import WaysReport
from phase12_lint.reports.ways.json import render
from tests.golden.schemas import OURS, broken

ROOT = Path(__file__).parents[2]
POLICY = OURS / "policy.json"
FILES = sorted(
    [*ROOT.glob("examples/*/setup.cfg"), *ROOT.glob("benchmarks/policies/*.cfg"), ROOT / "setup.cfg"]
)
WRONG = [
    'plugin-base = ["Plugin"]',
    'plugin-bases = ["no name"]',
    'plugin-bases = ["a:b:c"]',
    "choke-point = []",
    'choke-point = " "',
    "layers = 3",
    'layers = [["A"]]',
    'extends = "langchian"',
    'phase-tests = ["tests/*"]',
    'select = ["gov"]',
    'min-confidence = "sure"',
    'require-suppression-reason = "perhaps"',
    "pipelines = []",
    'pipelines.tools.exclude = ["x"]',
    "pipelines.tools = 3",
]
RIGHT = [
    "",
    "layers = []",
    'layers = ""',
    'layers = "A, B.c, d.e:F"',
    'layers = ["A", "b:C.d"]',
    'plugin-names = ["plugins[]", "*_plugin"]',
    'exclude = ["!build/", "docs/*.py"]',
    'phase-tests = "tests/a, tests/b"',
    "require-suppression-reason = true",
    'min-confidence = "certain"',
    'pipelines.tools = {extends = "celery", choke-point = "Hub"}',
]


@pytest.mark.parametrize("file", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_policy_here_keeps_the_schema(file: Path) -> None:
    parser = RawConfigParser()
    parser.read(file, encoding="utf-8")
    sections = {name: dict(parser[name]) for name in parser.sections() if name.startswith("phase12-lint")}
    document = sections.pop("phase12-lint", {})
    named = {name.partition(":")[2]: keys for name, keys in sections.items()}
    assert broken(POLICY, {**document, "pipelines": named}) == []


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_keeps_it(name: str) -> None:
    assert broken(POLICY, {key: list(value) for key, value in preset(name).keys.items()}) == []


@pytest.mark.parametrize("text", [*RIGHT, *WRONG])
def test_the_schema_takes_what_the_reader_takes(tmp_path: Path, text: str) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.phase12-lint]\n{text}\n")
    try:
        load(tmp_path)
        taken = True
    except ConfigError:
        taken = False
    assert taken == (text in RIGHT)
    assert (broken(POLICY, tomllib.loads(text)) == []) == taken


def test_it_says_every_key_with_its_meaning() -> None:
    said = json.loads(POLICY.read_text())["properties"]
    assert {name: said[name]["description"] for name in KEYS} == {key.name: key.doc for key in KEYS.values()}


def test_the_paths_keep_theirs(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(
        "class Plugin:\n    def run(self): ...\n\n\n"
        "class ToolRunner:\n    def run(self, plugin: Plugin):\n        return plugin.run()\n\n\n"
        "def main(runner: ToolRunner, plugin: Plugin):\n    runner.run(plugin)\n    plugin.run()\n"
    )
    proof = prove(Request(tmp_path, load(tmp_path).policies, cache=False))
    document = json.loads(render(WaysReport(tmp_path, proof.ways, proof.layers), False))
    assert {way["verdict"] for way in document["paths"]} >= {"VIOLATED"}
    assert broken(OURS / "paths.json", document) == []
    document["paths"][0]["verdict"] = "FINE"
    assert broken(OURS / "paths.json", document) != []
