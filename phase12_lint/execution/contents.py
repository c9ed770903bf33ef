"""What is put into the objects that variables hold: by their methods, and by the constructors that made them."""

from __future__ import annotations

import ast
from collections.abc import Container, Iterable, Iterator

from phase12_lint.execution.callees import Callee, callees
from phase12_lint.execution.places import ELEMENT, Key, Path, Source, assigned, key_of, place_of
from phase12_lint.execution.steps import Activation, Step
from phase12_lint.values.atoms import ClassRef, Instance
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import shape_of
from phase12_lint.values.parameters import is_self
from phase12_lint.values.program import Program

DISPLAYS = (ast.Dict, ast.List, ast.Tuple)
Put = tuple[Key, frozenset[Source]]


def given(program: Program, step: Step, words: Container[object]) -> Iterator[Put]:
    """``outcome.fail(error)``: what is given to a method of what a variable holds may be in it from then on."""
    node, act = step.node, step.act
    if step.kind == "call" and isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        name = place_of(node.func.value)
        if name is None or name.rpartition(".")[2] not in words:
            return
        for part, value, path in _put(node, node.func.attr):
            yield key_of(f"{name}.{part}", act), frozenset({(value, act, path)})
        yield from _set_by(callees(program, node, act.scope, act.frame), node, name, act)


def made(program: Program, step: Step, words: Container[object]) -> Iterator[Put]:
    """What the constructor of an object that ``step`` stores has set in it."""
    targets, value = assigned(step.node) if step.kind == "assign" else ([], None)
    names = [name for name in map(place_of, targets) if name and name.rpartition(".")[2] in words]
    if not names or not isinstance(value, ast.Call):
        return
    act = step.act
    for atom in program.evaluate(value.func, act.scope, act.frame):
        init = program.method(Instance(atom.cls), "__init__") if isinstance(atom, ClassRef) else None
        if init is not None:
            frame = program.call_frame(init, value, shape_of(value, act.scope, act.frame), act.frame)
            for name in names:
                yield from _set_by([(frame, init.scope)], value, name, act)
        elif isinstance(atom, ClassRef) and isinstance(atom.cls, ClassInfo):
            fields = [*zip(atom.cls.fields(program) or (), value.args)]
            for field, given in (*fields, *((each.arg, each.value) for each in value.keywords)):
                for name in names:
                    yield key_of(f"{name}.{field}", act), frozenset({(given, act, ())})


def _set_by(called: Iterable[Callee], call: ast.Call, name: str, act: Activation) -> Iterator[Put]:
    """The attributes of its own object, the variable ``name``, that a method which is not entered sets on all ways."""
    for frame, scope in called:
        if isinstance(scope.node, ast.Lambda):
            continue
        inner = Activation(scope, frame, act, call)
        for statement in getattr(scope.node, "body", ()):
            targets, value = assigned(statement)
            for target in targets:
                if isinstance(target, ast.Attribute) and is_self(target.value, scope):
                    yield key_of(f"{name}.{target.attr}", act), frozenset({(value, inner, ())})


def _put(call: ast.Call, method: str) -> Iterator[tuple[str, ast.expr, Path]]:
    """What ``call`` of a method puts into its object: as which part, in which expression, and where in that."""
    if method == "extend" and call.args:
        yield ELEMENT, call.args[0], (None,)
        return
    if method == "update":
        yield from (entry for given in call.args for entry in entries(given))
        yield from ((each.arg, each.value, ()) for each in call.keywords if each.arg is not None)
    for index, given in enumerate((*call.args, *(keyword.value for keyword in call.keywords))):
        yield f"{method}({index})", given, ()


def added(node: ast.AugAssign) -> Iterator[tuple[str, ast.expr, Path]]:
    """What ``+=`` or ``|=`` puts into a container: as which part, in which expression, and where in that."""
    if isinstance(node.value, (ast.List, ast.Tuple)):
        yield ELEMENT, node.value, (None,)
    elif isinstance(node.value, ast.Dict):
        yield from entries(node.value)
    elif isinstance(node.op, ast.BitOr):
        yield "update(0)", node.value, ()


def entries(node: ast.expr) -> Iterator[tuple[str, ast.expr, Path]]:
    """The entries of a dict display under constant keys."""
    for key, value in zip(node.keys, node.values) if isinstance(node, ast.Dict) else ():
        if isinstance(key, ast.Constant):
            yield str(key.value), value, ()
