"""What a call in an entry is to the policy: the plugin run, a validator, the envelope builder, the metrics update."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from phase12_lint.calls import access, reflection
from phase12_lint.calls.policy_calls import names_one_of
from phase12_lint.calls.screen import Suspicion
from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Assigned, Param, Scope
from phase12_lint.values.atoms import External
from phase12_lint.values.frames import Frame
from phase12_lint.values.loads import bases
from phase12_lint.values.places import Fact, Reflection, RunAccess
from phase12_lint.values.program import Program

RUN, INPUT, OUTPUT, ENVELOPE, UPDATE = "run", "input", "output", "envelope", "update"
_DEEPEST = 6
_HELD = (ast.Name, ast.Attribute)
_NOT_CALLING = ("builtins.", "functools.", "inspect.")
NO_RUN = ("looked", "delegated")


class Roles:
    """The roles of calls in one program."""

    def __init__(self, program: Program) -> None:
        self.program = program
        policy = program.policy
        self._named = {
            INPUT: policy.input_validator,
            OUTPUT: policy.output_validator,
            ENVELOPE: policy.error_envelope,
            UPDATE: policy.metrics_update,
        }
        self._accesses: dict[Module, dict[ast.AST, Fact]] = {}

    def of_call(self, call: ast.Call, scope: Scope, frame: Frame | None) -> str:
        """``input``, ``output``, ``envelope`` or ``update`` if it calls one of those, or hands it to be called."""
        for role, entries in self._named.items():
            if names_one_of(self.program, call.func, scope, frame, entries):
                return role
        callee = self.program.evaluate(call.func, scope, frame)
        if any(isinstance(atom, External) and atom.name.startswith(_NOT_CALLING) for atom in callee):
            return ""
        for argument in call.args:
            if isinstance(argument, _HELD):
                for role, entries in self._named.items():
                    if names_one_of(self.program, argument, scope, frame, entries):
                        return role
        return ""

    def run_called(self, call: ast.Call, scope: Scope, frame: Frame | None) -> Fact | None:
        """The plugin's run, if that is what ``call`` calls."""
        applied = self.accesses(scope.module).get(call)
        if isinstance(applied, Reflection) and not self._is_getattr(call, scope):
            return applied
        return self._run_of(call.func, scope, frame, 0)

    def run_handed(self, call: ast.Call, scope: Scope, frame: Frame | None) -> Fact | None:
        """The plugin's run, if ``call`` hands it on, itself or as the instance to call."""
        for node in (*call.args, *(keyword.value for keyword in call.keywords)):
            found = self._run_of(node, scope, frame, 0)
            if found is not None:
                return found
        return None

    def has_runs(self) -> bool:
        """Whether code of the choke point reaches a plugin's run anywhere: without that no entry runs one."""
        suspicious = Suspicion(self.program)
        suspects = (path for path, text in self.program.project.texts().items() if suspicious(text))
        modules = (self.program.project.module(path) for path in suspects)
        try:
            return any(self.accesses(module) for module in modules if module is not None)
        except RecursionError:
            return True

    def accesses(self, module: Module) -> dict[ast.AST, Fact]:
        """Where code of the choke point in ``module`` reaches a plugin's run, by the node."""
        if module not in self._accesses:
            self._accesses[module] = {
                fact.node: fact
                for maker in (access.run_accesses, reflection.reflections)
                for fact in maker(self.program, module)
                if isinstance(fact, (RunAccess, Reflection))
                and fact.inside
                and getattr(fact, "use", "") not in NO_RUN
            }
        return self._accesses[module]

    def _is_getattr(self, call: ast.Call, scope: Scope) -> bool:
        callee = self.program.evaluate(call.func, scope)
        return not callee.isdisjoint({External("builtins.getattr"), External("inspect.getattr_static")})

    def _run_of(self, node: ast.expr, scope: Scope, frame: Frame | None, depth: int) -> Fact | None:
        """The access that ``node`` has as its value: right there, through a variable, a parameter or ``partial``."""
        found = self.accesses(scope.module).get(node)
        if found is not None or depth > _DEEPEST:
            return found
        for inner, where, under in self._behind(node, scope, frame):
            found = self._run_of(inner, where, under, depth + 1)
            if found is not None:
                return found
        return None

    def _behind(
        self, node: ast.expr, scope: Scope, frame: Frame | None
    ) -> Iterator[tuple[ast.expr, Scope, Frame | None]]:
        if isinstance(node, (ast.Starred, ast.NamedExpr)):
            yield node.value, scope, frame
        elif isinstance(node, (ast.Tuple, ast.List)):
            yield from ((item, scope, frame) for item in node.elts)
        elif isinstance(node, ast.Call):
            callee = self.program.evaluate(node.func, scope, frame)
            if External("functools.partial") in callee and node.args:
                yield node.args[0], scope, frame
        elif isinstance(node, ast.Name):
            yield from self._behind_name(node, scope, frame)

    def _behind_name(
        self, node: ast.Name, scope: Scope, frame: Frame | None
    ) -> Iterator[tuple[ast.expr, Scope, Frame | None]]:
        scope.module.bound(scope)
        for definition in bases(scope.module.definitions.get(node, ())):
            if isinstance(definition, Assigned) and definition.value is not None and not definition.path:
                yield definition.value, definition.scope, frame
            elif isinstance(definition, Param) and frame is not None and frame.scope is definition.scope:
                for argument in frame.bound.get(definition.node.arg, ()):
                    if not argument.path:
                        yield argument.node, argument.scope, argument.frame
