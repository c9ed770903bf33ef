"""Every format on one project with hostile names: as it was found right, and as its schema demands."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt

from phase12_lint.reports import format_names
from phase12_lint.rulebook import rulebook
from tests.golden.golden import REPORTS, comparable, golden, reports
from tests.golden.program import FILES
from tests.golden.schemas import JSON, problems


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return reports(tmp_path_factory.mktemp("golden"))


@pytest.mark.parametrize("name", format_names())
def test_a_report_is_as_it_was(made: dict[str, str], name: str) -> None:
    was = golden(name).read_bytes().decode()
    assert comparable(name, made[name]) == was, (
        "if this is what you want, run `make golden` and read the diff"
    )


def test_no_golden_file_is_left_over() -> None:
    assert set(REPORTS.iterdir()) == {golden(name) for name in format_names()}


@pytest.mark.parametrize("name", [*JSON, "junit"])
def test_a_report_keeps_its_schema(made: dict[str, str], name: str) -> None:
    assert problems(name, made[name]) == []


@pytest.mark.parametrize("name", [*JSON, "junit"])
def test_the_schemas_refuse(made: dict[str, str], name: str) -> None:
    wrong = {"sarif": ('"level"', '"livel"'), "gitlab": ('"begin"', '"start"'), "rdjson": ('"line"', '"row"')}
    wrong["json"] = ('"code"', '"kind"')
    old, new = wrong.get(name, (" failures=", " failed="))
    assert problems(name, made[name].replace(old, new)) != []


def test_the_project_has_many_kinds_of_findings(made: dict[str, str]) -> None:
    findings = json.loads(made["json"])["findings"]
    assert {finding["code"][:4] for finding in findings} >= {"GOV0", "GOV1", "GOV2", "GOV3", "GOV4", "GOV5"}
    assert {finding["confidence"] for finding in findings} == {"certain", "inferred", "named"}
    assert {finding["path"] for finding in findings} >= {
        path for path in FILES if not path.isascii() or " " in path
    }


def test_sarif_points_at_the_files_and_has_every_rule(made: dict[str, str]) -> None:
    run = json.loads(made["sarif"])["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == list(rulebook())
    for rule in rules:
        assert rule["shortDescription"]["text"]
        assert rule["fullDescription"]["text"]
        assert rule["help"]["markdown"].startswith("## What it does\n\n")
        assert len(rule["properties"]["tags"]) <= 10
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        artifact = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert artifact["uriBaseId"] == "%SRCROOT%"
        assert unquote(artifact["uri"]) in FILES
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]
    suppressed = [result["suppressions"] for result in run["results"] if "suppressions" in result]
    assert suppressed == [[{"kind": "inSource", "justification": "until <b>ticket</b> 12 is done"}]]


def test_every_format_has_the_same_findings(made: dict[str, str]) -> None:
    told = sorted((each["path"], each["line"], each["code"]) for each in json.loads(made["json"])["findings"])
    gitlab = json.loads(made["gitlab"])
    assert (
        sorted((x["location"]["path"], x["location"]["lines"]["begin"], x["check_name"]) for x in gitlab)
        == told
    )
    assert len({each["fingerprint"] for each in gitlab}) == len(gitlab)
    rdjson = json.loads(made["rdjson"])["diagnostics"]
    starts = [
        (x["location"]["path"], x["location"]["range"]["start"]["line"], x["code"]["value"]) for x in rdjson
    ]
    assert sorted(starts) == told
    suite = ElementTree.fromstring(made["junit"])[0]
    failures = [case.attrib["classname"] for case in suite if case.find("failure") is not None]
    assert sorted(failures) == [path for path, _, _ in told]
    assert suite.attrib["tests"] == str(len(suite)) == str(len(told) + 1)
    assert made["html"].count('<section id="f') == made["markdown"].count("\n#### ") + 1 == len(told) + 1


def test_rdjson_columns_are_bytes(made: dict[str, str]) -> None:
    for each in json.loads(made["rdjson"])["diagnostics"]:
        place = each["location"]["range"]
        if each["code"]["value"] == "GOV101":
            line = FILES[each["location"]["path"]].splitlines()[place["start"]["line"] - 1].encode()
            marked = line[place["start"]["column"] - 1 : place["end"]["column"] - 1].decode()
            assert f"`{marked}`" in each["message"]


def test_the_comment_holds_no_markup_but_its_own(made: dict[str, str]) -> None:
    tokens = MarkdownIt("commonmark").parse(made["markdown"])
    inline = [child for token in tokens for child in token.children or ()]
    assert {token.content for token in inline if token.type == "html_inline"} == set()
    blocks = {token.content.strip() for token in tokens if token.type == "html_block"}
    assert blocks == {"<details><summary>The broken path</summary>", "</details>"}
    assert {token.info for token in tokens if token.type == "fence"} == {"python", "mermaid", "suggestion"}
    assert {token.type for token in inline} & {"link_open", "image"} == set()


class Tags(HTMLParser):
    """The tags of a page, with their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def test_the_page_holds_no_markup_but_its_own_and_fetches_nothing(made: dict[str, str]) -> None:
    tags = Tags(made["html"]).tags
    names = [name for name, _ in tags]
    assert names.count("script") == 1
    assert not {"img", "b", "iframe", "link"} & set(names)
    assert not any(key.startswith("on") or key in ("src", "style") for _, had in tags for key in had)
    assert all((had["href"] or "").startswith("#") for _, had in tags if "href" in had)
    ids = [had["id"] for _, had in tags if "id" in had]
    assert len(ids) == len(set(ids))
    assert {had["href"] for _, had in tags if "href" in had} <= {f"#{each}" for each in ids}
    assert not re.search(r"url\(|@import", made["html"])


def test_the_commands_are_commands_and_the_rest_is_none(made: dict[str, str]) -> None:
    commands = [line for line in made["github"].splitlines() if line.startswith("::")]
    assert [line.partition(" ")[0] for line in commands] == ["::error"] * 10 + ["::warning"] * 2 + [
        "::notice"
    ]
    for command in commands[:-1]:
        head, _, message = command[2:].partition("::")
        properties = dict(pair.split("=", 1) for pair in head.partition(" ")[2].split(","))
        path = re.sub("%(25|3A|2C)", lambda found: chr(int(found[1], 16)), properties["file"])
        assert (Path(path).suffix, path in FILES) == (".py", True)
        assert message.replace("%25", "%").startswith(f"{path}:{properties['line']}:")
    assert commands[-1].startswith("::notice title=phase12-lint::7 more findings in the log: ")
