"""Whether a text may hold what only a newer Python reads, or only a deeper stack.

``ast-serialize`` reads the grammar of the newest Python and has no other. So its "fine" counts only for a text
in which nothing looks like what this Python may refuse: a look by regular expressions, at the bytes as they are, and
only where they find something at the code without its comments and strings. For the rest ``ast`` is asked, as it is
for every refusal.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Iterator
from functools import partial

_GAP = rb"(?:\s|\\\r?\n|#[^\n]*\n)*"
_NO_SPACE = rb"[ \t]*(?:\\\r?\n[ \t]*)*"  # between the words of one statement, or none
_SPACE = rb"(?:[ \t]|\\\r?\n)" + _NO_SPACE
_NAME = rb"[\w\x80-\xff]+"

# A field of an f-string that Python 3.11 and 3.12 (PEP 701) read alike: no quotes of the same kind, no
# backslash, no comment and no line break in it, braces at most once more.
_PLAIN = rb"[^{}\"'\\\n#!]|!=|![rsa](?=[:}])"
_FIELD = rb"\{(?!\s*\*)(?:%b|(?<!\w)%b[^\"'{}\\\n#]*%b|\{(?!\s*\*)(?:[^{}\"'\\\n#!])*\})+\}"
_LITERALS = b"|".join(
    rb"%b(?:[^\\{}%b]%b|\\[^{}N]|\{\{|\}\}|%b)*%b"
    % (
        quote * size,
        quote if size == 3 else quote + rb"\n",
        more,
        _FIELD % (_PLAIN, other, other),
        quote * size,
    )
    for quote, other in ((b'"', b"'"), (b"'", b'"'))
    for size, more in ((3, rb"|%b(?!%b)" % (quote, quote * 2)), (1, b""))
)
_FORMATTED = re.compile(rb"[\"'](?:(?<=(?<!\w)[fF].)|(?<=(?<!\w)[fF][rR].)|(?<=(?<!\w)[rR][fF].))")
_PLAIN_TEXT = re.compile(_LITERALS, re.DOTALL)
_F_AND_QUOTE = [  # one by one, for the search for a constant is many times faster than for a choice
    re.compile(each + quote) for each in (b"f", b"fr") for quote in (b'"', b"'")
]

_LITERAL = re.compile(
    rb"#[^\n]*|((?<!\w)[a-zA-Z]{1,2})?(?:\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''"
    rb"|\"(?:[^\\\"\n]|\\.)*\"|'(?:[^\\'\n]|\\.)*'|([\"']))",
    re.DOTALL,
)

_STAR = re.compile(rb"\*\*?")
# What follows the star of an element that is plain and ends at once.
_PLAIN_STAR = re.compile(
    rb"[ ]?(?:[\w.\x80-\xff]|\((?:[^()\"'#]|\"[^\"\\\n()]*\"|'[^'\\\n()]*')*\)|\[[^\[\]\"'#]*\])*\s*[,)\]}:/]"
)
_BOUNDARY = re.compile(rb"([\[({])|([])}])|[#,]|\bfor\b|(?:(?<!\w)[a-zA-Z]{1,2})?[\"']")
_LONG_LINE = 4_000  # of an expression too deep for ``ast``, or a number with too many digits
_MANY_LINES = 5_000
_MANY_BRANCHES = 1_000

_CODE: tuple[tuple[tuple[int, int], bytes], ...] = (
    ((3, 11), rb"\bexcept%b\*" % _GAP),
    ((3, 11), rb"[:\[]%b\*(?!\*)" % _GAP),  # in an annotation, in a subscript
    ((3, 11), rb",%b\*(?!\*)(?![^\[\](){}\"'#]*\))" % _GAP),  # in a subscript: not up to a round bracket
    ((3, 13), rb"type%b%b%b[=\[]" % (_SPACE, _NAME, _GAP)),
    ((3, 13), rb"def%b%b%b\[" % (_SPACE, _NAME, _NO_SPACE)),
    ((3, 13), rb"class%b%b%b\[" % (_SPACE, _NAME, _NO_SPACE)),
    ((9, 99), rb"lazy%b(?:import|from)\b" % _SPACE),
)
_TEXT = (
    rb":[^{}\n\"']*\{[^{}\n\"']*:[^{}\n\"']*\{",  # formats in formats in formats
    rb"\n[ \t]{100}",  # levels of indentation
    rb"\\N\{",
    rb"barry_as_FLUFL",
)
_CARRIAGE_RETURN = re.compile(rb"\r(?!\n)")
_IN_CODE = [re.compile(pattern) for since, pattern in _CODE if sys.version_info < since]
_IN_TEXT = [re.compile(pattern) for pattern in _TEXT]


def may_be_newer(data: bytes) -> bool:
    """Whether the text ``data``, in UTF-8, may hold what this Python refuses, if the newest one reads it.

    All but template strings, of which ``ast-serialize`` tells.
    """
    return bool(
        _has_long_line(data)
        or data.count(b"\n") > _MANY_LINES
        or data.count(b"elif") > _MANY_BRANCHES
        or b"\f" in data
        or (b"\r" in data and _CARRIAGE_RETURN.search(data))
        or any(pattern.search(data) for pattern in _IN_TEXT)
        or (not data.isascii() and _has_unknown_character(data))
        or any(map(partial(_may_unpack_into_comprehension, data), _first_stars(data)))
        or (_may_have_newer_code(data) and _has_newer_code(data))
    )


def _may_have_newer_code(data: bytes) -> bool:
    return any(pattern.search(data) for pattern in _IN_CODE) or (
        sys.version_info < (3, 12) and _has_odd_text(data)
    )


def _has_newer_code(data: bytes) -> bool:
    """The same, asked of the code alone."""
    kept = []
    end = 0
    for found in _LITERAL.finditer(data):
        if _may_hold_code(found):
            if found[2] or _PLAIN_TEXT.match(data, found.end(1)) is None:
                return True
            continue
        kept += [data[end : found.start()], b" " if found[0].startswith(b"#") else b" 0 "]
        end = found.end()
    code = b"".join((*kept, data[end:]))
    return any(pattern.search(code) for pattern in _IN_CODE)


def _may_hold_code(literal: re.Match[bytes]) -> bool:
    """Whether what ``_LITERAL`` matched is an f-string, or a quote that is not understood."""
    return bool(literal[2]) or not {*b"fFtT"}.isdisjoint(literal[1] or b"")


def _first_stars(data: bytes) -> Iterator[int]:
    """Where the stars end that may stand first in brackets."""
    for found in _STAR.finditer(data):
        start = found.start()
        before = data[start - 1 : start]
        if before in b" \t\r\n\\":
            head = data[max(start - 400, 0) : start].rstrip(b" \t")
            before = head[-1:]
            if before in b"\r\n\\":
                head = head.rstrip(b" \t\r\n\\")
                before = b"(" if b"#" in head[head.rfind(b"\n") + 1 :] else head[-1:]
        if before in b"[({":
            yield found.end()


def _may_unpack_into_comprehension(data: bytes, start: int) -> bool:
    """Whether a ``for`` may follow in the element of which the star ends at ``start`` (PEP 798)."""
    if _PLAIN_STAR.match(data, start) is not None:
        return False
    depth = 0
    at = start
    while (found := _BOUNDARY.search(data, at)) is not None:
        literal = _LITERAL.match(data, found.start())
        if literal is not None:
            if _may_hold_code(literal):
                return True
            at = literal.end()
            continue
        if found[1]:
            depth += 1
        elif found[2]:
            depth -= 1
            if depth < 0:
                return False
        elif depth == 0:
            return found[0] != b","
        at = found.end()
    return True


def _has_odd_text(data: bytes) -> bool:
    """Whether an f-string is not plain."""
    lower = data.lower()
    return any(
        _FORMATTED.match(data, found.end() - 1) and _PLAIN_TEXT.match(data, found.end() - 1) is None
        for quote in _F_AND_QUOTE
        for found in quote.finditer(lower)
    )


def _has_long_line(data: bytes) -> bool:
    at = 0
    while at + _LONG_LINE < len(data):
        at = data.rfind(b"\n", at, at + _LONG_LINE) + 1
        if at == 0:
            return True
    return False


def _has_unknown_character(data: bytes) -> bool:
    """Whether a character is in no Unicode that this Python knows: elsewhere it may be a letter of a name."""
    return any(unicodedata.category(each) == "Cn" for each in set(data.decode("utf-8", "replace")))
