"""What is stored in an attribute by code that stands outside of the class."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values import callers, targets
from phase12_lint.values.atoms import Atom, ClassRef, Instance, Value
from phase12_lint.values.classes import ClassInfo, is_own

if TYPE_CHECKING:
    from phase12_lint.values.program import Program


def from_outside(program: Program, atom: Instance | ClassRef, name: str) -> Value:
    """What other code stores in the attribute, and not in that of another instance where that matters."""
    stored: Value = program.ask(("stores", atom.cls, name, None))
    is_one = isinstance(atom, Instance) and atom.site is not None
    is_asked_again = is_one and any(map(program.governed.is_governed_itself, stored))
    return program.ask(("stores", atom.cls, name, atom)) if is_asked_again else stored


def compute_stores(program: Program, cls: ClassInfo, name: str, one: Instance | None) -> Value:
    """What code outside the methods of ``cls`` stores in attribute ``name`` of ``one``, or of it and any instance."""
    found: set[Atom] = set()
    for store, scope, value in foreign_stores(program.project.modules_storing(name), name):
        owners = program.evaluate(store, scope)
        known = (a for a in owners if isinstance(a, (Instance, ClassRef)) and program.related(a.cls, cls))
        if any(one is None or not callers.is_another(program, each, one) for each in known):
            found |= targets.stored(program, value, scope, None)
    return frozenset(found)


def foreign_stores(modules: Iterable[Module], name: str) -> Iterator[tuple[ast.expr, Scope, ast.expr]]:
    """Receiver, scope and the stored place of each ``x.name = ...`` in ``modules``, and of what a text names."""
    for module in modules:
        for put in module.stored_by_text.get(name, ()):
            if not is_own(put.owner, put.scope):
                yield put.owner, put.scope, put.value
        for store in module.stores.get(name, ()):
            scope = module.scopes[store]
            if isinstance(store.ctx, ast.Store) and not is_own(store.value, scope):
                yield store.value, scope, store
