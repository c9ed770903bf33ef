"""Every place where a plugin's run is reached as an attribute, and what is done with it there."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from phase12_lint.model import Confidence
from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Defined, Imported, Scope, bases
from phase12_lint.values import folding, models
from phase12_lint.values.atoms import ClassRef, External, Function, Instance, Sourced, Super
from phase12_lint.values.callables import CALL, called_objects
from phase12_lint.values.classes import UNKNOWN_BASE, ClassInfo
from phase12_lint.values.evidence import describe, evidence
from phase12_lint.values.frames import parameter, shape_of
from phase12_lint.values.handing import SENDING
from phase12_lint.values.loads import Place, name_loads
from phase12_lint.values.parameters import decorators, is_self, takes_receiver
from phase12_lint.values.places import Evidence, Fact, Reflection, RunAccess

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_HANDING_ON = {"__func__", "__wrapped__", "__get__", "__call__"}
_BY_NAME = {"builtins.getattr", "builtins.setattr", "builtins.delattr", "inspect.getattr_static"}
_MOST_CALLS = 3


def run_accesses(program: Program, module: Module) -> Iterator[Fact]:
    """The facts of ``module`` about ``x.run``."""
    for method in program.policy.plugin_methods:
        for node in module.loads.get(method, ()):
            if isinstance(node, ast.Attribute):
                yield from access(program, node, module.scopes[node])
    if CALL in program.policy.plugin_methods:
        for called, scope in called_objects(module):
            yield from call_access(program, called, scope)


def call_access(program: Program, node: ast.expr, scope: Scope) -> Iterator[Fact]:
    """What ``node``, which is called or handed over to be, is under a policy that governs ``__call__``."""
    found = evidence(program, node, scope, "plugin")
    if found is not None and (found.confidence is not Confidence.NAMED or _is_object(node, scope)):
        use = "delegated" if _is_own(program, node, scope) else use_of(program, node, scope)
        yield RunAccess(node, scope, found, program.is_inside(scope), CALL, use, False)


def _is_object(node: ast.expr, scope: Scope) -> bool:
    """Whether ``node``, of which nothing but the name is known, may be an object: what is imported or read of another
    object is more often a function, as ``session.call_tool`` is."""
    if isinstance(node, ast.Attribute):
        return is_self(node.value, scope)
    if isinstance(node, ast.Name):
        scope.module.bound(scope)
        found = list(bases(scope.module.definitions.get(node, ())))
        return bool(found) and not any(isinstance(each, (Imported, Defined)) for each in found)
    return True


def access(program: Program, node: ast.Attribute, scope: Scope) -> Iterator[Fact]:
    """What ``node`` (``x.run``) is, if ``x`` is governed."""
    method = node.attr
    if _is_choke_point(program, node, scope):
        return
    found = evidence(program, node.value, scope, "plugin")
    if found is not None:
        use = use_of(program, node, scope)
        if _delegates(program, node, scope, use):
            use = "delegated"
        yield RunAccess(node, scope, found, program.is_inside(scope), method, use, False)
        return
    if _is_plugin_below(program, node.value, scope):
        what = Evidence(describe(node.value), Confidence.INFERRED, ())
        yield RunAccess(
            node, scope, what, program.is_inside(scope), method, use_of(program, node, scope), False
        )
        return
    found = evidence(program, node.value, scope, "plugin class")
    if found is None:
        return
    use = use_of(program, node, scope)
    if _is_reflected(program, node.value, scope):
        if use != "looked":
            how = f"`{found.what}.{method}`"
            found = evidence(program, _subject(node.value), scope, "plugin") or found
            yield Reflection(node, scope, found, program.is_inside(scope), how, method)
        return
    is_bound = _is_bound_to_class(program, node, scope)
    goes_on = _delegates_above(program, node, scope, use) or _is_inherited_by_name(program, node, scope)
    if goes_on or (is_bound and _delegates(program, node, scope, use)):
        use = "delegated"
    yield RunAccess(node, scope, found, program.is_inside(scope), method, use, not is_bound)


def _is_bound_to_class(program: Program, node: ast.Attribute, scope: Scope) -> bool:
    """Whether what is read of a class is a class method of it: no instance has to be given."""
    value = program.evaluate(node, scope)
    return bool(value) and all(
        isinstance(atom, Function) and "classmethod" in decorators(atom.scope) for atom in value
    )


def _is_inherited_by_name(program: Program, node: ast.Attribute, scope: Scope) -> bool:
    """Whether the body of a class says which of its bases it has the method of: ``run = Base.run``."""
    statement = scope.module.parents.get(node)
    if scope.kind != "class" or not isinstance(statement, ast.Assign) or statement.value is not node:
        return False
    own = program.class_of(scope)
    return all(getattr(target, "id", None) == node.attr for target in statement.targets) and any(
        isinstance(atom, ClassRef) and atom.cls is not own and program.is_subclass(own, atom.cls)
        for atom in program.evaluate(node.value, scope)
    )


def _is_choke_point(program: Program, node: ast.Attribute, scope: Scope) -> bool:
    """Whether what the policy governs by its name is here the method that it names as the choke point."""
    if all(node.attr != each.name for each in program.choke.functions):
        return False
    value = program.evaluate(node, scope)
    return bool(value) and all(isinstance(a, Function) and program.choke.holds(a.scope) for a in value)


def _is_plugin_below(program: Program, node: ast.expr, scope: Scope) -> bool:
    """Whether ``node`` is ``self`` in a class, no plugin itself, that a plugin class inherits from."""
    method = scope.method
    if method is None or not is_self(node, scope) or not takes_receiver(method):
        return False
    value = program.evaluate(node, scope)
    classes = {atom.cls for atom in value if isinstance(atom, Instance) and isinstance(atom.cls, ClassInfo)}
    return any(program.governed.has_plugin_below(cls) for cls in classes)


def _delegates(program: Program, node: ast.Attribute, scope: Scope, use: str) -> bool:
    """Whether one run of a plugin goes on: ``super().run()`` inside an override of ``run`` or in what only that calls,
    and what a governed method runs of ``self``, at once or in a pool: itself again, or the one that frameworks have
    for coroutines, as ``arun``.
    """
    method = scope.method
    if method is None or use == "looked":
        return False
    if any(isinstance(atom, Super) for atom in program.evaluate(node.value, scope)):
        return use == "called" and _goes_on_from(program, method, node.attr)
    return _is_own(program, node.value, scope)


def _is_own(program: Program, node: ast.expr, scope: Scope) -> bool:
    """Whether ``node`` is ``self`` in a governed method."""
    method = scope.method
    is_receiver = method is not None and is_self(node, scope) and takes_receiver(method)
    return is_receiver and method is not None and method.name in program.policy.plugin_methods


def _delegates_above(program: Program, node: ast.Attribute, scope: Scope, use: str) -> bool:
    """Whether an override goes on with the method of a class above it: ``Base.run(self, ...)``."""
    method, call = scope.method, scope.module.parents.get(node)
    if use != "called" or method is None or not takes_receiver(method) or not isinstance(call, ast.Call):
        return False
    if not call.args or not is_self(call.args[0], scope) or not _goes_on_from(program, method, node.attr):
        return False
    owner = method.class_scope
    above = program.class_of(owner).ancestors(program)[1:] if owner is not None else ()
    return UNKNOWN_BASE in above or all(
        (atom.cls if isinstance(atom, ClassRef) else getattr(atom, "name", None)) in above
        for atom in program.evaluate(node.value, scope)
    )


def _goes_on_from(program: Program, method: Scope, name: str) -> bool:
    """Whether what ``method`` does is part of an override of ``name``: it is one, or only one calls it."""
    return method.name == name or _is_of_override(program, method, name)


class _Override(NamedTuple):
    """An override of a governed method, as the home of what only it calls."""

    scope: Scope

    def holds(self, scope: Scope) -> bool:
        return self.scope in scope.chain()

    def excludes(self, scope: Scope) -> bool:
        return False


def _is_of_override(program: Program, method: Scope, name: str) -> bool:
    """Whether only the override of ``name`` in its own class calls ``method``."""
    own = (each for each in (method.class_scope or method).children if each.is_function and each.name == name)
    return any(program.ask(("inside", method, _Override(each))) for each in own)


def _is_reflected(program: Program, node: ast.expr, scope: Scope) -> bool:
    """Whether the class was reached through ``type(x)`` or ``x.__class__``."""
    for atom in program.evaluate(node, scope):
        if isinstance(atom, ClassRef) and atom.reflected and program.governed.is_role(atom, "plugin class"):
            return True
        if isinstance(atom, Sourced) and atom.role == "plugin class":
            return True
    return False


def _subject(node: ast.expr) -> ast.expr:
    """``x`` of ``type(x)`` and ``x.__class__``."""
    if isinstance(node, ast.Call) and len(node.args) == 1:
        return node.args[0]
    return node.value if isinstance(node, ast.Attribute) and node.attr == "__class__" else node


def use_of(program: Program, node: ast.expr, scope: Scope) -> str:
    """What is done with ``node`` there: ``called``, ``looked`` at (also under a name of its own), or ``taken``."""
    uses = program.once(_Uses)
    if node in uses.known:
        return uses.known[node]
    if node in uses.asked:
        uses.led_back = True
        return "looked"  # as far as what leads back here is concerned
    uses.led_back = uses.led_back and bool(uses.asked)
    uses.asked.add(node)
    try:
        use = _use_there(program, node, scope)
        if use == "taken" and _is_named_to_look(program, node, scope):
            use = "looked"
    finally:
        uses.asked.remove(node)
    if use != "looked" or not (uses.led_back and uses.asked):
        uses.known[node] = use
    return use


class _Uses:
    """What is ``known`` of uses, and those that are ``asked`` for; ``led_back`` if one of these was met again, so that
    what was not found to be more than looked at holds under it alone."""

    def __init__(self, program: Program) -> None:
        self.known: dict[ast.expr, str] = {}
        self.asked: set[ast.expr] = set()
        self.led_back = False


def _is_named_to_look(program: Program, node: ast.expr, scope: Scope) -> bool:
    """Whether ``node`` is stored in a variable of a function, or gone through by a loop, that is read only to look."""
    parent = scope.module.parents.get(node)
    if isinstance(parent, (ast.Tuple, ast.List, ast.Set)):
        node, parent = parent, scope.module.parents.get(parent)
        if not isinstance(parent, ast.For) or parent.iter is not node:
            return False
    while isinstance(parent, ast.IfExp) and parent.test is not node:
        node, parent = parent, scope.module.parents.get(parent)
    if isinstance(parent, ast.NamedExpr) and _use_there(program, parent, scope) != "looked":
        return False
    targets = parent.targets if isinstance(parent, ast.Assign) else [getattr(parent, "target", None)]
    if not isinstance(parent, (ast.Assign, ast.AnnAssign, ast.NamedExpr, ast.For)) or not scope.is_function:
        return False
    names = [target.id for target in targets if isinstance(target, ast.Name)]
    if len(names) < len(targets) or not {*scope.declared_global, *scope.declared_nonlocal}.isdisjoint(names):
        return False
    places = [place for name in names for place in name_loads(program, scope, name, None)]
    return bool(places) and all(_looks(program, place, 0, _use_there) for place in places)


def _use_there(program: Program, node: ast.expr, scope: Scope) -> str:
    """The same right there: what is stored under a name is taken."""
    parent = scope.module.parents.get(node)
    if isinstance(parent, ast.Call):
        if parent.func is node:
            return "called"
        return "looked" if only_looks(program, parent, scope) else _handed(program, parent, node, scope)
    if isinstance(parent, ast.keyword):
        call = scope.module.parents[parent]
        return _handed(program, call, node, scope) if isinstance(call, ast.Call) else "taken"
    if isinstance(parent, ast.Attribute):
        if parent.attr == "__call__":
            return _use_there(program, parent, scope)
        is_handed_on = parent.attr in _HANDING_ON and _use_there(program, parent, scope) != "looked"
        return "taken" if is_handed_on or _sends(parent, scope) else "looked"
    if isinstance(parent, ast.Compare):
        return (
            "looked"
            if all(isinstance(op, (ast.Is, ast.IsNot, ast.Eq, ast.NotEq)) for op in parent.ops)
            else "taken"
        )
    if isinstance(parent, (ast.If, ast.While, ast.Assert, ast.FormattedValue)):
        return "looked"
    if isinstance(parent, ast.IfExp):
        return "looked" if parent.test is node else _use_there(program, parent, scope)
    if isinstance(parent, ast.UnaryOp):
        return "looked"
    if isinstance(parent, ast.BoolOp):
        return _use_there(program, parent, scope)
    if isinstance(parent, ast.NamedExpr):
        return "called" if _use_there(program, parent, scope) == "called" else "taken"
    return "taken"


def _sends(attribute: ast.Attribute, scope: Scope) -> bool:
    """Whether a task queue's ``x.run.delay(...)`` is called."""
    call = scope.module.parents.get(attribute)
    return attribute.attr in SENDING and isinstance(call, ast.Call) and call.func is attribute


def _handed(program: Program, call: ast.Call, node: ast.expr, scope: Scope, depth: int = 0) -> str:
    """``looked`` if ``call`` only reads or writes an attribute of ``node``, or a function of the program that only
    looks; else ``taken``."""
    callee = program.evaluate(call.func, scope)
    names = {atom.name for atom in callee if isinstance(atom, External)}
    if names & _BY_NAME and call.args and call.args[0] is node and len(call.args) > 1:
        known = folding.strings(program.evaluate(call.args[1], scope))
        return "looked" if known and _HANDING_ON.isdisjoint(known) else "taken"
    functions = [atom for atom in callee if isinstance(atom, Function)]
    if len(functions) < len(callee) or not functions or depth >= _MOST_CALLS:
        return "taken"
    looks = all(_only_looked_at(program, each, call, node, scope, depth) for each in functions)
    return "looked" if looks else "taken"


def _only_looked_at(
    program: Program, function: Function, call: ast.Call, node: ast.expr, scope: Scope, depth: int
) -> bool:
    """Whether ``function`` does nothing with the argument ``node`` of ``call`` but look at it."""
    frame = program.call_frame(function, call, shape_of(call, scope, None), None)
    if frame is None:
        return False
    names = [name for name, given in frame.bound.items() if any(each.node is node for each in given)]
    params = [param for name in names if (param := parameter(function.scope, name)) is not None]
    places = [
        place for param in params for place in name_loads(program, function.scope, param.node.arg, param.node)
    ]
    return bool(params) and all(_looks(program, place, depth) for place in places)


def _looks(
    program: Program, place: Place, depth: int, use: Callable[[Program, ast.expr, Scope], str] = use_of
) -> bool:
    parent = place.scope.module.parents.get(place.node)
    if isinstance(parent, ast.Call) and parent.func is not place.node:
        if only_looks(program, parent, place.scope):
            return True
        return _handed(program, parent, place.node, place.scope, depth + 1) == "looked"
    return use(program, place.node, place.scope) == "looked"


def only_looks(program: Program, call: ast.Call, scope: Scope) -> bool:
    """Whether ``call`` only looks at what it is given: ``callable``, ``print``, ``inspect``."""
    callee = program.evaluate(call.func, scope)
    return any(isinstance(atom, External) and models.only_looks(atom.name) for atom in callee)
