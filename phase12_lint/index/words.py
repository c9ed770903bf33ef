"""Which of many texts hold a word."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_WORD = re.compile(rb"\w+")
_SEARCHES = 40  # after so many, an index of all words is cheaper


class Words:
    """The words of ``texts``, by path. Of a word that is not ASCII it is only known where its bytes stand."""

    def __init__(self, texts: Mapping[str, bytes]) -> None:
        self._texts = texts
        self._known: dict[str, Sequence[str]] = {}
        self._index: dict[bytes, list[str]] = {}

    def holding(self, word: str) -> Sequence[str]:
        """The paths of the texts that hold ``word``, in the order of the texts."""
        found = self._known.get(word)
        if found is None:
            found = self._known[word] = self._find(word.encode("utf-8", "surrogatepass"))
        return found

    def _find(self, word: bytes) -> Sequence[str]:
        if not word.isascii():
            return [path for path, text in self._texts.items() if word in text]
        if len(self._known) < _SEARCHES:
            whole = re.compile(rb"(?<!\w)%b(?!\w)" % re.escape(word))
            return [path for path, text in self._texts.items() if word in text and whole.search(text)]
        if not self._index:
            for path, text in self._texts.items():
                for each in set(_WORD.findall(text)):
                    self._index.setdefault(each, []).append(path)
        return self._index.get(word, ())
