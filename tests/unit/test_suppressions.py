"""A ``noqa`` means to us what it means to flake8, by flake8's own code, on hard inputs and real files."""

from __future__ import annotations

import argparse
import linecache
import sysconfig
from pathlib import Path

import flake8.defaults
import pytest
from flake8.processor import FileProcessor
from flake8.utils import parse_comma_separated_list
from flake8.violation import Violation
from hypothesis import given, settings
from hypothesis import strategies as st

from phase12_lint.sources import may_name_codes, read_suppressions
from phase12_lint.sources.suppressions import NOQA

CODES = ("GOV101", "GOV1", "GOV102", "E501", "ABC123")
OPTIONS = argparse.Namespace(
    hang_closing=False, indent_size=4, max_line_length=79, max_doc_length=None, verbose=0, disable_noqa=False
)
HARD = {
    "plain": "plugin.run()  # noqa: GOV101 legacy\n",
    "bare": "plugin.run()  # noqa\n",
    "prefix": "plugin.run()  # noqa: GOV1\n",
    "letters alone are a bare one": "plugin.run()  # noqa: GOV\n",
    "no colon, no codes": "plugin.run()  # noqa GOV101\n",
    "space before the colon": "plugin.run()  # noqa : GOV101\n",
    "two spaces after the colon": "plugin.run()  # noqa:  GOV101\n",
    "no space": "plugin.run()  # noqa:GOV101\n",
    "two spaces after the hash": "plugin.run()  #  noqa: GOV101\n",
    "upper case": "plugin.run()  # NOQA: GOV101\n",
    "code in lower case": "plugin.run()  # noqa: gov101\n",
    "many codes": "plugin.run()  # noqa: E501,GOV102 , ABC123\n",
    "codes without separators": "plugin.run()  # noqa: E501GOV101\n",
    "a reason that looks like a code": "plugin.run()  # noqa: E501 GOV101 why\n",
    "a code after the reason": "plugin.run()  # noqa: E501 because, GOV101\n",
    "after another comment": "plugin.run()  # why # noqa: GOV101\n",
    "two of them, the first wins": "plugin.run()  # noqa: E501  # noqa: GOV101\n",
    "in a string": "plugin.run('# noqa: GOV101')\n",
    "parentheses do not join lines": "f(\n    plugin.run(),  # noqa: GOV101\n    plugin.run(),\n)\n",
    "a backslash joins lines": "x = plugin \\\n    .run()  # noqa: GOV101\nplugin.run()\n",
    "a long string joins lines": "x = plugin.run('''\n\n''')  # noqa: GOV101\nplugin.run()\n",
    "inside a long string": "x = '''\n# noqa: GOV101\n''', plugin.run()\n",
    "the first in a long string wins": "x = '''# noqa: E501\n'''  # noqa: GOV101\n",
    "codes run on over the line's end": "x = '''# noqa: E501,\nGOV101 '''\n",
    "a long string in parentheses": "f(\n  '''\n  ''', plugin.run(),  # noqa: GOV101\n  plugin.run())\n",
    "formatted string over lines": "x = f'''\n{y}\n'''  # noqa: GOV101\nplugin.run()\n",
    "decorator and block": "@f  # noqa: GOV101\ndef g():\n    pass  # noqa: E501\n\n\n# noqa: GOV102\n",
    "no newline at the end": "plugin.run()  # noqa: GOV101",
    "comment at the end": "x = 1\n    # noqa: GOV101",
    "carriage returns": "plugin.run()  # noqa: GOV101\r\nplugin.run()\rplugin.run()  # noqa\n",
    "form feed and other separators": "x = 'a\x0cb\u2028'  # noqa: GOV101\nplugin.run()\x0c # noqa\n",
    "wide space before the codes": "plugin.run()  # noqa:\u00a0GOV101\n",
    "broken: bracket left open": "f(  # noqa: GOV101\nplugin.run()\n",
    "broken: string left open": "x = '''  # noqa: GOV101\nplugin.run()\n",
    "broken: indentation": "if x:\n        a\n    b  # noqa: GOV101\nplugin.run()\n",
    "empty": "",
}


def flake8_hides(path: Path, text: str) -> set[tuple[int, str]]:
    """The lines and codes that flake8 suppresses in this text, by flake8's own code."""
    path.write_bytes(text.encode())
    linecache.clearcache()
    processor = FileProcessor(str(path), OPTIONS)
    return {
        (line, code)
        for line in range(1, len(processor.lines) + 1)
        for code in CODES
        if Violation(code, str(path), line, 1, "", processor.noqa_line_for(line)).is_inline_ignored(False)
    }


def we_hide(text: str) -> set[tuple[int, str]]:
    return {
        (line, code)
        for noqa in read_suppressions(text)
        for line in range(noqa.first_line, noqa.last_line + 1)
        for code in CODES
        if not noqa.codes or noqa.names(code)
    }


def test_the_expression_is_flake8s() -> None:
    assert NOQA == flake8.defaults.NOQA_INLINE_REGEXP


@pytest.mark.parametrize("text", HARD.values(), ids=HARD)
def test_hides_what_flake8_hides(text: str, tmp_path: Path) -> None:
    assert we_hide(text) == flake8_hides(tmp_path / "case.py", text)


PIECES = ["# noqa", ": ", "GOV101", "E501", ",", " ", "\n", "'''", "'", "\\\n", "(", ")", "x", "    ", "# "]


@settings(deadline=None, max_examples=500)
@given(st.lists(st.sampled_from(PIECES), max_size=24).map("".join))
def test_hides_what_flake8_hides_in_any_text(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    assert we_hide(text) == flake8_hides(tmp_path_factory.getbasetemp() / "any.py", text)


def test_hides_what_flake8_hides_in_real_files(tmp_path: Path) -> None:
    folder = Path(sysconfig.get_paths()["purelib"])
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("flake8/**/*.py"))]
    texts += [path.read_text(encoding="utf-8") for path in sorted(folder.glob("_pytest/*.py"))]
    assert sum("noqa" in text for text in texts) > 3
    for text in texts:
        assert we_hide(text) == flake8_hides(tmp_path / "real.py", text)


def test_says_where_it_stands_and_which_lines_it_covers() -> None:
    text = "x = 'é', plugin \\\n    .run()  # noqa: GOV101, E501 owner is gone\n"
    (noqa,) = read_suppressions(text)
    assert (noqa.line, noqa.column, noqa.first_line, noqa.last_line) == (2, 13, 1, 2)
    assert noqa.codes == ("GOV101", "E501")


@settings(deadline=None)
@given(st.lists(st.sampled_from(["GOV101", "E501", "gov1", ",", " ", ", "]), min_size=1).map("".join))
def test_codes_are_split_as_flake8_splits_them(codes: str) -> None:
    match = flake8.defaults.NOQA_INLINE_REGEXP.search(f"# noqa: {codes}")
    (noqa,) = read_suppressions(f"# noqa: {codes}")
    assert match is not None
    assert set(noqa.codes) == set(parse_comma_separated_list(match["codes"] or ""))


@pytest.mark.parametrize(
    ("comment", "reason"),
    [
        ("# noqa: GOV101", ""),
        ("# noqa: GOV101 -", ""),
        ("# noqa: GOV101  # type: ignore[misc]", ""),
        ("# noqa: GOV101  # pragma: no cover", ""),
        ("# noqa: GOV101 until the move is done", "until the move is done"),
        ("# noqa: GOV101, E501: until the move is done", "until the move is done"),
        ("# noqa: GOV101 -- see #42", "see #42"),
        ("# noqa: GOV101  # the old job  # type: ignore", "the old job"),
        ("# noqa: GOV101 type: the plugin's is unknown", "type: the plugin's is unknown"),
        ("# noqa: GOV101 JIRA-12", "JIRA-12"),
        ("# noqa: GOV101 理由", "理由"),
        ("# noqa because", ""),
    ],
)
def test_reason_is_what_a_person_wrote_after_the_codes(comment: str, reason: str) -> None:
    (noqa,) = read_suppressions(f"plugin.run()  {comment}\n")
    assert noqa.reason == reason


def test_a_reason_ends_with_its_line() -> None:
    (noqa,) = read_suppressions("x = '''  # noqa: GOV101\nno reason'''\n")
    assert noqa.reason == ""


@settings(deadline=None)
@given(st.lists(st.sampled_from([*PIECES, "NOQA:", "# nOqa:", "GOV"]), max_size=16).map("".join))
def test_the_quick_look_never_misses_a_code_of_ours(text: str) -> None:
    if any(code.startswith("GOV") for noqa in read_suppressions(text) for code in noqa.codes):
        assert may_name_codes(text.encode())
