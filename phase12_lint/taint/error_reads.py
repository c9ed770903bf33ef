"""Whether the API looks at the error of a governed call: takes it out of the pair and does anything with it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from phase12_lint.calls.api import Endpoint, Run
from phase12_lint.calls.layer_code import nodes_within
from phase12_lint.syntax.scopes import last_name
from phase12_lint.taint.carried import Held
from phase12_lint.taint.domain import (
    ERROR_KEY,
    INTERNAL_KEY,
    OF_AN_ERROR,
    RESULT_FIELDS,
    Holdings,
    Kind,
)
from phase12_lint.taint.response_calls import maker_of
from phase12_lint.taint.result_pairs import gives_pair
from phase12_lint.taint.single_results import tested_key
from phase12_lint.values.atoms import Container, External, Function, Instance
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import shape_of
from phase12_lint.values.mutations import MUTATORS

_ERROR = 1
_OF_DICTS = set(dir(dict))
_LOADS = (ast.Name, ast.Attribute, ast.Subscript, ast.Call, ast.NamedExpr, ast.Await, ast.IfExp)


def ignored_calls(held: Held, endpoint: Endpoint, runs: list[Run]) -> dict[ast.Call, Run]:
    """The governed calls of ``endpoint`` whose error nothing looks at, by the call in the endpoint's own code."""
    governed = {run for run in runs if run.scope in held.governing}
    if not governed:
        return {}
    looked = {mark for run in runs for mark in _looked_at(held, endpoint, run)}
    by_helpers = {origin for run in governed for origin in _passed_on_in(held, run)}
    ignored: dict[ast.Call, Run] = {}
    for run in (run for run in runs if run in governed):
        for node in nodes_within(run.scope):
            if isinstance(node, ast.Call) and node not in by_helpers and _gives_error(held, node, run):
                root = _root(endpoint, run, node)
                if root is not None and (node, root) not in looked and (root, root) not in looked:
                    ignored.setdefault(root, run)
    return ignored


def _gives_error(held: Held, node: ast.Call, run: Run) -> bool:
    """Whether ``node`` is a governed call that gives a pair, or a helper's call that passes one on."""
    if node in held.helpers:
        found = held.of(node, run.scope, run.frame)
        return any(each.kind is Kind.ENVELOPE and each.origin is node for each in found)
    return gives_pair(held.program, held.pairs, node, run.scope, run.frame)


def passed_on(held: Held, endpoint: Endpoint, calls: Iterable[ast.Call]) -> frozenset[ast.AST]:
    """The governed calls whose pair those of ``calls`` that call helpers pass on."""
    scopes = endpoint.scope.module.scopes
    return frozenset(
        origin
        for call in calls
        for origin in _passed_on_by(held, call, Run(scopes.get(call, endpoint.scope), None))
    )


def _passed_on_in(held: Held, run: Run) -> Iterator[ast.AST]:
    """The governed calls whose pair a helper passes on to its own call in ``run``, which then stands for them."""
    for node in nodes_within(run.scope):
        if isinstance(node, ast.Call):
            yield from _passed_on_by(held, node, run)


def _passed_on_by(held: Held, call: ast.Call, run: Run) -> Iterator[ast.AST]:
    if call not in held.helpers:
        return
    shape = shape_of(call, run.scope, run.frame)
    for atom in held.program.evaluate(call.func, run.scope, run.frame):
        frame = held.program.call_frame(atom, call, shape, run.frame) if isinstance(atom, Function) else None
        if frame is not None:
            given = held.returned(frame.scope, frame)
            yield from (e.origin for e in given if e.kind is Kind.ENVELOPE and e.origin in held.pairs)


def _root(endpoint: Endpoint, run: Run, node: ast.Call) -> ast.Call | None:
    """The call in the code of ``endpoint`` itself by which ``node`` in ``run`` is reached."""
    if endpoint.scope in run.scope.chain():
        return node
    for frame in run.frame.stack() if run.frame is not None else ():
        where = frame.shape.where
        if where is not None and endpoint.scope in where.chain() and isinstance(frame.site, ast.Call):
            return frame.site
    return None


def _looked_at(held: Held, endpoint: Endpoint, run: Run) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Each call whose error ``run`` looks at, with the call in the endpoint's own code that leads to it."""
    for origin in _origins(held, run):
        yield (origin, origin)
        if isinstance(origin, ast.Call):
            root = _root(endpoint, run, origin)
            if root is not None:
                yield (origin, root)


def _origins(held: Held, run: Run) -> Iterator[ast.AST]:
    for node in nodes_within(run.scope):
        if isinstance(node, ast.Match):
            yield from _matched(held, node, run)
        elif isinstance(node, _LOADS) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            found = held.of(node, run.scope, run.frame)
            errors = [each for each in found if each.kind in OF_AN_ERROR]
            if not errors:
                continue
            whole = [
                e.origin for e in errors if e.kind is Kind.ENVELOPE and (e.way or e.origin in held.wholes)
            ]
            apart = [e for e in errors if not (e.kind is Kind.ENVELOPE and e.origin in held.wholes)]
            taken = [e.origin for e in apart if not e.way]
            if taken and not _is_passed_on(held, node, run, found):
                yield from taken
            if whole and (_is_given_away(held, node, run) or _is_asked(held, node, run, whole)):
                yield from whole


def _is_passed_on(held: Held, node: ast.expr, run: Run, found: Holdings) -> bool:
    """Whether the error is only stored, put beside its result again, or handed to a helper that runs here, too."""
    parent = run.scope.module.parents[node]
    if isinstance(parent, (ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.Await, ast.Expr)):
        return True
    if isinstance(parent, ast.IfExp):
        return node is not parent.test
    if isinstance(parent, ast.Return):
        return run.frame is not None
    if isinstance(parent, ast.Tuple):
        origins = {each.origin for each in found}
        beside = held.of(parent, run.scope, run.frame)
        return any(each.kind is Kind.RESULT and each.origin in origins and each.way for each in beside)
    if isinstance(parent, ast.keyword):
        parent = run.scope.module.parents[parent]
    return isinstance(parent, ast.Call) and parent.func is not node and _is_of_program(held, parent, run)


def _is_of_program(held: Held, call: ast.Call, run: Run) -> bool:
    callee = held.program.evaluate(call.func, run.scope, run.frame)
    return any(isinstance(atom, Function) and not held.is_judged(atom.scope) for atom in callee)


def _is_asked(held: Held, node: ast.expr, run: Run, origins: list[ast.AST]) -> bool:
    """Whether it is asked for the key of its error, or which of its classes it is of."""
    parent = run.scope.module.parents[node]
    if isinstance(parent, ast.Call) and last_name(parent.func) == "isinstance" and parent.args[:1] == [node]:
        return _is_of_several(held, node, run)
    if isinstance(parent, ast.Attribute) and parent.attr == "keys":
        parent = run.scope.module.parents[run.scope.module.parents[parent]]
    return (
        isinstance(parent, ast.Compare)
        and not held.wholes.isdisjoint(origins)
        and tested_key(parent) is not None
    )


def _is_of_several(held: Held, node: ast.expr, run: Run) -> bool:
    """Whether there is one class for the result and another for the error."""
    value = held.program.evaluate(node, run.scope, run.frame)
    return len({atom.cls for atom in value if isinstance(atom, Instance)}) > 1


def _is_given_away(held: Held, node: ast.expr, run: Run) -> bool:
    """Whether the whole pair goes where it cannot be seen what is done with its error."""
    parent = run.scope.module.parents[node]
    if isinstance(parent, ast.Attribute):
        return _is_unknown_part(held, node, parent, run)
    if isinstance(parent, (ast.keyword, ast.Starred)):
        parent = run.scope.module.parents[parent]
    if not isinstance(parent, ast.Call) or parent.func is node:
        return False
    if isinstance(parent.func, ast.Attribute) and parent.func.attr in MUTATORS:
        return False
    if maker_of(held.program, parent, run.scope, run.frame) is not None or _is_of_program(held, parent, run):
        return False
    if held.of(parent, run.scope, run.frame):
        return False
    callee = held.program.evaluate(parent.func, run.scope, run.frame)
    return not any(
        isinstance(atom, External) and held.program.governed.is_known_external(atom.name) for atom in callee
    )


def _is_unknown_part(held: Held, node: ast.expr, attribute: ast.Attribute, run: Run) -> bool:
    """Whether an attribute of the pair is none of its two fields: it may look at the error."""
    value = held.program.evaluate(node, run.scope, run.frame)
    if any(isinstance(atom, Container) for atom in value) or attribute.attr in _OF_DICTS:
        return False
    for atom in value:
        if isinstance(atom, Instance) and isinstance(atom.cls, ClassInfo):
            declared = atom.cls.fields(held.program)
            if declared is not None:
                return attribute.attr not in declared
    return attribute.attr not in RESULT_FIELDS


def _matched(held: Held, node: ast.Match, run: Run) -> Iterator[ast.AST]:
    """The pairs whose error a pattern compares with something."""
    subject = held.of(node.subject, run.scope, run.frame)
    envelopes = [each for each in subject if each.kind is Kind.ENVELOPE]
    origins = [e.origin for e in envelopes if e.way == (_ERROR,) or e.origin in held.wholes]
    if origins and any(_tests_error(case.pattern) for case in node.cases):
        yield from origins
    elif any(isinstance(case.pattern, ast.MatchClass) for case in node.cases) and _is_of_several(
        held, node.subject, run
    ):
        yield from (each.origin for each in envelopes)


def _tests_error(pattern: ast.pattern) -> bool:
    if isinstance(pattern, ast.MatchOr):
        return any(_tests_error(each) for each in pattern.patterns)
    if isinstance(pattern, ast.MatchAs) and pattern.pattern is not None:
        return _tests_error(pattern.pattern)
    if isinstance(pattern, ast.MatchSequence):
        return len(pattern.patterns) > _ERROR and not _takes_anything(pattern.patterns[_ERROR])
    if isinstance(pattern, ast.MatchMapping):
        return any(getattr(key, "value", None) in (ERROR_KEY, INTERNAL_KEY) for key in pattern.keys)
    if isinstance(pattern, ast.MatchClass):
        named = zip(pattern.kwd_attrs, pattern.kwd_patterns)
        if any(name not in RESULT_FIELDS and not _takes_anything(inner) for name, inner in named):
            return True
        return len(pattern.patterns) > _ERROR and not _takes_anything(pattern.patterns[_ERROR])
    return False


def _takes_anything(pattern: ast.pattern) -> bool:
    if isinstance(pattern, ast.MatchStar):
        return True
    return isinstance(pattern, ast.MatchAs) and pattern.pattern is None
