"""Whether a call has as many arguments as a function takes."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from phase12_lint.syntax.scopes import Scope


def may_be_called_so(method: Scope, load: ast.Attribute, scope: Scope) -> bool:
    """Whether ``load``, if it is called right there, has arguments that ``method`` takes, from an instance or a class.

    That is known without asking what it is taken from, of which a name such as ``get`` says nothing.
    """
    call = scope.module.parents.get(load)
    decorators: list[ast.expr] = getattr(method.node, "decorator_list", [])
    if not isinstance(call, ast.Call) or call.func is not load or decorators:
        return True
    return takes(method, call) or takes(method, call, 0)


def takes(method: Scope, call: ast.Call, bound: int = 1) -> bool:
    """Whether ``method``, whose first ``bound`` parameters are taken, can be called with as many arguments as
    ``call`` has.
    """
    if any(isinstance(node, ast.Starred) for node in call.args) or any(k.arg is None for k in call.keywords):
        return True
    return takes_arguments(method, len(call.args), [str(keyword.arg) for keyword in call.keywords], bound)


def takes_arguments(method: Scope, count: int, keywords: Sequence[str], bound: int = 1) -> bool:
    """The same for ``count`` arguments by position, and ``keywords``."""
    given = count + len(keywords)
    params = [p for p in method.module.bound(method).params[bound:] if p.kind in ("positional", "keyword")]
    demanded = sum(param.default is None for param in params)
    if _has_star(method):
        return demanded <= given
    names = {param.node.arg for param in params}
    return demanded <= given <= len(params) and names.issuperset(keywords)


def _has_star(scope: Scope) -> bool:
    """Whether it takes any number of arguments."""
    return any(param.kind in ("star", "starstar") for param in scope.params)
