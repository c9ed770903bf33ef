"""Whether a call is one of a function that the policy names: a validator, the envelope builder, the metrics update."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from fnmatch import fnmatchcase

from phase12_lint.index.words import any_word
from phase12_lint.policy import last_part
from phase12_lint.syntax.scopes import Assigned, Scope, bases, last_name
from phase12_lint.syntax.stores import source_of
from phase12_lint.values.atoms import External, Function, Partial
from phase12_lint.values.frames import Frame
from phase12_lint.values.parameters import is_self
from phase12_lint.values.program import Program


def calls_one_of(
    program: Program, call: ast.Call, scope: Scope, frame: Frame | None, entries: tuple[str, ...]
) -> bool:
    """Whether ``call`` may call what one of ``entries`` (names or patterns) names, under whatever name."""
    return names_one_of(program, call.func, scope, frame, entries)


def are_written(program: Program, entries: tuple[str, ...]) -> bool:
    """Whether any code has the last part of one of ``entries`` (names or patterns): what none has, nothing can be."""
    return program.once(_Written).any_of(entries)


class _Written:
    def __init__(self, program: Program) -> None:
        self._texts = program.project.texts
        self._known: dict[tuple[str, ...], bool] = {}

    def any_of(self, entries: tuple[str, ...]) -> bool:
        if entries not in self._known:
            self._known[entries] = any(map(self._is_written, map(last_part, entries)))
        return self._known[entries]

    def _is_written(self, name: str) -> bool:
        """Each by itself: a search for one word is many times faster than one for any of several."""
        is_word = name.isidentifier()
        return bool(self._texts.holding(name) if is_word else self._texts.matching(any_word([name])))


def names_one_of(
    program: Program, node: ast.expr, scope: Scope, frame: Frame | None, entries: tuple[str, ...]
) -> bool:
    """Whether the expression ``node`` may be what one of ``entries`` names.

    Its own name, or that of what a variable was made of, counts only where nothing known contradicts it: a function
    that is defined under another name does, unless another function made it.
    """
    if not are_written(program, entries):
        return False
    known = False
    for atom in program.evaluate(node, scope, frame):
        if isinstance(atom, Partial) and isinstance(atom.site.node, ast.Call) and atom.site.node.args:
            made = atom.site
            return names_one_of(program, atom.site.node.args[0], made.scope, made.frame, entries)
        if isinstance(atom, Function):
            if is_one_of(atom.scope, entries):
                return True
            known = known or (atom.scope.kind == "function" and not _is_made(atom.scope))
        elif isinstance(atom, External):
            if any(_fits(atom.name, entry) for entry in entries):
                return True
            known = known or program.governed.is_known_external(atom.name)
    return not known and any(
        _fits(written, last_part(entry)) for written in written_names(node, scope) for entry in entries
    )


def written_names(node: ast.expr, scope: Scope) -> Iterator[str]:
    """The last name of ``node``, and of the attributes and names that a variable, or an attribute of ``self``, stands
    for.
    """
    pending = [(node, scope)]
    for each, where in pending:  # grows by what was not met yet
        name = last_name(each)
        if name is not None:
            yield name
        if isinstance(each, ast.Call) and last_name(each.func) == "getattr" and len(each.args) > 1:
            yield str(getattr(each.args[1], "value", ""))
        for value, inner in _made_of(each, where):
            if isinstance(value, (ast.Name, ast.Attribute, ast.Call)) and (value, inner) not in pending:
                pending.append((value, inner))


def _made_of(node: ast.expr, scope: Scope) -> Iterator[tuple[ast.expr, Scope]]:
    """What is stored in the variable, or in the attribute of ``self``, that ``node`` is."""
    module = scope.module
    if isinstance(node, ast.Name):
        module.bound(scope)
        for definition in bases(module.definitions.get(node, ())):
            if isinstance(definition, Assigned) and definition.value is not None and not definition.path:
                yield definition.value, definition.scope
    elif isinstance(node, ast.Attribute) and is_self(node.value, scope):
        for store in module.stores.get(node.attr, ()):
            where = module.scopes[store]
            if is_self(store.value, where) and _class_of(where) is _class_of(scope):
                source = source_of(where, store)
                yield from ((source[0], where),) if source is not None and not source[1] else ()


def _class_of(scope: Scope) -> Scope | None:
    return scope.method.class_scope if scope.method is not None else None


def is_one_of(scope: Scope, entries: tuple[str, ...]) -> bool:
    """Whether one of ``entries`` names the function ``scope``."""
    whole = scope.module.whole_name(scope.qualified_name)
    return any(_fits(whole, entry) for entry in entries)


def _fits(whole: str, entry: str) -> bool:
    """Whether ``entry`` names a tail of the dotted name ``whole``."""
    wanted = entry.replace(":", ".").split(".")
    parts = whole.split(".")[-len(wanted) :]
    return len(parts) == len(wanted) and all(map(fnmatchcase, parts, wanted))


def _is_made(scope: Scope) -> bool:
    return scope.parent is not None and scope.parent.is_function
