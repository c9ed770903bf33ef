"""A fingerprint holds while the code is moved or laid out anew, and changes when it is edited."""

from __future__ import annotations

import pytest

from phase12_lint.fingerprints import with_fingerprints, without_number
from phase12_lint.model import Confidence, Finding, Span

CODE = """\
class Worker:
    def work(self, tool, page):
        return tool.run(page, "a b")
"""


def finding(path: str, text: str, what: str = "tool.run", nth: int = 0) -> Finding:
    """A finding on the ``nth`` ``what`` in ``text``."""
    start = -1
    for _ in range(nth + 1):
        start = text.index(what, start + 1)
    line = text.count("\n", 0, start) + 1
    column = start - text.rfind("\n", 0, start)
    span = Span(line, column, line, column + len(what))
    return Finding(path, span, "GOV101", "direct-plugin-run", "a message", "§1", Confidence.NAMED)


def fingerprint(text: str, path: str = "a.py", what: str = "tool.run") -> str:
    return with_fingerprints([finding(path, text, what)], {path: text.encode()})[0].fingerprint


@pytest.mark.parametrize(
    "moved",
    [
        "import os\n\n\n" + CODE,
        CODE.replace("    def", "    def before(self):\n        pass\n\n    def"),
        CODE.replace("class Worker", "@final\nclass Worker"),
        CODE.replace("self, tool, page", "self, tool, page, language=None"),
        CODE.replace("return", "if page:\n            return"),
        CODE.replace("return", "result ="),
        CODE.replace('tool.run(page, "a b")', "(\n            tool.run(\n  page,  # why\n 'a b',\n )\n)"),
        CODE.replace("\n", "\r\n"),
        CODE.replace("    ", "\t"),
        CODE.replace("tool.run", "é and tool.run"),
    ],
)
def test_what_is_moved_stays_the_same(moved: str) -> None:
    assert fingerprint(moved) == fingerprint(CODE)


@pytest.mark.parametrize(
    "edited",
    [
        CODE.replace("page, ", "page, 1, "),
        CODE.replace("a b", "ab"),
        CODE.replace("work", "work_too"),
        CODE.replace("Worker", "OtherWorker"),
    ],
)
def test_what_is_edited_is_another(edited: str) -> None:
    assert fingerprint(edited) != fingerprint(CODE)


def test_a_checkout_with_other_line_ends_is_the_same() -> None:
    text = CODE.replace('"a b"', '"""a\nb"""')
    assert fingerprint(text.replace("\n", "\r\n")) == fingerprint(text)


def test_the_path_does_not_matter() -> None:
    assert fingerprint(CODE, "b/c.py") == fingerprint(CODE)


def test_a_statement_is_known_without_what_stands_in_it() -> None:
    text = "def f():\n    try:  # so\n        {}\n    except E:\n        pass\n"
    assert fingerprint(text.format("a()"), what="try") == fingerprint(text.format("b()\n"), what="try")


def test_equal_findings_are_numbered() -> None:
    text = "def f(tool):\n    tool.run()\n    tool.run()\n"
    files = {"a.py": text.encode(), "b.py": text.encode()}
    found = with_fingerprints([finding(path, text, nth=nth) for path in files for nth in (0, 1)], files)
    first = found[0].fingerprint
    assert [each.fingerprint for each in found] == [first, f"{first}-2", f"{first}-3", f"{first}-4"]
    assert {without_number(each.fingerprint) for each in found} == {first}


def test_two_in_one_call_are_two() -> None:
    text = "f(tool.run, other.run)\n"
    assert fingerprint(text) != fingerprint(text, what="other.run")


@pytest.mark.parametrize("text", ["def f(:\n    tool.run()\n", "x = '''\n", "# only tool.run\n"])
def test_what_cannot_be_parsed_is_known_by_its_line(text: str) -> None:
    assert fingerprint(text + "tool.run") == fingerprint("\n" + text + "tool.run")


def test_a_file_without_text_is_known_by_the_message() -> None:
    found = with_fingerprints([finding("setup.cfg", "tool.run"), finding("other", "tool.run")], {})
    assert without_number(found[1].fingerprint) == found[0].fingerprint
