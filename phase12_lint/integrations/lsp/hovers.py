"""What is told of a place: the finding there and its rule, and the ways to plugin runs that lead through it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from phase12_lint.calls.path_verdicts import PROVED, Step, Way
from phase12_lint.integrations.lsp.pages import page
from phase12_lint.model import Finding
from phase12_lint.reports.printable import printable
from phase12_lint.reports.ways.text import tree
from phase12_lint.rulebook import rulebook

_MOST_WAYS = 3
_WORD = re.compile(r"\w+")
_CODE = re.compile(r"[A-Z]{1,3}\d{3}")
_FENCED = re.compile(r"^```\w*\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
_TOLD = ("Why", "How to fix")


def word_at(line: str, column: int) -> str:
    """The word of ``line`` at ``column``, from 1; empty if none is there."""
    around = (found for found in _WORD.finditer(line) if found.start() < column <= found.end() + 1)
    return next((found[0] for found in around), "")


def of_code(word: str) -> str:
    """The page of the rule whose code is ``word``, as in a ``noqa``; empty if it is none."""
    return page(rulebook()[word]) if _CODE.fullmatch(word) and word in rulebook() else ""


def of_findings(findings: Iterable[Finding]) -> Iterator[str]:
    """What is wrong here, why that matters, and what to do."""
    for finding in findings:
        entry = rulebook()[finding.code]
        yield f"**{finding.code} {finding.name}** ({finding.section}, {finding.confidence.label})"
        yield _escaped(finding.message)
        for heading in filter(entry.parts.__contains__, _TOLD):
            yield f"**{heading}**: {_flowing(entry.parts[heading])}"


def through(ways: Sequence[Way], path: str, line: int, text: str, column: int, is_found: bool) -> list[Way]:
    """Those of ``ways`` of which a hop is at ``line`` of the file ``path``, and is called by the word at ``column``.

    What is called without its name, as by a decorator, is at all of its line; and so is every hop of a line where
    something ``is_found``, if the word calls none of them. Ways that are not proved come first.
    """
    word, words = word_at(text, column), set(_WORD.findall(text))
    here = [(way, [hop for hop in way.hops if hop.path == path and hop.line == line]) for way in ways]
    here = [(way, hops) for way, hops in here if hops]
    meant = [way for way, hops in here if any(_is_meant(hop, word, words) for hop in hops)]
    if not meant and is_found:
        meant = [way for way, _ in here]
    return sorted(meant, key=lambda way: way.verdict == PROVED)


def of_ways(ways: Sequence[Way]) -> Iterator[str]:
    """The proof of a call, or where it breaks: hop by hop, as the command ``paths`` has it."""
    for way in ways[:_MOST_WAYS]:
        yield "```text\n" + "\n".join(tree(way)) + "\n```"
    if len(ways) > _MOST_WAYS:
        yield f"{len(ways) - _MOST_WAYS} more lead through here; `phase12-lint paths` lists them all."


def plain(markdown: str) -> str:
    """``markdown``, as it is written here and in the rules, without its marks."""
    parts = _FENCED.split(markdown)  # every second one is code
    parts[::2] = [re.sub(r"\*\*|^#+ |\\(?=\W)", "", part, flags=re.MULTILINE) for part in parts[::2]]
    return "".join(parts).rstrip()


def _is_meant(hop: Step, word: str, words: set[str]) -> bool:
    named = set(_WORD.findall(hop.name))
    return word in named or not named & words


def _flowing(text: str) -> str:
    """``text`` with each paragraph on a line, for windows that are narrower than our source; code as it is."""
    if "```" in text:
        return text
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))


def _escaped(message: str) -> str:
    """``message`` as Markdown that is read as it is; what is in backticks is code already."""
    parts = printable(message).split("`")
    return "`".join(part if odd else re.sub(r"([\\*_\[\]<>#|])", r"\\\1", part) for part, odd in _odd(parts))


def _odd(parts: Sequence[str]) -> Iterator[tuple[str, bool]]:
    return ((part, number % 2 == 1) for number, part in enumerate(parts))
