"""The layers that never call the next one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from phase12_lint.calls import access, reflection
from phase12_lint.calls.governed_calls import GovernedCall, governed_calls
from phase12_lint.calls.layers import Layers, layers_of
from phase12_lint.calls.receivers import COUNTS_BY_NAME, is_called_after, is_open
from phase12_lint.execution.roles import NO_RUN
from phase12_lint.model import Confidence
from phase12_lint.policy import last_part
from phase12_lint.syntax.scopes import Scope, last_name
from phase12_lint.values.atoms import ClassRef, External, Function, Instance, Sourced, Value
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.parameters import decorators
from phase12_lint.values.places import Evidence, Fact
from phase12_lint.values.program import Program

_OTHER_WORDS = {
    "session",
    "db",
    "database",
    "conn",
    "connection",
    "cursor",
    "pool",
    "loop",
    "engine",
    "redis",
}
_HANDING_OVER = {"executor", "queue", "scheduler"}


@dataclass(frozen=True, slots=True)
class DeadEnd(Fact):
    """The class of a layer without a call to the layer ``following``."""

    following: int


def dead_ends(program: Program) -> Iterator[Fact]:
    """Every such class; one with a base that is not seen may call there.

    Where it goes past the next layer, that is the defect, and that there is no call of it follows.
    """
    layers = layers_of(program)
    for number, entry in enumerate(program.policy.layers, 1):
        for scope in _classes(program, entry):
            if not _leads_on(program, layers, program.class_of(scope), number):
                what = Evidence(scope.name, Confidence.CERTAIN, ())
                yield DeadEnd(scope.node, scope.parent or scope, what, False, number + 1)


def _classes(program: Program, entry: str) -> Iterator[Scope]:
    last = last_part(entry)
    for module in program.project.modules_with(last):
        yield from (scope for scope in module.classes.get(last, ()) if scope.goes_by(entry))


def _leads_on(program: Program, layers: Layers, cls: ClassInfo, number: int) -> bool:
    """Whether ``cls`` calls the next layer, may do so, or goes past it."""
    line = [*cls.ancestors(program), *program.subclasses(cls)]
    if any(isinstance(each, str) and not program.governed.is_known_external(each) for each in line):
        return True
    if _is_abstract(program, cls) and not program.subclasses(cls):
        return True
    owners = [each.scope for each in line if isinstance(each, ClassInfo)]
    for call in governed_calls(program).values():
        if not set(owners).isdisjoint(call.scope.chain()) and _leads_to_helper(layers, call):
            return True
        if number + 1 in {callee.layer for callee in call.callees} and layers.of(call.scope) == number:
            is_helper = layers.written_in(call.scope) is None
            if is_helper or not set(owners).isdisjoint(call.scope.chain()):
                return True
    if any(_contains_call(program, layers, owner, number + 1) for owner in owners):
        return True
    return _goes_past(program, set(owners), number + 1)


def _leads_to_helper(layers: Layers, call: GovernedCall) -> bool:
    """Whether ``call`` calls code of no layer, in which the way to the choke point goes on."""
    return any(
        callee.layer is None and callee.scope is not None and layers.of(callee.scope) is None
        for callee in call.callees
    )


def _goes_past(program: Program, owners: set[Scope], following: int) -> bool:
    """Whether code in ``owners`` calls a layer below the ``following`` one, or runs a plugin."""
    for call in governed_calls(program).values():
        past = any(callee.layer is not None and callee.layer > following for callee in call.callees)
        if past and not owners.isdisjoint(call.scope.chain()):
            return True
    return any(
        not fact.inside
        and not owners.isdisjoint(fact.scope.chain())
        and getattr(fact, "use", "") not in NO_RUN
        for module in {owner.module for owner in owners}
        for maker in (access.run_accesses, reflection.reflections)
        for fact in maker(program, module)
    )


def _is_abstract(program: Program, cls: ClassInfo) -> bool:
    """Whether the class only says what others do, such as a ``Protocol``."""
    if program.governed.is_protocol(cls):
        return True
    return any("abstractmethod" in decorators(scope) for scope in cls.scope.children if scope.is_function)


def _contains_call(program: Program, layers: Layers, owner: Scope, wanted: int) -> bool:
    """Whether a method of a ``wanted`` layer's value is called in the class ``owner``, or given to a call there."""
    for call in ast.walk(owner.node):
        if isinstance(call, ast.Call):
            scope = owner.module.scopes[call]
            if _reaches(program, layers, call.func, scope, wanted):
                return True
            given = (*call.args, *(keyword.value for keyword in call.keywords))
            taken = [node for node in given if isinstance(node, ast.Attribute)]
            reaching = any(_reaches(program, layers, node, scope, wanted) for node in taken)
            if reaching and not access.only_looks(program, call, scope):
                return True
    return False


def _reaches(program: Program, layers: Layers, method: ast.expr, scope: Scope, wanted: int) -> bool:
    """Whether ``method``, which is called, is one of the ``wanted`` layer's, as far as is known."""
    if isinstance(method, ast.Attribute):
        if _is_of(program, layers, program.evaluate(method.value, scope), wanted):
            return True
        if _may_be(program, layers.names[wanted], method, scope):
            return True
    return _is_method_of(program, layers, program.evaluate(method, scope), wanted)


def _may_be(program: Program, layer: str, method: ast.Attribute, scope: Scope) -> bool:
    """Whether nothing is known of what ``method`` is taken from, and its name or the method's says ``layer``."""
    if not is_open(program.evaluate(method.value, scope)):
        return False
    return is_called_after(method.value, layer) or _counts_by_name(program, layer, method)


def _counts_by_name(program: Program, layer: str, method: ast.Attribute) -> bool:
    """Whether ``method`` is called as one that leads on, by what the name of its owner does not contradict."""
    if COUNTS_BY_NAME.fullmatch(method.attr) is None:
        return False
    words = set((last_name(method.value) or "").lower().split("_"))
    if words & _OTHER_WORDS or (method.attr == "submit" and words & _HANDING_OVER):
        return False
    classes = [s for m in program.project.modules_with(layer) for s in m.classes.get(layer, ())]
    return not classes or any(
        program.method(Instance(program.class_of(scope)), method.attr) is not None for scope in classes
    )


def _is_of(program: Program, layers: Layers, value: Value, wanted: int) -> bool:
    for atom in value:
        if isinstance(atom, Sourced) and atom.role == "runner" and wanted == layers.last:
            return True
        if isinstance(atom, External) and layers.of_class(atom.name) == wanted:
            return True
        if isinstance(atom, (Instance, ClassRef)) and layers.of_class(atom.cls) == wanted:
            return True
        if isinstance(atom, Instance) and _stands_below(program, layers, atom.cls, wanted):
            return True
    return False


def _stands_below(program: Program, layers: Layers, cls: ClassInfo | str, wanted: int) -> bool:
    """Whether a class of the layer is below ``cls``, the abstract class by which it is known."""
    if isinstance(cls, str):
        return False
    return any(layers.of_class(below) == wanted for below in program.subclasses(cls))


def _is_method_of(program: Program, layers: Layers, value: Value, wanted: int) -> bool:
    for atom in value:
        if isinstance(atom, Function):
            receiver = getattr(atom.receiver, "cls", None)
            if isinstance(receiver, (ClassInfo, str)) and layers.of_class(receiver) == wanted:
                return True
            if wanted == layers.last and atom.scope in program.choke.functions:
                return True
    return False


OF_THE_PROGRAM = (dead_ends,)
