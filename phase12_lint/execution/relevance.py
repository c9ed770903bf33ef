"""Which functions are worth following: those that may run a plugin, validate, build an envelope or update metrics."""

from __future__ import annotations

import ast
import re

from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.atoms import Function
from phase12_lint.values.program import Program
from phase12_lint.values.roles import last_part

_DEEPEST = 6


class Relevance:
    """Whether a function, or one that it calls, names what the policy names."""

    def __init__(self, program: Program) -> None:
        policy = program.policy
        named = (
            *policy.plugin_methods,
            *policy.input_validator,
            *policy.output_validator,
            *policy.error_envelope,
            *policy.metrics_update,
        )
        words = (re.escape(last_part(name)).replace(r"\*", r"\w*").replace(r"\?", r"\w") for name in named)
        self._program = program
        self._words = re.compile(rf"(?:{'|'.join(words)}|getattr|methodcaller)")
        self._known: dict[Scope, bool] = {}

    def __call__(self, scope: Scope, depth: int = 0) -> bool:
        """Whether ``scope`` may have a part in what the rules ask."""
        if scope not in self._known:
            self._known[scope] = False
            self._known[scope] = self._has_word(scope) or (depth < _DEEPEST and self._calls_one(scope, depth))
        return self._known[scope]

    def _has_word(self, scope: Scope) -> bool:
        names = (
            node.id if isinstance(node, ast.Name) else node.attr
            for node in ast.walk(scope.node)
            if isinstance(node, (ast.Name, ast.Attribute))
        )
        return any(self._words.fullmatch(name) for name in names)

    def _calls_one(self, scope: Scope, depth: int) -> bool:
        for node in ast.walk(scope.node):
            if isinstance(node, ast.Call):
                for atom in self._program.evaluate(node.func, scope.module.scopes[node]):
                    if isinstance(atom, Function) and self(atom.scope, depth + 1):
                        return True
        return False
