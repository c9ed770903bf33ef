"""Rules of a team's own: the base class, and how they are asked about the files of a program.

This imports libcst: nothing may import it before such a rule is known to be installed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

import libcst as cst
import libcst.matchers as m
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from phase12_lint.faults import told
from phase12_lint.inspect.provider import Known, ProgramProvider
from phase12_lint.inspect.rule import Rule
from phase12_lint.model import Confidence, Finding, Span
from phase12_lint.syntax.modules import Module
from phase12_lint.values.places import Evidence
from phase12_lint.values.program import Program

_WITH_BLOCKS = (cst.BaseCompoundStatement, cst.ExceptHandler, cst.ExceptStarHandler)


class OwnRule(Rule, m.MatcherDecoratableVisitor):
    """A rule of a team's own: what is reported in its ``visit_`` and ``leave_`` methods are its findings.

    A new object is made for each file. ``code`` is one to three capital letters of the team's own and three digits;
    ``name`` reads well after "allow"; the docstring is what ``explain`` tells. ``words``, if there are any, are names
    without one of which the rule has nothing to say: a file that holds none is not visited.
    """

    METADATA_DEPENDENCIES = (ProgramProvider, PositionProvider)
    section: ClassVar[str] = "own"
    words: ClassVar[tuple[str, ...]] = ()
    path: str
    """The file that is visited, relative to the project's root."""

    def known(self, node: cst.CSTNode) -> Known:
        """What the program knows of ``node``, which must be one of the tree that is visited."""
        found: Known | object = self.get_metadata(ProgramProvider, node)
        assert isinstance(found, Known)
        return found

    def report(self, node: cst.CSTNode, message: str, *because: Evidence) -> None:
        """Report ``node``: an expression or a small statement as a whole, of what has a block the name or first line.

        The finding is as sure as the weakest of ``because``, and tells their hops; without any it is certain.
        """
        confidence = min((each.confidence for each in because), default=Confidence.CERTAIN)
        hops = dict.fromkeys(hop for each in because for hop in each.hops)
        line = " ".join(str(message).split())
        self._found.append(
            Finding(
                self.path,
                self._underlined(node),
                self.code,
                self.name,
                line,
                self.section,
                confidence,
                tuple(hops),
            )
        )

    def _underlined(self, node: cst.CSTNode) -> Span:
        shown = node.name if isinstance(node, (cst.FunctionDef, cst.ClassDef)) else node
        place: CodeRange | object = self.get_metadata(PositionProvider, shown)
        assert isinstance(place, CodeRange)
        (line, column), (end_line, end_column) = (
            (each.line, each.column + 1) for each in (place.start, place.end)
        )
        if isinstance(shown, _WITH_BLOCKS):
            end_line, end_column = line, len(self._module.lines.text(line)) + 1
        return Span(line, column, end_line, end_column)

    def _begin(self, module: Module) -> list[Finding]:
        """Begin with a file; what is found in it goes into the list."""
        self.path = module.path
        self._module = module
        self._found: list[Finding] = []
        return self._found


def own_findings(
    program: Program,
    rules: Sequence[type[OwnRule]],
    errors: list[str],
    progress: Callable[[str, int, int], None] | None = None,
) -> Iterator[Finding]:
    """What ``rules`` find in the files of ``program``, tests apart.

    What a rule raises costs its findings in that file and is told in ``errors``.
    """
    texts = program.project.texts
    asking = {rule: texts.matching(_any_of(rule.words)) if rule.words else texts.paths for rule in rules}
    for count, path in enumerate(sorted(texts.paths)):
        if progress is not None:
            progress("own rules", count, len(texts.paths))
        asked = [rule for rule, paths in asking.items() if path in paths]
        module = program.project.module(path) if asked else None
        wrapper = _wrapped(program, module) if module is not None else None
        if module is not None and wrapper is not None:
            for rule in asked:
                yield from _found(rule, module, wrapper, errors)


def _any_of(words: Sequence[str]) -> re.Pattern[bytes]:
    return re.compile("|".join(map(re.escape, words)).encode())


def _wrapped(program: Program, module: Module) -> MetadataWrapper | None:
    """The tree of ``module``; None where libcst cannot read what Python can."""
    try:
        tree = cst.parse_module(module.text)
    except Exception:  # a ParserSyntaxError, and a TypeError for ``x or(lambda: 0)``
        program.note(f"{module.path} cannot be read by libcst: no rule of your own is asked about it")
        return None
    return MetadataWrapper(tree, unsafe_skip_copy=True, cache={ProgramProvider: (program, module)})


def _found(rule: type[OwnRule], module: Module, wrapper: MetadataWrapper, errors: list[str]) -> list[Finding]:
    try:
        asked = rule()
        found = asked._begin(module)
        wrapper.visit(asked)
    except (Exception, SystemExit) as error:
        errors.append(told(f"{rule.code} {rule.name}", error, module.path))
        return []
    return found
