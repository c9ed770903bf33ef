"""Containers of dependencies: what they give for a class, ``container.resolve(Tool)`` and ``container[Tool]``."""

from __future__ import annotations

from collections.abc import Sequence

from phase12_lint.values.atoms import ANYTHING, Atom, ClassRef, Container, Instance, Value

_ONE = {
    *("punq.Container.resolve", "punq.Container.instantiate", "injector.Injector.get"),
    *("injector.Injector.create_object", "svcs.Container.get", "svcs.Container.aget"),
    *("lagom.Container.resolve", "lagom.Container.__getitem__"),
    *("dishka.Container.get", "dishka.AsyncContainer.get"),
}
_EVERY = {"punq.Container.resolve_all"}


def obtains(owner: Atom, method: str) -> bool:
    """Whether ``method`` of ``owner`` gives objects of the classes that it is given."""
    return isinstance(owner, Instance) and f"{owner.cls}.{method}" in _ONE | _EVERY


def obtained(owner: Instance, method: str, given: Sequence[Value]) -> Value:
    """The objects of the classes ``given``: a tuple for several, a list where a method gives all that there are."""
    objects = [frozenset(Instance(a.cls) for a in value if isinstance(a, ClassRef)) for value in given]
    if not any(objects):
        return ANYTHING
    if f"{owner.cls}.{method}" in _EVERY:
        return frozenset({Container("list", None, (objects[0],))})
    return objects[0] if len(objects) == 1 else frozenset({Container("tuple", None, tuple(objects), True)})
