"""Decoding agrees with CPython's own reading of the same bytes."""

from __future__ import annotations

import ast
import codecs
import sysconfig
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phase12_lint.sources import SourceError, decode, split_lines

BOM = codecs.BOM_UTF8
ACCEPTED = {
    "plain": b"x = 1\n",
    "empty": b"",
    "byte order mark": BOM + b"x = 1\n",
    "mark and cookie": BOM + b"# coding: utf-8\nx = 1\n",
    "utf-8 by a longer name": b"# coding: utf-8-anything\nx = '\xc3\xa9'\n",
    "latin-1": b"# -*- coding: latin-1 -*-\nx = '\xe9'\n",
    "latin-1 by a longer name": b"# coding: iso_8859_1_unix\nx = '\xe9'\n",
    "cookie line holds the byte": b"# coding: latin-1 \xe9\nx = '\xe9'\n",
    "cookie in line two": b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '\x80'\n",
    "cookie after a form feed": b"\x0c\n# coding: cp1252\nx = '\x80'\n",
    "no cookie after code": b"import a\n# coding: nope\n",
    "no cookie inside a string": b"'''\n# coding: nope\n'''\n",
    "no cookie after a backslash": b"\\\n# coding: nope\nx = 1\n",
    "no cookie in line three": b"#\r#\r# coding: nope\rx = 1\r",
    "euc-jp": "# coding: euc-jp\nx = '日本'\n".encode("euc-jp"),
    "utf-7": b"# coding: utf-7\nx+AD0-1\n",
    "escapes": b"# coding: raw_unicode_escape\nx = '\\u00e9'\n",
    "carriage returns": b"# coding: latin-1\rx = '\xe9'\ry = 2\r",
}
REFUSED = {
    "bad utf-8": (b"x = 1\ny = '\xc3\xa9\xe9'\n", 2, 7),
    "surrogate in utf-8": (b"x = '\xed\xa0\x80'\n", 1, 6),
    "unknown codec": (b"# coding: nope\nx = 1\n", 1, 11),
    "unknown codec in line two": (b"#!x\r\n# coding: nope\r\n", 2, 11),
    "unknown codec, nothing else": (b"# coding: nope", 1, 11),
    "no text codec": (b"# coding: rot13\nx = 1\n", 1, 11),
    "codec that always fails": (b"# coding: undefined\nx = 1\n", 1, 11),
    "mark and another cookie": (BOM + b"# coding: latin-1\nx = 1\n", 1, 11),
    "mark and utf8 without a hyphen": (BOM + b"# coding: utf8\nx = 1\n", 1, 11),
    "bad shift_jis": (b"# coding: shift_jis\nx = '\xff\xff'\n", 2, 6),
    "half a utf-16": (b"# coding: utf-16\nx=1\n", 1, 11),
    "null byte": (b"x = 1\ny\0\n", 2, 2),
    "null byte in a comment": (b"# \0\n", 1, 3),
    "lone surrogate": (b"# coding: unicode_escape\nx = '\\ud800'\n", 2, 6),
}


@pytest.mark.parametrize("data", ACCEPTED.values(), ids=ACCEPTED)
def test_reads_as_python_does(data: bytes) -> None:
    assert ast.dump(ast.parse(decode(data))) == ast.dump(ast.parse(data))


@pytest.mark.parametrize(("data", "line", "column"), REFUSED.values(), ids=REFUSED)
def test_refuses_as_python_does(data: bytes, line: int, column: int) -> None:
    with pytest.raises((SyntaxError, ValueError)):
        ast.parse(data)
    with pytest.raises(SourceError) as caught:
        decode(data)
    if b"utf-16" not in data:
        assert (caught.value.line, caught.value.column) == (line, column)


def test_bytes_that_are_not_utf8_are_refused_in_comments_too() -> None:
    with pytest.raises(SourceError) as caught:
        decode(b"x = 1  # caf\xe9\n")
    assert (caught.value.line, caught.value.column) == (1, 13)
    assert "coding cookie" in caught.value.message


def test_newlines_stay_as_they_are() -> None:
    text = decode(b"a = 1\r\nb = 2\rc = 3\n")
    assert text == "a = 1\r\nb = 2\rc = 3\n"
    assert split_lines(text) == ["a = 1\r\n", "b = 2\r", "c = 3\n"]


def test_only_newlines_split_lines() -> None:
    assert split_lines("a\x0cb\x0bc\u2028d\x85e\x1cf\n\r\nlast") == [
        "a\x0cb\x0bc\u2028d\x85e\x1cf\n",
        "\r\n",
        "last",
    ]


@settings(deadline=None)
@given(
    st.text(alphabet="#x \t\x0c\r\n'é", max_size=8),
    st.sampled_from(["latin-1", "utf-8", "cp1252", "utf_8_x", "nope"]),
)
def test_any_start_of_a_file_names_the_codec_that_python_reads(start: str, codec: str) -> None:
    data = f"{start}# coding: {codec}\nx = 'é'\n".encode()
    try:
        expected = ast.dump(ast.parse(data))
    except SyntaxError:
        return
    assert ast.dump(ast.parse(decode(data))) == expected


def test_the_standard_library_is_read_as_python_reads_it() -> None:
    folder = Path(sysconfig.get_paths()["stdlib"])
    for path in sorted((folder / "test" / "tokenizedata").glob("*.py")) + sorted(folder.glob("s*.py")):
        data = path.read_bytes()
        try:
            expected = ast.dump(ast.parse(data))
        except SyntaxError:
            continue
        assert ast.dump(ast.parse(decode(data))) == expected, path
