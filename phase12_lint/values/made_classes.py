"""Classes that a call makes: ``type("Made", (Base,), {})``, ``namedtuple("Entry", "name tool")``, ``Enum("Kind", {})``.

Such a call is read as the class statement that says the same; the call stands for the class object.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from phase12_lint.syntax.scopes import Assigned, Scope
from phase12_lint.values import folding
from phase12_lint.values.atoms import ANYTHING, ClassRef, Container, Value
from phase12_lint.values.frames import Frame, Shape

if TYPE_CHECKING:
    from phase12_lint.values.classes import ClassInfo
    from phase12_lint.values.program import Program


class _Member(NamedTuple):
    name: str
    annotation: ast.expr | None
    value: ast.expr | None


class _Classes:
    """The classes that calls of one program make, each made once."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._known: dict[ast.Call, ClassInfo] = {}

    def of(
        self, call: ast.Call, scope: Scope, name: str, bases: list[ast.expr], members: list[_Member]
    ) -> ClassInfo:
        if call not in self._known:
            self._known[call] = self._program.class_of(_scope(call, scope, name, bases, members))
        return self._known[call]


def _scope(call: ast.Call, outer: Scope, name: str, bases: list[ast.expr], members: list[_Member]) -> Scope:
    """The body of the class; what is assigned in it is evaluated where the call stands."""
    body: list[ast.stmt] = []
    for member in members:
        target = ast.Name(id=member.name, ctx=ast.Store())
        if member.annotation is not None:
            body.append(ast.AnnAssign(target, member.annotation, member.value, 1))
    node = ast.ClassDef(name=name, bases=bases, keywords=[], body=body, decorator_list=[])
    ast.fix_missing_locations(ast.copy_location(node, call))
    scope = Scope("class", node, outer.module, outer, name)
    outer.module.scope_of_node[node] = scope
    outer.module.parents[node] = call
    scope.bound = True
    for member in members:
        assigned = Assigned(
            ast.copy_location(ast.Name(id=member.name, ctx=ast.Store()), member.value or call),
            outer,
            member.value,
            (),
            member.annotation,
        )
        scope.bindings.setdefault(member.name, []).append(assigned)
        scope.final[member.name] = (assigned,)
    return scope


def made_by_call(node: ast.AST, scope: Scope) -> ast.Call | None:
    """The call that the class ``node`` is made of; None for one with a statement of its own."""
    parent = scope.module.parents.get(node)
    return parent if isinstance(parent, ast.Call) else None


def with_fields(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    """``namedtuple``, ``NamedTuple``, ``make_dataclass``, ``TypedDict``: the second argument lists the fields."""
    given = [
        *node.args[1:2],
        *(k.value for k in node.keywords if k.arg in ("field_names", "fields", "attrs")),
    ]
    fields = list(_fields(given[0], program, scope, frame)) if given else []
    fields += [_Member(k.arg, k.value, None) for k in node.keywords if k.arg and _is_model(node)]
    name = _name(program, node, scope, frame)
    return frozenset({ClassRef(program.once(_Classes).of(node, scope, name, [node.func], fields))})


def _is_model(node: ast.Call) -> bool:
    return getattr(node.func, "attr", getattr(node.func, "id", "")) == "create_model"


def with_bases(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    """``type(name, bases, namespace)``, ``new_class(name, bases)``."""
    bases = node.args[1] if len(node.args) > 1 else None
    if not isinstance(bases, (ast.Tuple, ast.List)):
        return ANYTHING
    members = list(_fields(node.args[2], program, scope, frame, False)) if len(node.args) > 2 else []
    name = _name(program, node, scope, frame)
    return frozenset({ClassRef(program.once(_Classes).of(node, scope, name, bases.elts, members))})


def with_members(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    """``Enum("Kind", {...})``: the second argument lists the members."""
    if len(node.args) < 2:
        return ANYTHING
    members = list(_fields(node.args[1], program, scope, frame, False))
    name = _name(program, node, scope, frame)
    return frozenset({ClassRef(program.once(_Classes).of(node, scope, name, [node.func], members))})


def _name(program: Program, node: ast.Call, scope: Scope, frame: Frame | None) -> str:
    known = folding.strings(program.evaluate(node.args[0], scope, frame)) if node.args else []
    return known[0] if len(known) == 1 else "<made>"


def _fields(
    node: ast.expr, program: Program, scope: Scope, frame: Frame | None, annotated: bool = True
) -> Iterator[_Member]:
    """What a table, a list of pairs or names, or a text lists: fields with their types, else members with values."""
    for name, said, default in _listed(node, program, scope, frame):
        if not annotated:
            yield _Member(name, None, said)
        elif said is None or isinstance(said, ast.Call):  # no type, but how the field is made: ``attr.ib()``
            yield _Member(name, ast.copy_location(ast.Constant(value=...), node), said)
        else:
            yield _Member(name, said, default)


def _listed(
    node: ast.expr, program: Program, scope: Scope, frame: Frame | None
) -> Iterator[tuple[str, ast.expr | None, ast.expr | None]]:
    """Each name with what is said of it, and a default."""
    node = _as_written(node, program, scope, frame)
    if isinstance(node, ast.Call):
        yield from ((keyword.arg, keyword.value, None) for keyword in node.keywords if keyword.arg)
        return
    if isinstance(node, ast.Dict):
        entries = [[key, value] for key, value in zip(node.keys, node.values)]
    elif isinstance(node, (ast.List, ast.Tuple)):
        entries = [[*item.elts] if isinstance(item, (ast.Tuple, ast.List)) else [item] for item in node.elts]
    else:
        texts = folding.strings(program.evaluate(node, scope, frame))
        yield from ((name, None, None) for text in texts for name in text.replace(",", " ").split())
        return
    for first, said, default, *_ in ([*entry, None, None] for entry in entries):
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value, said, default


def _as_written(node: ast.expr, program: Program, scope: Scope, frame: Frame | None) -> ast.expr:
    """The table that the name ``node`` stands for, where that is written in the same scope."""
    if not isinstance(node, ast.Name):
        return node
    known = program.evaluate(node, scope, frame)
    made = [atom.made for atom in known if isinstance(atom, Container) and atom.made is not None]
    table = made[0].node if len(made) == len(known) == 1 and made[0].scope is scope else None
    return table if isinstance(table, ast.expr) else node
