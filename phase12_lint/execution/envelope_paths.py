"""Whether a way through an entry returns an envelope."""

from __future__ import annotations

import ast
from collections.abc import Callable

from phase12_lint.execution.places import (
    Environment,
    Source,
    call_key,
    is_part,
    key_of,
    place_of,
)
from phase12_lint.execution.roles import ENVELOPE, Roles
from phase12_lint.execution.steps import Activation
from phase12_lint.execution.truth import Truth

_DEEPEST = 12


class Envelopes:
    """Whether an expression is, or holds, an envelope whatever way was taken; asks ``is_envelope`` of other values."""

    def __init__(self, roles: Roles, is_envelope: Callable[[ast.expr, Activation], bool]) -> None:
        self.roles = roles
        self.truth = Truth(roles)
        self._is_envelope = is_envelope
        self._known: dict[Source, bool] = {}

    def holds(self, node: ast.expr | None, act: Activation, env: Environment) -> bool:
        """Whether ``node`` in ``act``, evaluated where ``env`` holds, is an envelope or has one in it."""
        self._known = {}
        return self._source((node, act, ()), env, 0)

    def _source(self, source: Source, env: Environment, depth: int) -> bool:
        if source not in self._known:
            self._known[source] = False
            self._known[source] = depth <= _DEEPEST and self._is_one(source, env, depth)
        return self._known[source]

    def _is_one(self, source: Source, env: Environment, depth: int) -> bool:
        node, act, path = source
        if node is None:
            return False
        if isinstance(node, (ast.Await, ast.NamedExpr, ast.Starred)):
            return self._source((node.value, act, path), env, depth + 1)
        if isinstance(node, (ast.Name, ast.Attribute)):
            return self._variable(node, act, path, env, depth)
        if isinstance(node, ast.IfExp):
            known = self.truth.of(node.test, act, env)
            chosen = [each for each, way in ((node.body, True), (node.orelse, False)) if known in (None, way)]
            return all(self._source((each, act, path), env, depth + 1) for each in chosen)
        if isinstance(node, ast.BoolOp):
            return self._either(node, act, path, env, depth)
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            index = node.slice.value
            if isinstance(index, int):
                return self._source((node.value, act, (index, *path)), env, depth + 1)
            return self._variable(node, act, path, env, depth)
        if isinstance(node, (ast.Tuple, ast.List)):
            items = node.elts
            if path and -len(items) <= path[0] < len(items):
                return self._source((items[path[0]], act, path[1:]), env, depth + 1)
            return any(self._source((item, act, ()), env, depth + 1) for item in items)
        if isinstance(node, ast.Call):
            return self._call(node, act, path, env, depth)
        if isinstance(node, ast.Dict):
            return self._is_envelope(node, act) or any(
                self._source((value, act, ()), env, depth + 1) for value in node.values
            )
        return False

    def _all(self, sources: frozenset[Source], path: tuple[int, ...], env: Environment, depth: int) -> bool:
        return all(self._source((n, a, (*p, *path)), env, depth + 1) for n, a, p in sources)

    def _either(
        self, node: ast.BoolOp, act: Activation, path: tuple[int, ...], env: Environment, depth: int
    ) -> bool:
        parts = [self._source((each, act, path), env, depth + 1) for each in node.values]
        return parts[0] or all(parts) if isinstance(node.op, ast.Or) else parts[-1]

    def _variable(
        self,
        node: ast.Name | ast.Attribute | ast.Subscript,
        act: Activation,
        path: tuple[int, ...],
        env: Environment,
        depth: int,
    ) -> bool:
        name = place_of(node)
        if name is None:
            return self._is_envelope(node, act)
        owner, name = key_of(name, act)
        sources = env.get((owner, name))
        if sources is not None:
            parts = (held for key, held in env.items() if not path and is_part(key, (owner, name)))
            return any(self._all(held, path, env, depth) for held in (sources, *parts))
        given = owner.frame.bound.get(name, ()) if owner.frame is not None else ()
        caller = owner.caller
        if given and caller is not None:
            return all(
                self._source(
                    (each.node, next((a for a in caller.stack() if a.scope is each.scope), caller), path),
                    env,
                    depth + 1,
                )
                for each in given
            )
        return self._is_envelope(node, act)

    def _call(
        self, node: ast.Call, act: Activation, path: tuple[int, ...], env: Environment, depth: int
    ) -> bool:
        returned = env.get((act, call_key(node)))
        if returned is not None:
            return self._all(returned, path, env, depth)
        if self.roles.of_call(node, act.scope, act.frame) == ENVELOPE:
            return True
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        return any(self._source((each, act, ()), env, depth + 1) for each in arguments)
