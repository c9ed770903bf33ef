"""Where the program mentions a function so that it may be called there: by name, on a receiver, or by reflection."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from phase12_lint.calls.given import arrives, given_under
from phase12_lint.calls.implicit import IMPLICIT, implicit_calls
from phase12_lint.calls.receivers import Mention, receiver_by_name, receiver_of
from phase12_lint.calls.reflected import called_by_name, taken_by_name
from phase12_lint.syntax.arity import may_be_called_so
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values import binding
from phase12_lint.values.atoms import Atom, ClassRef, Function, Value
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import Frame
from phase12_lint.values.loads import computed_reads, name_loads, place_order
from phase12_lint.values.mentions import handed_to
from phase12_lint.values.ordering import frame_order
from phase12_lint.values.parameters import decorators, is_property, is_self
from phase12_lint.values.program import Program

_SPECIAL = {"__init__", "__new__", "__call__"}


def mentions(program: Program, target: Scope) -> Iterator[Mention]:
    """Every mention of the function ``target``, and of the functions in whose place a decorator puts it."""
    yield from _own_mentions(program, target)
    if target.parent is not None and target.parent.is_function:
        for place in sorted(program.references(target), key=place_order):
            module = place.scope.module
            decorated = module.parents.get(place.node)
            if decorated is not None and any(
                each is place.node for each in getattr(decorated, "decorator_list", ())
            ):
                for mention in _own_mentions(program, module.scope_of_node[decorated]):
                    if not mention.wraps:
                        yield mention


def _own_mentions(program: Program, target: Scope) -> Iterator[Mention]:
    outer = target.parent
    assert outer is not None
    if isinstance(target.node, ast.Lambda):
        yield Mention(target.node, outer)
        return
    for decorator in getattr(target.node, "decorator_list", ()):
        for place in handed_to(program, decorator, target):
            yield Mention(place.node, place.scope, place.frame, taken=target, wraps=True)
    if outer.kind == "class":
        yield from _of_method(program, target, program.class_of(outer))
    for place in name_loads(program, outer, target.name, target.node):
        yield Mention(place.node, place.scope, place.frame)


def _of_method(program: Program, target: Scope, cls: ClassInfo) -> Iterator[Mention]:
    if target.name in _SPECIAL or "setter" in decorators(target):
        for frame in sorted(program.ask(("frames", target)), key=frame_order):
            where = frame.shape.where
            if not isinstance(frame.site, ast.expr) or where is None:
                continue
            if frame.receiver is not None or not stands_in_decorator(program, where, target):
                yield Mention(frame.site, where, frame.caller, frame.receiver, True)
        if target.name != "__call__":
            return
    if target.name in IMPLICIT:
        yield from implicit_calls(program, target, cls)
        if not binding.is_replaced(program, target):
            return
    for module in program.project.modules_reading(target.name):
        for load in module.loads.get(target.name, ()):
            if isinstance(load, ast.Attribute) and may_be_called_so(target, load, module.scopes[load]):
                scope = module.scopes[load]
                for frame, receiver in _receivers(program, load, scope, cls, target):
                    yield Mention(load, scope, frame, receiver, is_property(target))
    yield from _reflected(program, target, cls)


def _receivers(
    program: Program, load: ast.Attribute, scope: Scope, cls: ClassInfo, target: Scope
) -> Iterator[tuple[Frame | None, Atom]]:
    """What ``load`` may take ``target`` from, and under which call of ``scope`` if only under that."""
    of_self = is_self(load.value, scope)

    def receives(value: Value) -> Atom | None:
        return receiver_of(program, value, cls, target, of_self)

    receiver = receives(program.evaluate(load.value, scope))
    if receiver is None or of_self:
        receiver = receiver or receiver_by_name(program, load, scope, cls, target)
        if receiver is not None:
            yield None, receiver
        return
    for frame in given_under(program, load.value, scope, receives):
        there = receives(arrives(program, load.value, scope, frame)) if frame is not None else None
        yield frame, there or receiver


def stands_in_decorator(program: Program, scope: Scope, function: Scope) -> bool:
    """Whether ``scope`` stands in a decorator of ``function``: it then calls the function as part of it."""
    outer = function.parent
    assert outer is not None
    for decorator in getattr(function.node, "decorator_list", ()):
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        for atom in program.evaluate(called, outer):
            if isinstance(atom, ClassRef) and isinstance(atom.cls, ClassInfo):
                made = atom.cls.scope
            elif isinstance(atom, Function):
                made = atom.scope
            else:
                continue
            if made in scope.chain():
                return True
    return False


def _reflected(program: Program, target: Scope, cls: ClassInfo) -> Iterator[Mention]:
    """``getattr(x, "run")``."""

    def receiver(owner: ast.expr, scope: Scope) -> Atom | None:
        return receiver_of(program, program.evaluate(owner, scope), cls, target, is_self(owner, scope))

    for call, owner, scope in taken_by_name(program, (target.name,), of=receiver):
        yield Mention(call, scope, None, receiver(owner, scope))
    for owner, call, scope in computed_reads(program, cls, target.name):
        taken_from = receiver(owner, scope)
        if taken_from is not None:
            yield Mention(call, scope, None, taken_from)
    for call, owner, scope in called_by_name(program, target.name):
        called_on = receiver_of(program, program.evaluate(owner, scope), cls, target)
        if called_on is not None:
            yield Mention(call, scope, None, called_on, True)
