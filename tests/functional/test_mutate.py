"""``mutate``: what is caught, what is not applicable and why, what is missed; and the tree stays as it was."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from phase12_lint.adopt.mutate import trials
from phase12_lint.adopt.mutate.ground import Ground
from phase12_lint.adopt.mutate.mutants import Mutant
from phase12_lint.cli import main
from phase12_lint.rulebook import rulebook
from tests.forked import command
from tests.mutations.model import IGNORED, lay_out

ROOT = Path(__file__).parents[2]
GITHUB = """\
on: [push]
jobs:
  check:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: phase12-lint check
      - name: Tests
        run: |
          pytest tests/phase_11
          pytest tests/phase_12
"""
GITLAB = """\
lint:
  script:
    - phase12-lint check
tests:
  script:
    - pytest tests/phase_11
    - pytest tests/phase_12
"""
HOOK = """\
repos:
  - repo: local
    hooks:
      - {id: lint, name: lint, entry: phase12-lint check, language: system}
"""
REASONS_ARE_OFF = "`require-suppression-reason` is off"


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def enforced(folder: Path, ci: dict[str, str]) -> None:
    tests = {f"tests/phase_{n}/test_it.py": "def test_it():\n    assert True\n" for n in (11, 12)}
    write(folder, {".pre-commit-config.yaml": HOOK, **tests, **ci})


def mutate(folder: Path, *words: str, status: int = 0) -> str:
    done = command(folder, ["mutate", "--no-cache", "--root", ".", *words])
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def rules(folder: Path, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(mutate(folder, "--format=json", *words))["rules"]
    return found


def words(found: list[dict[str, Any]], pipeline: str = "") -> dict[str, str]:
    return {each["code"]: each["verdict"] for each in found if each["pipeline"] == pipeline}


def contents(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.thorough
def test_all_is_caught_in_the_runtime_and_nothing_is_written(tmp_path: Path) -> None:
    lay_out(tmp_path)
    before = contents(tmp_path)
    found = rules(tmp_path, "--jobs=2")
    assert contents(tmp_path) == before
    caught = words(found)
    assert caught.keys() == set(rulebook())
    assert {code: word for code, word in caught.items() if word != "caught"} == dict.fromkeys(
        ("GOV003", "GOV004", "GOV701", "GOV702", "GOV703", "GOV704"), "not applicable"
    )
    reasons = {each["code"]: each["reason"] for each in found if not each["mutants"]}
    assert reasons["GOV003"] == REASONS_ARE_OFF
    assert reasons["GOV701"] == "no hook runs the linter, as was reported already"


@pytest.fixture(scope="module")
def both_pipelines(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("governed") / "service"
    shutil.copytree(ROOT / "examples" / "governed", folder, ignore=IGNORED)
    enforced(folder, {".github/workflows/ci.yml": GITHUB})
    policy = folder / "setup.cfg"
    policy.write_text(policy.read_text().replace("\n\n", "\nrequire-suppression-reason = true\n\n", 1))
    return rules(folder, "--jobs=2")


def test_all_is_caught_in_another_governed_project(both_pipelines: list[dict[str, Any]]) -> None:
    assert words(both_pipelines) == {**dict.fromkeys(rulebook(), "caught"), "GOV005": "not applicable"}


def test_each_pipeline_is_tried_under_its_own_policy(both_pipelines: list[dict[str, Any]]) -> None:
    found = words(both_pipelines, "tools")
    not_applicable = {code for code, word in found.items() if word != "caught"}
    assert not_applicable == {"GOV005", "GOV302", "GOV501", "GOV601", "GOV602", "GOV603", "GOV604", "GOV605"}
    (renamed,) = next(e for e in both_pipelines if (e["code"], e["pipeline"]) == ("GOV004", "tools"))[
        "mutants"
    ]
    assert "+class ToolExecutorMutant" in renamed["diff"]


def test_the_steps_of_gitlab_are_made_toothless(tmp_path: Path) -> None:
    enforced(tmp_path, {".gitlab-ci.yml": GITLAB, "app.py": ""})
    found = rules(tmp_path, "--select=GOV7")
    assert set(words(found).values()) == {"caught"}
    (toothless,) = found[2]["mutants"]
    assert "+    - phase12-lint check || true" in toothless["diff"]


def test_where_nothing_is_governed_nothing_applies_and_each_rule_says_why(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": "print('hello')\n"})
    found = rules(tmp_path)
    assert set(words(found).values()) == {"not applicable"}
    assert all(each["reason"] for each in found)


def test_what_the_policy_names_is_renamed_in_all_programs_of_the_project(tmp_path: Path) -> None:
    plugin = "class Plugin:\n    def run(self, page): ...\n\n\nclass Ocr(Plugin): ...\n"
    write(tmp_path, {"one/plugins.py": plugin, "two/plugins.py": plugin})
    (renamed,) = rules(tmp_path, "--select=GOV005")
    assert renamed["verdict"] == "caught"
    assert renamed["mutants"][0]["diff"].count("+class PluginMutant:") == 2


def test_rules_that_are_off_and_code_that_breaks_them_already_are_told_apart(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "examples" / "ungoverned", tmp_path / "service", ignore=IGNORED)
    write(tmp_path, {"policy.cfg": "[phase12-lint]\nignore = GOV104\n"})
    found = rules(tmp_path / "service", "--config=../policy.cfg", "--select=GOV104,GOV303")
    assert words(found) == {"GOV104": "not applicable", "GOV303": "caught"}
    assert found[0]["reason"] == "the configuration switches it off"
    runner = tmp_path / "service" / "documents" / "tool_runner.py"
    text = runner.read_text()
    runner.write_text(text.replace("            validate_input(", "            if image: validate_input("))
    (broken,) = rules(tmp_path / "service", "--config=../policy.cfg", "--select=GOV201")
    assert broken["reason"] == "documents/tool_runner.py breaks this rule already"


def test_what_is_missed_is_shown_and_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def harmless(ground: Ground) -> Iterator[Mutant]:
        yield ground.added("GOV101", "nothing is done", "NOTHING = 0")

    lay_out(tmp_path)
    monkeypatch.setattr(trials, "OF_THE_PROGRAM", {"GOV101": harmless})
    assert main(["mutate", "--no-cache", "--root", str(tmp_path), "--select", "GOV101"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("GOV101  missed          reference_runtime/api.py:")
    assert "    +NOTHING = 0" in said
    assert said[-1] == "0 rules caught, 0 not applicable, 1 missed; 1 mutant in all."


def test_a_diff_shows_what_was_done(tmp_path: Path) -> None:
    lay_out(tmp_path)
    said = mutate(tmp_path, "--select=GOV401", "--diff")
    assert "    -            self._registry.update_execution_metrics(" in said
    assert "    +            None" in said
    assert said.endswith("1 rule caught, 0 not applicable, 0 missed; 1 mutant in all.\n")


@pytest.mark.parametrize("option", ["--jobs=0", "--select=GOV9", "--format=html"])
def test_wrong_usage_is_one_line(option: str, tmp_path: Path) -> None:
    done = command(tmp_path, ["mutate", option])
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1


def test_what_needs_layers_or_metrics_applies_where_there_are_some(tmp_path: Path) -> None:
    bus = "class Bus:\n    def emit(self, hook: Hook, event):\n        hook(event)\n"
    policy = (
        "[phase12-lint]\nplugin-bases = Hook\nplugin-methods = __call__\nchoke-point = Bus.emit\nlayers =\n"
    )
    write(
        tmp_path,
        {
            "bus.py": f"class Hook:\n    def __call__(self, event): ...\n\n\n{bus}",
            "web.py": "from bus import Bus, Hook\n\n\n@app.post('/')\ndef route(bus: Bus, hook: Hook):\n"
            "    bus.emit(hook, 1)\n    return {}\n",
            "setup.cfg": policy,
        },
    )
    found = words(rules(tmp_path, "--jobs=2"))
    assert {code: word for code, word in found.items() if word == "missed"} == {}
    assert found["GOV101"] == "caught"
    assert {found[code] for code in ("GOV403", "GOV501", "GOV505")} == {"not applicable"}


def test_a_module_that_the_policy_names_is_not_renamed(tmp_path: Path) -> None:
    engine = "class Plugin:\n    def run(self, x): ...\n\n\ndef start(plugin: Plugin, x):\n    return plugin.run(x)\n"
    use = "import engine\n\n\ndef use(plugin: engine.Plugin):\n    return engine.start(plugin, 1)\n"
    policy = "[phase12-lint]\nchoke-point = engine\nlayers =\n"
    write(tmp_path, {"engine.py": engine, "use.py": use, "setup.cfg": policy})
    assert words(rules(tmp_path, "--jobs=1", "--select=GOV004")) == {"GOV004": "not applicable"}
    write(tmp_path, {"setup.cfg": policy.replace("= engine", "= engine:start")})
    assert words(rules(tmp_path, "--jobs=1", "--select=GOV004")) == {"GOV004": "caught"}
