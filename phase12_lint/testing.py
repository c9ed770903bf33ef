"""Test a rule of a team's own, by examples that it leaves alone and examples in which it finds what is marked.

    from phase12_lint.testing import assert_rule

    def test_a_result_is_not_logged() -> None:
        assert_rule(NeverLogged, valid=["..."], invalid=["log(plugin.run())  # error: ACM101"], files=GOVERNED)

An example is the text of one file, ``example.py``, or several files by their paths. A line's findings are marked by a
trailing ``# error: ACM101`` (``, ACM102`` for more, the same again where there are two, `` [certain]`` for the
confidence); the mark is taken out of the file. Every line without a mark must be clean. The tests of the linter's own
rules compare by this module as well.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from phase12_lint.config import load
from phase12_lint.engine import Request, run
from phase12_lint.model import Finding

__all__ = [
    "EXAMPLE",
    "MARK",
    "Mark",
    "MarkError",
    "assert_rule",
    "difference",
    "found_by",
    "marks_of",
    "read_marks",
]

EXAMPLE = "example.py"
_CODE = r"[A-Z]{1,3}[0-9]{3}(?: \[(?:certain|inferred|named)\])?"
MARK = re.compile(rf"[ \t]*# error: ({_CODE}(?:, {_CODE})*)[ \t]*$", re.MULTILINE)
_MARKED_CODE = re.compile(r"([A-Z]{1,3}[0-9]{3})(?: \[(\w+)\])?")

Example = str | Mapping[str, str]


class MarkError(Exception):
    """A mark that cannot be read; says the file, the line and what is wrong."""


class Mark(NamedTuple):
    """A finding. ``span`` is ``column`` or ``column-end_line:end_column``; what is empty is not compared."""

    path: str
    line: int
    code: str
    confidence: str = ""
    span: str = ""

    @property
    def place(self) -> tuple[str, int, str]:
        """What every finding is compared by."""
        return (self.path, self.line, self.code)


def assert_rule(
    rule: type[Any],
    valid: Iterable[Example] = (),
    invalid: Iterable[Example] = (),
    files: Mapping[str, str] = {},
    policy: str = "",
) -> None:
    """Raise ``AssertionError`` unless ``rule`` finds nothing in ``valid`` and exactly what is marked in ``invalid``.

    ``files`` belong to each example, which may replace some; ``policy`` is the text of the section ``[phase12-lint]``.
    """
    wrong = []
    for kind, examples in (("valid", valid), ("invalid", invalid)):
        for number, example in enumerate(examples, 1):
            texts, marks = _read(example, files)
            told = [] if bool(marks) == (kind == "invalid") else [_mistaken(kind)]
            told += difference(marks, marks_of(found_by(rule, texts, policy)))
            if told:
                wrong.append("\n    ".join([f"{kind} example {number}:", *told]))
    if wrong:
        raise AssertionError("\n".join([f"{rule.code} {rule.name}", *wrong]))


def found_by(rule: type[Any], files: Mapping[str, str], policy: str = "") -> tuple[Finding, ...]:
    """What ``rule`` finds in the project that ``files`` are; raises ``AssertionError`` if something went wrong."""
    with TemporaryDirectory(prefix="phase12-lint-") as name:
        root = Path(name)
        for path, text in {"setup.cfg": f"[phase12-lint]\n{policy}\n", **files}.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(text.encode())
        settings = load(root)
        outcome = run(Request(root, settings.policies, settings.exclude, own_rules=(rule,)))
    unread = (each for each in outcome.findings if each.code == "GOV001")
    broken = [f"{each.path}:{each.span.line}: {each.message}" for each in unread]
    if problems := [*outcome.errors, *outcome.incomplete, *broken]:
        raise AssertionError("\n".join(problems))
    return tuple(each for each in outcome.findings if each.code == rule.code)


def marks_of(findings: Sequence[Finding]) -> tuple[Mark, ...]:
    """``findings`` as an example would mark them."""
    return tuple(
        Mark(
            each.path,
            each.span.line,
            each.code,
            each.confidence.label,
            f"{each.span.column}-{each.span.end_line}:{each.span.end_column}",
        )
        for each in findings
    )


def read_marks(path: str, text: str) -> tuple[str, tuple[Mark, ...]]:
    """The file without its marks, and these. Raises ``MarkError``."""
    return MARK.sub("", text), tuple(_marks(path, text))


def marked_code(text: str) -> tuple[str, str] | None:
    """Code and confidence, empty if none is said, of ``GOV101 [certain]``."""
    code = _MARKED_CODE.fullmatch(text)
    return (code[1], code[2] or "") if code else None


def _marks(path: str, text: str) -> Iterator[Mark]:
    for number, line in enumerate(text.split("\n"), 1):
        mark = MARK.search(line)
        if mark is None and "# error:" in line:
            raise MarkError(f"{path}:{number}: a mark that is not '# error: CODE': {line.strip()}")
        for code in _MARKED_CODE.finditer(mark[1] if mark else ""):
            yield Mark(path, number, code[1], code[2] or "")


def _read(example: Example, files: Mapping[str, str]) -> tuple[dict[str, str], tuple[Mark, ...]]:
    own = {EXAMPLE: example} if isinstance(example, str) else example
    texts: dict[str, str] = {}
    marks: list[Mark] = []
    for path, text in {**files, **own}.items():
        texts[path], found = read_marks(path, text)
        marks += found
    return texts, tuple(marks)


def _mistaken(kind: str) -> str:
    return "marks a line; a valid one has no mark" if kind == "valid" else "marks no line"


def difference(expected: tuple[Mark, ...], found: tuple[Mark, ...]) -> list[str]:
    """What is wrong, a line each: marks with no finding, findings with no mark, marked words that differ."""
    wanted, given = {mark.place: mark for mark in expected}, {mark.place: mark for mark in found}
    lines = [_line("not found", wanted[place]) for place in sorted(wanted.keys() - given.keys())]
    lines += [_line("not expected", given[place]) for place in sorted(given.keys() - wanted.keys())]
    places = [mark.place for mark in expected]
    times = Counter(mark.place for mark in found if found.count(mark) > 1)
    twice = {mark for mark in found if times[mark.place] > max(1, places.count(mark.place))}
    lines += [
        _line("found too few times", mark)
        for mark in sorted(set(expected))
        if _is_short(mark, expected, found)
    ]
    lines += [_line("reported twice", mark) for mark in sorted(twice)]
    for place in sorted(wanted.keys() & given.keys()):
        mark, actual = wanted[place], [mark for mark in found if mark.place == place]
        if not any(_agrees(mark, other) for other in actual):
            lines.append(_line("differs", mark) + ", found" + " and".join(map(_words, actual)))
    return lines


def _is_short(mark: Mark, expected: tuple[Mark, ...], found: tuple[Mark, ...]) -> bool:
    """Whether ``mark`` stands on a line more often than it is found there, though it is found."""
    given = [each.place for each in found].count(mark.place)
    return 0 < given < expected.count(mark)


def _agrees(mark: Mark, found: Mark) -> bool:
    column = found.span.split("-")[0]
    return mark.confidence in ("", found.confidence) and mark.span in ("", column, found.span)


def _line(what: str, mark: Mark) -> str:
    return f"{what}: {mark.path}:{mark.line}: {mark.code}{_words(mark)}"


def _words(mark: Mark) -> str:
    return (f" [{mark.confidence}]" if mark.confidence else "") + (f" at {mark.span}" if mark.span else "")
