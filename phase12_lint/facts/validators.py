"""What the validators that an entry calls look at: what GOV204 judges."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from phase12_lint.calls.passing import Passing
from phase12_lint.calls.policy_calls import names_one_of
from phase12_lint.execution.callees import functions, running
from phase12_lint.execution.entries import Entry, entries
from phase12_lint.execution.roles import INPUT, OUTPUT
from phase12_lint.execution.steps import Step
from phase12_lint.syntax.scopes import Assigned, Scope, last_name
from phase12_lint.values.atoms import (
    Atom,
    ClassRef,
    Container,
    External,
    Function,
    Instance,
    ModuleRef,
    Text,
)
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import shape_of
from phase12_lint.values.places import Fact
from phase12_lint.values.program import Program

FIELDS = ("image", "mime_type")
_MOST = 5_000
_VALIDATING = {"model_validate", "parse_obj"}
_DICTS = {
    *("builtins.dict", "typing.Dict", "typing.Mapping", "typing.MutableMapping", "collections.abc.Mapping"),
    *("collections.abc.MutableMapping", "collections.OrderedDict", "collections.UserDict"),
}


@dataclass(frozen=True, slots=True)
class IncompleteValidator(Fact):
    """A validator that ``entry`` calls and that never looks at ``missing``: fields of the input, or ``dict``."""

    name: str
    missing: tuple[str, ...]


def validators(program: Program) -> Iterator[Fact]:
    """The validators of every entry that miss something; what a pipeline of another name is given has other fields."""
    for entry in program.once(entries):
        for role in (OUTPUT,) if program.policy.name else (INPUT, OUTPUT):
            for step in entry.ways.with_role(role):
                for scope in _functions(program, step):
                    missing = _unread(program, scope) if role == INPUT else _untested(program, scope)
                    if missing:
                        yield _fact(entry, scope, tuple(missing))


def _fact(entry: Entry, scope: Scope, missing: tuple[str, ...]) -> Fact:
    return IncompleteValidator(
        scope.node, scope, entry.evidence(scope.name), True, scope.qualified_name, missing
    )


def _functions(program: Program, step: Step) -> Iterator[Scope]:
    """The functions of the program that a validator's call calls."""
    assert isinstance(step.node, ast.Call)
    policy = program.policy
    names = (*policy.input_validator, *policy.output_validator)
    for node in (step.node.func, *step.node.args):
        if names_one_of(program, node, step.act.scope, step.act.frame, names):
            value = program.evaluate(node, step.act.scope, step.act.frame)
            shape = shape_of(step.node, step.act.scope, step.act.frame)
            for _, scope in functions(program, value, step.node, shape, step.act.frame):
                if isinstance(scope.node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    yield scope
            return


def _unread(program: Program, scope: Scope) -> list[str]:
    reading = _Reading(program, scope)
    return [] if reading.open else [field for field in FIELDS if field not in reading.words]


def _untested(program: Program, scope: Scope) -> list[str]:
    reading = _Reading(program, scope)
    return [] if reading.open or reading.tests_dict else ["dict"]


def _displays_given(program: Program, scope: Scope) -> Iterator[ast.AST]:
    """The dicts that callers write out for ``scope``: their keys are what it is given, not what it looks at."""
    for param in scope.module.bound(scope).params:
        for atom in program.define(param, None):
            site = atom.made if isinstance(atom, Container) and atom.kind == "dict" else None
            if site is not None and site.scope.is_function:
                yield site.node


class _Reading:
    """The words, names and tests of a function and of what it calls, as far as the program has them.

    ``open`` if what is validated is handed to something outside the program that may look at anything.
    """

    def __init__(self, program: Program, scope: Scope) -> None:
        self.program = program
        self.words: set[str] = set()
        self.tests_dict = False
        self._passing = Passing(scope)
        self._given = set(_displays_given(program, scope))
        self._seen: set[object] = {scope}
        self._pending: list[tuple[ast.AST, Scope]] = []
        self._enter(scope)
        while self._pending and len(self._seen) < _MOST:
            node, where = self._pending.pop()
            self._visit(node, where)
        if self._pending:
            line = getattr(scope.node, "lineno", 0)
            program.note(
                f"the validator `{scope.qualified_name}` ({scope.module.path}:{line}) calls too much to be read "
                "completely; what it checks is not known"
            )
        self.open = self._passing.is_open or bool(self._pending)

    def _enter(self, scope: Scope) -> None:
        scope.module.bound(scope)
        assert isinstance(scope.node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        body = scope.node.body
        for statement in body if isinstance(body, list) else [body]:
            text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
            if not text:
                self._pending.append((statement, scope))

    def _enter_unknown(self, scope: Scope) -> None:
        self._passing.enter(scope)
        self._enter(scope)

    def _visit(self, node: ast.AST, scope: Scope) -> None:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.Raise, ast.JoinedStr)):
            return
        if isinstance(node, ast.AnnAssign):
            self._pending += [(each, scope) for each in (node.value, node.target) if each is not None]
            return
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            self.words.add(node.value)
        elif isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
            self._read(node, scope)
        elif isinstance(node, ast.Call):
            self._call(node, scope)
            return
        elif isinstance(node, ast.Compare):
            self._test([node.left, *node.comparators], scope)
        elif isinstance(node, ast.MatchMapping):
            self.tests_dict = True
        elif isinstance(node, ast.MatchClass):
            self.words.update(node.kwd_attrs)
            self._test([node.cls], scope)
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            self._pending.append((node.value, scope))
            return
        self._pending += [(child, scope) for child in ast.iter_child_nodes(node)]

    def _read(self, node: ast.Name | ast.Attribute, scope: Scope) -> None:
        self.words.add(node.id if isinstance(node, ast.Name) else node.attr)
        for atom in self.program.evaluate(node, scope):
            if isinstance(atom, Text):
                self.words.add(atom.text)
            elif isinstance(atom, Container) and atom.made is not None and atom.made.node not in self._given:
                self._once(atom.made.node, atom.made.scope)
        if isinstance(node, ast.Name) and node.id not in scope.bindings:
            for definition in scope.module.scope.bindings.get(node.id, ()):
                if isinstance(definition, Assigned) and definition.value is not None:
                    self._once(definition.value, scope.module.scope)

    def _once(self, node: ast.AST, scope: Scope) -> None:
        if node not in self._seen:
            self._seen.add(node)
            self._pending.append((node, scope))

    def _call(self, call: ast.Call, scope: Scope) -> None:
        arguments: list[ast.expr] = [*call.args, *(keyword.value for keyword in call.keywords)]
        callee = self.program.evaluate(call.func, scope)
        cast = External("typing.cast") in callee
        if not cast:
            self._test(arguments, scope)
        for each in arguments[1:] if cast else arguments:
            if isinstance(each, ast.Lambda):
                self._enter_unknown(scope.module.scope_of_node[each])
            else:
                self._pending.append((each, scope))
        self._pending += [(child, scope) for child in ast.iter_child_nodes(call.func)]
        if isinstance(call.func, (ast.Name, ast.Attribute)):
            self._read(call.func, scope)
        owner = (
            self.program.evaluate(call.func.value, scope)
            if isinstance(call.func, ast.Attribute)
            else frozenset()
        )
        for atom in callee:
            for function in running(self.program, atom) if isinstance(atom, Function) else ():
                self._follow(function.scope)
                frame = self.program.call_frame(function, call, shape_of(call, scope, None), None)
                if frame is None:
                    self._passing.enter(function.scope)
                else:
                    self._passing.to_function(frame)
        for atom in (*callee, *owner):
            if isinstance(atom, (ClassRef, Instance)) and isinstance(atom.cls, ClassInfo):
                self._of_class(atom.cls)
                if last_name(call.func) in _VALIDATING or any(each.arg is None for each in call.keywords):
                    self._of_model(atom.cls)
        known = any(isinstance(atom, (Function, ModuleRef)) for atom in callee)
        if not known and any(self._is_foreign(atom) for atom in callee):
            self._passing.to_foreign(call, scope)

    def _follow(self, scope: Scope) -> None:
        if scope not in self._seen:
            self._seen.add(scope)
            self._enter(scope)

    def _of_class(self, cls: ClassInfo) -> None:
        """A model that is made of the input: its fields, and what its methods look at."""
        for ancestor in cls.ancestors(self.program):
            if isinstance(ancestor, ClassInfo) and ancestor not in self._seen:
                self._seen.add(ancestor)
                self.words.update(ancestor.fields(self.program) or ())
                for name in ("__init__", "__post_init__", "__call__"):
                    method = ancestor.method(name)
                    if method is not None:
                        self._follow(method)
                        self._passing.enter(method)

    def _of_model(self, cls: ClassInfo) -> None:
        """A pydantic model validates a dict, unless it is made of something else: ``RootModel[list[str]]``."""
        for ancestor in cls.ancestors(self.program):
            if isinstance(ancestor, ClassInfo):
                roots = (each.slice for each in ancestor.node.bases if isinstance(each, ast.Subscript))
                self._test([getattr(each, "value", each) for each in roots], ancestor.scope)
            else:
                self.tests_dict |= ancestor.rpartition(".")[2] == "BaseModel"

    def _test(self, nodes: list[ast.expr], scope: Scope) -> None:
        pending = list(nodes)
        for node in pending:  # grows by the parts of tuples and unions
            if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
                pending += node.elts
            elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
                pending += (node.left, node.right)
            elif isinstance(node, (ast.Name, ast.Attribute)):
                for atom in self.program.evaluate(node, scope):
                    if isinstance(atom, Container) and atom.made is not None:
                        pending += getattr(atom.made.node, "elts", ())
                    self.tests_dict |= self._is_dict(atom)

    def _is_dict(self, atom: Atom) -> bool:
        """Whether what is of the class ``atom`` is a dict."""
        if isinstance(atom, ClassRef) and isinstance(atom.cls, ClassInfo):
            return any(each in _DICTS for each in atom.cls.ancestors(self.program) if isinstance(each, str))
        return isinstance(atom, External) and atom.name in _DICTS

    def _is_foreign(self, atom: object) -> bool:
        known = self.program.governed.is_known_external
        if isinstance(atom, External):
            return not known(atom.name)
        owner = getattr(atom, "owner", None)
        if isinstance(owner, Instance) and isinstance(owner.cls, str):
            return not known(owner.cls)
        return False


OF_THE_PROGRAM = (validators,)
