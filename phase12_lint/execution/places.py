"""Places: the variables of an execution, and the attributes and items of what they hold."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from phase12_lint.execution.origins import part_of
from phase12_lint.execution.steps import Activation
from phase12_lint.syntax.scopes import Scope
from phase12_lint.values.parameters import takes_receiver

Path = tuple["int | None", ...]
"""The way to a part of a value: an item by its index, or None for any element that an iteration gives."""

Key = tuple[Activation, str]
Source = tuple["ast.expr | None", Activation, Path]
Environment = Mapping[Key, frozenset[Source]]

EMPTYING = ("clear", "pop", "popleft", "remove", "discard")
"""The methods that take something out of a container."""
_TAKING = ("get", "pop", "setdefault")
_ENTERING = ("__enter__", "__aenter__", "__exit__", "__aexit__")
ELEMENT = "append(0)"
"""What is put into a list, as a part of it."""
YIELDED = ELEMENT
"""What a generator yields, as a part of what its call gives."""
ANY_ITEM = "[](0)"
"""The item of a container under a key that is not written out, as a part of it."""


def is_part(key: Key, whole: Key) -> bool:
    """Whether ``key`` is an attribute or an item of what ``whole`` holds."""
    return key[0] is whole[0] and key[1].startswith(whole[1] + ".")


def place_of(node: ast.AST) -> str | None:
    """``a.b.c`` for a name, or for attributes and constant keys on one."""
    if isinstance(node, (ast.Attribute, ast.Subscript)):
        whole, part = place_of(node.value), part_of(node)
        return f"{whole}.{part}" if whole is not None and part is not None else None
    return node.id if isinstance(node, ast.Name) else None


def item_taken(call: ast.Call) -> tuple[ast.expr, str] | None:
    """The object and the constant key by which ``call`` takes an item out of it, as ``box.get("answer")`` does."""
    func = call.func
    if isinstance(func, ast.Attribute) and func.attr in _TAKING and call.args:
        key = call.args[0]
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            return func.value, key.value
    return None


def call_key(call: ast.AST) -> str:
    """Under which name an environment keeps what a followed call gave back."""
    return f"{getattr(call, 'lineno', 0)}:{getattr(call, 'col_offset', 0)}:{getattr(call, 'end_col_offset', 0)}()"


def owner_of(name: str, act: Activation) -> Activation:
    """The activation whose variable ``name`` is, seen from ``act``: its own, or that of a function around it."""
    for scope in act.scope.chain():
        scope.module.bound(scope)
        if scope.kind == "class" or name in scope.declared_nonlocal or name not in scope.bindings:
            continue
        return next((each for each in act.stack() if each.scope is scope), act)
    return act


def key_of(name: str, act: Activation) -> Key:
    """The key of the place ``name`` in ``act``; that of a part of an argument, or of ``self``, is the caller's."""
    first, dot, rest = name.partition(".")
    owner = owner_of(first, act)
    behind = _passed(first, owner) if dot else None
    return key_of(f"{behind[1]}.{rest}", behind[0]) if behind is not None else (owner, name)


def _passed(name: str, act: Activation) -> Key | None:
    """The place in a caller of ``act`` that holds the same object as its parameter ``name``."""
    if act.caller is None:
        return None
    entered = _entered(name, act)
    if entered is not None:
        return act.caller, entered
    receiver = receiver_of(name, act)
    if receiver is not None:
        place = place_of(receiver)
        return (act.caller, place) if place is not None else None
    given = act.frame.bound.get(name, ()) if act.frame is not None else ()
    if len(given) != 1 or given[0].path:
        return None
    place = place_of(given[0].node)
    caller = next((each for each in act.caller.stack() if each.scope is given[0].scope), None)
    return (caller, place) if place is not None and caller is not None else None


def _entered(name: str, act: Activation) -> str | None:
    """The variable of a ``with`` that holds what ``name`` does in its context manager: what the generator yields, or
    the object itself; of an object that was made before also the place where that is kept.
    """
    if act.caller is None or act.call is None:
        return None
    item = act.caller.scope.module.parents.get(act.call)
    scope = act.scope.module.bound(act.scope)
    given = [value for value, _ in scope.yields]
    is_object = not given and scope.name in _ENTERING
    kept = item.targets[0] if isinstance(item, ast.Assign) else act.call
    if is_object and (place := place_of(kept)) is not None:
        return place if takes_receiver(scope) and scope.params[0].node.arg == name else None
    target = item.optional_vars if isinstance(item, ast.withitem) else None
    if not isinstance(target, ast.Name):
        return None
    if is_object:
        given = _given_by_entering(scope)
    is_it = len(given) == 1 and isinstance(given[0], ast.Name) and given[0].id == name
    return target.id if is_it else None


def _given_by_entering(scope: Scope) -> list[ast.expr]:
    """What the ``__enter__`` beside the method ``scope`` returns."""
    owner = scope.class_scope
    entering = [each for each in owner.children if each.name in _ENTERING[:2]] if owner is not None else []
    return [value for each in entering for value in each.module.bound(each).returns]


def receiver_of(name: str, act: Activation) -> ast.expr | None:
    """What the method that ``act`` executes is called on, if ``name`` is its ``self``."""
    params = act.scope.module.bound(act.scope).params
    if not takes_receiver(act.scope) or params[0].node.arg != name:
        return None
    func = act.call.func if isinstance(act.call, ast.Call) else None
    return func.value if isinstance(func, ast.Attribute) else None


def assigned(node: ast.AST | None) -> tuple[list[ast.expr], ast.expr | None]:
    """The targets of an ``assign`` step, and the value where it is the target's own."""
    if isinstance(node, ast.Assign):
        return node.targets, node.value
    if isinstance(node, (ast.AnnAssign, ast.NamedExpr)):
        return [node.target], node.value
    if isinstance(node, ast.withitem):
        return ([node.optional_vars] if node.optional_vars is not None else []), None
    target = getattr(node, "target", None)
    return ([target] if isinstance(target, ast.expr) else []), None
