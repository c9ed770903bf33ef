"""The calls that do not spell a method's name: ``x()``, ``with x``, ``for each in x``, ``x[key]``, ``x | y``."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from phase12_lint.calls.given import given_under
from phase12_lint.calls.receivers import Mention, receiver_of
from phase12_lint.index import operators
from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Scope, last_name
from phase12_lint.values import partials
from phase12_lint.values.atoms import Atom, ClassRef, Partial, Value
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.handing import is_outside
from phase12_lint.values.held_names import may_hold
from phase12_lint.values.parameters import is_self
from phase12_lint.values.program import Program

_ENTERING = {"__enter__", "__exit__", "__aenter__", "__aexit__"}
_ITERATING = {"__iter__", "__next__", "__aiter__", "__anext__"}
_BY_EXPRESSION = {"__call__", "__getitem__"}
_RUNNING = {"to_thread", "run_in_threadpool", "run_in_executor", "run_sync", "submit", "apply", "apply_async"}
_RUNNING |= {"map", "imap", "imap_unordered", "starmap", "Thread", "Timer", "Process", "start_new_thread"}
_RUNNING |= {"call_soon", "call_later", "call_soon_threadsafe", "add_task"}
_BEHIND_ANOTHER = {"run_in_executor", "call_later", "Timer", "Thread", "Process"}
IMPLICIT = {*_BY_EXPRESSION, *_ENTERING, *_ITERATING, *operators.SPECIAL_METHODS}


def implicit_calls(program: Program, target: Scope, cls: ClassInfo) -> Iterator[Mention]:
    """Such calls of ``target``, a special method of ``cls``, in the files that name the class."""
    for module in program.project.modules_with(cls.name):
        for node, subject in _uses(program, module, target.name):
            if isinstance(subject, ast.Attribute) and not may_hold(program, subject.attr, cls):
                continue
            scope = module.scopes[subject]
            if (
                isinstance(node, ast.Call)
                and subject is not node.func
                and not _is_outside(program, node, scope)
            ):
                continue
            receives = partial(_receiver, program, cls, target, is_self(subject, scope))
            receiver = receives(program.evaluate(subject, scope))
            if receiver is not None:
                for frame in given_under(program, subject, scope, receives):
                    yield Mention(node, scope, frame, receiver, True)


def _receiver(program: Program, cls: ClassInfo, target: Scope, of_self: bool, value: Value) -> Atom | None:
    """What of ``value`` has ``target``; of a class, ``X()`` makes an instance and ``X[T]`` a type."""
    partials_in = (each for each in value if isinstance(each, Partial))
    value |= {each for atom in partials_in for each, _ in partials.behind(program, atom)}
    objects = frozenset(atom for atom in value if not isinstance(atom, ClassRef))
    return receiver_of(program, objects, cls, target, of_self)


def _is_outside(program: Program, call: ast.Call, scope: Scope) -> bool:
    return all(map(is_outside, program.evaluate(call.func, scope)))


def _uses(program: Program, module: Module, name: str) -> Sequence[tuple[ast.expr, ast.expr]]:
    """The expressions that call a special method of that name, each with the object whose method that is."""
    if name in operators.CALLED:
        uses = module.operations.get(name, ())
        return [(use.node, use.owner) for use in uses if isinstance(use.node, ast.expr)]
    kind = "with" if name in _ENTERING else "for" if name in _ITERATING else name
    return program.once(_Uses).of(module).get(kind, ())


def _run_by(call: ast.Call) -> list[ast.expr]:
    """What ``call`` is given to run: ``submit(f, x)``, ``Thread(target=f)``, ``call_later(1, f)``."""
    position = 1 if last_name(call.func) in _BEHIND_ANOTHER else 0
    spread = next((i for i, each in enumerate(call.args) if isinstance(each, ast.Starred)), position)
    given = call.args[min(position, spread) : position + 1]
    return given + [
        keyword.value for keyword in call.keywords if keyword.arg in ("target", "func", "function")
    ]


class _Uses:
    """The implicit calls of each module that no operator makes, by kind."""

    def __init__(self, program: Program) -> None:
        self._known: dict[Module, dict[str, list[tuple[ast.expr, ast.expr]]]] = {}

    def of(self, module: Module) -> Mapping[str, Sequence[tuple[ast.expr, ast.expr]]]:
        if module not in self._known:
            found: dict[str, list[tuple[ast.expr, ast.expr]]] = {}
            for node in module.nodes:
                if isinstance(node, ast.Call):
                    calls = found.setdefault("__call__", [])
                    calls.append((node, node.func))
                    if last_name(node.func) in _RUNNING:
                        calls += ((node, given) for given in _run_by(node))
                elif isinstance(node, ast.withitem):
                    found.setdefault("with", []).append((node.context_expr, node.context_expr))
                elif isinstance(node, (ast.For, ast.AsyncFor, ast.comprehension)):
                    found.setdefault("for", []).append((node.iter, node.iter))
            self._known[module] = found
        return self._known[module]
