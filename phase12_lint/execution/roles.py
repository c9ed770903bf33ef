"""What a call in an entry is to the policy: the plugin run, a validator, the envelope builder, the metrics update."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from phase12_lint.calls import access, reflection
from phase12_lint.calls.policy_calls import is_one_of, names_one_of, written_names
from phase12_lint.calls.screen import Suspicion
from phase12_lint.policy import last_part, spelled
from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Assigned, Param, Scope, bases
from phase12_lint.values.atoms import External, Function, Partial
from phase12_lint.values.evidence import describe
from phase12_lint.values.frames import Frame
from phase12_lint.values.kept_runs import KeptRuns
from phase12_lint.values.places import Fact, Reflection, RunAccess
from phase12_lint.values.program import Program

RUN, INPUT, OUTPUT, ENVELOPE, UPDATE = "run", "input", "output", "envelope", "update"
_HELD = (ast.Name, ast.Attribute)
_CALLING_LATER = {"builtins.map", "builtins.filter"}  # when what they give is gone through
_NOT_CALLING = ("builtins.", "functools.", "inspect.")
NO_RUN = ("looked", "delegated")
_DISPLAYS = (ast.Tuple, ast.List, ast.Set)
_ELEMENT = (("element", None),)


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
        named = (last_part(name) for names in self._named.values() for name in names)
        either = spelled(named)
        self._words = re.compile(either)
        self._written = re.compile(rf"\b{either}\b".encode())
        self._quoted = re.compile(rf"""["']({either})["']""")
        self._accesses: dict[Module, dict[ast.AST, Fact]] = {}
        self._of_calls: dict[tuple[ast.Call, Frame | None], str] = {}
        self._of_functions: dict[Scope, str] = {}
        self._kept_facts: dict[ast.Call, Fact | None] = {}

    def of_call(self, call: ast.Call, scope: Scope, frame: Frame | None) -> str:
        """``input``, ``output``, ``envelope`` or ``update`` if it calls one of those, or hands it to be called."""
        key = (call, frame)
        if key not in self._of_calls:
            self._of_calls[key] = self._role(call, scope, frame)
        return self._of_calls[key]

    def of_function(self, scope: Scope) -> str:
        """The role of the function ``scope``, by its name."""
        if scope not in self._of_functions:
            named = (role for role, entries in self._named.items() if is_one_of(scope, entries))
            self._of_functions[scope] = next(named, "")
        return self._of_functions[scope]

    def _role(self, call: ast.Call, scope: Scope, frame: Frame | None) -> str:
        role = self._named_by(call.func, scope, frame)
        if role:
            return role
        held = (
            argument for argument in call.args if isinstance(argument, _HELD) or _is_like_partial(argument)
        )
        role = next(filter(None, (self._named_by(argument, scope, frame) for argument in held)), "")
        callee = self.program.evaluate(call.func, scope, frame) if role else frozenset()
        names = {atom.name for atom in callee if isinstance(atom, External)}
        if not names.isdisjoint(_CALLING_LATER):
            return "" if isinstance(scope.module.parents.get(call), ast.Expr) else role
        return "" if any(name.startswith(_NOT_CALLING) for name in names) else role

    def _named_by(self, node: ast.expr, scope: Scope, frame: Frame | None) -> str:
        if not self._may_name(node, scope, frame):
            return ""
        for role, entries in self._named.items():
            if names_one_of(self.program, node, scope, frame, entries):
                return role
        return ""

    def _may_name(self, node: ast.expr, scope: Scope, frame: Frame | None) -> bool:
        """Whether ``node`` may be one of what the policy names: the cheap question before the exact one."""
        if self._is_alias(node, scope):
            return True
        if not self._are_taken:
            return False
        for atom in self.program.evaluate(node, scope, frame):
            if isinstance(atom, Partial) or (isinstance(atom, Function) and self.of_function(atom.scope)):
                return True
            if isinstance(atom, External) and self._words.fullmatch(atom.name.rpartition(".")[2]):
                return True
        return False

    def _is_alias(self, node: ast.expr, scope: Scope) -> bool:
        """Whether ``node`` is a name of the policy, or a variable that was made of one."""
        return any(self._words.fullmatch(name) for name in written_names(node, scope))

    @cached_property
    def _are_taken(self) -> bool:
        """Whether any code has one of them otherwise than to call it by its name: only then it has other names."""
        modules = self.mentioning()
        functions = {name for module in modules for name in (*module.functions, *module.loads)}
        for module in modules:
            functions |= {each.name for statement, _ in module.imports for each in statement.names}
        functions = set(filter(self.is_word, functions))
        return any(self._takes(module, functions) for module in modules)

    def _takes(self, module: Module, functions: set[str]) -> bool:
        if any(each in functions for each in self._quoted.findall(module.text)):
            return True
        for statement, _ in module.imports:
            if any(each.asname and each.name in functions for each in statement.names):
                return True
        for name in functions:
            for node in module.loads.get(name, ()):
                parent = module.parents.get(node)
                if not isinstance(parent, ast.Call) or parent.func is not node:
                    return True
        return False

    def mentioning(self) -> list[Module]:
        """The files that have a word of the policy's functions in them."""
        return list(self.program.project.modules_matching(self._written))

    def is_word(self, name: str) -> bool:
        """Whether a function of the policy may be called ``name``."""
        return self._words.fullmatch(name) is not None

    def run_called(self, call: ast.Call, scope: Scope, frame: Frame | None) -> Fact | None:
        """The plugin's run, if that is what ``call`` calls."""
        applied = self.accesses(scope.module).get(call)
        if isinstance(applied, Reflection) and not self._is_getattr(call, scope):
            return applied
        return self._run_of(call.func, scope, frame) or self._kept_for(call)

    def _kept_for(self, call: ast.Call) -> Fact | None:
        """The plugin's run that the choke point took elsewhere and kept, to call it here."""
        if call not in self._kept_facts:
            node, where = self._kept.origins.get(call, (None, None))
            fact = self.accesses(where.module).get(node) if node is not None and where is not None else None
            if fact is not None:
                called = replace(fact.evidence, what=describe(call.func))
                fact = replace(fact, node=call.func, scope=self._kept.calls[call], evidence=called)
            self._kept_facts[call] = fact
        return self._kept_facts[call]

    @cached_property
    def _kept(self) -> KeptRuns:
        return self.program.once(KeptRuns)

    def is_kept(self, fact: Fact) -> bool:
        """Whether the run at ``fact`` is only kept there, and called by another function of the choke point."""
        return fact.node in self._kept.taken

    def calls_kept(self, node: ast.AST) -> bool:
        """Whether ``node`` calls a plugin's run that the choke point kept."""
        return node in self._kept.origins

    def run_handed(self, call: ast.Call, scope: Scope, frame: Frame | None) -> Fact | None:
        """The plugin's run, if ``call`` hands it on, itself or as the instance to call."""
        for node in (*call.args, *(keyword.value for keyword in call.keywords)):
            found = self._run_of(node, scope, frame)
            if found is not None:
                return found
        return None

    def all_accesses(self) -> Iterator[Fact]:
        """Where code of the choke point reaches a plugin's run: without that no entry runs one."""
        for module in self.program.once(Suspicion).modules():
            yield from self.accesses(module).values()

    def accesses(self, module: Module) -> dict[ast.AST, Fact]:
        """Where code of the choke point in ``module`` reaches a plugin's run, by the node."""
        if module not in self._accesses:
            self._accesses[module] = {}
            try:
                self._accesses[module] = self._accessed(module)
            except RecursionError:
                self.program.note(f"{module.path}: nested too deeply to be searched for plugin runs")
        return self._accesses[module]

    def _accessed(self, module: Module) -> dict[ast.AST, Fact]:
        return {
            fact.node: fact
            for maker in (access.run_accesses, reflection.reflections)
            for fact in maker(self.program, module)
            if isinstance(fact, (RunAccess, Reflection))
            and fact.inside
            and getattr(fact, "use", "") not in NO_RUN
        }

    def _is_getattr(self, call: ast.Call, scope: Scope) -> bool:
        callee = self.program.evaluate(call.func, scope)
        return not callee.isdisjoint({External("builtins.getattr"), External("inspect.getattr_static")})

    def _run_of(self, node: ast.expr, scope: Scope, frame: Frame | None) -> Fact | None:
        """The access that ``node`` has as its value: right there, through a variable, a parameter or ``partial``."""
        pending = [(node, scope, frame)]
        seen: set[tuple[ast.expr, Frame | None]] = set()
        while pending:
            each, where, under = pending.pop()
            found = self.accesses(where.module).get(each)
            if found is not None:
                return found
            if (each, under) not in seen:
                seen.add((each, under))
                pending += reversed(list(self._behind(each, where, under)))
        return None

    def _behind(
        self, node: ast.expr, scope: Scope, frame: Frame | None
    ) -> Iterator[tuple[ast.expr, Scope, Frame | None]]:
        if isinstance(node, (ast.Starred, ast.NamedExpr)):
            yield node.value, scope, frame
        elif isinstance(node, _DISPLAYS):
            yield from ((item, scope, frame) for item in node.elts)
        elif isinstance(node, ast.IfExp):
            yield from ((each, scope, frame) for each in (node.body, node.orelse))
        elif isinstance(node, ast.BoolOp):
            yield from ((each, scope, frame) for each in node.values)
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
            if isinstance(definition, Assigned) and definition.value is not None:
                of_display = definition.path == _ELEMENT and isinstance(definition.value, _DISPLAYS)
                if of_display or not definition.path:
                    yield definition.value, definition.scope, frame
            elif isinstance(definition, Param) and frame is not None and frame.scope is definition.scope:
                for argument in frame.bound.get(definition.node.arg, ()):
                    if not argument.path:
                        yield argument.node, argument.scope, argument.frame


def _is_like_partial(node: ast.expr) -> bool:
    """Whether ``node`` calls something with a function, or whatever has a name: as ``partial`` is called."""
    return isinstance(node, ast.Call) and bool(node.args) and isinstance(node.args[0], _HELD)
