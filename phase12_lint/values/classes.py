"""Classes of the program: bases across modules, members, and what their methods store on ``self``."""

from __future__ import annotations

import ast
from collections import Counter, deque
from functools import cached_property
from typing import TYPE_CHECKING, Union

from phase12_lint.syntax.scopes import Assigned, Defined, Definition, Scope, last_name
from phase12_lint.values.atoms import UNKNOWN, ClassRef, External, Sourced, TypeExpression
from phase12_lint.values.ordering import order_of

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

Ancestor = Union["ClassInfo", str]
UNKNOWN_BASE = "?"
_FIELD_MAKERS = {"dataclass", "define", "frozen", "mutable", "attrs", "s"}  # by the last name: ``attr.s``
PROPERTIES = {"property", "cached_property", "abstractproperty", "lazy_property", "getter"}
_UNTYPED_FIELDS = {"ib", "attrib", "field"}
_FIELD_BASES = {
    *("NamedTuple", "BaseModel", "TypedDict", "Struct", "BaseSettings", "SQLModel"),
    *("namedtuple", "make_dataclass", "make_class", "create_model"),
}


class ClassInfo:
    """A class of the program. Compares by identity; made once a class by ``Program.class_of``."""

    def __init__(self, scope: Scope) -> None:
        assert isinstance(scope.node, ast.ClassDef)
        self.scope = scope
        self.node: ast.ClassDef = scope.node
        self.module = scope.module
        self.name = scope.name
        self._ancestors: tuple[Ancestor, ...] | None = None
        self._writes: dict[str, list[tuple[ast.expr, Scope]]] | None = None

    def __hash__(self) -> int:
        return self.scope.mark

    def __repr__(self) -> str:
        return f"<class {self.module.path}:{self.scope.qualified_name}>"

    def ancestors(self, program: Program) -> tuple[Ancestor, ...]:
        """The class itself and all its bases, nearest first; external ones by qualified name, ``?`` if unknown."""
        if self._ancestors is None:
            self._ancestors = (self,)
            try:
                lines = [
                    b.ancestors(program) if isinstance(b, ClassInfo) else (b,) for b in self._bases(program)
                ]
            except BaseException:
                self._ancestors = None
                raise
            self._ancestors = (self, *_merge([list(line) for line in lines]))
        return self._ancestors

    def _bases(self, program: Program) -> list[Ancestor]:
        found: list[Ancestor] = []
        outer = self.scope.parent
        assert outer is not None
        for node in self.node.bases:
            if isinstance(node, ast.Starred):
                found.append(UNKNOWN_BASE)
                continue
            where = self.scope if self.scope.type_parameters else outer
            target = node.value if isinstance(node, ast.Subscript) else node
            for atom in sorted(program.evaluate(target, where), key=order_of):
                if isinstance(atom, ClassRef):
                    found.append(atom.cls)
                elif isinstance(atom, External):
                    found.append(atom.name)
                elif atom is UNKNOWN or isinstance(atom, Sourced):
                    found.append(UNKNOWN_BASE)
                elif isinstance(atom, TypeExpression):
                    continue
        return found

    def is_enum(self, program: Program) -> bool:
        """Whether it is an enumeration of the standard library's kind."""
        return any(isinstance(base, str) and base.startswith("enum.") for base in self.ancestors(program))

    def is_text_enum(self, program: Program) -> bool:
        """Whether the members of the enumeration are texts themselves."""
        return not {"enum.StrEnum", "builtins.str"}.isdisjoint(self.ancestors(program))

    def members(self, name: str) -> tuple[Definition, ...]:
        """What the class body itself binds ``name`` to."""
        scope = self.module.bound(self.scope)
        return scope.final.get(name) or tuple(scope.bindings.get(name, ()))

    def method(self, name: str) -> Scope | None:
        """The function that the class body defines under ``name``."""
        for definition in self.members(name):
            if isinstance(definition, Defined) and not isinstance(definition.node, ast.ClassDef):
                return self.module.scope_of_node[definition.node]
        return None

    def has_alone(self, program: Program, name: str) -> bool:
        """Whether it has a method ``name``, and no other class of the program has one (and no builtin container)."""
        if any(hasattr(kind, name) for kind in (str, list, dict, set, bytes)) or name.startswith("__"):
            return False
        if self.method(name) is None:
            return False
        return not any(
            scope.class_scope is not self.scope
            for module in program.project.modules_with(name)
            for scope in module.functions.get(name, ())
        )

    def annotation(self, name: str) -> tuple[ast.expr, Scope] | None:
        """The annotation of an attribute: in the class body, or where a method stores it on ``self``."""
        for definition in self.module.bound(self.scope).bindings.get(name, ()):
            if isinstance(definition, Assigned) and (said := definition.annotation or _type_of(definition)):
                return said, self.scope
        for store, scope in self.writes().get(name, ()):
            parent = self.module.parents[store]
            if isinstance(parent, ast.AnnAssign) and parent.target is store:
                return parent.annotation, scope
        return None

    def declared_at(self, annotation: tuple[ast.expr, Scope]) -> tuple[ast.expr, Scope]:
        """The target that ``annotation``, one of an attribute, is written behind."""
        statement = annotation[1].module.parents.get(annotation[0])
        return (statement.target if isinstance(statement, ast.AnnAssign) else annotation[0]), annotation[1]

    def writes(self) -> dict[str, list[tuple[ast.expr, Scope]]]:
        """By attribute, the places where a method stores it on its first parameter, or what it stores there."""
        if self._writes is None:
            found: dict[str, list[tuple[ast.expr, Scope]]] = {}
            for name, stores in self.module.stores.items():
                for store in stores:
                    scope = self.module.scopes[store]
                    if self._is_own(store.value, scope):
                        found.setdefault(name, []).append((store, scope))
            for name, put in self.module.stored_by_text.items():
                for owner, scope, value in put:
                    if self._is_own(owner, scope):
                        found.setdefault(name, []).append((value, scope))
            self._writes = found
        return self._writes

    def tables(self) -> list[tuple[ast.expr, Scope]]:
        """The tables of which a method stores each entry, under its key, on its first parameter."""
        tables = self.module.stored_tables
        return [(put.value, put.scope) for put in tables if self._is_own(put.owner, put.scope)]

    def _is_own(self, owner: ast.expr, scope: Scope) -> bool:
        """Whether ``owner`` is what a method of the class itself is called on."""
        return scope.method is not None and scope.method.class_scope is self.scope and is_own(owner, scope)

    def match_arguments(self) -> list[str]:
        """``__match_args__`` as far as it is written out."""
        for definition in self.members("__match_args__"):
            value = getattr(definition, "value", None)
            if isinstance(value, (ast.Tuple, ast.List)):
                return [str(item.value) for item in value.elts if isinstance(item, ast.Constant)]
        return []

    def fields(self, program: Program) -> list[str] | None:
        """The constructor's parameters in order where they are made from annotated fields, else None."""
        if not self._makes_fields(program):
            return None
        names: dict[str, None] = {}
        for ancestor in reversed(self.ancestors(program)):
            if isinstance(ancestor, ClassInfo):
                names |= dict.fromkeys(ancestor._own_fields)
        return list(names)

    def takes(self, program: Program, name: str, call: ast.Call, node: ast.expr) -> bool:
        """Whether ``node`` is the argument behind field ``name`` where ``call`` makes an instance."""
        index = (self.fields(program) or []).index(name)
        if index < len(call.args) and call.args[index] is node:
            return True
        return any(keyword.arg == name and keyword.value is node for keyword in call.keywords)

    def _makes_fields(self, program: Program) -> bool:
        for ancestor in self.ancestors(program):
            if isinstance(ancestor, str):
                if ancestor.rpartition(".")[2] in _FIELD_BASES:
                    return True
                continue
            if ancestor.method("__init__") is not None:
                return False
            if ancestor._is_made_of_fields:
                return True
        return False

    @cached_property
    def _own_fields(self) -> list[str]:
        targets = map(_field_of, self.node.body)
        return [target.id for target in targets if target is not None]

    @cached_property
    def _is_made_of_fields(self) -> bool:
        """Whether a decorator makes its constructor of its fields."""
        decorators = (each.func if isinstance(each, ast.Call) else each for each in self.node.decorator_list)
        return any(ast.unparse(each).rpartition(".")[2] in _FIELD_MAKERS for each in decorators)


def _field_of(statement: ast.stmt) -> ast.Name | None:
    """The field that a statement of a class body makes: annotated, or by a function as in attrs."""
    if isinstance(statement, ast.AnnAssign):
        return statement.target if isinstance(statement.target, ast.Name) else None
    if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
        target = statement.targets[0]
        is_field = last_name(statement.value.func) in _UNTYPED_FIELDS
        return target if is_field and isinstance(target, ast.Name) else None
    return None


def _type_of(definition: Assigned) -> ast.expr | None:
    """The type that attrs is told of a field: ``field(type=X)``, ``field(validator=instance_of(X))``."""
    if not isinstance(definition.value, ast.Call) or last_name(definition.value.func) not in _UNTYPED_FIELDS:
        return None
    said = {keyword.arg: keyword.value for keyword in definition.value.keywords}
    test = said.get("validator")
    while isinstance(test, ast.Call) and test.args and last_name(test.func) in ("optional", "instance_of"):
        if last_name(test.func) == "instance_of":
            return None if isinstance(test.args[0], ast.Tuple) else test.args[0]
        test = test.args[0]
    return said.get("type")


def _merge(lines: list[list[Ancestor]]) -> list[Ancestor]:
    """C3 order where it exists, else first come first."""
    order: list[Ancestor] = []
    left = [deque(line) for line in lines if line]
    behind = Counter(each for line in lines for each in line[1:])  # how often not as the head of a line
    while left:
        head = next((line[0] for line in left if not behind[line[0]]), left[0][0])
        order.append(head)
        for line in left:
            if line[0] == head:
                line.popleft()
                if line:
                    behind[line[0]] -= 1
            elif behind[head] and head in line:
                line.remove(head)
                behind[head] -= 1
        left = [line for line in left if line]
    return order


def is_own(owner: ast.expr, scope: Scope) -> bool:
    """Whether ``owner`` in ``scope`` is what its method is called on, also through ``super()``."""
    if scope.method is None:
        return False
    through_super = isinstance(owner, ast.Call) and last_name(owner.func) == "super"
    return through_super or is_receiver(owner, scope.method)


def is_receiver(node: ast.expr, method: Scope) -> bool:
    """Whether ``node`` names the first parameter of ``method``, and that is ``self`` or ``cls``."""
    assert isinstance(method.node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
    if any(last_name(each) == "staticmethod" for each in getattr(method.node, "decorator_list", ())):
        return False
    arguments = method.node.args
    first = next(iter(arguments.posonlyargs + arguments.args), None)
    return first is not None and isinstance(node, ast.Name) and node.id == first.arg
