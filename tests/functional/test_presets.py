"""Presets: each governs a small project of its framework, and a user's own keys go before its keys."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from phase12_lint.adopt.init.guesses import Inferred
from phase12_lint.adopt.init.infer import infer
from phase12_lint.adopt.init.section import section
from phase12_lint.cli import main
from phase12_lint.config import KEYS, ConfigError, Settings, amend, load
from phase12_lint.config.keys import convert
from phase12_lint.config.written import Text
from phase12_lint.engine import Request, run
from phase12_lint.presets import DEFAULT, preset, preset_names
from phase12_lint.proofs import prove
from phase12_lint.sources import scan
from tests.doors import flake8
from tests.harness import Case, read_document

PAGE = read_document(Path(__file__).parents[1] / "rules" / "GOV101-direct-plugin-run-presets.md")


def written(folder: Path, text: str, name: str = "setup.cfg") -> Settings:
    (folder / name).write_text(text)
    return load(folder)


def test_each_preset_has_a_case() -> None:
    assert {DEFAULT, *(case.title.rpartition(" ")[2] for case in PAGE.cases)} == set(preset_names())


@pytest.mark.parametrize("case", PAGE.cases, ids=lambda case: case.title.rpartition(" ")[2])
def test_nothing_but_the_bypass_is_found_and_the_executor_is_proved(case: Case, tmp_path: Path) -> None:
    case.write(tmp_path)
    settings = load(tmp_path)
    request = Request(tmp_path, settings.policies, cache=False)
    findings = [each for each in run(request).findings if not each.code.startswith("GOV7")]
    assert [(each.path, each.span.line, each.code) for each in findings] == [
        (mark.path, mark.line, mark.code) for mark in case.marks
    ]
    verdicts = {
        (way.verdict, settings.policies[0].choke_point[0] in "".join(hop.name for hop in way.hops))
        for way in prove(request).ways
    }
    assert verdicts == {("PROVED", True), ("VIOLATED", False)}


@pytest.mark.parametrize("case", PAGE.cases, ids=lambda case: case.title.rpartition(" ")[2])
def test_init_proposes_the_preset_by_the_imports_and_finds_the_executor(case: Case, tmp_path: Path) -> None:
    case.write(tmp_path)
    files = {path: (tmp_path / path).read_bytes() for path in scan(tmp_path)}
    name = case.title.rpartition(" ")[2]
    proposed = {guess.key: guess for guess in infer(files).guesses}
    assert (proposed["extends"].names, proposed["extends"].sure) == ((name,), "likely")
    assert re.search(r"^[\w.]+ is imported at app/\w+\.py:1, .* first at app/", proposed["extends"].evidence)
    assert proposed["choke-point"].names == preset(name).keys["choke-point"]
    text = section(Inferred(tuple(proposed.values())), "ini")
    assert written(tmp_path, text).policies[0].plugin_bases == preset(name).keys["plugin-bases"]


def test_init_proposes_the_preset_where_its_plugins_are_only_defined() -> None:
    tool = b"from smolagents import Tool\n\n\nclass Reader(Tool):\n    def forward(self, page):\n        return page\n"
    both = (
        tool
        + b"\n\nclass Binder(Tool):\n    def forward(self, pages):\n        return Reader().forward(pages[0])\n"
    )
    for text, told in ((tool, "`Reader`"), (both, "`Reader`, `Binder`")):
        proposed = {guess.key: guess for guess in infer({"app/tools.py": text}).guesses}
        assert (proposed["extends"].names, proposed["extends"].sure) == (("smolagents",), "likely")
        assert proposed["extends"].evidence.endswith(f" is defined by {told}, first in app/tools.py")
        assert proposed["choke-point"].names == ()
    own = {"smolagents/tools.py": b"class Tool:\n    def forward(self): ...\n", "smolagents/reader.py": tool}
    assert "extends" not in {guess.key for guess in infer(own).guesses}


def test_init_proposes_no_preset_where_its_framework_only_stands_by(tmp_path: Path) -> None:
    files = {"app.py": b"from celery import Celery\n\n\ndef run(tool):\n    return tool.invoke(1)\n"}
    assert "extends" not in {guess.key for guess in infer(files).guesses}


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_the_command_shows_the_presets(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rules", "--presets", "--format", form]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in preset_names())
    assert form != "json" or json.loads(shown)["presets"][1]["keys"]["choke-point"] == ["OperatorRunner"]


def test_flake8_reads_the_preset(tmp_path: Path) -> None:
    case = next(case for case in PAGE.cases if case.title.endswith("celery"))
    case.write(tmp_path)
    assert [(place[0], place[1], place[3]) for place in flake8(tmp_path)] == [
        (mark.path, mark.line, mark.code) for mark in case.marks
    ]


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_says_what_a_policy_may_say(name: str) -> None:
    for key, words in preset(name).keys.items():
        value, _, problems = convert(KEYS[key], tuple(Text(word, 1) for word in words) or (Text("", 1),))
        assert (value, problems) == (words, [])
    assert preset(name).keys.keys() == preset(DEFAULT).keys.keys()


def test_own_keys_go_before_those_of_the_preset_in_each_pipeline(tmp_path: Path) -> None:
    text = "[phase12-lint]\nlayers =\n[phase12-lint:tools]\nextends = langchain\nchoke-point = Hub\n"
    first, tools = written(tmp_path, text).policies
    assert first.extends == DEFAULT
    assert first.layers == ()
    assert tools.choke_point == ("Hub",)
    assert tools.plugin_methods == preset("langchain").keys["plugin-methods"]
    toml = '[tool.phase12-lint.pipelines.tools]\nextends = "langchain"\n"choke-point" = "Hub"\n'
    (tmp_path / "setup.cfg").unlink()
    assert written(tmp_path, toml, "pyproject.toml").policies[1]._replace(
        origins=(), section=None
    ) == tools._replace(origins=(), section=None)


def test_an_option_takes_a_preset_and_keeps_what_is_written(tmp_path: Path) -> None:
    settings = written(tmp_path, "[phase12-lint]\nplugin-names =\nchoke-point = Hub\n")
    policy = amend(settings, {"extends": "crewai", "plugin-methods": "run"}).policies[0]
    assert (policy.plugin_names, policy.choke_point, policy.plugin_methods) == ((), ("Hub",), ("run",))
    assert policy.plugin_bases == preset("crewai").keys["plugin-bases"]


def test_an_unknown_preset_is_told_with_its_place_and_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        written(tmp_path, "[phase12-lint]\nlayers =\nextends = langchian\n")
    assert raised.value.problems == (
        "setup.cfg:3: extends: 'langchian' is no preset; the nearest is 'langchain'",
    )
