"""The fast reader says "fine" of nothing that this Python refuses, and the verdicts are those of ``ast``."""

from __future__ import annotations

import ast
import sysconfig
import warnings
from pathlib import Path

import pytest

from phase12_lint.index import syntax_check
from phase12_lint.index.syntax_check import SyntaxCheck, failure, is_surely_fine

LIBRARY = Path(sysconfig.get_paths()["stdlib"])
TEXTS = [
    ast.literal_eval(line) for line in Path(__file__).with_name("odd_syntax.txt").read_text().splitlines()
]
FILES = [
    *(text.encode("utf-8", "surrogatepass") for text in TEXTS),
    b"# coding: latin-1\nx = '\xe4'\n",
    b"# coding: no-such-codec\nx = 1\n",
    b"\xef\xbb\xbfx = 1\n",
    b"\xef\xbb\xbf# coding: latin-1\nx = 1\n",
    b"\xef\xbb\xbf\xef\xbb\xbfx = 1\n",
    b"x = '\xe4'\n",
    b"x = 1\n\0",
    b"",
    b"# coding: utf-16\nx = 1\n",
    b"# coding: utf-7\nx = '+2AA-'\n",
]


def verdicts(files: dict[str, bytes], jobs: int) -> list[tuple[str, int, int, str]]:
    found = SyntaxCheck(files, sorted(files), jobs).failures()
    return sorted((path, error.line, error.column, error.message) for path, error in found)


@pytest.mark.parametrize("data", FILES, ids=lambda data: ascii(data[:40]))
def test_what_is_surely_fine_is_fine(data: bytes) -> None:
    assert not (is_surely_fine(data) and failure(data))


def test_the_verdicts_are_those_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    files = {f"{number:04}.py": data for number, data in enumerate(FILES)}
    files |= {path.name: path.read_bytes() for path in sorted(LIBRARY.glob("*.py"))[::4]}
    fast = verdicts(files, 2)
    assert len(fast) > 100
    monkeypatch.setattr(syntax_check, "_read_fast", None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a process with threads is forked, which pytest may have
        assert verdicts(files, 1) == fast


def test_it_tells_of_most_files() -> None:
    pytest.importorskip("ast_serialize")
    told = [is_surely_fine(path.read_bytes()) for path in sorted(LIBRARY.glob("*.py"))]
    assert sum(told) > len(told) / 2


def test_a_reader_that_breaks_is_no_verdict(monkeypatch: pytest.MonkeyPatch) -> None:
    class Panic(BaseException):
        pass

    def broken(*_: object) -> None:
        raise Panic

    monkeypatch.setattr(syntax_check, "_read_fast", broken)
    assert verdicts({"a.py": b"x = 1\n", "b.py": b"x = (\n"}, 2) == verdicts({"b.py": b"x = (\n"}, 1)
