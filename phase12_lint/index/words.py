"""Which of many texts hold a word, and where one of some words stands."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from phase12_lint.policy import spelled

_WORD = re.compile(rb"\w+")
_OF_AN_INDEX = 75  # to find all words of a text takes so many times as long as to search it for one
_TO_BEGIN = 300_000  # bytes that are searched in the time that it takes to begin


class Words:
    """The words of ``texts``, by path. Of a word that is not ASCII it is only known where its bytes stand.

    ``parts`` are what many of the words that will be asked for hold: where a part is not, none of these is.
    """

    def __init__(self, texts: Mapping[str, bytes], parts: Iterable[str] = ()) -> None:
        self._texts = texts
        self._parts = [part.encode() for part in parts]
        self._with_part: dict[bytes, Sequence[str]] = {}
        self._known: dict[str, Sequence[str]] = {}
        self._index: dict[bytes, list[str]] = {}
        self._size = sum(map(len, texts.values()))
        self._searched = 0

    def holding(self, word: str) -> Sequence[str]:
        """The paths of the texts that hold ``word``, in the order of the texts."""
        found = self._known.get(word)
        if found is None:
            found = self._known[word] = self._find(word.encode("utf-8", "surrogatepass"))
        return found

    def _find(self, word: bytes) -> Sequence[str]:
        paths = self._among(word)
        texts = self._texts
        if _WORD.fullmatch(word) is None:
            return [path for path in paths if word in texts[path]]
        if paths is not texts or self._is_search_cheaper():
            wanted = any_word((word.decode(),))
            return [path for path in paths if word in texts[path] and wanted.search(texts[path])]
        if not self._index:
            for path, text in texts.items():
                for each in set(_WORD.findall(text)):
                    self._index.setdefault(each, []).append(path)
        return self._index.get(word, ())

    def _is_search_cheaper(self) -> bool:
        """Whether the searches until now, and one more, cost less than an index, after which there are none."""
        self._searched += self._size + _TO_BEGIN
        return self._searched < self._size * _OF_AN_INDEX

    def _among(self, word: bytes) -> Collection[str]:
        """The paths of the texts in which ``word`` may be."""
        part = next((part for part in self._parts if part in word), None)
        if part is None:
            return self._texts
        if part not in self._with_part:
            self._with_part[part] = [path for path, text in self._texts.items() if part in text]
        return self._with_part[part]


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
