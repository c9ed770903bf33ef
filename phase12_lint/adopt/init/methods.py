"""What the methods of a class are like: given anything, without a body of their own, made to be overridden."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from phase12_lint.syntax.scopes import Scope, last_name
from phase12_lint.values.callables import CALL
from phase12_lint.values.kept_runs import loads_in

_NO_METHOD = re.compile(r"property$|^setter$|^staticmethod$")
Method = ast.FunctionDef | ast.AsyncFunctionDef


class Slot(NamedTuple):
    """What is called of a class by ``name``: a method, or a field that holds a function.

    It is ``demanded`` if others have to fill it, and a ``stub`` if it does nothing by itself. One that is ``hidden``,
    private or of the class alone, is none of a plugin's unless it is demanded.
    """

    name: str
    demanded: bool
    stub: bool
    takes_anything: bool
    hidden: bool = False
    field: bool = False


def slots_of(scope: Scope) -> list[Slot]:
    """Those that the class itself has."""
    assert isinstance(scope.node, ast.ClassDef)
    fields = [
        Slot(node.target.id, True, True, True, field=True)
        for node in scope.node.body
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Name)
        and _is_callable(node.annotation)
    ]
    return [*map(slot_of, methods_of(scope)), *fields]


def slot_of(node: Method) -> Slot:
    """That of a method."""
    of_class = any(last_name(each) == "classmethod" for each in node.decorator_list)
    hidden = (node.name.startswith("_") and node.name != CALL) or of_class
    return Slot(node.name, is_abstract(node), is_empty(node), takes_anything(node), hidden)


def _is_callable(annotation: ast.expr) -> bool:
    target = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    return last_name(target) == "Callable"


def methods_of(scope: Scope) -> list[Method]:
    """The methods that are called with a receiver, of Python's own names ``__call__`` alone, and are no properties."""
    assert isinstance(scope.node, ast.ClassDef)
    return [
        node
        for node in scope.node.body
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (not node.name.startswith("__") or node.name == CALL)
        and not any(_NO_METHOD.search(last_name(each) or "") for each in node.decorator_list)
    ]


def reads_of_self(scope: Scope, name: str) -> Iterator[ast.Attribute]:
    """Where the code of ``scope`` reads ``self.name`` or ``cls.name``."""
    for node, _ in loads_in(scope, name):
        if (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in ("self", "cls")
        ):
            yield node


def signatures(scope: Scope) -> set[tuple[str, int]]:
    """The name of each public method, and how many parameters it has."""
    return {
        (node.name, len(node.args.posonlyargs) + len(node.args.args) + len(node.args.kwonlyargs))
        for node in methods_of(scope)
        if not node.name.startswith("_")
    }


def takes_anything(node: Method) -> bool:
    """Whether it has a parameter beside its receiver."""
    taken = node.args
    return len(taken.posonlyargs) + len(taken.args) > 1 or bool(
        taken.vararg or taken.kwonlyargs or taken.kwarg
    )


def is_empty(node: Method) -> bool:
    """Whether it has no body of its own: abstract, or nothing at all."""
    body = body_of(node)
    return is_abstract(node) or not body or isinstance(body[0], ast.Pass)


def body_of(node: Method) -> list[ast.stmt]:
    """What it does, without what it says of itself."""
    return [
        each
        for each in node.body
        if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
    ]


def is_abstract(node: Method) -> bool:
    """Whether it says that it is to be overridden: it is declared so, or raises ``NotImplementedError``."""
    if any(last_name(each) == "abstractmethod" for each in node.decorator_list):
        return True
    body = body_of(node)
    if not body:
        return False
    raised = body[-1].exc if isinstance(body[-1], ast.Raise) else None
    target = raised.func if isinstance(raised, ast.Call) else raised
    return target is not None and last_name(target) == "NotImplementedError"
