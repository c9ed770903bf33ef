"""The survey's answer for a whole program: the facts of every file, by the statement that holds them."""

from __future__ import annotations

import ast
import fnmatch
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from phase12_lint.sources.screen import Screen
from phase12_lint.survey import access, reflection, tampering
from phase12_lint.survey.facts import Fact
from phase12_lint.survey.governed import last_part
from phase12_lint.survey.modules import Module

if TYPE_CHECKING:
    from phase12_lint.survey.program import Program

Progress = Callable[[str, int, int], None]


def words_of(program: Program) -> tuple[str, ...]:
    """The words of which a file must have one to begin a fact: method names, entries, reflection's words."""
    policy = program.policy
    choke = tuple(last_part(entry) for entry in policy.choke_point)
    words = (*policy.plugin_methods, "run", *choke, *reflection.WORDS, *tampering.WORDS)
    return tuple(dict.fromkeys(words))


def collect(program: Program, screened: bool, progress: Progress | None = None) -> dict[Module, list[Fact]]:
    """Every fact of the governed files, in the order of the files and of their places."""
    screen = Screen(words_of(program))
    files = program.project.files
    paths = [path for path in sorted(files) if path not in program.project.exempt]
    if screened and not _has_seeds(program, paths):
        return {}
    suspects = [path for path in paths if not screened or screen.matches(files[path])]
    found: dict[Module, dict[tuple[object, ...], Fact]] = {}
    for count, path in enumerate(suspects):
        if progress is not None:
            progress("survey", count, len(suspects))
        module = program.project.module(path)
        if module is None:
            continue
        for fact in _facts(program, module):
            where = fact.scope.module
            if not where.exempt:
                found.setdefault(where, {}).setdefault((fact.node, type(fact)), fact)
    return {
        module: sorted(facts.values(), key=lambda fact: (module.lines.span(fact.node), type(fact).__name__))
        for module, facts in sorted(found.items(), key=lambda item: item[0].path)
    }


def _has_seeds(program: Program, paths: list[str]) -> bool:
    """Whether any file can make something governed: names a plugin base, a source, the choke point, or a plugin."""
    policy = program.policy
    words = (*policy.plugin_bases, *policy.plugin_sources, *policy.choke_point)
    screen = Screen(last_part(word) for word in words)
    names = "|".join(
        fnmatch.translate(pattern.removesuffix("[]"))
        for pattern in (*policy.plugin_names, *policy.runner_names)
    )
    pattern = re.compile(rb"\w+")
    named = re.compile(names)
    files = program.project.files
    if any(screen.matches(files[path]) for path in paths):
        return True
    for path in paths:
        data = files[path]
        if not data.isascii() or any(named.match(word.decode()) for word in set(pattern.findall(data))):
            return True
    return False


def _facts(program: Program, module: Module) -> Iterator[Fact]:
    yield from access.run_accesses(program, module)
    yield from reflection.reflections(program, module)
    yield from tampering.replacements(program, module)


def top_statement(module: Module, node: ast.AST) -> ast.stmt:
    """The statement of the module's top level that holds ``node``."""
    while True:
        parent = module.parents[node]
        if parent is module.tree:
            assert isinstance(node, ast.stmt)
            return node
        node = parent
