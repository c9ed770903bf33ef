"""The registry's metrics: who calls the update, and who writes the fields past it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from phase12_lint.calls.call_sites import calls_of
from phase12_lint.calls.layer_code import layer_classes
from phase12_lint.calls.policy_calls import is_one_of, names_one_of
from phase12_lint.calls.receivers import Mention, is_open
from phase12_lint.calls.reflected import taken_by_name
from phase12_lint.calls.resolution import how_known
from phase12_lint.model import Confidence
from phase12_lint.policy import last_part, spelled
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.atoms import NONE, ClassRef, Instance, Value
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.evidence import describe
from phase12_lint.values.places import Evidence, Fact
from phase12_lint.values.program import Program

_SHARED = "state"


@dataclass(frozen=True, slots=True)
class MetricsUpdate(Fact):
    """A call of the metrics update that is neither in the choke point nor in a class that defines the update."""


@dataclass(frozen=True, slots=True)
class MetricsWrite(Fact):
    """A write of the metric ``field`` by code that neither owns the update nor declares the field."""

    field: str


def metrics_updates(program: Program) -> Iterator[Fact]:
    """Every such call."""
    for mention in _update_mentions(program):
        for call in calls_of(program, mention):
            if not program.is_inside(call.scope) and not _owns_update(program, call.scope):
                node = mention.node
                if isinstance(call.node, ast.Call) and not call.handed:
                    node = call.node.func
                known = how_known(program, mention.node, mention.scope)
                confidence = max(known.confidence, Confidence.INFERRED)
                yield MetricsUpdate(call.node, call.scope, Evidence(describe(node), confidence, ()), False)


def _update_mentions(program: Program) -> Iterator[Mention]:
    names = _names_of(program, program.policy.metrics_update)
    for name in _with_aliases(program, names):
        for module in program.project.modules_with(name):
            for load in module.loads.get(name, ()):
                scope = module.scopes[load]
                if names_one_of(program, load, scope, None, program.policy.metrics_update):
                    yield Mention(load, scope)
    for call, _, scope in taken_by_name(program, tuple(names)) if names else ():
        yield Mention(call, scope)


def _names_of(program: Program, entries: tuple[str, ...]) -> list[str]:
    """The names in the program that the last parts of ``entries`` stand for."""
    wanted = re.compile(rf"\b{spelled(map(last_part, entries))}\b".encode())
    return sorted(program.project.texts.found_by(wanted))


def _with_aliases(program: Program, names: Iterable[str]) -> list[str]:
    """``names``, and what imports call what they bring in by one of them."""
    found = dict.fromkeys(names)
    pending = list(found)
    for name in pending:
        for module in program.project.modules_with(name):
            for imported in module.imported.get(name, ()):
                alias = imported.alias.asname
                if alias is not None and alias not in found:
                    found[alias] = None
                    pending.append(alias)
    return list(found)


def _owns_update(program: Program, scope: Scope) -> bool:
    """Whether ``scope`` stands in a class that defines the metrics update."""
    return any(
        outer.kind == "class"
        and any(
            child.is_function and is_one_of(child, program.policy.metrics_update) for child in outer.children
        )
        for outer in scope.chain()
    )


def has_metrics(program: Program) -> bool:
    """Whether ``program`` has the metrics update, or a layer: in any other a field is just a name."""
    updates = program.policy.metrics_update
    return bool(updates) and bool(_names_of(program, updates) or layer_classes(program))


def metrics_writes(program: Program) -> Iterator[Fact]:
    """Every such write, once a statement."""
    if not has_metrics(program):
        return
    seen: set[ast.AST] = set()
    for field in program.policy.metrics_fields:
        for node, owner, scope in _writes(program, field):
            if _owns_update(program, scope):
                continue
            found = _written(program, owner, scope, field)
            statement = scope.module.statement(node)
            if found is not None and statement not in seen:
                seen.add(statement)
                yield MetricsWrite(node, scope, found, program.is_inside(scope), field)


def _writes(program: Program, field: str) -> Iterator[tuple[ast.expr, ast.expr, Scope]]:
    """Where ``field`` is stored: the place, what it is stored in, and the scope."""
    for module in program.project.modules_storing(field):
        for store in module.stores.get(field, ()):
            parent = module.parents[store]
            bare = isinstance(parent, ast.AnnAssign) and parent.value is None
            if isinstance(store.ctx, ast.Store) and not bare:
                yield store, store.value, module.scopes[store]
    yield from taken_by_name(program, (field,), "setattr")
    for module in program.project.modules_storing(field):
        yield from ((each.owner, each.owner, each.scope) for each in module.stored_by_text.get(field, ()))


def _written(program: Program, owner: ast.expr, scope: Scope, field: str) -> Evidence | None:
    """Why what ``owner`` is has the metric ``field``; None if it has none, or has it of the class around it."""
    value = program.evaluate(owner, scope)
    around = [program.class_of(outer) for outer in scope.chain() if outer.kind == "class"]
    kinds = [a.cls for a in value if isinstance(a, (Instance, ClassRef))]
    declaring = [cls for cls in kinds if isinstance(cls, ClassInfo) and _has_metric(program, cls, field)]
    if declaring:
        if any(program.related(cls, each) for cls in declaring for each in around):
            return None
        return Evidence(describe(owner), how_known(program, owner, scope).confidence, ())
    if field == _SHARED or not _is_open(value) or any(_declares(program, each, field) for each in around):
        return None
    return Evidence(describe(owner), Confidence.NAMED, ())


def _is_open(value: Value) -> bool:
    return is_open(value - {NONE})


def _has_metric(program: Program, cls: ClassInfo, field: str) -> bool:
    """Whether ``cls`` declares ``field`` as a metric: ``state`` is one only beside another."""
    if not _declares(program, cls, field):
        return False
    others = [name for name in program.policy.metrics_fields if name != _SHARED]
    return field != _SHARED or any(_declares(program, cls, name) for name in others)


def _declares(program: Program, cls: ClassInfo, field: str) -> bool:
    for each in cls.ancestors(program):
        if isinstance(each, ClassInfo) and (
            each.members(field) or field in each.writes() or field in _slots(each)
        ):
            return True
    return False


def _slots(cls: ClassInfo) -> Iterator[str]:
    for definition in cls.members("__slots__"):
        value = getattr(definition, "value", None)
        for node in ast.walk(value) if isinstance(value, ast.expr) else ():
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


OF_THE_PROGRAM = (
    metrics_updates,
    metrics_writes,
)
