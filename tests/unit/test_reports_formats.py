"""What single formats make of odd text, of nothing found, of what is suppressed and of fixes."""

from __future__ import annotations

import json
from email.message import Message
from importlib import metadata
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from phase12_lint.model import Confidence, Edit, Finding, Fix, Hop, Span
from phase12_lint.reports import Report, links, page, render
from phase12_lint.reports.chart import chart
from phase12_lint.reports.markup import code, fenced, prose
from tests.golden.schemas import JSON, problems

FINDING = Finding(
    "app/é.py", Span(1, 9, 1, 14), "GOV101", "direct-plugin-run", "`p.run` leaves", "§1", Confidence.CERTAIN
)


def report(folder: Path, *findings: Finding) -> Report:
    return Report(folder, findings, (), files=3, elapsed=0.25)


@pytest.mark.parametrize("name", [*JSON, "junit"])
def test_nothing_found_keeps_the_schema(tmp_path: Path, name: str) -> None:
    assert problems(name, render(name, report(tmp_path))) == []


def test_a_clean_run_is_one_test_that_passed(tmp_path: Path) -> None:
    suite = ElementTree.fromstring(render("junit", report(tmp_path)))[0]
    assert suite.attrib == {
        "name": "phase12-lint",
        "tests": "1",
        "failures": "0",
        "errors": "0",
        "skipped": "0",
    }
    assert [len(case) for case in suite] == [0]


def test_what_is_suppressed_is_a_test_that_was_skipped(tmp_path: Path) -> None:
    hiding = report(tmp_path)._replace(suppressed=((FINDING, ""),), show_suppressed=True)
    suite = ElementTree.fromstring(render("junit", hiding))[0]
    assert [[child.attrib for child in case] for case in suite] == [[], [{"message": "no reason given"}]]
    assert "Suppressed: `app/é.py:1` no reason given" in render("markdown", hiding)
    assert problems("junit", render("junit", hiding)) == problems("sarif", render("sarif", hiding)) == []


@given(st.text())
def test_any_text_is_well_formed_xml(text: str) -> None:
    path = text.replace("\0", "")  # which no path has
    odd = FINDING._replace(message=text, path=path, trace=(Hop(path, 1, 1, text),))
    told = render("junit", report(Path("/nowhere"), odd))
    assert problems("junit", told) == []


@given(st.text(st.sampled_from("`<>*_[](){}!@#&|~\\$ab \n"), max_size=30))
def test_any_text_is_text_in_markdown(text: str) -> None:
    markdown = MarkdownIt("commonmark")
    for told in (f"x {prose(text)}", f"x {code(text)}"):
        (inline,) = [token for token in markdown.parse(told) if token.type == "inline"]
        kinds = {child.type for child in inline.children or ()}
        assert kinds <= {"text", "code_inline", "text_special"}
    block = markdown.parse("\n".join(fenced(text.split("\n"), "python")))
    assert [(token.type, token.content) for token in block] == [("fence", f"{text}\n")]


@given(st.text())
def test_any_text_is_text_in_a_page(text: str) -> None:
    for told in (page.text(text), page.prose(text).replace("<code>", "").replace("</code>", "")):
        assert not set('<>"\n\r') & set(told)


def test_nobody_is_called_by_a_name_in_the_code() -> None:
    assert prose("x @team `@team` #12 <b>") == r"x @&#8203;team `@team` \#12 &lt;b&gt;"


def test_a_chart_is_text_between_quotes() -> None:
    odd = FINDING._replace(trace=(Hop('x"]-->y', 1, 1, "```\n<script>"),))
    lines = list(chart(odd))
    assert lines[:2] == [
        "flowchart TD",
        '  n0["#96;#96;#96;#92;n#60;script#62;<br>x#34;#93;--#62;y:1"]',
    ]
    assert lines[3:] == [
        "  n0 --> n1",
        "  style n1 stroke:#c62828,stroke-width:3px",
        "  linkStyle 0 stroke:#c62828,stroke-width:3px",
    ]
    assert len(list(chart(FINDING._replace(trace=odd.trace * 1_000)))) < 100
    assert list(chart(FINDING)) == []


def test_the_source_on_a_page_marks_the_place() -> None:
    lines = ("def f():", "\treturn p.run(<1>)", "")
    assert page.source(lines, Span(2, 9, 2, 14), 1) == (
        "1  def f():\n2  \treturn <mark>p.run</mark>(&lt;1&gt;)\n3  "
    )
    assert page.source(lines, Span(1, 5, 2, 8), 0) == (
        "1  def <mark>f():</mark>\n2  \t<mark>return</mark> p.run(&lt;1&gt;)"
    )
    wide = "x" * 100_000 + "p.run()" + "y" * 100_000
    shown = page.source((wide,), Span(1, 100_001, 1, 100_006), 0)
    assert "x<mark>p.run</mark>()y" in shown
    assert len(shown) < 500
    assert page.source((), Span(9, 1, 9, 2), 1) == ""
    assert page.source(lines * 100, Span(1, 1, 300, 1), 0).count("\n") < 20


def test_a_fix_is_a_suggestion(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "é.py").write_text("é = '😀'; p.run()\n", "utf-8")
    fix = Fix("call the runner", (Edit(Span(1, 10, 1, 15), "runner.run"),), safe=True)
    corrected = report(tmp_path, FINDING._replace(span=Span(1, 10, 1, 15), fix=fix))
    (diagnostic,) = json.loads(render("rdjson", corrected))["diagnostics"]
    place = {"start": {"line": 1, "column": 14}, "end": {"line": 1, "column": 19}}
    assert diagnostic["location"]["range"] == place
    assert diagnostic["suggestions"] == [{"range": place, "text": "runner.run"}]
    (result,) = json.loads(render("sarif", corrected))["runs"][0]["results"]
    (change,) = result["fixes"][0]["artifactChanges"]
    assert change["artifactLocation"]["uri"] == "app/%C3%A9.py"
    assert change["replacements"][0]["insertedContent"] == {"text": "runner.run"}
    assert (
        problems("sarif", render("sarif", corrected)) == problems("rdjson", render("rdjson", corrected)) == []
    )


def test_rules_are_linked_where_the_documents_have_an_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    about = Message()
    about["Project-URL"] = "Source, https://example.org/source"
    about["Project-URL"] = "Documentation, https://example.org/docs/"
    monkeypatch.setattr(metadata, "metadata", lambda _: about)
    links.documentation.cache_clear()
    try:
        told = report(tmp_path, FINDING)
        (diagnostic,) = json.loads(render("rdjson", told))["diagnostics"]
        assert diagnostic["code"] == {"value": "GOV101", "url": "https://example.org/docs/rules/GOV101.md"}
        driver = json.loads(render("sarif", told))["runs"][0]["tool"]["driver"]
        assert driver["informationUri"] == "https://example.org/docs"
        assert {rule["helpUri"] for rule in driver["rules"]} >= {"https://example.org/docs/rules/GOV101.md"}
    finally:
        links.documentation.cache_clear()
