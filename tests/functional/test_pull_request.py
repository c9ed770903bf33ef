"""A pull request with one bypass and one honest change: every format shows the one finding, and so does the page."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from phase12_lint.reports import format_names
from tests.golden.schemas import JSON, problems
from tests.old_codebase import Codebase
from tests.pull_request import pull_request

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
PAGE = ROOT / "docs" / "pull-request.md"
ONE = ["documents/captions.py:16"]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Codebase:
    return pull_request(tmp_path_factory.mktemp("pull-request") / "service")


@pytest.fixture(scope="module")
def told(service: Codebase) -> dict[str, str]:
    """What each format shows, from one run."""
    formats = [f"--format={name}={name}.report" for name in format_names()]
    summary = service.folder / "summary.report"
    done = service.run("check", "--diff-base", "main", *formats, status=1, GITHUB_STEP_SUMMARY=str(summary))
    assert done.stdout == ""
    return {path.stem: path.read_text("utf-8") for path in service.folder.glob("*.report")}


def json_places(report: str) -> list[str]:
    return [f"{each['path']}:{each['line']}" for each in json.loads(report)["findings"]]


def sarif_places(report: str) -> list[str]:
    results = json.loads(report)["runs"][0]["results"]
    places = [each["locations"][0]["physicalLocation"] for each in results]
    return [f"{unquote(p['artifactLocation']['uri'])}:{p['region']['startLine']}" for p in places]


def gitlab_places(report: str) -> list[str]:
    return [f"{each['location']['path']}:{each['location']['lines']['begin']}" for each in json.loads(report)]


def rdjson_places(report: str) -> list[str]:
    places = [each["location"] for each in json.loads(report)["diagnostics"]]
    return [f"{place['path']}:{place['range']['start']['line']}" for place in places]


def junit_places(report: str) -> list[str]:
    failed = [case for case in ElementTree.fromstring(report)[0] if case.find("failure") is not None]
    return [f"{case.attrib['classname']}:{case.attrib['name'].split()[-1].split(':')[0]}" for case in failed]


def by(pattern: str) -> Callable[[str], list[str]]:
    return lambda report: [":".join(found) for found in re.findall(pattern, report, re.MULTILINE)]


PLACES: dict[str, Callable[[str], list[str]]] = {
    "text": by(r"^ *--> (.*):(\d+):\d+$"),
    "concise": by(r"^(\S+):(\d+):\d+: GOV"),
    "github": by(r"^::error file=(.*?),line=(\d+)"),
    "markdown": by(r"^#### `(.*):(\d+)`$"),
    "summary": by(r"^#### `(.*):(\d+)`$"),
    "html": by(r'class="about">(\S+):(\d+):\d+</p>'),
    "json": json_places,
    "sarif": sarif_places,
    "gitlab": gitlab_places,
    "rdjson": rdjson_places,
    "junit": junit_places,
}


def test_the_branch_holds_two_findings_and_brings_one(service: Codebase) -> None:
    assert service.found() == [*ONE, "documents/start_page.py:9"]
    assert service.found("--diff-base", "main") == ONE
    service.git("checkout", "-q", "captions~1")
    assert service.found("--diff-base", "main") == []
    service.git("checkout", "-q", "captions")


@pytest.mark.parametrize("name", sorted(PLACES))
def test_each_format_shows_exactly_the_one_finding(told: dict[str, str], name: str) -> None:
    assert PLACES[name](told[name]) == ONE


def test_no_format_is_forgotten(told: dict[str, str]) -> None:
    assert set(PLACES) == set(told) == {*format_names(), "summary"}
    assert [each for name in (*JSON, "junit") for each in problems(name, told[name])] == []


@pytest.mark.parametrize("name", ["markdown", "html", "sarif"])
def test_a_report_says_that_it_tells_of_the_change_only(
    service: Codebase, told: dict[str, str], name: str
) -> None:
    commit = service.git("rev-parse", "main")[:12]
    said = f"Only what the change since {commit} (merge base with main) brings; 1 found there already."
    assert said in told[name]


@pytest.mark.parametrize("language", ["text", "github", "markdown"])
def test_the_document_shows_what_is_really_said(told: dict[str, str], language: str) -> None:
    """The commit is another one in each repository."""
    (shown,) = re.findall(rf"^````{language}\n(.*?)^````$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    real = re.sub(r"(?<=since )[0-9a-f]{12}", "0123456789ab", told[language])
    assert shown.strip() in real


def test_the_workflow_to_paste_is_one_and_has_no_known_weakness(tmp_path: Path) -> None:
    (workflow,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    path = tmp_path / ".github" / "workflows" / "phase12-lint.yml"
    path.parent.mkdir(parents=True)
    path.write_text(workflow.replace("A-COMMIT-OF-IT", "0" * 40))
    zizmor = ["zizmor", "--offline", "--no-progress", "--config", str(ROOT / ".github" / "zizmor.yml")]
    for command in (
        ["check-jsonschema", "--builtin-schema", "vendor.github-workflows", str(path)],
        ["check-jsonschema", "--builtin-schema", "vendor.github-actions", str(ROOT / "action.yml")],
        [*zizmor, str(path), str(ROOT / "action.yml")],
    ):
        done = subprocess.run(
            [str(BIN / command[0]), *command[1:]], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
    assert not [each for each in Codebase(tmp_path).found("--select", "GOV703") if "phase12-lint.yml" in each]
    told = Codebase(tmp_path).run("check", "--select", "GOV702", status=None).stdout
    assert "no workflow runs the linter" not in told
