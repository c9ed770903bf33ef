"""The sessions of a ``noxfile.py``, as scripts: what ``nox`` runs."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from phase12_lint.enforcement.expressions import truth
from phase12_lint.enforcement.options import options
from phase12_lint.enforcement.project import ProjectFiles, at

_CHOOSING = {"-s", "--session", "--sessions", "-e"}  # each takes several
_LABELLING = {"-t", "--tags"}
_FITTING = {"-k", "--keywords"}
_RUNS_NOTHING = {"-l", "--list", "--list-sessions", "--version", "-h", "--help", "--install-only"}


class _Session(NamedTuple):
    """A session: its name and tags, whether it runs if none is named, and its function."""

    name: str
    tags: list[str]
    is_default: bool
    function: ast.FunctionDef

    def may_fit(self, text: str) -> bool:
        """Whether the expression ``text`` of ``-k`` may take it."""
        return truth(text, lambda word: any(word in own for own in (self.name, *self.tags))) is not False


def of_nox(program: str, words: list[str], project: ProjectFiles, folder: str) -> str:
    """What ``nox`` with ``words`` runs in ``folder``."""
    end = words.index("--") if "--" in words else len(words)
    told = list(options(words[:end], _CHOOSING | _LABELLING | _FITTING))
    if _RUNS_NOTHING.intersection(name for name, _ in told):
        return ""
    try:
        tree = ast.parse(project.read(at(folder, "noxfile.py")) or "")
    except (SyntaxError, ValueError, RecursionError):
        return ""
    lists = dict(_lists(tree))
    return "\n".join(line for each in _chosen(tree, told) for line in _lines(each.function, lists))


def _chosen(tree: ast.Module, told: list[tuple[str, str]]) -> Iterator[_Session]:
    fitting = [value for option, value in told if option in _FITTING]
    by_tags = any(option in _LABELLING for option, _ in told)
    named = [value for option, value in told if option not in _FITTING]
    wanted = {re.split(r"-\d|\(", value)[0] for value in named or ([] if fitting else _by_default(tree))}
    for session in _sessions(tree):
        is_wanted = wanted.intersection(session.tags if by_tags else [session.name])
        is_taken = is_wanted or (not wanted and (fitting or session.is_default))
        if is_taken and all(map(session.may_fit, fitting)):
            yield session


def _sessions(tree: ast.Module) -> Iterator[_Session]:
    for node in tree.body:
        for each in node.decorator_list if isinstance(node, ast.FunctionDef) else ():
            if isinstance(node, ast.FunctionDef) and "session" in ast.unparse(each):
                told = {keyword.arg: keyword.value for keyword in getattr(each, "keywords", ())}
                name = _texts(told.get("name"), {}) or [node.name]
                is_default = getattr(told.get("default"), "value", True) is not False
                yield _Session(name[0], _texts(told.get("tags"), {}), is_default, node)
                break


def _by_default(tree: ast.Module) -> list[str]:
    """The sessions that ``nox.options.sessions`` names."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "nox.options.sessions":
            return _texts(node.value, {})
    return []


def _lists(tree: ast.Module) -> Iterator[tuple[str, list[str]]]:
    """The names that are given constant words, with these."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, _texts(node.value, {})


def _texts(node: ast.expr | None, lists: Mapping[str, list[str]]) -> list[str]:
    """The constant words that ``node`` is or holds."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.Name):
        return lists.get(node.id, [])
    if isinstance(node, ast.Starred):
        return _texts(node.value, lists)
    elements = node.elts if isinstance(node, (ast.List, ast.Tuple, ast.Set)) else ()
    return [text for each in elements for text in _texts(each, lists)]


def _lines(function: ast.FunctionDef, lists: Mapping[str, list[str]]) -> Iterator[str]:
    for call in ast.walk(function):
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
            continue
        words = [word for each in call.args for word in _texts(each, lists)]
        if call.func.attr == "run":
            succeeds = any(keyword.arg == "success_codes" for keyword in call.keywords)
            yield shlex.join(words) + (" || true" if succeeds else "")
        elif call.func.attr == "notify":
            yield shlex.join(["nox", "-s", *words[:1]])
