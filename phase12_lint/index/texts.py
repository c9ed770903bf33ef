"""What the texts of a program's files say, asked without parsing one; and what each file answered.

Every question is about one file at a time: whether it holds a word, uses a name in some way, or holds what a pattern
finds. So when a file changes that was never parsed, the questions that were asked tell whether that matters: if the new
text gives the answers of the old one, all that was concluded from them still holds.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import NamedTuple

from phase12_lint.index.module_names import ModuleNames
from phase12_lint.index.programs import code_in
from phase12_lint.index.spread import Held
from phase12_lint.index.words import Words
from phase12_lint.model import hashed
from phase12_lint.sources.decode import SourceError, decode

Pattern = re.Pattern[bytes]
_YES = "yes"
_READ = re.compile(rb"\.\s*(\w+)")
_STORED = re.compile(rb"\.\s*(\w+)\s*(?:[^\w\s.(\[\"'`}!?$]|in\b)")
# A search that begins with a constant or a class of characters is many times faster than one that looks behind first.
_DEFINED = [re.compile(rb"def\s+(\w+)"), re.compile(rb"class\s+(\w+)")]
# What stands in the brackets of a call, a subscript or the bases of a class is read, whatever follows it there.
_READ_ALONE = re.compile(
    rb"[(\[](?<=[\w\]).].)(?<!\bas.)(?<!\bdel.)(?<!\bfor.)(?<!\bwith.)"
    rb"(?![^()\[\]]*\b(?:as|for)\b)[^()\[\]\"';#]*[)\]]"
)
_HEADER = re.compile(rb"class\s+\w+\s*[(\[]([^:]*)")
_ASSIGNED = re.compile(rb"=\s*([\w.]+)(?![\w.]|\s*\()")
_AS = re.compile(rb"\sas\b")
_WORD = re.compile(rb"[^\W\d]\w*")
_QUOTED = re.compile(rb"[\"'](\w+)(?=[\"'])")
_KEYWORD = re.compile(rb"[(,]\s*(\w+)\s*=(?!=)")
_BOUND = re.compile(
    rb"(?<![\w.])(\w+)[ \t]*=(?!=)|^[ \t(]*(\w[\w., \t]*?)[ \t]*(?:[,:)]|$)"
    rb"|\bas[ \t]+(\w+)|\bimport\b([^\n]*)|\bfor\b([^\n:]*?)\bin\b",
    re.MULTILINE,
)
_FUNCTION = re.compile(
    rb"^([ \t]*)(?:async[ \t]+)?def\b[^\n]*\n(?:(?:\1(?:[ \t]+|[)\]}])[^\n]*|[ \t]*)\n)*", re.MULTILINE
)
_GIVEN = re.compile(rb"[(,]\s*(\w+)\s*=(?!=)|\bglobal\b([^\n]*)")
_NAME = re.compile(rb"(?<![\w.])\w+")
_SETATTR = b"setattr"
_NAMESPACES = (b"vars", b"__dict__")


class Question(NamedTuple):
    """What each file that holds ``word``, if that is not empty, is asked: whether the name ``what`` is in it, or used
    in it in the way of ``use``; of a pattern ``what``, whether it finds anything (``use`` is ``match``), or what it
    finds (``find``), where all that ``without`` finds is taken away; ``of_judged`` if only those are asked in which
    something governed may be."""

    what: str
    use: str = "held"
    flags: int = 0
    word: str = ""
    without: str = ""
    of_judged: bool = False


class Trace(NamedTuple):
    """What something was made from: the files that were ``parsed``, and what each of the others answers to
    ``questions``, told by a digest, which is empty where that is nothing but no. ``judged`` are the files in which
    something governed may be, and ``held`` is what the spread ended with by which they were found."""

    parsed: Collection[str] = ()
    questions: Sequence[Question] = ()
    answers: Mapping[str, str] = {}
    judged: Collection[str] = ()
    held: Held | None = None

    def holds_with(self, path: str, data: bytes, names: ModuleNames) -> bool:
        """Whether the same is made when the content of the file ``path`` is ``data``; ``names`` are of all files."""
        if path in self.parsed:
            return False
        if self.held is not None and (path in self.held.names or self.held.comes_to(path, data, names)):
            return False
        if path not in self.answers:
            return True
        texts = Texts({path: data}, [path], judged=self.judged)
        for question in self.questions:
            texts.ask(question)
        return texts.trace(()).answers[path] == self.answers[path]


class Texts:
    """The texts of the files ``paths``, in which a name stands as Python compares it (UTF-8, NFKC). ``parts`` are in
    many of the names that will be asked for; ``judged`` are those in which something governed may be (None: all).
    Paths are answered in the order that they were given in."""

    def __init__(
        self,
        files: Mapping[str, bytes],
        paths: Iterable[str],
        parts: Iterable[str] = (),
        judged: Collection[str] | None = None,
    ) -> None:
        self.paths: Collection[str] = dict.fromkeys(paths)
        judged_here = self.paths if judged is None else [path for path in self.paths if path in judged]
        self.judged = judged_here if len(judged_here) < len(self.paths) else self.paths
        self._files = files
        self._parts = parts
        self._answers: dict[Question, Mapping[str, str]] = {}
        self._words_used: dict[tuple[object, str], Collection[bytes]] = {}

    @cached_property
    def _texts(self) -> Mapping[str, bytes]:
        return {path: _normal(self._files[path]) for path in self.paths}

    @cached_property
    def _words(self) -> Words:
        return Words(self._texts, self._parts)

    def holding(self, word: str) -> Collection[str]:
        """The files in which ``word`` occurs."""
        return self.ask(Question(word))

    def using(self, name: str, use: str, word: str = "") -> Collection[str]:
        """The files which hold ``word``, if it is not empty, in which ``name`` may be used so, a key of ``_USES``."""
        return self.ask(Question(name, use, word=word))

    def matching(
        self, pattern: Pattern, word: str = "", without: Pattern | None = None, of_judged: bool = False
    ) -> Collection[str]:
        """The files, or those that are judged, which hold ``word``, if it is not empty, and in which ``pattern`` finds
        anything where all that ``without`` finds is taken away."""
        left = _written(without) if without is not None else ""
        of_judged = of_judged and self.judged is not self.paths
        return self.ask(Question(_written(pattern), "match", pattern.flags, word, left, of_judged))

    def found_by(self, pattern: Pattern) -> frozenset[str]:
        """The words that ``pattern`` finds in the files."""
        answers = self.ask(Question(_written(pattern), "find", pattern.flags))
        return frozenset(word for found in answers.values() for word in found.split())

    def ask(self, question: Question) -> Mapping[str, str]:
        """What the files answer to ``question``, those left out whose answer is no."""
        found = self._answers.get(question)
        if found is None:
            found = self._answers[question] = dict(self._find(question))
        return found

    def trace(self, parsed: Collection[str]) -> Trace:
        """What was asked until now, and answered, by the files that are none of ``parsed``."""
        questions = sorted(self._answers)
        said: dict[str, list[str]] = {path: [] for path in self.paths if path not in parsed}
        for number, question in enumerate(questions):
            for path, answer in self._answers[question].items():
                if path in said:
                    said[path].append(f"{number} {answer}")
        answers = {path: hashed("\n".join(each)) if each else "" for path, each in said.items()}
        return Trace(sorted(parsed), questions, answers, list(self.judged))

    def _find(self, question: Question) -> Iterator[tuple[str, str]]:
        if question.use in ("match", "find"):
            ask = _asking(question)
            asked = self.judged if question.of_judged else self.paths
            for path in self.holding(question.word) if question.word else asked:
                answer = ask(self._texts[path])
                if answer:
                    yield path, answer
            return
        paths = self._words.holding(question.what)
        if question.word:
            around = self.holding(question.word)
            paths = [path for path in paths if path in around]
        for path in paths:
            if question.use == "held" or self._uses(question, path):
                yield path, _YES

    def _uses(self, question: Question, path: str) -> bool:
        """What a file answers about a use, as far as the words tell; what is cheap is asked first."""
        if not question.what.isascii():
            return True
        word = question.what.encode()
        for words_of in _USES[question.use]:
            words = self._words_used.get((words_of, path))
            if words is None:
                text = self._texts[path]
                if words_of is _stored_or_read_in and not _may_be_stored(word, text):
                    return False
                words = self._words_used[words_of, path] = words_of(text)
            if word not in words:
                return False
        return True


def _asking(question: Question) -> Callable[[bytes], str]:
    """What answers a question about a pattern."""
    pattern = re.compile(question.what.encode("latin-1"), question.flags)
    if question.use == "find":
        return lambda text: " ".join(
            sorted({each.decode("utf-8", "replace") for each in pattern.findall(text)})
        )
    if not question.without:
        return lambda text: _YES if pattern.search(text) else ""
    without = re.compile(question.without.encode("latin-1"))

    def matches(text: bytes) -> str:
        return _YES if pattern.search(text) and pattern.search(without.sub(b"", text)) else ""

    return matches


def _written(pattern: Pattern) -> str:
    return pattern.pattern.decode("latin-1")


def _may_be_stored(word: bytes, text: bytes) -> bool:
    """Whether ``word`` stands behind a dot, or by itself where something may be told it. Of a text that only imports it
    this is known long before it is known what is stored there."""
    if re.search(rb"\.\s*%b(?!\w)" % word, text):
        return True
    return any(way in text for way in (_SETATTR, *_NAMESPACES))


def _read_in(text: bytes) -> Collection[bytes]:
    return set(_READ.findall(text))


def _stored_or_read_in(text: bytes) -> Collection[bytes]:
    return {*_STORED.findall(text), *_put_by_name(text)}


def _stored_in(text: bytes) -> Collection[bytes]:
    left, count = text, 1
    while count:
        left, count = _READ_ALONE.subn(b".", left)
    return {*_STORED.findall(left), *_put_by_name(text)}


def _put_by_name(text: bytes) -> Collection[bytes]:
    """The words by which ``setattr`` or a namespace may be told a name."""
    if any(way in text for way in _NAMESPACES):
        return {*_QUOTED.findall(text), *_KEYWORD.findall(text)}
    return _QUOTED.findall(text) if _SETATTR in text else ()


def _quoted_in(text: bytes) -> Collection[bytes]:
    return set(_QUOTED.findall(text))


def _defined_in(text: bytes) -> Collection[bytes]:
    return {name for defined in _DEFINED for name in defined.findall(text)}


def _defined_in_code(text: bytes) -> Collection[bytes]:
    return _defined_in(code_in(text))


def _bound_in_code(text: bytes) -> Collection[bytes]:
    """The words that may be bound to something, a function and a class apart."""
    code = code_in(text)
    bound = (*_BOUND.findall(_FUNCTION.sub(b"", code)), *_GIVEN.findall(code))
    return {name for found in bound for name in _NAME.findall(b" ".join(found))}


def _derived_in(text: bytes) -> Collection[bytes]:
    """The words of class headers and of what stands behind ``=``, and those in front of ``as``."""
    parts = [*_HEADER.findall(text), *_ASSIGNED.findall(text)]
    for found in _AS.finditer(text):
        parts += text[max(found.start() - 200, 0) : found.start()].split()[-1:]
    return set(_WORD.findall(b" ".join(parts)))


_USES: dict[str, tuple[Callable[[bytes], Collection[bytes]], ...]] = {
    "read": (_read_in,),
    "stored": (_stored_or_read_in, _stored_in),
    "derived": (_derived_in,),
    "quoted": (_quoted_in,),
    "defined": (_defined_in,),
    "defined in code": (_defined_in, _defined_in_code),
    "bound in code": (_bound_in_code,),
}


def _normal(data: bytes) -> bytes:
    if data.isascii():
        return data
    try:
        return unicodedata.normalize("NFKC", decode(data)).encode("utf-8", "replace")
    except SourceError:
        return b""
