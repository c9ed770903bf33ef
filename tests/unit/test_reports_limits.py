"""What the formats leave out where their readers take no more, and that they say so."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest

from phase12_lint.model import Confidence, Finding, Hop, Span
from phase12_lint.reports import Report, render
from phase12_lint.reports.formats import sarif
from phase12_lint.reports.formats.markdown import COMMENT, within

HOPS = (Hop("app/base.py", 1, 1, "`find` returns it"),)


def finding(
    number: int, confidence: Confidence = Confidence.CERTAIN, hops: tuple[Hop, ...] = HOPS
) -> Finding:
    return Finding(
        f"app/module{number:05}.py",
        Span(number + 1, 5, number + 1, 9),
        "GOV101",
        "direct-plugin-run",
        f"`tool{number}.run` runs a plugin outside the choke point (§1); call the tool runner instead",
        "§1",
        confidence,
        hops,
        fingerprint=f"{random.Random(number).getrandbits(128):032x}",
    )


def report(folder: Path, *findings: Finding) -> Report:
    return Report(folder, findings, (), files=len(findings), elapsed=0.1)


def run_of(told: str) -> dict[str, Any]:
    run: dict[str, Any] = json.loads(told)["runs"][0]
    return run


def notes(run: dict[str, Any]) -> list[str]:
    return [note["message"]["text"] for note in run["invocations"][0]["toolExecutionNotifications"]]


def test_sarif_keeps_the_most_severe_of_too_many_results(tmp_path: Path) -> None:
    many = [
        finding(number, Confidence.NAMED if number % 2 else Confidence.CERTAIN, ())
        for number in range(25_002)
    ]
    run = run_of(render("sarif", report(tmp_path, *many)))
    assert len(run["results"]) == 25_000
    assert [result["level"] for result in run["results"]] == ["error"] * 12_501 + ["warning"] * 12_499
    assert notes(run) == [
        "2 of 25,002 findings, the least severe, are left out: code scanning takes 25,000 results and 10 MB in gzip",
        "code scanning shows the first 5,000 of these 25,000 results, the most severe",
    ]


def test_sarif_keeps_within_the_size_of_an_upload(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sarif, "MOST_BYTES", 60_000)
    told = render("sarif", report(tmp_path, *map(finding, range(2_000))))
    run = run_of(told)
    assert 0 < len(run["results"]) < 2_000
    assert 30_000 < len(gzip.compress(told.encode())) <= 60_000
    assert notes(run)[0].startswith(f"{2_000 - len(run['results']):,} of 2,000 findings")


def test_sarif_shows_the_end_of_long_evidence(tmp_path: Path) -> None:
    hops = tuple(Hop("app/base.py", number, 1, "stored") for number in range(1, 1_501))
    run = run_of(render("sarif", report(tmp_path, finding(0, hops=hops), finding(1, hops=hops[:999]))))
    flows = [result["codeFlows"][0]["threadFlows"][0]["locations"] for result in run["results"]]
    assert [len(flow) for flow in flows] == [1_000, 1_000]
    lines = [step["location"]["physicalLocation"]["region"]["startLine"] for step in flows[0]]
    assert lines == [*range(502, 1_501), 1]
    assert notes(run) == [
        "1 result has only the last hops of its evidence: code scanning shows 1,000 locations of one"
    ]


def test_what_is_left_out_on_purpose_is_told(tmp_path: Path) -> None:
    hiding = report(tmp_path, finding(0))._replace(
        suppressed=((finding(1), "why"),), baselined=(finding(2), finding(3)), scope=("only `this`",)
    )
    run = run_of(render("sarif", hiding))
    assert len(run["results"]) == 1
    assert notes(run) == ["Only `this`.", "Not among the results: (1 suppressed, 2 in the baseline)."]
    assert notes(run_of(render("sarif", hiding._replace(show_suppressed=True))))[1:] == [
        "Not among the results: (2 in the baseline)."
    ]
    head = render("markdown", hiding).splitlines()[:3]
    told = "phase12-lint: 1 finding in 1 file (1 suppressed, 2 in the baseline)"
    assert head == [f"## {told}", "", "Only `this`."]
    page = render("html", hiding)
    assert "1 finding in 1 file (1 suppressed, 2 in the baseline): " in page
    assert '<p class="about">Only <code>this</code>.</p>' in page


def test_sarif_takes_no_code_for_a_link(tmp_path: Path) -> None:
    told = finding(0)._replace(message="`handlers[name](page)` and `tools[0].run`")
    (result,) = run_of(render("sarif", report(tmp_path, told)))["results"]
    assert result["message"]["text"] == "`handlers\\[name](page)` and `tools[0].run`"


def test_github_tells_of_what_it_does_not_annotate(tmp_path: Path) -> None:
    errors = [finding(number) for number in range(12)]
    warnings = [finding(number, Confidence.NAMED) for number in range(12, 23)]
    lines = render("github", report(tmp_path, *warnings, *errors)).splitlines()
    assert [line.partition(" ")[0] for line in lines[:20]] == ["::error"] * 10 + ["::warning"] * 10
    assert [line.partition(":")[0] for line in lines[20:23]] == [f"app/module000{n}.py" for n in (10, 11, 22)]
    told = "3 more findings in the log: GitHub shows 10 errors and 10 warnings of a step"
    assert lines[23:] == [f"::notice title=phase12-lint::{told}", "", "23 findings in 23 files."]


def test_github_gives_columns_within_one_line_only(tmp_path: Path) -> None:
    wide = finding(0)._replace(span=Span(3, 5, 6, 2))
    (line,) = render("github", report(tmp_path, wide)._replace(quiet=True)).splitlines()
    assert line.startswith(
        "::error file=app/module00000.py,line=3,endLine=6,title=GOV101 direct-plugin-run::"
    )


def test_github_escapes_as_the_toolkit_does(tmp_path: Path) -> None:
    odd = finding(0)._replace(path="a,b:c%\r\n\x1b.py", message="100%\n::error::x\r", trace=())
    (line,) = render("github", report(tmp_path, odd)._replace(quiet=True)).splitlines()
    assert "file=a%2Cb%3Ac%25%0D%0A\\x1b.py,line=1," in line
    assert ": GOV101 100%25\\n::error::x\\r%0AHow to fix: " in line


def test_github_cuts_evidence_that_the_runner_would_cut_with_the_hint(tmp_path: Path) -> None:
    hops = tuple(Hop("app/base.py", number, 1, "stored") for number in range(1, 1_001))
    (line,) = render("github", report(tmp_path, finding(0, hops=hops))._replace(quiet=True)).splitlines()
    message = line.partition("::error ")[2].partition("::")[2].replace("%0A", "\n")
    assert 3_900 < len(message) <= 4_096
    _, cut, *kept, hint = message.splitlines()
    assert cut == f"... {1_000 - len(kept)} hops left out"
    assert kept[-1] == "app/base.py:1000: stored"
    assert hint.startswith("How to fix: ")


def test_a_line_of_the_log_holds_no_command(tmp_path: Path) -> None:
    odd = [finding(number)._replace(path=f"app/{number:02}##[error]x.py") for number in range(11)]
    lines = render("github", report(tmp_path, *odd)).splitlines()
    assert lines[10].startswith("app/10## [error]x.py:11:5: GOV101 ")


@pytest.mark.parametrize("letter", ["x", "日"])
def test_a_comment_is_no_longer_than_it_may_be(tmp_path: Path, letter: str) -> None:
    (tmp_path / "app").mkdir()
    for number in range(300):
        source = "\n" * number + f"    tool.run('{letter * 60}')\n"
        (tmp_path / "app" / f"module{number:05}.py").write_text(source, "utf-8")
    sure = [
        finding(number, Confidence.CERTAIN if number > 200 else Confidence.NAMED) for number in range(300)
    ]
    told = render("markdown", report(tmp_path, *sure))
    shown = told.count("\n#### ")
    assert 60_000 < len(told.encode()) <= COMMENT
    assert "module00201" in told
    last = f"**{300 - shown} more findings left out for lack of space.** `phase12-lint check` shows all.\n\n"
    assert told.endswith(f"</details>\n\n{last}")
    assert told.count("```") % 2 == 0
    assert told.count("<details>") == told.count("</details>")


def test_a_comment_that_fits_is_whole(tmp_path: Path) -> None:
    few = report(tmp_path, finding(0), finding(1))
    whole = render("markdown", few)
    assert within(len(whole.encode()), few) == whole
    assert "more finding" not in whole
    assert "**2 more findings left out" in within(len(whole.encode()) // 2, few)
