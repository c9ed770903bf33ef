"""Views: expressions that the flow pass follows as if they were names, ``self.tool``, ``items[0]``, ``table[key]``.

A view is written as a text. It holds until something that it is written with is set, or the container that it reads
may have been changed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from phase12_lint.syntax.scopes import Assigned, Names

_ONLY_READING = {"get", "keys", "values", "items", "index", "count", "copy", "__len__", "__contains__"}
_NOT_CHANGING = {
    *("isinstance", "issubclass", "len", "type", "print", "str", "repr", "bool", "id", "hash", "hasattr"),
    *("list", "tuple", "set", "dict", "sorted", "reversed", "enumerate", "zip", "range", "iter", "callable"),
    *("min", "max", "sum", "any", "all"),
}


def view_of(node: ast.AST) -> str | None:
    """``a.b``, ``a[0]`` or ``a[b.c]`` as a text; None for an expression that may be another thing the next time."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        owner = view_of(node.value)
        return f"{owner}.{node.attr}" if owner else None
    if isinstance(node, ast.Subscript):
        owner, index = view_of(node.value), _index(node.slice)
        return f"{owner}[{index}]" if owner and index else None
    return None


def _index(node: ast.expr) -> str | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _index(node.operand)
        return f"-{inner}" if inner else None
    return repr(node.value) if isinstance(node, ast.Constant) else view_of(node)


def is_view(name: str) -> bool:
    """Whether a key of an environment is more than a name."""
    return "." in name or "[" in name


def root_of(view: str) -> str:
    """The name that a view begins with."""
    return re.split(r"[.\[]", view, maxsplit=1)[0]


def forget(views: Names, text: str) -> None:
    """``text``, a name or view, is set anew: what is written with it is another thing now."""
    for view in [view for view in views if _is_written_with(view, text)]:
        del views[view]


def _is_written_with(view: str, name: str) -> bool:
    if view == name or view.startswith((f"{name}.", f"{name}[")):
        return True
    return "[" in view and re.search(rf"\[-?{re.escape(name)}[.\[\]]", view) is not None


def forget_element(views: Names, node: ast.Subscript) -> None:
    """An element is set or deleted: of the same container all that may be the same, and what was set elsewhere."""
    container, position = view_of(node.value), _position(node)
    for key in [key for key in views if "[" in key]:
        if container is None or _may_read(key, container, position) or _was_set(views, key):
            del views[key]


def _position(node: ast.Subscript) -> str:
    """The constant index that is set; nothing where another may be meant, or others move."""
    constant = isinstance(node.slice, ast.Constant) and isinstance(node.ctx, ast.Store)
    return f"[{_index(node.slice)}]" if constant else ""


def _may_read(view: str, container: str, position: str) -> bool:
    if not view.startswith(f"{container}["):
        return False
    rest = view[len(container) :]
    is_constant = re.match(r"\[(?:\d|'|\")", rest) is not None
    return not (position and is_constant) or rest.startswith(position)


def _was_set(views: Names, key: str) -> bool:
    return any(isinstance(each, Assigned) for each in views[key])


def forget_called(views: Names, call: ast.Call) -> None:
    """``call`` may set any element again, and change the containers that it is given or a method of."""
    keys = [key for key in views if "[" in key]
    changed = set(_changed(call)) if keys else set()
    for key in keys:
        if _was_set(views, key) or any(key.startswith(f"{each}[") for each in changed):
            del views[key]


def forget_attributes(views: Names, call: ast.Call) -> None:
    """``call`` may set any attribute again of what it is given or a method of."""
    chains = [
        key for key, known in views.items() if "." in key and any(isinstance(d, Assigned) for d in known)
    ]
    if chains:
        touched = (view_of(n) for n in (call.func, *call.args, *(k.value for k in call.keywords)))
        roots = {root_of(view) for view in touched if view}
        for key in chains:
            if root_of(key) in roots:
                del views[key]


def _changed(call: ast.Call) -> Iterator[str]:
    if isinstance(call.func, ast.Attribute) and call.func.attr not in _ONLY_READING:
        yield view_of(call.func.value) or ""
    if not (isinstance(call.func, ast.Name) and call.func.id in _NOT_CHANGING):
        for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
            yield view_of(argument) or ""


def forget_repeated(views: Names, loop: ast.For | ast.AsyncFor | ast.While) -> None:
    """What ``loop`` may change of elements: it holds no longer when it comes around."""
    if not any("[" in key for key in views):
        return
    for node in ast.walk(loop):
        if isinstance(node, ast.Call):
            forget_called(views, node)
        elif isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            forget_element(views, node)
        elif isinstance(node, (ast.Name, ast.Attribute)) and not isinstance(node.ctx, ast.Load):
            forget(views, view_of(node) or "")
