"""Read ``# noqa`` comments as flake8 reads them: its expression, its stretch of lines, its codes."""

from __future__ import annotations

import contextlib
import re
from io import StringIO
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tokenize import TokenInfo

# flake8.defaults.NOQA_INLINE_REGEXP, written out because importing flake8 takes longer than a cached run;
# a test holds the two equal.
NOQA = re.compile(r"# noqa(?::[\s]?(?P<codes>([A-Z]+[0-9]+(?:[,\s]+)?)+))?", re.IGNORECASE)

_SEPARATORS = re.compile(r"[,\s]+")
FOR_A_TOOL = re.compile(r"(?i)#\s*(?:noqa\b|nosec\b|(?:type|pragma|pylint|mypy|pyright|ruff|fmt|isort):).*")
_NAMES_CODES = re.compile(rb"# [nN][oO][qQ][aA]:")


class Suppression(NamedTuple):
    """One ``noqa``: where its ``#`` stands, the lines it covers, the codes it names, and why.

    Lines and columns count from 1. ``codes`` is empty for a bare ``noqa``.
    """

    line: int
    column: int
    first_line: int
    last_line: int
    codes: tuple[str, ...]
    reason: str

    def names(self, code: str) -> bool:
        """Whether ``code`` is named, by itself or by a prefix, in the case that flake8 demands."""
        return code.startswith(self.codes)


def may_name_codes(data: bytes) -> bool:
    """False only if no ``noqa`` in a source file in an ASCII-compatible encoding names a code."""
    return _NAMES_CODES.search(data) is not None


def read_suppressions(text: str) -> tuple[Suppression, ...]:
    """Every ``noqa`` of a source text that flake8 would honour, in order.

    flake8 looks at a physical line, or at all the lines of a multi-line string or of a backslash
    continuation together, and there at the first ``noqa`` alone, be it in a comment or in a string.
    """
    if not NOQA.search(text):
        return ()
    lines = StringIO(text, newline=None).readlines()
    found = []
    for first, last in _stretches(lines):
        match = NOQA.search("".join(lines[first - 1 : last]))
        if match:
            found.append(_suppression(match, first, last))
    return tuple(found)


def stretch_of(text: str, line: int) -> tuple[int, int]:
    """The first and the last of the lines that flake8 searches together with ``line``, all counted from 1."""
    stretches = _stretches(StringIO(text, newline=None).readlines())
    return next((each for each in stretches if each[0] <= line <= each[1]), (line, line))


def _suppression(match: re.Match[str], first: int, last: int) -> Suppression:
    text, start = match.string, match.start()
    named = match["codes"] or ""
    codes = tuple(filter(None, _SEPARATORS.split(named)))
    after = text[match.start("codes") + named.rindex(codes[-1]) + len(codes[-1]) :] if codes else ""
    return Suppression(
        line=first + text.count("\n", 0, start),
        column=start - text.rfind("\n", 0, start),
        first_line=first,
        last_line=last,
        codes=tuple(dict.fromkeys(codes)),
        reason=_reason(after.partition("\n")[0]),
    )


def _reason(rest: str) -> str:
    """What a person wrote after the codes; marks for other tools are no reason, nor is punctuation."""
    said = FOR_A_TOOL.sub("", rest).strip(" \t\f#,;:.-–—")
    return said if any(map(str.isalnum, said)) else ""


def without_reason(rest: str) -> str:
    """What ``rest``, behind the codes of a ``noqa``, holds but its reason: another comment, or what tools are told."""
    told = FOR_A_TOOL.search(rest) or re.match(r"\s*(#.*)", rest)
    return told[0].lstrip() if told else ""


def _stretches(lines: list[str]) -> list[tuple[int, int]]:
    """The stretches of lines that flake8 searches as one, as its ``_noqa_line_mapping`` tells them.

    A line in none of them, as where the file cannot be tokenized, flake8 searches alone.
    """
    import tokenize  # only for a file with a noqa

    stretches: list[tuple[int, int]] = []
    with contextlib.suppress(tokenize.TokenError, SyntaxError):
        stretches = _joined_lines(list(tokenize.generate_tokens(iter(lines).__next__)))
    inside = {line for first, last in stretches for line in range(first, last + 1)}
    alone = [(line, line) for line in range(1, len(lines) + 1) if line not in inside]
    return sorted(stretches + alone)


def _joined_lines(tokens: list[TokenInfo]) -> list[tuple[int, int]]:
    import tokenize

    stretches = []
    first = last = 0
    for kind, _, (start, _), (end, _), _ in tokens:
        if kind in (tokenize.ENDMARKER, tokenize.DEDENT):
            continue
        first, last = first or start, max(last, end)
        if kind in (tokenize.NL, tokenize.NEWLINE):
            stretches.append((first, last))
            first = last = 0
    return stretches
