"""Template methods: the base itself calls what the classes below it override."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from phase12_lint.adopt.init.bases import Candidate
from phase12_lint.adopt.init.homes import Home, Homes, class_name, is_guarded
from phase12_lint.adopt.init.methods import body_of, reads_of_self
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.callables import CALL
from phase12_lint.values.project import Project

Run = tuple[Scope, ast.Attribute]


def within_the_base(project: Project, candidate: Candidate) -> Homes:
    """The runs of a template method: the base itself calls what the classes below it override.

    One that they override as well holds nothing.
    """
    methods = {
        inner.name: inner
        for inner in candidate.scope.children
        if inner.is_function and (inner.name == CALL or not inner.name.startswith("__"))
    }
    runs = _calling(methods, candidate.method)
    found = [
        entry for run in runs if run[0].name not in candidate.theirs for entry in _entries(methods, run, ())
    ]
    base = class_name(project, candidate.scope)
    homes = tuple(
        Home(
            f"{base}.{inner.name}",
            inner,
            len(nodes),
            (inner,),
            any(is_guarded(inner.module, each) for each in nodes),
        )
        for inner in dict.fromkeys(inner for inner, _ in found)
        if (nodes := [node for each, node in found if each is inner])
    )
    first = min((node.lineno for _, node in runs), default=0)
    return Homes(homes, len(found), f"{candidate.scope.module.path}:{first}" if runs else "")


def _entries(methods: Mapping[str, Scope], run: Run, through: tuple[Scope, ...]) -> list[Run]:
    """The methods of the base by which others come to ``run``: a private one, or one that only passes on, is entered
    by what calls it."""
    inner, _ = run
    if inner in through or not (inner.name.startswith("_") or _passes_on(inner)):
        return [run]
    above = _calling(methods, inner.name)
    return [entry for each in above for entry in _entries(methods, each, (*through, inner))] or [run]


def _passes_on(inner: Scope) -> bool:
    """Whether all that it does is to return what another method does."""
    assert isinstance(inner.node, (ast.FunctionDef, ast.AsyncFunctionDef))
    body = body_of(inner.node)
    value = body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None
    return isinstance(value.value if isinstance(value, ast.Await) else value, ast.Call)


def _calling(methods: Mapping[str, Scope], called: str) -> list[Run]:
    """Where those of ``methods`` read ``called`` of the object whose methods they are."""
    return [
        (inner, node)
        for inner in methods.values()
        if inner.name != called
        for node in reads_of_self(inner, called)
    ]
