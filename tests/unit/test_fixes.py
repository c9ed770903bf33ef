"""What is said of fixes is so, and edits are what they are taken for."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phase12_lint.analysis import quietly
from phase12_lint.engine import Request, run
from phase12_lint.fixes import fix_at, fix_of, is_fixable, unused_suppression
from phase12_lint.judgement import programs
from phase12_lint.model import Confidence, Edit, Finding, Fix, Span
from phase12_lint.rulebook import Entry, rulebook
from phase12_lint.sources import list_files
from phase12_lint.sources.edits import applied, differences, merged, overlap, whole_lines
from phase12_lint.syntax.modules import Module
from tests.doors import settings_of
from tests.golden.program import write

PAGE = (Path(__file__).parents[2] / "docs" / "fixes.md").read_text(encoding="utf-8")
PIECES = st.sampled_from(["a", "b", "_", " ", "é", "😀", "\n", "\r\n"])
TEXTS = st.lists(PIECES, max_size=12).map("".join)


def test_the_page_lists_every_rule_with_a_fix_and_how_safe_it_is() -> None:
    listed = dict(re.findall(r"^\| \[(GOV\d{3})\]\(.*\| (safe|unsafe) \|$", PAGE, re.MULTILINE))
    made = {
        rule.code: import_module(f"phase12_lint.fixes.{rule.name.replace('-', '_')}").SAFE
        for rule in fixable()
    }
    assert listed == {code: "safe" if safe else "unsafe" for code, safe in made.items()}


def fixable() -> list[Entry]:
    return [rule for rule in rulebook().values() if is_fixable(rule.name)]


def test_the_fix_of_a_finding_is_the_one_that_an_analysis_gives_it(tmp_path: Path) -> None:
    root = write(tmp_path)
    request = Request(root, settings_of(root, {}).policies, cache=False, fixes=True)
    findings = run(request).findings
    found: dict[Finding, Fix] = {}
    with quietly():
        for program in programs(request, list_files(root)):
            found |= {each: fix for each in findings if (fix := fix_of(program, each._replace(fix=None)))}
    assert found == {each: each.fix for each in findings if each.fix}
    assert {each.code for each in found} >= {"GOV301", "GOV405"}


def test_what_a_fix_raises_costs_the_fix_and_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(found: object) -> None:
        raise RuntimeError("no idea")

    (tmp_path / "base.py").write_text("class Plugin:\n    ...\n")
    (tmp_path / "old.py").write_text("LIMIT = 3  # noqa: GOV101 kept for the old runner\n")
    monkeypatch.setattr(unused_suppression, "draft", broken)
    outcome = run(Request(tmp_path, settings_of(tmp_path, {}).policies, cache=False, fixes=True))
    assert [(each.code, each.fix) for each in outcome.findings] == [("GOV002", None)]
    assert [each.partition("\n")[0] for each in outcome.errors] == [
        "internal error: GOV002 at old.py: RuntimeError: no idea"
    ]


@pytest.mark.parametrize("text", ["x = 1 or(lambda: 0)", "def f():\n\treturn 1\n  \\\n\nx = 1"])
def test_what_libcst_does_not_read_or_keep_has_no_fix(text: str) -> None:
    module = Module("a.py", f"{text}  # noqa: GOV101 why\n", False)
    column = module.lines.text(len(text.split("\n"))).index("# noqa") + 1
    line = len(text.split("\n"))
    message = "`noqa: GOV101` suppresses nothing on this line (§7); delete GOV101 from it"
    span = Span(line, column, line, column + 6)
    finding = Finding("a.py", span, "GOV002", "unused-suppression", message, "§7", Confidence.CERTAIN)
    fix = fix_at(None, module, finding, None)
    assert fix is None or ast.dump(ast.parse(applied(module.text, fix.edits))) == ast.dump(
        ast.parse(module.text)
    )


@given(TEXTS, TEXTS)
def test_the_differences_of_two_texts_make_one_of_the_other(old: str, new: str) -> None:
    assert applied(old, differences(old, new)) == new


@given(TEXTS, TEXTS, st.integers(1, 3))
def test_differences_begin_at_the_line_that_is_said(old: str, new: str, first: int) -> None:
    above = "above\n" * (first - 1)
    assert applied(above + old, differences(old, new, first)) == above + new


@given(st.lists(st.sampled_from(["a", "bb", "", "é"]), min_size=1, max_size=5), TEXTS)
def test_edits_that_are_merged_or_told_by_lines_do_the_same(lines: list[str], new: str) -> None:
    text = "".join(f"{line}\n" for line in lines)
    new = new.replace("\r", "") + "\n"
    edits = list(differences(text, new))
    if edits:
        assert applied(text, [merged(text, edits)]) == new
        told = [Edit(Span(first, 1, last + 1, 1), now) for first, last, now in whole_lines(lines, edits)]
        assert applied(text, told) == new


@given(TEXTS, TEXTS)
def test_edits_that_are_merged_keep_the_line_ends(old: str, new: str) -> None:
    edits = list(differences(old, new))
    assert not edits or applied(old, [merged(old, edits)]) == new


@pytest.mark.parametrize(
    ("one", "other", "meet"),
    [
        (Edit(Span(1, 1, 1, 3), "x"), Edit(Span(1, 3, 1, 4), "y"), False),
        (Edit(Span(1, 1, 1, 4), "x"), Edit(Span(1, 3, 1, 4), "y"), True),
        (Edit(Span(1, 1, 1, 1), "x"), Edit(Span(1, 1, 1, 1), "y"), True),
        (Edit(Span(1, 1, 1, 1), "x"), Edit(Span(1, 1, 1, 1), "x"), False),
        (Edit(Span(2, 1, 2, 1), "x"), Edit(Span(1, 1, 2, 1), ""), False),
    ],
)
def test_edits_meet_where_not_both_can_be_made(one: Edit, other: Edit, meet: bool) -> None:
    assert (overlap(one, other), overlap(other, one)) == (meet, meet)
