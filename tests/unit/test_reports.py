"""What each format makes of findings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from phase12_lint.model import Confidence, Finding, Hop, Span
from phase12_lint.reports import Report, format_names, render, seen_from

WORKER = Finding(
    "app/worker.py",
    Span(5, 12, 5, 22),
    "GOV101",
    "direct-plugin-run",
    "`plugin.run` is called outside ToolRunner",
    "§1",
    Confidence.CERTAIN,
    (
        Hop("app/worker.py", 4, 10, "`plugin` is annotated `Plugin`"),
        Hop("app/plugins.py", 1, 1, "the class `Plugin`"),
    ),
    fingerprint="0123",
)
BATCH = Finding(
    "app/batch.py",
    Span(1, 9, 3, 2),
    "GOV102",
    "plugin-run-escapes",
    "`p.run` leaves",
    "§1",
    Confidence.NAMED,
    fingerprint="4567",
)


@pytest.fixture
def report(tmp_path: Path) -> Report:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "worker.py").write_text(
        "from app.plugins import Plugin\n\n\ndef work(plugin: Plugin) -> dict:\n    return plugin.run()\n"
    )
    (tmp_path / "app" / "plugins.py").write_text("class Plugin: ...\n")
    (tmp_path / "app" / "batch.py").write_text("result = submit(\n    p.run,\n)\n")
    return Report(tmp_path, (BATCH, WORKER), (), files=3, elapsed=0.25)


def test_text_tells_a_finding_at_length(report: Report) -> None:
    told = render("text", report._replace(findings=(WORKER,)))
    assert told.startswith(
        """\
GOV101 direct-plugin-run: `plugin.run` is called outside ToolRunner
 --> app/worker.py:5:12
  |
5 |     return plugin.run()
  |            ^^^^^^^^^^
  |
  = 1: app/worker.py:4:10: `plugin` is annotated `Plugin`
4 | def work(plugin: Plugin) -> dict:
  |          ------
  = 2: app/plugins.py:1:1: the class `Plugin`
1 | class Plugin: ...
  | -----
  = section: §1 execution path; confidence: certain
  = how to fix: """
    )
    assert told.endswith("\n  = more: phase12-lint explain GOV101\n\n1 finding in 3 files.\n")


def test_text_marks_a_place_of_several_lines(report: Report) -> None:
    told = render("text", report._replace(findings=(BATCH,)))
    assert (
        """
1 | result = submit(
  |         ^^^^^^^^
2 |     p.run,
  |     ^^^^^^
3 | )
  | ^
"""
        in told
    )


def test_text_needs_no_source(report: Report) -> None:
    gone = WORKER._replace(path="app/gone.py", trace=(Hop("app/gone.py", 9, 1, "here"),))
    assert " --> app/gone.py:5:12\n  |\n  = 1: app/gone.py:9:1: here\n" in render(
        "text", report._replace(findings=(gone,))
    )


def test_text_shows_what_cannot_be_decoded(report: Report) -> None:
    (report.folder / "app" / "bytes.py").write_bytes(b"x = 1\ny = '\xff\x00'\n")
    broken = WORKER._replace(path="app/bytes.py", span=Span(2, 6, 2, 7), trace=())
    assert "2 | y = '\ufffd\\x00'\n  |      ^\n" in render("text", report._replace(findings=(broken,)))


def test_text_is_coloured_only_when_told(report: Report) -> None:
    assert "\x1b" not in render("text", report)
    assert "\x1b[1;31mGOV101\x1b[0m" in render("text", report, colour=True)


def test_concise_is_a_line_for_each(report: Report) -> None:
    assert render("concise", report) == (
        "app/batch.py:1:9: GOV102 `p.run` leaves\n"
        "app/worker.py:5:12: GOV101 `plugin.run` is called outside ToolRunner\n"
        "\n2 findings in 3 files.\n"
    )


@pytest.mark.parametrize("name", ["text", "concise"])
def test_the_end_of_a_report_for_people(report: Report, name: str) -> None:
    clean = report._replace(findings=())
    assert render(name, clean) == "No findings in 3 files.\n"
    assert render(name, clean._replace(quiet=True)) == ""
    hiding = clean._replace(suppressed=((WORKER, "known"),), files=1234)
    assert render(name, hiding) == "No findings in 1,234 files (1 suppressed).\n"
    counted = render(name, report._replace(statistics=True))
    assert counted.endswith(
        "\n\n1  GOV101  direct-plugin-run\n1  GOV102  plugin-run-escapes\n\n2 findings in 3 files.\n"
    )


def test_what_is_suppressed_is_shown_with_its_reason(report: Report) -> None:
    hiding = report._replace(
        findings=(), suppressed=((WORKER, "known\x07"), (BATCH, "")), show_suppressed=True
    )
    assert "known\\x07" in render("text", hiding)
    assert "suppressed: no reason given" in render("text", hiding)
    assert "ToolRunner [suppressed: known\\x07]\n" in render("concise", hiding)
    assert [found["reason"] for found in json.loads(render("json", hiding))["suppressed"]] == [
        "known\x07",
        "",
    ]


def test_json_is_as_promised(report: Report) -> None:
    document = json.loads(render("json", report))
    assert document["version"] == 1
    assert list(document) == ["version", "findings", "summary"]
    assert document["findings"][1] == {
        "code": "GOV101",
        "name": "direct-plugin-run",
        "path": "app/worker.py",
        "line": 5,
        "column": 12,
        "end_line": 5,
        "end_column": 22,
        "message": "`plugin.run` is called outside ToolRunner",
        "section": "§1",
        "confidence": "certain",
        "fingerprint": "0123",
        "trace": [
            {"path": "app/worker.py", "line": 4, "column": 10, "note": "`plugin` is annotated `Plugin`"},
            {"path": "app/plugins.py", "line": 1, "column": 1, "note": "the class `Plugin`"},
        ],
        "fix": None,
    }
    assert document["summary"] == {
        "files": 3,
        "findings": 2,
        "suppressed": 0,
        "baselined": 0,
        "by_code": {"GOV101": 1, "GOV102": 1},
        "incomplete": [],
        "elapsed_s": 0.25,
    }


@pytest.mark.parametrize("name", format_names())
def test_hostile_names_stay_text(report: Report, name: str) -> None:
    hostile = WORKER._replace(
        path="::error::\x1b[31m\udcff\u202e.py",
        message="a\nb\x1b]0;title\x07\udcfe",
        trace=(Hop("::warning::x.py", 1, 1, "c\r\n::error::d\udcfd"),),
    )
    (report.folder / "::warning::x.py").write_text("'''\n::error::e\x1b[2J'''\n")
    told = render(name, report._replace(findings=(hostile,)))
    told.encode()  # no lone surrogate is left
    command = "::error file=%3A%3Aerror%3A%3A" if name == "github" else "nothing"
    lines = [line.lstrip() for line in told.splitlines()]
    assert not any(line.startswith("::") for line in lines if not line.startswith(command))
    assert not any(character in told for character in "\x1b\x07\r\u202e")


def test_a_report_is_made_for_the_working_directory(tmp_path: Path) -> None:
    assert seen_from(tmp_path, tmp_path, WORKER) is WORKER
    moved = seen_from(tmp_path / "app", tmp_path, WORKER)
    assert (moved.path, moved.trace[1].path) == ("worker.py", "plugins.py")
    assert seen_from(tmp_path / "docs", tmp_path, WORKER).path == "../app/worker.py"
    assert seen_from(tmp_path.parent, tmp_path, WORKER).path == f"{tmp_path.name}/app/worker.py"
