"""What is said of fixes is so, and edits are what they are taken for."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phase12_lint.fixes import is_fixable
from phase12_lint.model import Edit, Span
from phase12_lint.rulebook import Entry, rulebook
from phase12_lint.sources.edits import applied, differences, merged, overlap, whole_lines

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
        assert applied(text, [merged(lines, edits)]) == new
        told = [Edit(Span(first, 1, last + 1, 1), now) for first, last, now in whole_lines(lines, edits)]
        assert applied(text, told) == new


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
