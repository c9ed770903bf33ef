"""Which of many texts hold a word, and where one of some words stands."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence

from phase12_lint.policy import spelled

_WORD = re.compile(rb"\w+")
_WORD_BYTES = frozenset(each for each in range(128) if re.match(r"\w", chr(each)))
_OF_AN_INDEX = 75  # to find all words of the texts takes so many times as long as to search them for one


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
        self._searches = 0

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
        self._searches += paths is texts
        if paths is not texts or self._searches < _OF_AN_INDEX:
            return [path for path in paths if _stands_in(texts[path], word)]
        if not self._index:
            for path, text in texts.items():
                for each in set(_WORD.findall(text)):
                    self._index.setdefault(each, []).append(path)
        return self._index.get(word, ())

    def _among(self, word: bytes) -> Collection[str]:
        """The paths of the texts in which ``word`` may be."""
        part = next((part for part in self._parts if part in word), None)
        if part is None:
            return self._texts
        if part not in self._with_part:
            self._with_part[part] = [path for path, text in self._texts.items() if part in text]
        return self._with_part[part]


def _stands_in(text: bytes, word: bytes) -> bool:
    """Whether ``word`` is a whole word of ``text``. To compile an expression for it would take longer."""
    start = text.find(word)
    while start >= 0:
        around = {*text[max(start - 1, 0) : start], *text[start + len(word) : start + len(word) + 1]}
        if _WORD_BYTES.isdisjoint(around):
            return True
        start = text.find(word, start + 1)
    return False


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
