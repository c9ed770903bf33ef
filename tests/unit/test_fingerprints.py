"""A fingerprint holds while the code is moved or laid out anew, and changes when it is edited."""

from __future__ import annotations

import pytest

from phase12_lint.fingerprints import with_fingerprints
from phase12_lint.model import Confidence, Finding, Span, with_path, without_number

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


TWICE = "def f(tool):\n    tool.run()\n    tool.run()\n"


def twice_in(*paths: str) -> dict[str, list[Finding]]:
    """What is found in files that all say the same twice."""
    bare = [finding(path, TWICE, nth=nth) for path in paths for nth in (0, 1)]
    found = with_fingerprints(bare, dict.fromkeys(paths, TWICE.encode()))
    return {path: [each for each in found if each.path == path] for path in paths}


def test_equal_findings_are_numbered_by_file() -> None:
    alone = [each.fingerprint for each in twice_in("a.py")["a.py"]]
    assert alone == [alone[0], f"{alone[0]}-2"]
    found = [each.fingerprint for path in twice_in("a.py", "b.py").values() for each in path]
    assert len(set(found)) == 4
    assert {without_number(each) for each in found} == {alone[0]}


def test_an_equal_finding_in_another_file_changes_none() -> None:
    few, many = twice_in("m.py", "z.py"), twice_in("a.py", "m.py", "n.py", "z.py")
    assert {path: many[path] for path in few} == few


@pytest.mark.parametrize("others", [(), ("a.py",), ("z.py",), ("a.py", "n.py", "z.py")])
def test_who_compares_fingerprints_alone_sees_nothing_of_other_files(others: tuple[str, ...]) -> None:
    found = twice_in("m.py", *others)
    assert [with_path(each) for each in found["m.py"]] == [
        with_path(each) for each in twice_in("m.py")["m.py"]
    ]
    assert len({with_path(each) for path in found.values() for each in path}) == 2 * (1 + len(others))


WRITTEN = [
    ("'it\\'s'", '"it\'s"'),
    ("0XFF", "0xff"),
    ("1E5", "1e5"),
    ("10_000", "10000"),
    ("1J", "1j"),
    ("u'x'", '"x"'),
    ("F'a{page}'", 'f"a{page}"'),
    ("RB'x'", 'rb"x"'),
    ('"a" "b"', '"ab"'),
    ("'a' f'{page}'", 'f"a{page}"'),
    ('"\\xAB"', '"\\xab"'),
    ("((page))", "page"),
    ("[1, 2,]", "[\n    1,\n    2,\n]"),
    ("lambda: (yield)", "lambda: (  yield  )"),
    ("a or(b)", "a or b"),
    ("not(a)", "not a"),
]


@pytest.mark.parametrize(("before", "after"), WRITTEN)
def test_what_a_formatter_writes_otherwise_is_the_same(before: str, after: str) -> None:
    assert fingerprint(CODE.replace('"a b"', before)) == fingerprint(CODE.replace('"a b"', after))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("'a'", "b'a'"),
        ("1", "1.0"),
        ("1", "True"),
        ("1", "'1'"),
        ("'a', 'b'", "'ab'"),
        ("f'{a}'", "'{a}'"),
        ("f'{a!r}'", "f'{a}'"),
        ("r'\\n'", "'\\n'"),
        ("(a,)", "(a)"),
        ("-1", "1"),
        ("None", "..."),
        ("a=1", "b=1"),
        ("*a", "a"),
    ],
)
def test_another_value_is_another(before: str, after: str) -> None:
    assert fingerprint(CODE.replace('"a b"', before)) != fingerprint(CODE.replace('"a b"', after))


def test_a_chain_over_several_lines_is_the_same() -> None:
    chain = "def f(registry, page):\n    return {}\n"
    short, long = "registry.get('a').run(page)", "(\n        registry.get('a')\n        .run(page)\n    )"
    before = fingerprint(chain.format(short), what="registry.get('a').run")
    assert fingerprint(chain.format(long), what=".run") == before


def test_a_comment_is_known_by_its_statement_and_itself() -> None:
    text = "def f(tool):\n    tool.run({})  # noqa: GOV101 why\n    tool.stop()  # noqa: GOV101 why\n"
    noqa = fingerprint(text.format("'a'"), what="# noqa: GOV101")
    assert fingerprint("import os\n" + text.format('"a"'), what="# noqa: GOV101") == noqa
    assert fingerprint(text.format("'b'"), what="# noqa: GOV101") != noqa
    stop = with_fingerprints([finding("a.py", text, "# noqa", nth=1)], {"a.py": text.encode()})
    assert stop[0].fingerprint != noqa


@pytest.mark.parametrize("literal", ["0x" + "f" * 5_000, " + ".join(["1"] * 3_000), "9" * 4_000])
def test_large_and_deep_code_has_a_fingerprint(literal: str) -> None:
    assert fingerprint(CODE.replace('"a b"', literal)) != fingerprint(CODE)


def test_two_in_one_call_are_two() -> None:
    text = "f(tool.run, other.run)\n"
    assert fingerprint(text) != fingerprint(text, what="other.run")


@pytest.mark.parametrize("text", ["def f(:\n    tool.run()\n", "x = '''\n", "# only tool.run\n"])
def test_what_cannot_be_parsed_is_known_by_its_line(text: str) -> None:
    assert fingerprint(text + "tool.run") == fingerprint("\n" + text + "tool.run")


def test_a_file_without_text_is_known_by_the_message() -> None:
    found = with_fingerprints([finding("setup.cfg", "tool.run"), finding("other", "tool.run")], {})
    first, second = (each.fingerprint for each in found)
    assert without_number(first) == without_number(second) != ""
