"""Source lines and the marks below them, in the columns of a terminal."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phase12_lint.model import Span
from phase12_lint.reports.excerpt import Marked, excerpt, point, source_lines


def marked(line: str, column: int, end_column: int) -> Marked:
    (shown,) = excerpt((line,), Span(1, column, 1, end_column))
    return shown


@pytest.mark.parametrize(
    ("line", "column", "end_column", "text", "marks"),
    [
        ("    p.run()", 5, 10, "    p.run()", "    ^^^^^"),
        ("\tp.run()", 2, 7, "    p.run()", "    ^^^^^"),
        ("a\tp.run()", 3, 8, "a   p.run()", "    ^^^^^"),
        ("'日本', p.run()", 7, 12, "'日本', p.run()", "        ^^^^^"),
        ("'e\u0301', p.run()", 7, 12, "'e\u0301', p.run()", "     ^^^^^"),
        ("'\x1b', p.run()", 6, 11, "'\\x1b', p.run()", "        ^^^^^"),
        ("日本.run()", 1, 7, "日本.run()", "^^^^^^^^"),
        ("p.run(", 7, 8, "p.run(", "      ^"),
        ("p.run()   ", 1, 6, "p.run()", "^^^^^"),
        ("", 1, 1, "", "^"),
    ],
    ids=[
        "spaces",
        "tab",
        "tab stop",
        "wide",
        "combining",
        "control",
        "wide place",
        "end",
        "trailing",
        "empty",
    ],
)
def test_marks_stand_under_the_place(line: str, column: int, end_column: int, text: str, marks: str) -> None:
    assert marked(line, column, end_column) == Marked(1, text, marks)


@given(st.text(st.characters(codec="ascii", categories=["L", "N", "P", "S"]), min_size=1), st.data())
def test_marks_cover_exactly_the_place(line: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(line) - 1))
    end = data.draw(st.integers(start + 1, len(line)))
    shown = marked(line, start + 1, end + 1)
    first, last = shown.marks.index("^"), len(shown.marks)
    covered = shown.text[first:last]
    assert covered.removesuffix("...") in line[start:end]
    assert len(line) > 120 or covered == line[start:end]


def test_a_long_line_is_cut_around_the_place() -> None:
    line = "x" * 5_000_000 + "p.run()" + "y" * 5_000_000
    shown = marked(line, 5_000_001, 5_000_006)
    assert shown.text.startswith("...x")
    assert shown.text.endswith("y...")
    assert len(shown.text) < 140
    assert shown.text[shown.marks.index("^") : len(shown.marks)] == "p.run"


def test_a_place_of_many_lines_is_cut_in_the_middle() -> None:
    lines = tuple(f"    line {number}," for number in range(1, 21))
    shown = list(excerpt(lines, Span(2, 5, 19, 9)))
    assert [line.number for line in shown] == [2, 3, 4, 5, 6, 0, 19]
    assert shown[-1].marks == "    ^^^^"


def test_lines_end_where_python_ends_them(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes("a\r\nb\u2028\x0cb\rc".encode())
    assert source_lines(tmp_path / "a.py") == ("a", "b\u2028\x0cb", "c")
    assert source_lines(tmp_path / "none.py") == ()


def test_a_point_is_the_word_there() -> None:
    lines = ("x = plugin.run()",)
    assert point(lines, 1, 5) == Span(1, 5, 1, 11)
    assert point(lines, 1, 3) == Span(1, 3, 1, 4)
    assert point(lines, 9, 3) == Span(9, 3, 9, 4)
    assert list(excerpt(lines, point(lines, 9, 3))) == []
