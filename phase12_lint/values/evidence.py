"""How a value is known to be governed: the confidence, and the hops from where it was made."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from phase12_lint.model import Confidence, Hop
from phase12_lint.syntax.scopes import (
    Assigned,
    Defined,
    Definition,
    Imported,
    Param,
    Phi,
    Refined,
    Scope,
    last_name,
)
from phase12_lint.values import declared_types
from phase12_lint.values.atoms import (
    Atom,
    ClassRef,
    Container,
    External,
    Instance,
    ModuleRef,
    Sourced,
    Value,
)
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.narrowing import is_guard
from phase12_lint.values.ordering import order_of
from phase12_lint.values.places import Evidence
from phase12_lint.values.solver import Key

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_MOST_HOPS = 8
_OF_A_CLASS = ("isinstance", "pattern", "type")
_WORDS = {"pattern": "match", "guard": "a type guard"}


def evidence(program: Program, node: ast.expr, scope: Scope, role: str) -> Evidence | None:
    """Why ``node`` may be ``role``: ``plugin``, ``plugin class``, ``runner``, ``runner class``; None if it may not."""
    if not program.project.may_be_governed(scope.module.path, node):
        return None
    value = program.evaluate(node, scope)
    atoms = sorted((a for a in value if program.governed.is_role(a, role)), key=lambda a: _order(program, a))
    if not atoms:
        return None
    atom = atoms[0]
    return Evidence(
        describe(node), _confidence(program, node, scope, atom, role), _hops(program, node, scope, atom)
    )


def describe(node: ast.expr) -> str:
    """The expression as a message quotes it, in one short line."""
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 60 else text[:57] + "..."


def described(key: Key) -> str:
    """A question as a reader knows it: the expression and its place."""
    for part in key[1:]:
        node = getattr(part, "node", part)
        scope = next(
            (each for each in (part, getattr(part, "scope", None), *key) if isinstance(each, Scope)), None
        )
        if isinstance(node, ast.AST) and hasattr(node, "lineno") and scope is not None:
            text = describe(node) if isinstance(node, ast.expr) else getattr(node, "arg", scope.name)
            return f"`{text}` at {scope.module.path}:{node.lineno}"
    return str(key[0])


def _order(program: Program, atom: Atom) -> tuple[object, ...]:
    if isinstance(atom, Sourced):
        return (2 if atom.named else 1, getattr(atom.node, "lineno", 0), getattr(atom.node, "col_offset", 0))
    return (0, 0, 0, *order_of(atom))


def _confidence(program: Program, node: ast.expr, scope: Scope, atom: Atom, role: str) -> Confidence:
    if isinstance(atom, Sourced):
        by_name = atom.named and role in program.governed.roles_of_name(last_name(node) or "")
        return Confidence.NAMED if by_name else Confidence.INFERRED
    return Confidence.CERTAIN if _is_typed(program, node, scope, role) else Confidence.INFERRED


def _is_typed(program: Program, node: ast.expr, scope: Scope, role: str) -> bool:
    """Whether the type of ``node`` itself is known: annotated, constructed or narrowed, without any flow."""
    if isinstance(node, ast.Call):
        return _constructs(program, node, scope, role)
    if isinstance(node, (ast.NamedExpr, ast.Await)):
        return _is_typed(program, node.value, scope, role)
    if isinstance(node, ast.Name):
        definitions = scope.module.definitions.get(node)
        if definitions is None:
            return role.endswith("class") or _lexically_typed(program, node, scope, role)
        return any(_defines_type(program, definition, role) for definition in definitions)
    if isinstance(node, ast.Attribute):
        definitions = scope.module.definitions.get(node)
        if definitions and any(_defines_type(program, definition, role) for definition in definitions):
            return True
        return _annotated_attribute(program, node, scope, role)
    if isinstance(node, ast.Subscript):
        definitions = scope.module.definitions.get(node, ())
        return any(isinstance(each, Refined) and _defines_type(program, each, role) for each in definitions)
    return False


def _lexically_typed(program: Program, node: ast.Name, scope: Scope, role: str) -> bool:
    return any(_defines_type(program, definition, role) for definition in _visible(node.id, scope))


def _constructs(program: Program, call: ast.Call, scope: Scope, role: str) -> bool:
    """Whether ``call`` spells a cast, or a class of that role by a name of the class (no class out of a value)."""
    wanted = f"{role} class" if not role.endswith("class") else role
    callee = program.evaluate(call.func, scope)
    if External("typing.cast") in callee:
        return True
    classes = [
        a for a in callee if isinstance(a, (ClassRef, External)) and program.governed.is_role(a, wanted)
    ]
    return bool(classes) and _is_class_name(program, call.func, scope)


def _is_class_name(program: Program, node: ast.expr, scope: Scope) -> bool:
    if isinstance(node, ast.Attribute):
        owner = program.evaluate(node.value, scope)
        return any(isinstance(atom, (ModuleRef, External, ClassRef)) for atom in owner)
    if not isinstance(node, ast.Name):
        return False
    definitions = scope.module.definitions.get(node) or _visible(node.id, scope)
    return all(
        isinstance(d, (Defined, Imported))
        or (isinstance(d, Assigned) and not d.path and isinstance(d.value, (ast.Name, ast.Attribute)))
        for d in definitions
    )


def _visible(name: str, scope: Scope) -> Sequence[Definition]:
    for outer in scope.chain():
        outer.module.bound(outer)
        if name in outer.bindings and (outer is scope or outer.kind != "class"):
            return outer.bindings[name]
    return ()


def _defines_type(program: Program, definition: Definition, role: str) -> bool:
    return any(_says_type(program, each, role) for each in _behind(program, definition))


def _behind(program: Program, definition: Definition) -> Iterator[Definition]:
    """The definitions behind narrowings and loop heads, and the narrowings that say what it is."""
    seen: set[Definition] = set()
    pending = [definition]
    while pending:
        each = pending.pop()
        if each in seen:
            continue
        seen.add(each)
        if isinstance(each, (Refined, Phi)) and not _says_class(program, each):
            pending += each.previous
        else:
            yield each


def _says_class(program: Program, definition: Refined | Phi) -> bool:
    if not isinstance(definition, Refined) or not definition.positive:
        return False
    test = definition.test
    return test.kind in _OF_A_CLASS or (test.kind == "guard" and is_guard(program, test, definition.scope))


def _says_type(program: Program, definition: Definition, role: str) -> bool:
    if isinstance(definition, (Refined, Phi)):
        return True
    if isinstance(definition, Param):
        if definition.node.annotation is None:
            return definition.index == 0 and definition.scope.class_scope is not None
        annotation, outer = definition.node.annotation, definition.scope.signature
        return _has_role(program, declared_types.instance(program, annotation, outer, None), role)
    if isinstance(definition, Assigned):
        if definition.annotation is not None:
            declared = declared_types.instance(program, definition.annotation, definition.scope, None)
            return _has_role(program, declared, role)
        if isinstance(definition.value, ast.Call) and not definition.path:
            return _constructs(program, definition.value, definition.scope, role)
        return False
    return not isinstance(definition, Imported) and role.endswith("class")


def _has_role(program: Program, value: Value, role: str) -> bool:
    return any(program.governed.is_role(atom, role) for atom in value)


def _annotated_attribute(program: Program, node: ast.Attribute, scope: Scope, role: str) -> bool:
    for atom in program.evaluate(node.value, scope):
        if isinstance(atom, (Instance, ClassRef)) and isinstance(atom.cls, ClassInfo):
            for ancestor in atom.cls.ancestors(program):
                found = ancestor.annotation(node.attr) if isinstance(ancestor, ClassInfo) else None
                if found is not None:
                    return _has_role(
                        program, declared_types.instance(program, found[0], found[1], None), role
                    )
    return role.endswith("class")


def _hops(program: Program, node: ast.expr, scope: Scope, atom: Atom) -> tuple[Hop, ...]:
    hops: list[Hop] = []
    seen: set[Key] = set()
    key: Key | None = ("value", node, scope, None)
    while key is not None and key not in seen and len(hops) < _MOST_HOPS:
        seen.add(key)
        hop = _hop(program, key, atom)
        if hop is not None and (not hops or hops[-1][:3] != hop[:3]):
            hops.append(hop)
        key = _origin(program, key, atom, seen)
    place = (scope.module.path, *_position(scope, node))
    steps = tuple(reversed(hops))
    return tuple(hop for hop in steps if hop[:3] != place) or steps


def _origin(program: Program, key: Key, atom: Atom, seen: set[Key]) -> Key | None:
    """The first question behind ``key`` whose answer already had the atom, in itself or in a container."""
    holding: Key | None = None
    for source in program.sources(key):
        if source in seen or source[0] not in (
            "value",
            "define",
            "parameter",
            "result",
            "attribute",
            "elements",
            "global",
        ):
            continue
        answer = program.ask(source)
        if atom in answer:
            return source
        if holding is None and any(isinstance(each, Container) for each in answer):
            holding = source
    return holding


def _hop(program: Program, key: Key, atom: Atom) -> Hop | None:
    kind, subject = key[0], key[1]
    if kind == "define" and isinstance(subject, (Param, Assigned, Imported, Refined)):
        return _definition_hop(program, subject)
    if kind == "result" and isinstance(subject, Scope):
        return _make(subject, subject.node, f"`{subject.name}` returns it")
    if kind == "value" and isinstance(subject, ast.Call) and isinstance(key[2], Scope):
        if isinstance(atom, Instance) and atom.site is not None and atom.site.node is subject:
            return _make(key[2], subject, f"`{describe(subject)}` makes it")
        if isinstance(atom, Sourced) and atom.node is subject:
            return _make(key[2], subject, f"`{describe(subject)}` is a plugin source")
    return None


def _definition_hop(program: Program, definition: Param | Assigned | Imported | Refined) -> Hop | None:
    node, scope = definition.node, definition.scope
    if isinstance(definition, Param):
        name = definition.node.arg
        if definition.node.annotation is not None:
            return _make(
                scope, node, f"parameter `{name}` is annotated `{describe(definition.node.annotation)}`"
            )
        return _make(scope, node, f"arrives as parameter `{name}` of `{scope.qualified_name}`")
    if isinstance(definition, Imported):
        return _make(scope, node, f"`{definition.node.asname or definition.node.name}` is imported")
    if isinstance(definition, Refined):
        if _says_class(program, definition):
            return _make(scope, node, f"narrowed by {_WORDS.get(definition.test.kind, definition.test.kind)}")
        return None
    if isinstance(node, ast.expr):
        return _make(scope, node, f"stored in `{describe(node)}`")
    return None


def _make(scope: Scope, node: ast.AST, note: str) -> Hop | None:
    if not hasattr(node, "lineno"):
        return None
    line, column = _position(scope, node)
    return Hop(scope.module.path, line, column, note)


def _position(scope: Scope, node: ast.AST) -> tuple[int, int]:
    return scope.module.lines.position(node)
