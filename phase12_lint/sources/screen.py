"""Decide by a look at the bytes that a file cannot matter. A screen may let through, it never holds back."""

from __future__ import annotations

from collections.abc import Iterable

from phase12_lint.sources.decode import SourceError, declared_codec, decode

_WORD_BYTES = frozenset(b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
_PLAIN_CODECS = ("utf-8", "iso-8859-1", "ascii", "us-ascii")


class Screen:
    """Looks for identifiers, as Python compares them, in the bytes of source files.

    It is sound for identifiers in code, in whatever Unicode form (PEP 3131: full-width letters spell the same
    name) and encoding they are written, and a file that cannot be decoded always matches. It is sound for
    names inside string literals only as long as they are spelled plainly and whole. A rule to which
    ``getattr(p, "\\x72un")`` or ``exec("\\nrun()")`` matters therefore lists, beside ``run``, the words
    without which a string cannot become a call: ``getattr``, ``exec`` and the like.
    """

    def __init__(self, words: Iterable[str]) -> None:
        """``words`` are identifiers; a file that holds none of them does not match."""
        self._words = tuple(sorted({_normal(word).encode() for word in words}))

    def matches(self, data: bytes) -> bool:
        """Whether any of the words may be an identifier in the source file ``data``."""
        if any(_holds(data, word) for word in self._words):
            return True
        if data.isascii() and (b"coding" not in data or declared_codec(data) in _PLAIN_CODECS):
            return b"\0" in data
        try:
            normal = _normal(decode(data)).encode()
        except SourceError:
            return True
        return any(_holds(normal, word) for word in self._words)


def _normal(text: str) -> str:
    """``text`` in the form in which Python compares identifiers."""
    import unicodedata

    return unicodedata.normalize("NFKC", text)


def _holds(data: bytes, word: bytes) -> bool:
    """Whether ``word`` stands in ``data`` with no ASCII letter, digit or underscore at either side."""
    at = data.find(word)
    while at >= 0:
        end = at + len(word)
        if (at == 0 or data[at - 1] not in _WORD_BYTES) and (
            end == len(data) or data[end] not in _WORD_BYTES
        ):
            return True
        at = data.find(word, at + 1)
    return False
