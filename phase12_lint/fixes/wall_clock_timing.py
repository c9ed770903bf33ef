"""GOV405: every clock of a measurement becomes the same monotonic one, or none does."""

from __future__ import annotations

import ast
from functools import partial
from typing import Any

import libcst as cst

from phase12_lint.facts.clocks import STEADY, SteppingClock
from phase12_lint.fixes.base import Found, NoFix, demand
from phase12_lint.fixes.blocks import loads_of, stores_of
from phase12_lint.fixes.draft import Draft
from phase12_lint.fixes.imports import drop_unused, importing
from phase12_lint.fixes.reflected import demand_unreflected_attribute, demand_unreflected_variable
from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Imported, Scope, home_of
from phase12_lint.values.atoms import External
from phase12_lint.values.program import Program

SAFE = True
_INSTEAD = {"time.time_ns": "monotonic_ns", "time.clock_gettime_ns": "monotonic_ns"}
_SECONDS = "total_seconds"
_NUMBERS = ("float", "int")
_ROUNDED = ("float", "int", "round")


def draft(found: Found) -> Draft:
    """The monotonic clock in place of all clocks that are compared with this one.

    Sure where each of them is read for differences alone, and in this module.
    """
    fact = found.fact(SteppingClock)
    if not isinstance(fact.node, ast.Call):
        raise NoFix("the clock is called by what makes a field")
    group = _Measurement(found.program, found.module)
    outer = found.module.parents[found.module.parents[fact.node]]
    group.add(outer if isinstance(outer, ast.Call) and _stamped(outer) is fact.node else fact.node)
    name = group.name
    change = Draft(found.module, f"measure with `time.{name}`")
    written = {call: importing(change, "time", name, found.module.scopes[call]) for call in group.clocks}
    for call, text in written.items():
        change.change(call, partial(_calling, text))
    for call in group.seconds:
        change.change(call, _without_seconds)
    drop_unused(change, found.program, group.clocks, written.values())
    return change


def _calling(name: str, node: cst.Call) -> cst.Call:
    return node.with_changes(func=cst.parse_expression(name), args=[])


def _without_seconds(node: cst.Call) -> cst.BaseExpression:
    """``(a - b)`` of ``(a - b).total_seconds()``."""
    assert isinstance(node.func, cst.Attribute)
    return node.func.value


class _Measurement:
    """The clock calls whose readings are compared, directly or through a third, and what is read of them."""

    def __init__(self, program: Program, module: Module) -> None:
        self._program = program
        self._module = module
        self.clocks: dict[ast.Call, str] = {}
        self.seconds: dict[ast.Call, None] = {}
        self._steady: set[str] = set()
        self._variables: set[tuple[Scope, str]] = set()

    @property
    def name(self) -> str:
        """The clock that all are to be: one that is read already, if there is one."""
        kinds = {each.removeprefix("time.") for each in self._steady}
        kinds = kinds or {_INSTEAD.get(each, "monotonic") for each in self.clocks.values()}
        if len(kinds) > 1:
            raise NoFix("several clocks are compared")
        return kinds.pop()

    def add(self, call: ast.Call) -> None:
        """Take in ``call`` and all that it is compared with; raises ``NoFix`` where that is not all it is for."""
        stamped = _stamped(call)
        kind = self._clock(stamped or call)
        if kind in STEADY:
            self._steady.add(kind)
        elif call not in self.clocks:
            self.clocks[call] = "time.time" if stamped is not None else kind
            self._follow(call)

    def _clock(self, call: ast.Call) -> str:
        """The clock that ``call`` reads, by the name of an import."""
        root: ast.expr = call.func
        while isinstance(root, ast.Attribute):
            root = root.value
        scope = self._module.scopes[call]
        value = self._program.evaluate(call.func, scope)
        names = {atom.name for atom in value if isinstance(atom, External)}
        if len(names) != 1 or not isinstance(root, ast.Name) or not _is_import(scope, root.id):
            raise NoFix("the clock is read through a variable")
        return names.pop()

    def _follow(self, node: ast.expr) -> None:
        """Where the reading ``node`` goes: into a difference, or into a variable that is read for differences."""
        while (scaled := self._module.parents[node]) and _unscaled(scaled) is not scaled:
            assert isinstance(scaled, ast.expr)
            node = scaled
        parent = self._module.parents[node]
        if (target := _target(self._module, node)) is not None:
            self._variable(target)
        elif isinstance(parent, ast.NamedExpr):
            self._variable(parent.target)
            self._difference(parent)
        else:
            self._difference(node)

    def _difference(self, side: ast.expr) -> None:
        """Both readings of the difference that ``side`` is one of."""
        node = self._module.parents[side]
        if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Sub):
            raise NoFix("the reading is for more than a difference")
        for each in (node.left, node.right):
            self._reading(each)
        if any(not kind.startswith("time.") for kind in self.clocks.values()):
            self._timedelta(node)

    def _timedelta(self, node: ast.expr) -> None:
        """The calls that turn the difference ``node`` into seconds, also out of a variable that is for this alone."""
        target = _target(self._module, node)
        read = [node]
        if isinstance(target, ast.Name):
            home = home_of(self._module.scopes[node], target.id)
            if home is not None and set(stores_of(home, target.id)) == {node}:
                read = loads_of(home, target.id)
        for each in read:
            attribute = self._module.parents[each]
            call = self._module.parents[attribute]
            if not isinstance(call, ast.Call) or getattr(attribute, "attr", "") != _SECONDS:
                raise NoFix("the difference is used as a timedelta")
            self.seconds[call] = None

    def _reading(self, side: ast.expr | None) -> None:
        if isinstance(side, ast.NamedExpr):
            self._variable(side.target)
            side = side.value
        side = _unscaled(side)
        if isinstance(side, ast.Call):
            self.add(side)
        elif isinstance(side, (ast.Name, ast.Attribute)):
            self._variable(side)
        else:
            raise NoFix("the reading is computed with")

    def _variable(self, target: ast.expr) -> None:
        """The clocks that are stored in ``target``, all of whose uses have to be differences."""
        scope = self._module.scopes[target]
        if isinstance(target, ast.Name):
            home = home_of(scope, target.id)
            name, stored = target.id, stores_of(home, target.id) if home is not None else []
            loads = loads_of(home, name) if home is not None else []
            if home is not None:
                demand_unreflected_variable(home, name)
        elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and scope.method:
            home, name = scope.method.class_scope, target.attr
            if home is not None:
                demand_unreflected_attribute(self._program, self._program.class_of(home), name)
            stored, loads = self._stored_as(name), self._loads_as(name)
            if not stored:
                raise NoFix("the reading is given where the object is made")
        else:
            raise NoFix("the reading is kept elsewhere")
        if home is None or home.kind == "module":
            raise NoFix("the reading is kept in the module")
        if (home, name) not in self._variables:
            self._variables.add((home, name))
            for value in stored:
                demand(value is not None, "the variable is something else, too")
                self._reading(value)
            for load in loads:
                self._follow(load)

    def _stored_as(self, name: str) -> list[ast.expr | None]:
        """What is stored in attributes ``name``."""
        parents = (self._module.parents[store] for store in self._module.stores.get(name, ()))
        return [getattr(each, "value", None) for each in parents]

    def _loads_as(self, name: str) -> list[ast.expr]:
        if any(each is not self._module for each in self._program.project.modules_reading(name)):
            raise NoFix("the reading is read elsewhere")
        return [each for each in self._module.loads.get(name, ()) if isinstance(each, ast.Attribute)]


def _target(module: Module, value: ast.expr) -> ast.expr | None:
    """What ``value`` alone is assigned to, also as one of several."""
    parent = module.parents[value]
    if isinstance(parent, ast.AnnAssign):
        demand(ast.unparse(parent.annotation) in _NUMBERS, "the variable has another type")
        return parent.target
    statement = module.parents[parent] if isinstance(parent, ast.Tuple) else parent
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    [target] = statement.targets
    if not isinstance(parent, ast.Tuple):
        return target
    targets = target.elts if isinstance(target, (ast.Tuple, ast.List)) else []
    is_each = len(targets) == len(parent.elts) and not any(isinstance(e, ast.Starred) for e in targets)
    return targets[parent.elts.index(value)] if is_each else None


def _unscaled(node: Any) -> Any:
    """The reading in ``1000 * reading``, ``reading / 1e6`` and ``int(reading)``: itself where it is none of these."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Div, ast.FloorDiv)):
        if isinstance(node.right, ast.Constant):
            return _unscaled(node.left)
        if isinstance(node.left, ast.Constant) and isinstance(node.op, ast.Mult):
            return _unscaled(node.right)
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") in _ROUNDED and node.args:
        return _unscaled(node.args[0])
    return node


def _stamped(call: ast.Call) -> ast.Call | None:
    """The clock of ``datetime.now().timestamp()``."""
    func = call.func
    if not isinstance(func, ast.Attribute) or func.attr != "timestamp" or call.args:
        return None
    return func.value if isinstance(func.value, ast.Call) else None


def _is_import(scope: Scope, name: str) -> bool:
    home = home_of(scope, name)
    return home is not None and all(isinstance(each, Imported) for each in home.bindings[name])
