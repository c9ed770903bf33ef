"""Interned values: equal ones are one object, compared by identity, with a hash that is made once.

What the analysis handles is nested (a container of instances made under a call with arguments ...), is compared
millions of times, and would cost its whole depth each time. The tables live as long as one analysis: ``forget``
empties them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")
_tables: list[dict[tuple[Any, ...], Any]] = []


class Interned(type):
    """The metaclass of dataclasses whose calls with equal arguments give the same object."""

    _known: dict[tuple[Any, ...], Any]

    def __init__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> None:
        super().__init__(name, bases, namespace)
        cls._known = {}
        _tables.append(cls._known)

    def __call__(cls, /, *args: Any, **kwargs: Any) -> Any:
        known = cls._known.get(args) if not kwargs else None
        if known is not None:
            return known
        fields: dict[str, Any] = cls.__dataclass_fields__  # type: ignore[attr-defined]
        key = args
        if kwargs or len(args) < len(cls.__match_args__):  # type: ignore[attr-defined]
            names = cls.__match_args__[len(args) :]  # type: ignore[attr-defined]
            key = (*args, *(kwargs[name] if name in kwargs else fields[name].default for name in names))
        known = cls._known.get(key)
        if known is None:
            bounded = cls.bounded(*key)
            if bounded is None:
                bounded = super().__call__(*key)
            known = cls._known[key] = cls(*bounded) if type(bounded) is tuple else bounded
        if not kwargs:
            cls._known[args] = known
        return known

    def bounded(cls, *key: Any) -> Any:
        """What stands for a thing with the fields ``key`` that is too large: other fields, or another thing."""
        return None


def remembered(function: Callable[_P, _T]) -> Callable[_P, _T]:
    """``function`` of interned values, which is asked once for the same ones."""
    known: dict[tuple[Any, ...], _T] = {}
    _tables.append(known)

    @wraps(function)
    def asked(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        if args not in known:
            known[args] = function(*args, **kwargs)
        return known[args]

    return asked


def forget() -> None:
    """Let go of all that was interned; to be called between two analyses, never within one."""
    for table in _tables:
        table.clear()
