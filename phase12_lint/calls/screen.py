"""The screen: whether the bytes of a file can hold the place of a fact. It may let through, it never holds back.

A fact begins where a governed name stands behind a dot, is defined or assigned in a class body or a table, or where a
reflective function is used. A ``getattr`` or ``setattr`` that spells another name is none of these.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from phase12_lint.index.seeds import REFLECTIVE
from phase12_lint.policy import last_part
from phase12_lint.syntax.modules import Module
from phase12_lint.values.callables import CALL

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_REPLACING_WORDS = ("setattr", "__setattr__", "patch")
_GAP = rb"(?:\s|\\|#[^\n]*\n)*"
_SPELLED = rb"""\b[gs]etattr\(\s*[\w.]+\s*,\s*(["'])(?!(?:%b)\1)\w+\1\s*[,)]"""


class Suspicion:
    """The screen for one program; to be asked for once a program, for it looks at each file once."""

    def __init__(self, program: Program) -> None:
        self._project = program.project
        choke = {last_part(entry) for entry in program.policy.choke_point}
        names = b"|".join(
            re.escape(name.encode())
            for name in sorted({*program.policy.plugin_methods, *program.entries, *choke})
        )
        words = b"|".join(word.encode() for word in (*REFLECTIVE, *_REPLACING_WORDS))
        self._any = CALL in program.policy.plugin_methods  # any call may be the place of a run
        self._spelled = re.compile(_SPELLED % names)
        self._signs = re.compile(
            rb"\.%b(?:%b)\b|\bdef%b(?:%b)\b|\b(?:%b)[\"']?\s*[:=]|\b(?:%b)\b"
            % (_GAP, names, _GAP, names, names, words)
        )

    def judged(self) -> Collection[str]:
        """The files that may hold the place of a fact, of those in which something governed may be."""
        return self._paths(of_judged=True)

    def modules(self) -> Iterator[Module]:
        """The governed modules that may hold the place of a fact."""
        for path in self._paths(of_judged=False):
            module = self._project.module(path)
            if module is not None:
                yield module

    def _paths(self, of_judged: bool) -> Collection[str]:
        texts = self._project.texts
        if self._any:
            return texts.judged if of_judged else texts.paths
        return texts.matching(self._signs, without=self._spelled, of_judged=of_judged)
