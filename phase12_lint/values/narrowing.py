"""What a test leaves of a value."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from phase12_lint.syntax.conditions import MATCHING, condition_of
from phase12_lint.syntax.scopes import Scope, Test, bases
from phase12_lint.values import declared_types, enumerations, folding
from phase12_lint.values.atoms import (
    ELSE,
    JUST_NONE,
    OTHER,
    UNKNOWN,
    Atom,
    ClassRef,
    Container,
    External,
    Function,
    Getter,
    Instance,
    Method,
    Opaque,
    Partial,
    Sourced,
    Text,
    Typed,
    TypeExpression,
    Value,
)
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import Frame
from phase12_lint.values.ordering import order_of

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_REPEATED = re.compile(r"[*+]|\{\d*,")
_REPEATED_GROUP = re.compile(r"\)[*+{]")
_MOST_REPEATED = 2
CALLABLE = (Function, ClassRef, Method, Partial, Getter, Typed)


def refine(
    program: Program, value: Value, test: Test, positive: bool, scope: Scope, frame: Frame | None
) -> Value:
    """``value`` where ``test`` came out as ``positive``."""
    operand = test.operand
    if test.kind == "none":
        return JUST_NONE if positive else value - JUST_NONE or frozenset({UNKNOWN})
    if test.kind == "true":
        return value - JUST_NONE or frozenset({UNKNOWN}) if positive else value
    if test.kind in ("isinstance", "type") and isinstance(operand, ast.expr):
        classes = classes_compared(program, operand, scope, frame)
        if test.kind == "type" and not positive:
            return value
        return _to_classes(program, value, classes) if positive else _without(program, value, classes)
    if test.kind == "pattern" and isinstance(operand, ast.pattern):
        return (
            pattern(program, value, operand, scope, frame)
            if positive
            else _unmatched(program, value, operand, scope, frame)
        )
    if test.kind in ("equals", "member") and isinstance(operand, ast.expr):
        compared = program.evaluate(operand, scope, frame)
        if test.kind == "member":
            compared = program.iterate(frozenset(atom for atom in compared if isinstance(atom, Container)))
        return (
            _to_constants(program, value, compared)
            if positive
            else _without_constants(program, value, compared)
        )
    if test.kind == "text" and isinstance(operand, ast.Call):
        return frozenset(a for a in value if not _answers(program, a, operand, not positive, scope, frame))
    if test.kind == "guard" and isinstance(operand, ast.Call):
        return _guarded(program, value, operand, positive, scope, frame)
    return value


def classes_compared(program: Program, node: ast.expr, scope: Scope, frame: Frame | None) -> list[Atom]:
    """What ``isinstance`` compares with, tuples and unions taken apart; unknown members as ``UNKNOWN``."""
    return list(_compared(program, node, scope, frame, set()))


def _compared(
    program: Program, node: ast.expr, scope: Scope, frame: Frame | None, opened: set[TypeExpression]
) -> Iterator[Atom]:
    """The same; a type that is made of itself (``kinds = kinds | More`` in a loop) is opened once."""
    if isinstance(node, ast.Tuple):
        for item in node.elts:
            yield from _compared(program, item, scope, frame, opened)
        return
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        for side in (node.left, node.right):
            yield from _compared(program, side, scope, frame, opened)
        return
    for atom in sorted(program.evaluate(node, scope, frame), key=order_of):
        if isinstance(atom, Container):
            yield from sorted(program.iterate(frozenset({atom})), key=order_of)
        elif isinstance(atom, TypeExpression) and atom.node is not node:
            if atom not in opened:
                opened.add(atom)
                yield from _compared(program, atom.node, atom.scope, None, opened)
        else:
            yield UNKNOWN if isinstance(atom, Sourced) else atom


def _instance(program: Program, atom: Atom) -> Atom:
    if isinstance(atom, ClassRef):
        return Instance(atom.cls)
    if isinstance(atom, External):
        return Instance(atom.name) if atom.name != "builtins.object" else UNKNOWN
    return UNKNOWN


def _to_classes(program: Program, value: Value, classes: list[Atom]) -> Value:
    found: set[Atom] = set()
    for cls in classes:
        wanted = _instance(program, cls)
        if not isinstance(wanted, Instance):
            found |= value - JUST_NONE
            continue
        kept: set[Atom] = {
            a for a in value if isinstance(a, Instance) and program.is_subclass(a.cls, wanted.cls)
        }
        kept |= _containers_of(value, wanted.cls)
        is_builtin = isinstance(wanted.cls, str) and wanted.cls.startswith("builtins.")
        found |= kept or {OTHER if is_builtin else wanted}
    return frozenset(found)


def _containers_of(value: Value, cls: object) -> set[Container]:
    """The containers in ``value`` that may be of the library's class ``cls``."""
    kinds = declared_types.kinds_of(cls.rpartition(".")[2]) if isinstance(cls, str) else ()
    return {atom for atom in value if isinstance(atom, Container) and atom.kind in kinds}


def _without(program: Program, value: Value, classes: list[Atom]) -> Value:
    found: set[Atom] = set()
    excludes_plugins = any(program.governed.covers_plugins(cls) for cls in classes)
    for atom in value:
        if isinstance(atom, Instance):
            if not any(_is_a(program, atom, cls) for cls in classes):
                found.add(atom)
        elif excludes_plugins and (atom is UNKNOWN or (isinstance(atom, Sourced) and atom.role == "plugin")):
            found.add(OTHER)
        else:
            found.add(atom)
    return frozenset(found) or frozenset({OTHER})


def _to_constants(program: Program, value: Value, compared: Value) -> Value:
    """``value`` where it is one of the texts or members of enumerations ``compared``."""
    wanted = enumerations.constants(program, compared)
    if not wanted:
        return value
    enums = {atom.cls for atom in compared if isinstance(atom, Instance)}
    may_be_any = {atom for atom in value if isinstance(atom, Opaque) or _is_any_of(atom, enums)}
    told = {atom: enumerations.constant(program, atom) for atom in value - may_be_any}
    kept = frozenset(atom for atom, name in told.items() if name is None or name in wanted)
    return kept | compared if may_be_any - JUST_NONE else kept


def _is_any_of(atom: Atom, enums: set[ClassInfo | str]) -> bool:
    return isinstance(atom, Instance) and atom.site is None and atom.cls in enums


def _without_constants(program: Program, value: Value, compared: Value) -> Value:
    wanted = enumerations.constants(program, compared)
    return frozenset(atom for atom in value if enumerations.constant(program, atom) not in wanted)


def _answers(
    program: Program, atom: Atom, call: ast.Call, answer: bool, scope: Scope, frame: Frame | None
) -> bool:
    """Whether ``atom`` is a text for which ``startswith`` or a regular expression there surely gives ``answer``."""
    if not isinstance(atom, Text):
        return False
    if isinstance(call.func, ast.Attribute) and call.func.attr in MATCHING:
        return _matches(program, atom.text, call, scope, frame) == {answer}
    given = program.evaluate(call.args[0], scope, frame)
    held = program.iterate(frozenset(each for each in given if isinstance(each, Container)))
    parts = folding.strings(held or given)
    if not parts or len(call.args) > 1:
        return False
    asked = getattr(atom.text, getattr(call.func, "attr", ""))
    answers = {asked(tuple(parts))} if held else set(map(asked, parts))
    return answers == {answer}


def _matches(program: Program, text: str, call: ast.Call, scope: Scope, frame: Frame | None) -> set[bool]:
    """Whether the regular expression that ``call`` asks matches ``text``; nothing where it is not known."""
    assert isinstance(call.func, ast.Attribute)
    known, made = program.evaluate(call.func.value, scope, frame), call
    for atom in known:
        if isinstance(atom, Instance) and atom.cls == "re.compile" and atom.site is not None:
            assert isinstance(atom.site.node, ast.Call)
            made, scope, frame = atom.site.node, atom.site.scope, atom.site.frame
    if (made is call and External("re") not in known) or len(made.args) > 1 + (made is call) or made.keywords:
        return set()  # an expression of something else, or with flags
    written = folding.strings(program.evaluate(made.args[0], scope, frame))
    if not all(map(_is_quick, written)):
        return set()
    try:
        asked = [re.compile(each) for each in written]
    except (re.error, IndexError, OverflowError):
        return set()
    return {getattr(each, call.func.attr)(text) is not None for each in asked}


def _is_quick(pattern: str) -> bool:
    """Whether a search for ``pattern`` takes but a moment: one with more repetitions may take as long as it likes."""
    return len(_REPEATED.findall(pattern)) <= _MOST_REPEATED and not _REPEATED_GROUP.search(pattern)


def is_come_to(program: Program, place: object, scope: Scope, frame: Frame) -> bool:
    """Whether ``place`` in ``scope`` is reached under the call ``frame``, as far as comparisons with texts decide."""
    return all(
        not enumerations.constants(
            program, program.join(program.define(each, frame) for each in bases(definitions))
        )
        or any(program.define(definition, frame) for definition in definitions)
        for definitions in scope.choices.get(place, ())
    )


def _is_a(program: Program, atom: Instance, cls: Atom) -> bool:
    wanted = _instance(program, cls)
    return isinstance(wanted, Instance) and program.is_subclass(atom.cls, wanted.cls)


def pattern(program: Program, value: Value, node: ast.pattern, scope: Scope, frame: Frame | None) -> Value:
    """``value`` where it has matched ``node``."""
    if isinstance(node, ast.MatchAs):
        return pattern(program, value, node.pattern, scope, frame) if node.pattern is not None else value
    if isinstance(node, ast.MatchOr):
        return program.join(pattern(program, value, option, scope, frame) for option in node.patterns)
    if isinstance(node, ast.MatchClass):
        return _to_classes(program, value, classes_compared(program, node.cls, scope, frame))
    if isinstance(node, ast.MatchSingleton):
        return JUST_NONE if node.value is None else frozenset({OTHER})
    if isinstance(node, ast.MatchValue):
        if isinstance(node.value, ast.Constant) and not isinstance(node.value.value, str):
            return frozenset({OTHER})
        return _to_constants(program, value, program.evaluate(node.value, scope, frame))
    return value


def _unmatched(program: Program, value: Value, node: ast.pattern, scope: Scope, frame: Frame | None) -> Value:
    if isinstance(node, ast.MatchAs) and node.pattern is not None:
        return _unmatched(program, value, node.pattern, scope, frame)
    if isinstance(node, ast.MatchOr):
        for option in node.patterns:
            value = _unmatched(program, value, option, scope, frame)
        return value
    if isinstance(node, ast.MatchClass) and not node.patterns and not node.kwd_patterns:
        return _without(program, value, classes_compared(program, node.cls, scope, frame))
    if isinstance(node, ast.MatchSingleton) and node.value is None:
        return value - JUST_NONE or frozenset({UNKNOWN})
    if isinstance(node, ast.MatchValue):
        return _without_constants(program, value, program.evaluate(node.value, scope, frame))
    return value


def _guarded(
    program: Program, value: Value, call: ast.Call, positive: bool, scope: Scope, frame: Frame | None
) -> Value:
    """A call used as a condition: ``issubclass``, ``callable`` and functions declared ``TypeGuard`` or ``TypeIs``."""
    for atom in program.evaluate(call.func, scope, frame):
        if isinstance(atom, External) and atom.name == "builtins.issubclass" and len(call.args) == 2:
            classes = [
                c for c in classes_compared(program, call.args[1], scope, frame) if isinstance(c, ClassRef)
            ]
            return frozenset(classes) if positive and classes else value
        if isinstance(atom, External) and atom.name == "builtins.callable" and not positive:
            return frozenset(each for each in value if not isinstance(each, CALLABLE)) or ELSE
        guard = _declared_guard(program, atom)
        if guard is not None:
            return _told_by_guard(program, value, guard, positive)
    return value


def _told_by_guard(program: Program, value: Value, guard: _Guard, positive: bool) -> Value:
    """``value`` where a function that is ``guard`` gave ``positive``."""
    if positive:
        return _to_classes(program, value, guard.classes) if guard.classes else value
    return _without(program, value, guard.classes) if guard.name == "TypeIs" else value


class _Guard(NamedTuple):
    name: str
    classes: list[Atom]


def is_guard(program: Program, test: Test, scope: Scope) -> bool:
    """Whether ``test`` calls a function that is declared ``TypeGuard`` or ``TypeIs``, or asks for a subclass."""
    callee = program.evaluate(test.operand.func, scope) if isinstance(test.operand, ast.Call) else ()
    return External("builtins.issubclass") in callee or any(
        _declared_guard(program, atom) is not None for atom in callee
    )


def _declared_guard(program: Program, atom: Atom) -> _Guard | None:
    declared = declared_types.returned(program, atom.scope) if isinstance(atom, Function) else None
    guard = _guard(declared[0]) if declared is not None else None
    if guard is None or declared is None:
        return None
    narrowed = declared_types.instance(program, guard[1], declared[1], None)
    return _Guard(guard[0], [ClassRef(a.cls) for a in narrowed if isinstance(a, Instance)])


def filtered(program: Program, value: Value, predicate: Value, positive: bool) -> Value:
    """What ``filter`` lets through of ``value``: that of which ``predicate``, a test in one expression, is true."""
    if predicate == JUST_NONE:
        return value - JUST_NONE if positive else value
    function = next(iter(predicate)) if len(predicate) == 1 else None
    if not isinstance(function, Function):
        return value
    guard = _declared_guard(program, function)
    if guard is not None:
        return _told_by_guard(program, value, guard, positive)
    scope = function.scope.module.bound(function.scope)
    params = scope.params[1 if function.receiver is not None else 0 :]
    if len(scope.returns) != 1 or not params:
        return value
    return _where(program, value, scope.returns[0], positive, params[0].node.arg, scope)


def _where(program: Program, value: Value, test: ast.expr, positive: bool, name: str, scope: Scope) -> Value:
    """``value``, which ``name`` is, where ``test`` came out as ``positive``."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return _where(program, value, test.operand, not positive, name, scope)
    if isinstance(test, ast.BoolOp):
        if isinstance(test.op, ast.And) is positive:
            for each in test.values:
                value = _where(program, value, each, positive, name, scope)
        return value
    subject, asked, outcome = condition_of(test)
    if asked is None or not isinstance(subject, ast.Name) or subject.id != name:
        return value
    return refine(program, value, asked, positive is outcome, scope, None)


def _guard(node: ast.expr) -> tuple[str, ast.expr] | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            node = ast.parse(node.value, mode="eval").body
        except SyntaxError:
            return None
    if not isinstance(node, ast.Subscript):
        return None
    name = getattr(node.value, "attr", getattr(node.value, "id", ""))
    return (name, node.slice) if name in ("TypeGuard", "TypeIs") else None
