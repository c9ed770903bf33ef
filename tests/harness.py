"""Cases written as Markdown: read them, lay each out as a project, and compare what is found with its marks.

A file is ``# GOV101 direct-plugin-run`` and, for each case, ``## Title``, free prose, options such as
``select: GOV003`` (a line each), and its files: a line with just a path in backticks, then a fenced block.
``base: plugin-class, engine`` adds the files of the pages of these names in ``rules/bases``, which are written
alike (``# plugin-class``, files, their own ``base:``); a file of the case's own stands in the place of the base's.

A line's findings are marked by a trailing ``# error: GOV101`` (``, GOV104`` for more, the same again where
there are two, `` [certain]`` for the confidence); the mark is taken out of the file. So is ``# known: plugin,
inferred``, behind or before it: what the engine knows of the outermost expression of the line, and how well
(``plugin``, ``plugin class``, ``runner``, ``runner class``; ``nothing``). Where a comment cannot stand, an
``expect`` block holds lines ``path:line[:column[-end_line:end_column]]: GOV101 [certain]``. Every other line must
be clean.

A ``fixed`` block, below the path of a file as well, is the exact text that the fixes of the page's rule, safe and
unsafe, make of it; a file without one stays as it is. ``fixed: nothing`` says that no finding of the rule has a fix.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from phase12_lint.testing import MARK, Mark, MarkError, difference, marked_code, read_marks

__all__ = ["Case", "CaseError", "Document", "Known", "Mark", "difference", "read_base", "read_document"]

TITLE = re.compile(r"(GOV\d{3}) ([a-z][a-z0-9-]*)")
PATH_LINE = re.compile(r"`([^`\s]+)`")
BASE_LINE = re.compile(r"`?base: ([a-z][a-z0-9-]*(?:, [a-z][a-z0-9-]*)*)`?")
BASE_TITLE = re.compile(r"[a-z][a-z0-9-]*")
OPTION_LINE = re.compile(r"`?(select|extend-select|ignore|min-confidence|fixed): ([^`]+?)`?")
CODE = r"GOV\d{3}(?: \[(?:certain|inferred|named)\])?"
ROLE = r"(?:plugin|runner)(?: class)?, (?:certain|inferred|named)|nothing"
KNOWN = re.compile(rf"[ \t]*# known: ({ROLE})[ \t]*$", re.MULTILINE)
HEADINGS = ("h1", "h2")
BLOCKS = MarkdownIt("commonmark").disable("inline")
EXPECT_LINE = re.compile(rf"(?P<path>.+?):(?P<line>\d+)(?::(?P<span>\d+(?:-\d+:\d+)?))?: (?P<code>{CODE})")


BASES = Path(__file__).parent / "rules" / "bases"


class CaseError(Exception):
    """A Markdown file that does not keep the format; says the file, the line and what is wrong."""


class Known(NamedTuple):
    """What the engine must know of the outermost expression of a line: ``plugin, inferred``, or ``nothing``."""

    path: str
    line: int
    words: str


class Block(NamedTuple):
    """A file as a page gives it, its marks, and its text when it is fixed, if the page says that."""

    text: str
    marks: tuple[Mark, ...] = ()
    known: tuple[Known, ...] = ()
    fixed: str | None = None


class Case(NamedTuple):
    """One small project, the options it is checked with, and what must be found and known in it.

    ``fixed`` are the files that fixes of the page's rule change; None if the page says nothing of that.
    """

    document: Path
    title: str
    options: dict[str, str]
    files: dict[str, str]
    marks: tuple[Mark, ...]
    known: tuple[Known, ...] = ()
    fixed: dict[str, str] | None = None

    @property
    def id(self) -> str:
        """The name of its test."""
        return f"{self.document.stem}: {self.title}"

    def write(self, root: Path) -> None:
        """Lay the files out under ``root``, each as written, newlines included."""
        for name, text in self.files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())


class Document(NamedTuple):
    """One Markdown file: the rule it is about and its cases."""

    path: Path
    code: str
    name: str
    cases: tuple[Case, ...]


def read_document(path: Path) -> Document:
    """The cases of the file ``path``; raises ``CaseError`` where it does not keep the format."""
    tokens, heads = _headed(path)
    title = TITLE.fullmatch(tokens[heads[0] + 1].content)
    if title is None:
        raise CaseError(f"{path}: the heading is not '# GOVnnn name'")
    cases = tuple(_read_case(path, tokens[at:end]) for at, end in pairwise([*heads[1:], len(tokens)]))
    titles = [case.title for case in cases]
    if twice := {title for title in titles if titles.count(title) > 1}:
        raise CaseError(f"{path}: titles that occur twice: {', '.join(sorted(twice))}")
    return Document(path, title[1], title[2], cases)


def _headed(path: Path) -> tuple[list[Token], list[int]]:
    tokens = BLOCKS.parse(path.read_text(encoding="utf-8"))
    heads = [at for at, token in enumerate(tokens) if token.type == "heading_open" and token.tag in HEADINGS]
    if not heads or tokens[heads[0]].tag != "h1" or any(tokens[at].tag == "h1" for at in heads[1:]):
        raise CaseError(f"{path}: must start with its one heading")
    return tokens, heads


@cache
def read_base(path: Path) -> dict[str, Block]:
    """The files of the base that the page ``path`` is, those of its own bases included."""
    tokens, heads = _headed(path)
    if BASE_TITLE.fullmatch(tokens[heads[0] + 1].content) is None or len(heads) > 1:
        raise CaseError(f"{path}: a base has the one heading '# name'")
    _, blocks, _ = _read_blocks(path, str(path), tokens[heads[0] + 2 :])
    return blocks


def _read_case(document: Path, tokens: list[Token]) -> Case:
    title = tokens[1].content
    where = f"{document}: {title}"
    options, blocks, expected = _read_blocks(document, title, tokens[2:])
    files = {path: block.text for path, block in blocks.items()}
    marks = (*(mark for block in blocks.values() for mark in block.marks), *expected)
    known = tuple(each for block in blocks.values() for each in block.known)
    fixed = {path: block.fixed for path, block in blocks.items() if block.fixed is not None}
    is_unfixed = options.pop("fixed", "") == "nothing"
    if not files:
        raise CaseError(f"{where}: the case holds no file")
    if is_unfixed and fixed:
        raise CaseError(f"{where}: nothing is fixed, and there is a block of what is")
    if unknown := {mark.path for mark in marks} - files.keys():
        raise CaseError(f"{where}: no such file in the case: {', '.join(sorted(unknown))}")
    return Case(document, title, options, files, marks, known, fixed if fixed or is_unfixed else None)


def _read_blocks(
    document: Path, title: str, tokens: list[Token]
) -> tuple[dict[str, str], dict[str, Block], list[Mark]]:
    """The options, the files, those of bases first, and the marks that stand apart."""
    options, bases, own, expected = dict[str, str](), dict[str, Block](), dict[str, Block](), list[Mark]()
    last_line = ""
    for token in tokens:
        where = f"{document}:{token.map[0] + 1 if token.map else '?'}: {title}"
        if token.type == "fence" and token.info.strip() == "expect":
            expected += _read_expectations(where, token.content)
        elif token.type == "fence" and token.info.strip() == "fixed":
            path = PATH_LINE.fullmatch(last_line)
            block = own.get(path[1]) if path else None
            if path is None or block is None or block.fixed is not None or block.text == token.content:
                raise CaseError(
                    f"{where}: a fixed block needs the path of a file above that it changes, once in a case"
                )
            own[path[1]] = block._replace(fixed=token.content)
        elif token.type == "fence":
            path = PATH_LINE.fullmatch(last_line)
            if path is None or path[1] in own:
                raise CaseError(f"{where}: a block needs a line with its path in backticks, once in a case")
            own[path[1]] = _read_block(where, path[1], token.content)
        if token.type == "inline":
            lines = token.content.split("\n")
            options |= {option[1]: option[2] for line in lines if (option := OPTION_LINE.fullmatch(line))}
            for name in _bases(lines):
                if not (page := BASES / f"{name}.md").is_file():
                    raise CaseError(f"{where}: there is no base {name}")
                bases |= read_base(page)
            last_line = lines[-1]
        elif token.type not in ("paragraph_open", "paragraph_close"):
            last_line = ""
    return options, bases | own, expected


def _bases(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if named := BASE_LINE.fullmatch(line):
            yield from named[1].split(", ")


def _read_block(where: str, path: str, content: str) -> Block:
    known = []
    for number, line in enumerate(content.split("\n"), 1):
        said = KNOWN.search(MARK.sub("", line))
        if said is None and "# known:" in line:
            raise CaseError(f"{where}: {path}:{number}: not '# known: role, confidence': {line.strip()}")
        if said is not None:
            known.append(Known(path, number, said[1]))
    bare = KNOWN.sub("", content)
    text, marks = _unmarked(where, path, bare)
    return Block(KNOWN.sub("", text), marks, tuple(known))


def _unmarked(where: str, path: str, text: str) -> tuple[str, tuple[Mark, ...]]:
    try:
        return read_marks(path, text)
    except MarkError as error:
        raise CaseError(f"{where}: {error}") from None


def _read_expectations(where: str, content: str) -> Iterator[Mark]:
    for line in filter(None, map(str.strip, content.split("\n"))):
        expected = EXPECT_LINE.fullmatch(line)
        if expected is None:
            raise CaseError(f"{where}: not 'path:line: GOVnnn': {line}")
        code = marked_code(expected["code"])
        assert code is not None
        yield Mark(expected["path"], int(expected["line"]), *code, expected["span"] or "")
