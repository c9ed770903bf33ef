"""What reaches a place of a scope, as the flow pass knows it: the definitions of its names, and its views.

A view says more of something that is also known without it: an expression that is followed as if it were a name
(``self.tool``, ``items[0]``, ``table[key]``; see ``views.py``), or a free name that a condition has told something of.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from phase12_lint.syntax.scopes import Definition, Names, Raw, Refined
from phase12_lint.syntax.views import forget, is_view


@dataclass(slots=True)
class Environment:
    """``names`` are what the scope has bound; ``views``, by their text, what is known besides."""

    names: Names = field(default_factory=dict)
    views: Names = field(default_factory=dict)

    def copy(self) -> Environment:
        return Environment(dict(self.names), dict(self.views))

    def get(self, text: str) -> tuple[Definition, ...]:
        """What the name or view ``text`` may stand for; nothing where it is not known."""
        return self.names.get(text) or self.views.get(text, ())

    def put(self, text: str, definitions: tuple[Definition, ...]) -> None:
        """The name or view ``text`` stands for one of ``definitions`` from here on."""
        if is_view(text) or any(map(_is_free, definitions)):
            self.names.pop(text, None)
            self.views[text] = definitions
        else:
            self.views.pop(text, None)
            self.names[text] = definitions

    def narrow(self, text: str, definition: Definition) -> None:
        """What is known of the name or view ``text`` is only as ``definition`` leaves it."""
        known = self.names if text in self.names else self.views
        known[text] = (definition,)

    def define(self, name: str, definition: Definition) -> None:
        """``name`` is bound anew."""
        if self.views:
            forget(self.views, name)
        self.names[name] = (definition,)

    def remove(self, text: str) -> None:
        """Nothing is known of the name or view ``text`` any more."""
        self.names.pop(text, None)
        self.views.pop(text, None)

    def become(self, other: Environment) -> None:
        """What reaches the place is what ``other`` says, which is used up."""
        self.names, self.views = other.names, other.views


def _is_free(definition: Definition) -> bool:
    return isinstance(definition, Raw) or (
        isinstance(definition, Refined) and any(map(_is_free, definition.previous))
    )


def join(first: Environment | None, second: Environment | None) -> Environment | None:
    """What may hold after either; None is a way that is never taken. A view holds if it does after both."""
    if first is None or second is None:
        return second if first is None else first
    if first is second:
        return first
    joined = Environment({**second.names, **first.names})
    for name in first.names.keys() & second.names.keys():
        joined.names[name] = _either(first.names[name], second.names[name])
    for view in first.views:
        if view in second.views:
            joined.views[view] = _either(first.views[view], second.views[view])
    bound_in_one = (first.views.keys() & second.names.keys()) | (first.names.keys() & second.views.keys())
    for name in bound_in_one:
        joined.put(name, _either(first.get(name), second.get(name)))
    return joined


def _either(first: tuple[Definition, ...], second: tuple[Definition, ...]) -> tuple[Definition, ...]:
    return first if first is second or first == second else tuple(dict.fromkeys(first + second))
