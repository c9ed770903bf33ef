"""The screen never holds back a file in which Python sees one of the words."""

from __future__ import annotations

import ast
import keyword
import sysconfig
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phase12_lint.sources import Screen, SourceError, decode

WORDS = ("run", "getattr", "Größe")
SCREEN = Screen(WORDS)


def identifiers(tree: ast.AST) -> set[str]:
    """Every identifier of a program, as Python compares them."""
    found = set()
    for node in ast.walk(tree):
        for value in vars(node).values():
            names = value if isinstance(value, list) else [value]
            found |= {piece for name in names if isinstance(name, str) for piece in name.split(".")}
    return found


@pytest.mark.parametrize(
    "data",
    [
        b"plugin.run()\n",
        b"run",
        b"x=getattr(p,n)",
        b"f'{plugin.run()}'",
        b"plugin.\\\n    run()",
        "plugin.ｒｕｎ()\n".encode(),
        "plugin.𝓻𝓊𝐧()\n".encode(),
        "gröẞe.Größe".encode(),
        unicodedata.normalize("NFD", "Größe").encode(),
        "# coding: latin-1\nGröße = 1\n".encode("latin-1"),
        b"# coding: utf-7\nplugin.r+AHU-n()\n",
        b"# coding: utf-7\rplugin.r+AHU-n()\r",
        b"# coding: unicode_escape\nplugin.r\\x75n()\n",
        "# coding: utf-16\nplugin.run()\n".encode("utf-16"),
        b"\xef\xbb\xbfplugin.run()",
    ],
)
def test_a_word_is_seen_however_it_is_written(data: bytes) -> None:
    assert SCREEN.matches(data)


@pytest.mark.parametrize("data", [b"caf\xe9", b"# coding: nope\n", b"x = 1\0", b"# coding: rot13\n"])
def test_what_cannot_be_decoded_matches(data: bytes) -> None:
    with pytest.raises(SourceError):
        decode(data)
    assert SCREEN.matches(data)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"return truncate(runner, rerun, run_all, run2)\n",
        b"# coding: utf-8\nx = 1\n",
        b"# coding: latin-1\nx = 1\n",
        "x = 'Grüße'\n".encode(),
        b"hasattr(x, 'y')\n",
    ],
)
def test_a_file_without_the_words_is_held_back(data: bytes) -> None:
    assert not SCREEN.matches(data)


def test_no_words_match_nothing() -> None:
    assert not Screen(()).matches(b"plugin.run()\n")


LETTERS = st.sampled_from("runｒｕｎ𝐫𝒖𝔫ᵣᵤⁿ_1eé ")


@settings(deadline=None, max_examples=400)
@given(st.lists(st.text(LETTERS, min_size=1, max_size=5), max_size=6))
def test_every_identifier_that_python_reads_is_seen(names: list[str]) -> None:
    text = "\n".join(f"x.{name}" for name in names if name.isidentifier() and not keyword.iskeyword(name))
    for encoding in ("utf-8", "utf-16-le", "utf-7"):
        data = f"# coding: {encoding}\n{text}\n".encode(encoding)
        try:
            present = identifiers(ast.parse(data))
        except (SyntaxError, ValueError):
            continue
        for word in ("run", "un", "e"):
            assert Screen([word]).matches(data) or word not in present


def test_every_identifier_of_the_standard_library_is_seen() -> None:
    folder = Path(sysconfig.get_paths()["stdlib"])
    for path in sorted(folder.glob("[a-d]*.py")) + sorted((folder / "encodings").glob("*.py")):
        data = path.read_bytes()
        present = identifiers(ast.parse(data))
        for word in (*WORDS, "decode", "self", "Codec"):
            assert Screen([word]).matches(data) or word not in present, (path, word)
