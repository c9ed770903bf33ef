"""Rules of a team's own, installed as a package: in every command, in flake8, and when they go wrong."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest

from phase12_lint.reports import format_names
from tests.own_package import EXAMPLE, GROUP, ROOT, Site, entry_points

PAGE = (ROOT / "docs" / "own-rules.md").read_text(encoding="utf-8")
RUNNER = """\
class Plugin:
    def run(self, page):
        raise NotImplementedError


class ToolRunner:
    def run(self, plugin: Plugin, page):
        return plugin.run(page)
"""
WORKER = """\
import logging

from app.runner import Plugin, ToolRunner

logger = logging.getLogger(__name__)


def work(tool_runner: ToolRunner, page):
    result = tool_runner.run("ocr", page)
    logger.info("done: %s", result)
    return result
"""
LINE, COLUMN = 10, 29
RULE = '''
from phase12_lint.own_rules import OwnRule


class {name}(OwnRule):
    """{does}."""

    code = "{code}"
    name = "{word}"

    def visit_Call(self, node):
        {body}
'''


def rule(code: str, body: str, name: str = "Rule") -> str:
    return RULE.format(name=name, does=f"What {code} does", code=code, word=f"rule-{code.lower()}", body=body)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return laid_out(tmp_path / "project")


def laid_out(folder: Path) -> Path:
    for name, text in {
        "setup.cfg": "[phase12-lint]\nignore = GOV2, GOV3, GOV4, GOV5\n",
        "app/__init__.py": "",
        "app/runner.py": RUNNER,
        "app/worker.py": WORKER,
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path / "site")


@pytest.fixture
def acme(site: Site) -> Site:
    site.install_example()
    return site


def check(site: Site, folder: Path, *options: str, status: int = 1) -> dict[str, Any]:
    done = site.run(folder, "phase12_lint", "check", "--format", "json", *options)
    assert done.returncode == status, done.stdout + done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def codes(site: Site, folder: Path, *options: str, status: int = 1) -> list[str]:
    return [each["code"] for each in check(site, folder, *options, status=status)["findings"]]


def test_a_finding_is_like_any_other(acme: Site, project: Path) -> None:
    (finding,) = check(acme, project)["findings"]
    assert finding.pop("fingerprint")
    assert finding == {
        "code": "ACM101",
        "name": "logged-result",
        "path": "app/worker.py",
        "line": LINE,
        "column": COLUMN,
        "end_line": LINE,
        "end_column": COLUMN + len("result"),
        "message": "the result of `tool_runner.run` is logged whole",
        "section": "own",
        "confidence": "certain",
        "trace": [
            {
                "path": "app/worker.py",
                "line": 8,
                "column": 10,
                "note": "parameter `tool_runner` is annotated `ToolRunner`",
            }
        ],
        "fix": None,
    }


@pytest.mark.parametrize("name", format_names())
def test_every_format_tells_it(acme: Site, project: Path, name: str) -> None:
    done = acme.run(project, "phase12_lint", "check", "--format", name)
    assert (done.returncode, done.stderr) == (1, "")
    assert "ACM101" in done.stdout
    assert "is logged whole" in done.stdout


def test_it_is_selected_ignored_and_bounded_as_any_other(acme: Site, project: Path) -> None:
    assert codes(acme, project, "--select", "ACM") == ["ACM101"]
    assert codes(acme, project, "--select", "GOV", status=0) == []
    assert codes(acme, project, "--ignore", "ACM101,GOV2,GOV3,GOV4,GOV5", status=0) == []
    (project / "setup.cfg").write_text("[phase12-lint]\nselect = ACM1\nmin-confidence = certain\n")
    assert codes(acme, project) == ["ACM101"]
    (project / "app" / "worker.py").write_text(WORKER.replace(": ToolRunner", ""))
    assert codes(acme, project, status=0) == []
    (project / "setup.cfg").write_text("[phase12-lint]\nselect = ACN\n")
    done = acme.run(project, "phase12_lint", "check")
    assert (done.returncode, "the nearest is ACM101" in done.stderr) == (2, True)


def test_a_noqa_and_the_ledger_know_it(acme: Site, project: Path) -> None:
    worker = project / "app" / "worker.py"
    worker.write_text(
        WORKER.replace(", result)\n", ", result)  # noqa: ACM101 no pages in it\n")
        + "\n\nX = 1  # noqa: ACM101 nothing here\nY = 1  # noqa: ACM999 another tool's\n"
    )
    document = check(acme, project, "--show-suppressed")
    assert [each["reason"] for each in document["suppressed"]] == ["no pages in it"]
    assert [(each["code"], each["line"]) for each in document["findings"]] == [("GOV002", 14)]
    listed = json.loads(acme.run(project, "phase12_lint", "suppressions", "--format", "json").stdout)
    assert [(each["line"], each["codes"], each["stale"]) for each in listed["suppressions"]] == [
        (LINE, ["ACM101"], []),
        (14, ["ACM101"], ["ACM101"]),
    ]
    worker.write_text(WORKER.replace(", result)\n", ", result)  # noqa: ACM1\n"))
    assert codes(acme, project, status=0) == []


def test_a_baseline_freezes_it(acme: Site, project: Path) -> None:
    created = acme.run(project, "phase12_lint", "baseline", "create")
    assert "1 finding in 1 file frozen" in created.stdout
    (project / "app" / "worker.py").write_text("import os\n\n" + WORKER)
    document = check(acme, project, status=0)
    assert document["summary"]["baselined"] == 1


def test_explain_and_the_catalogue_tell_it(acme: Site, project: Path) -> None:
    told = acme.run(project, "phase12_lint", "explain", "ACM101").stdout
    assert told.startswith(
        "ACM101 logged-result (own)\nA plugin's result is logged whole.\n\nWhat it does:\n"
    )
    assert "    # noqa: ACM101 the reason\n" in told.replace("        #", "    #")
    listed = acme.run(project, "phase12_lint", "rules").stdout.splitlines()
    assert re.fullmatch(r"ACM101  logged-result +own   A plugin's result is logged whole\.", listed[-1])
    document = json.loads(acme.run(project, "phase12_lint", "rules", "--format", "json").stdout)
    assert document["rules"][-1]["code"] == "ACM101"
    assert (
        "| ACM101 | logged-result |"
        in acme.run(project, "phase12_lint", "rules", "--format", "markdown").stdout
    )


def flake8(site: Site, folder: Path, *options: str) -> list[str]:
    done = site.run(folder, "flake8", "--jobs=1", "--format=%(path)s:%(row)d:%(col)d %(code)s", *options)
    assert done.stderr == ""
    lines = [line.removeprefix("./") for line in done.stdout.splitlines()]
    return [line for line in lines if re.search(r" (ACM|GOV)\d", line)]


def test_flake8_tells_it_where_its_letters_are_registered(acme: Site, project: Path) -> None:
    expected = f"app/worker.py:{LINE}:{COLUMN} ACM101"
    assert flake8(acme, project) == [expected]
    assert flake8(acme, project, "--select=ACM") == [expected]
    assert flake8(acme, project, "--select=ACM101,E9") == [expected]
    assert flake8(acme, project, "--ignore=ACM") == []
    assert flake8(acme, project, "--select=GOV") == []
    (project / "app" / "worker.py").write_text(
        WORKER.replace(", result)\n", ", result)  # noqa: ACM101 so\n")
    )
    assert flake8(acme, project) == []


def test_without_that_flake8_must_be_asked_for_them(site: Site, project: Path) -> None:
    points = {GROUP: entry_points(EXAMPLE / "setup.cfg")[GROUP]}
    site.install("acme_rules", points)
    shutil.copytree(EXAMPLE / "acme_rules", site.folder / "acme_rules")
    assert flake8(site, project) == []
    assert flake8(site, project, "--extend-select=ACM") == [f"app/worker.py:{LINE}:{COLUMN} ACM101"]


def test_letters_that_flake8_takes_are_demanded(site: Site, project: Path) -> None:
    site.install(
        "acme", {GROUP: "ACME1 = acme:Rule\nGOV900 = acme:Rule\nacm101 = acme:Rule"}, {"acme.py": ""}
    )
    done = site.run(project, "phase12_lint", "check")
    assert done.returncode == 2
    told = "the entry point must have the code as its name: one to three capital letters, not GOV, and three digits"
    for name in ("ACME1", "GOV900", "acm101"):
        line = f"phase12-lint: internal error: {name} (acme:Rule): RegistrationError: {told}; --debug shows where\n"
        assert line in done.stderr


class TestWhatGoesWrong:
    def test_what_a_rule_raises_costs_its_findings_alone(self, acme: Site, project: Path) -> None:
        (project / "app" / "other.py").write_text(WORKER + "\n\nX = 1  # noqa: BAD101 kept\n")
        body = (
            "self.report(node, 'a call')\n        if 'worker' in self.path:\n            raise KeyError('x')"
        )
        acme.install("bad", {GROUP: "BAD101 = bad:Rule"}, {"bad.py": rule("BAD101", body)})
        done = acme.run(project, "phase12_lint", "check", "--format", "json")
        assert done.returncode == 2
        line = "internal error: BAD101 rule-bad101 at app/worker.py: KeyError: 'x'; --debug shows where"
        assert done.stderr == f"phase12-lint: {line}\n"
        found = {(each["code"], each["path"]) for each in json.loads(done.stdout)["findings"]}
        assert found == {
            ("ACM101", "app/worker.py"),
            ("ACM101", "app/other.py"),
            ("BAD101", "app/other.py"),
            ("BAD101", "app/runner.py"),
        }
        debugged = acme.run(project, "phase12_lint", "check", "--debug").stderr
        assert "raise KeyError('x')\n" in debugged
        assert "BAD101" in debugged

    def test_flake8_tells_it_at_the_file(self, acme: Site, project: Path) -> None:
        body = "raise KeyError('x')"
        acme.install("bad", {GROUP: "BAD101 = bad:Rule"}, {"bad.py": rule("BAD101", body)})
        done = acme.run(project, "flake8", "--jobs=1", "--select=GOV,ACM")
        assert done.returncode == 1
        assert f"./app/worker.py:{LINE}:{COLUMN}: ACM101 " in done.stdout
        told = "GOV001 internal error: BAD101 rule-bad101 at app/worker.py: KeyError: 'x'"
        assert done.stdout.count(told) == 1
        assert f"./app/worker.py:1:1: {told}" in done.stdout

    @pytest.mark.parametrize(
        ("entry", "text", "told"),
        [
            ("BAD101 = nowhere:Rule", "", "ModuleNotFoundError: No module named 'nowhere'"),
            ("BAD101 = bad:Rule", "", "AttributeError: module 'bad' has no attribute 'Rule'"),
            ("BAD101 = bad:Rule", "raise SystemExit(0)", "SystemExit: 0"),
            (
                "BAD101 = bad:Rule",
                "class Rule: code = 'BAD101'",
                "RegistrationError: it must be a class below",
            ),
            ("BAD101 = bad:Rule", "Rule = 1", "RegistrationError: it must be a class below"),
            (
                "BAD101 = bad:Rule",
                rule("BAD102", "pass"),
                "RegistrationError: its code is 'BAD102', and the name of the entry point is 'BAD101'",
            ),
        ],
    )
    def test_a_rule_that_cannot_be_loaded(
        self, acme: Site, project: Path, entry: str, text: str, told: str
    ) -> None:
        acme.install("bad", {GROUP: entry}, {"bad.py": text})
        done = acme.run(project, "phase12_lint", "check", "--format", "concise")
        assert done.returncode == 2
        assert "ACM101" in done.stdout
        assert done.stderr.startswith(f"phase12-lint: internal error: {entry.replace(' = ', ' (')})")
        assert f": {told}" in done.stderr
        assert done.stderr.count("\n") == 1

    def test_the_other_commands_tell_a_rule_that_cannot_be_loaded(self, acme: Site, project: Path) -> None:
        acme.install("bad", {GROUP: "BAD101 = nowhere:Rule"})
        for command in (["rules"], ["explain", "ACM101"]):
            listed = acme.run(project, "phase12_lint", *command)
            assert "ACM101" in listed.stdout
        assert acme.run(project, "phase12_lint", "rules").returncode == 2
        asked = acme.run(project, "phase12_lint", "explain", "BAD101").stderr
        assert "ModuleNotFoundError: No module named 'nowhere'" in asked

    def test_two_rules_under_one_code(self, acme: Site, project: Path) -> None:
        acme.install("bad", {GROUP: "ACM101 = bad:Rule"}, {"bad.py": rule("ACM101", "pass")})
        done = acme.run(project, "phase12_lint", "check", "--format", "concise")
        assert done.returncode == 2
        assert done.stderr.count("another rule is registered under the same code") == 2

    def test_a_file_that_libcst_cannot_read_is_told(self, acme: Site, project: Path) -> None:
        (project / "app" / "odd.py").write_text("from app.runner import ToolRunner\nlog = 0 or(lambda: 0)\n")
        done = acme.run(project, "phase12_lint", "check", "--format", "concise")
        assert "ACM101" in done.stdout
        told = "app/odd.py cannot be read by libcst: no rule of your own is asked about it"
        assert done.stderr == f"phase12-lint: incomplete: {told}\n"


def test_another_rule_is_another_answer(acme: Site, project: Path) -> None:
    assert codes(acme, project) == codes(acme, project) == ["ACM101"]
    file = acme.folder / "acme_rules" / "logged_result.py"
    file.write_text(file.read_text().replace('m.Name("log") | m.Name("logger")', 'm.Name("log")'))
    assert codes(acme, project, status=0) == []
    shutil.rmtree(acme.folder / "acme_rules-1.0.dist-info")
    assert codes(acme, project, status=0) == []


def test_two_pipelines_tell_it_once(acme: Site, project: Path) -> None:
    with (project / "setup.cfg").open("a") as file:
        file.write("[phase12-lint:second]\nplugin-methods = run\n")
    assert codes(acme, project) == ["ACM101"]


def test_tests_are_exempt(acme: Site, project: Path) -> None:
    (project / "tests").mkdir()
    (project / "tests" / "test_worker.py").write_text(WORKER)
    assert codes(acme, project) == ["ACM101"]


ASKING = """
        known = self.known(node)
        roles = ("plugin", "plugin_class", "runner", "plugin_run", "governed_call")
        found = {role: getattr(known, role) for role in roles}
        told = [f"{role}={each.confidence.label}" for role, each in found.items() if each]
        told += [f"called_layer={known.called_layer}"] if known.called_layer else []
        self.report(node, f"{known.layer}: {' '.join(told)}", *filter(None, [known.plugin, known.governed_call]))

    visit_Name = visit_FunctionDef = visit_Call
"""
LAYERED = """\
from fastapi import FastAPI

from app.runner import Plugin, ToolRunner

app = FastAPI()


@app.post("/analyze")
def analyze(service: "AnalysisService", page):
    return service.analyze(page)


class AnalysisService:
    def __init__(self, tool_runner: ToolRunner):
        self.tool_runner = tool_runner

    def analyze(self, page):
        return self.tool_runner.run(Plugin(), page)
"""


def test_a_rule_may_ask_all_of_it(site: Site, project: Path) -> None:
    site.install("ask", {GROUP: "ASK101 = ask:Rule"}, {"ask.py": rule("ASK101", ASKING)})
    (project / "app" / "layered.py").write_text(LAYERED)
    told = {
        (each["path"], each["line"], each["column"], each["message"], each["confidence"])
        for each in check(site, project, "--select", "ASK")["findings"]
    }
    layered, runner = "app/layered.py", "app/runner.py"
    service = "API: governed_call=certain called_layer=AnalysisService"
    assert told >= {
        (layered, 9, 5, "API:", "certain"),
        (layered, 10, 12, service, "certain"),
        (layered, 14, 37, "AnalysisService: runner=certain", "certain"),
        (layered, 18, 16, "AnalysisService: governed_call=inferred called_layer=ToolRunner", "inferred"),
        (layered, 18, 37, "AnalysisService: plugin=certain", "certain"),
        (layered, 18, 37, "AnalysisService: plugin_class=certain", "certain"),
        (runner, 8, 16, "ToolRunner: plugin_run=certain", "certain"),
        ("app/worker.py", 8, 5, ":", "certain"),
    }


def test_the_example_holds_its_own_examples(site: Site, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "own_rule", ignore=shutil.ignore_patterns("__pycache__", ".*"))
    done = site.run(
        tmp_path / "own_rule", "pytest", "-p", "no:cacheprovider", "--strict-config", "-q", "tests"
    )
    assert done.returncode == 0, done.stdout + done.stderr


class TestThePage:
    def test_it_shows_the_files_of_the_example(self) -> None:
        shown = re.findall(r"^`(\S+)`\n```\w+\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
        assert [name for name, _ in shown] == ["acme_rules/logged_result.py", "setup.cfg"]
        for name, text in shown:
            assert text == (EXAMPLE / name).read_text()

    def test_its_test_is_a_part_of_that_of_the_example(self) -> None:
        (shown,) = re.findall(r"```python test\n(.*?)```", PAGE, re.DOTALL)
        whole = (EXAMPLE / "tests" / "test_logged_result.py").read_text()
        for line in filter(str.strip, shown.splitlines()):
            assert line in whole.splitlines()

    def test_its_commands_say_what_it_shows(self, acme: Site, project: Path) -> None:
        shown = re.findall(r"^\$ (\S+) ?(.*)\n((?:(?!\$ |```).*\n)*)", PAGE, re.MULTILINE)
        assert len(shown) == 5
        for command, arguments, output in shown:
            module = command.replace("-", "_")
            done = acme.run(project, module, *shlex.split(arguments))
            assert done.stdout + done.stderr == output, command
