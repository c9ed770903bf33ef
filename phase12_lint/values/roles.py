"""What the policy governs: plugin classes, names, and the choke point."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from phase12_lint.policy import Policy, last_part
from phase12_lint.syntax.scopes import is_tail
from phase12_lint.values.atoms import (
    NONE,
    UNKNOWN,
    Atom,
    ClassRef,
    Container,
    External,
    Instance,
    Sourced,
    Super,
    Typed,
    Value,
)
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.naming import matches

if TYPE_CHECKING:
    from phase12_lint.values.program import Program


class Governed:
    """What the policy says of the atoms of one program."""

    def __init__(self, program: Program, policy: Policy) -> None:
        self._program = program
        self.policy = policy
        self.source_parts = [tuple(source.replace(":", ".").split(".")) for source in policy.plugin_sources]
        self._roles: dict[str, tuple[str, ...]] = {}

    def roles_of_name(self, name: str) -> tuple[str, ...]:
        """What a last name alone says of a value: ``plugin``, ``plugins`` (a container) or ``runner``."""
        if name not in self._roles:
            roles = []
            if matches(name, self.policy.plugin_names):
                roles.append("plugin")
            if not name.endswith("[]") and matches(f"{name}[]", self.policy.plugin_names):
                roles.append("plugins")
            if matches(name, self.policy.runner_names):
                roles.append("runner")
            self._roles[name] = tuple(roles)
        return self._roles[name]

    def is_known_external(self, name: str) -> bool:
        """Whether an external name belongs to Python itself."""
        first = name.partition(".")[0]
        return first == "builtins" or first in sys.stdlib_module_names or first == "typing_extensions"

    def is_other_library_class(self, name: str) -> bool:
        """Whether an external name is one of Python's, or by its spelling a class of a library that is not governed.

        A class may be that is called as one that the policy names, or comes from the same library as one.
        """
        last = last_part(name)
        governed = (*self.policy.plugin_bases, *self.policy.choke_point)
        libraries = {entry.partition(".")[0] for entry in governed if "." in entry}
        return self.is_known_external(name) or (
            last[:1].isupper()
            and not last.endswith(tuple(map(last_part, governed)))
            and name.partition(".")[0] not in libraries
        )

    def is_plugin_base_name(self, name: str) -> bool:
        """Whether the policy names an external class as a plugin base."""
        return self._named_by(name, self.policy.plugin_bases)

    def is_runner_name(self, name: str) -> bool:
        """Whether the policy names an external class as the choke point."""
        return self._named_by(name, self.policy.choke_point)

    def _named_by(self, name: str, entries: tuple[str, ...]) -> bool:
        dotted = name.replace(":", ".")
        for entry in entries:
            wanted = entry.replace(":", ".")
            if is_tail(dotted, wanted):
                return not (self.is_known_external(name) and "." not in wanted)
        return False

    def names_class(self, cls: ClassInfo, entries: tuple[str, ...]) -> bool:
        """Whether one of ``entries`` names ``cls``: its last name, or any longer tail of its qualified name."""
        return any(map(cls.scope.goes_by, entries))

    def is_plugin_class(self, cls: ClassInfo | str) -> bool:
        """Whether ``cls`` is one of the plugin bases or below one, or is used as a plugin."""
        return self.is_declared_plugin_class(cls) or (
            isinstance(cls, ClassInfo) and bool(self._program.ask(("adopted", cls)))
        )

    def is_declared_plugin_class(self, cls: ClassInfo | str) -> bool:
        """Whether ``cls`` is one of the plugin bases or below one."""
        if isinstance(cls, str):
            return self.is_plugin_base_name(cls)
        for ancestor in cls.ancestors(self._program):
            if isinstance(ancestor, str):
                if self.is_plugin_base_name(ancestor):
                    return True
            elif self.names_class(ancestor, self.policy.plugin_bases):
                return True
        return False

    def is_runner_class(self, cls: ClassInfo | str) -> bool:
        """Whether ``cls`` is a choke point class or below one."""
        if isinstance(cls, str):
            return self.is_runner_name(cls)
        return any(
            self.is_runner_name(ancestor)
            if isinstance(ancestor, str)
            else self.names_class(ancestor, self.policy.choke_point)
            for ancestor in cls.ancestors(self._program)
        )

    def is_role(self, atom: Atom, role: str) -> bool:
        """Whether ``atom`` is known to be a ``plugin``, a ``plugin class``, a ``runner`` or a ``runner class``."""
        if isinstance(atom, Sourced):
            return atom.role == role
        if isinstance(atom, Super):
            receiver = getattr(atom.receiver, "cls", atom.cls)
            return role == "plugin" and (self.is_plugin_class(atom.cls) or self.is_plugin_class(receiver))
        if role == "plugin":
            return isinstance(atom, Instance) and self.is_plugin_class(atom.cls)
        if role == "plugin class":
            if isinstance(atom, External):
                return self.is_plugin_base_name(atom.name)
            return isinstance(atom, ClassRef) and self.is_plugin_class(atom.cls)
        if role == "runner":
            return isinstance(atom, Instance) and self.is_runner_class(atom.cls)
        if isinstance(atom, External):
            return self.is_runner_name(atom.name)
        return isinstance(atom, ClassRef) and self.is_runner_class(atom.cls)

    def is_governed(self, atom: Atom) -> bool:
        """Whether ``atom`` may matter to a rule, itself or through what it holds."""
        return isinstance(atom, (Container, ClassRef)) or self.is_governed_itself(atom)

    def is_governed_itself(self, atom: Atom) -> bool:
        """Whether ``atom`` is a plugin or a runner, or the class of one, as far as its definition says."""
        return isinstance(atom, Sourced) or (
            isinstance(atom, (Instance, ClassRef))
            and (self.is_declared_plugin_class(atom.cls) or self.is_runner_class(atom.cls))
        )

    def covers_plugins(self, atom: Atom) -> bool:
        """Whether every plugin is an instance of the class ``atom``: a plugin base, or above one."""
        if isinstance(atom, External):
            return self.is_plugin_base_name(atom.name) or atom.name == "builtins.object"
        if not isinstance(atom, ClassRef) or isinstance(atom.cls, str):
            return False
        return (atom.cls, True) in self._program.ask(("plugin lines",))

    def leaves_room(self, declared: Value) -> bool:
        """Whether a value declared so may be more governed than the declaration says."""
        if UNKNOWN in declared:
            return True
        return any(self._is_wide(atom) for atom in declared)

    def _is_wide(self, atom: Atom) -> bool:
        if isinstance(atom, Typed):
            return True
        if isinstance(atom, Container):
            return any(self.leaves_room(item) for item in atom.items)
        if not isinstance(atom, Instance):
            return False
        if isinstance(atom.cls, str):
            return not self.is_known_external(atom.cls) and not self.is_plugin_base_name(atom.cls)
        if self.is_declared_plugin_class(atom.cls):
            return False
        return (
            self.is_protocol(atom.cls)
            or self.covers_plugins(ClassRef(atom.cls))
            or self.has_plugin_below(atom.cls)
            or atom.cls in self._program.ask(("pipeline lines",))
        )

    def is_protocol(self, cls: ClassInfo) -> bool:
        """Whether ``cls`` is itself declared as a ``Protocol``."""
        line = cls.ancestors(self._program)
        return any(isinstance(base, str) and base.rpartition(".")[2] == "Protocol" for base in line)

    def has_plugin_below(self, cls: ClassInfo) -> bool:
        """Whether a plugin class is below ``cls``, or is ``cls`` itself."""
        lines = self._program.ask(("plugin lines",))
        return (cls, True) in lines or (cls, False) in lines

    def admits(self, declared: Value, atom: Atom) -> bool:
        """Whether a place declared so can hold ``atom``."""
        if atom is UNKNOWN or atom is NONE:
            return False
        for wide in declared:
            if isinstance(wide, (Typed, Container)):
                return isinstance(atom, type(wide)) or isinstance(wide, Typed)
            if isinstance(wide, Instance) and isinstance(atom, (Instance, Sourced)):
                if isinstance(wide.cls, str):
                    return True
                if self.is_protocol(wide.cls) or isinstance(atom, Sourced):
                    return True
                if self._program.is_subclass(atom.cls, wide.cls):
                    return True
        return False
