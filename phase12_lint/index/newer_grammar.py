"""Whether a text may hold what only a newer Python reads, or only a deeper stack.

``ast-serialize`` reads the grammar of the newest Python and has no other. So its "fine" counts only for a text
in which nothing looks like what this Python may refuse: a look by regular expressions, which takes a comment
for code rather than the other way round. For the rest ``ast`` is asked, as it is for every refusal.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable

_GAP = rb"(?:\s|\\\r?\n|#[^\n]*\n)*"
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

# A star first in brackets, unless its element is plain and ends at once, so that no ``for`` follows (PEP 798).
_PLAIN_ELEMENT = rb"(?:[\w.\x80-\xff]|\((?:[^()\"'#]|\"[^\"\\\n()]*\"|'[^'\\\n()]*')*\)|\[[^\[\]\"'#]*\])*"
_UNPACKED = rb"[\[({]%b(?=\*)(?!\*\*?[ ]?%b\s*[,)\]}:/])" % (_GAP, _PLAIN_ELEMENT)
_LONG_LINE = 4_000  # of an expression too deep for ``ast``, or a number with too many digits
_MANY_LINES = 5_000
_MANY_BRANCHES = 1_000

_NEWER: tuple[tuple[tuple[int, int], bytes], ...] = (
    ((3, 11), rb"\bexcept%b\*" % _GAP),
    ((3, 11), rb"[:\[]%b\*(?!\*)" % _GAP),  # in an annotation, in a subscript
    ((3, 11), rb",%b\*(?!\*)(?![^\[\](){}\"'#]*\))" % _GAP),  # in a subscript: not up to a round bracket
    ((3, 13), rb"type(?:[ \t]|\\\r?\n)+%b%b[=\[]" % (_NAME, _GAP)),
    ((3, 13), rb"def(?:[ \t]|\\\r?\n)+%b(?:[ \t]|\\\r?\n)*\[" % _NAME),
    ((3, 13), rb"class(?:[ \t]|\\\r?\n)+%b(?:[ \t]|\\\r?\n)*\[" % _NAME),
    ((3, 14), rb"[\"'](?:(?<=(?<![\w\"'])[tT].)|(?<=(?<![\w\"'])[tT][rR].)|(?<=(?<![\w\"'])[rR][tT].))"),
    ((9, 99), _UNPACKED),
    ((9, 99), rb"lazy(?:[ \t]|\\\r?\n)+(?:import|from)\b"),
    ((9, 99), rb":[^{}\n\"']*\{[^{}\n\"']*:[^{}\n\"']*\{"),  # formats in formats in formats
    ((9, 99), rb"\n[ \t]{100}"),  # levels of indentation
    ((9, 99), rb"\f|\r(?!\n)|\\N\{|barry_as_FLUFL"),
)
_LOOKED_FOR = [re.compile(pattern) for since, pattern in _NEWER if sys.version_info < since]
_SEARCHES: list[Callable[[bytes], object]] = [pattern.search for pattern in _LOOKED_FOR]


def may_be_newer(data: bytes) -> bool:
    """Whether the text ``data``, in UTF-8, may hold what this Python refuses and a newer one reads."""
    return (
        _has_long_line(data)
        or data.count(b"\n") > _MANY_LINES
        or data.count(b"elif") > _MANY_BRANCHES
        or any(search(data) for search in _SEARCHES)
        or (sys.version_info < (3, 12) and _has_odd_text(data))
        or (not data.isascii() and _has_unknown_character(data))
    )


def _has_odd_text(data: bytes) -> bool:
    """Whether an f-string is not plain."""
    return any(_PLAIN_TEXT.match(data, found.start()) is None for found in _FORMATTED.finditer(data))


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
