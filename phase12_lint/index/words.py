"""Which of many texts hold a word, and where one of some words stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from phase12_lint.policy import spelled

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
        if _WORD.fullmatch(word) is None:
            return [path for path, text in self._texts.items() if word in text]
        if len(self._known) < _SEARCHES:
            wanted = any_word((word.decode(),))
            return [path for path, text in self._texts.items() if word in text and wanted.search(text)]
        if not self._index:
            for path, text in self._texts.items():
                for each in set(_WORD.findall(text)):
                    self._index.setdefault(each, []).append(path)
        return self._index.get(word, ())


def any_word(names: Iterable[str]) -> re.Pattern[bytes]:
    """Finds a word that is one of ``names``, with their ``*`` and ``?``; of a leading ``*`` it finds the rest alone.

    What is constant stands first in it: so the search skips what cannot be one, and is many times faster.
    """
    either = []
    for name in sorted(names):
        constant = re.match(r"\*?([^*?]+)", name)
        if constant is None:
            either.append(rf"(?<!\w){spelled([name])}")
        else:
            begin = "" if name.startswith("*") else rf"(?<!\w{re.escape(constant[1])})"
            rest = name[constant.end() :]
            either.append(re.escape(constant[1]) + begin + (spelled([rest]) if rest else ""))
    return re.compile(rf"(?:{'|'.join(either)})(?!\w)".encode() if either else rb"(?!)")
