"""What a framework puts into a parameter: ``x=Depends(make)``, ``x: Annotated[X, Security(make)]``."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Param, Scope
from phase12_lint.values import frameworks, models
from phase12_lint.values.atoms import (
    NOTHING,
    Atom,
    ClassRef,
    External,
    Function,
    Instance,
    Method,
    TypeExpression,
    Value,
)

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_INJECTING = {"Depends", "Security"}
_MOST_ALIASES = 4


def injecting(program: Program, param: Param) -> Iterator[tuple[ast.Call, Scope]]:
    """The calls of ``Depends`` and its like in the default and in the annotation of ``param``."""
    for node, scope in _said_of(program, param):
        if isinstance(node, ast.Call) and injects(program, node, scope):
            yield node, scope


def _said_of(program: Program, param: Param) -> Iterator[tuple[ast.expr, Scope]]:
    """What may say who fills ``param``: its default, and what its annotation says beside a type."""
    if param.default is not None and param.scope.parent is not None:
        yield param.default, param.scope.parent
    if param.node.annotation is not None:
        yield from _metadata(program, param.node.annotation, param.scope.signature)


def called_for(program: Program, param: Param) -> Iterator[Function]:
    """The functions that a framework calls to get what it puts into ``param``, in one order."""
    for call, scope in injecting(program, param):
        known = program.join(program.evaluate(provider, scope) for provider in _providers(call))
        yield from (atom for atom in sorted(known, key=hash) if isinstance(atom, Function))


def injects(program: Program, call: ast.Call, scope: Scope) -> bool:
    """Whether ``call`` stands for what the provider that it names gives."""
    return is_injecting(program.evaluate(call.func, scope))


def is_injecting(callee: Value) -> bool:
    """Whether ``callee`` has a framework call the function that it is given."""
    return any(isinstance(each, External) and each.name.rpartition(".")[2] in _INJECTING for each in callee)


def _metadata(
    program: Program, node: ast.expr, scope: Scope, depth: int = 0
) -> Iterator[tuple[ast.expr, Scope]]:
    """What ``Annotated`` says beside a type, also in quotes and behind aliases."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        tree = program.quoted_text(str(node.value))
        if tree is not None:
            yield from _metadata(program, tree, scope, depth)
    elif isinstance(node, ast.BinOp):
        for side in (node.left, node.right):
            yield from _metadata(program, side, scope, depth)
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
        known = program.evaluate(node.value, scope)
        if any(isinstance(atom, External) and atom.name.endswith(".Annotated") for atom in known):
            yield from ((item, scope) for item in node.slice.elts[1:])
    elif isinstance(node, (ast.Name, ast.Attribute)) and depth < _MOST_ALIASES:
        for atom in program.evaluate(node, scope):
            if isinstance(atom, TypeExpression) and isinstance(atom.node, ast.expr) and atom.node is not node:
                yield from _metadata(program, atom.node, atom.scope, depth + 1)


def injected(program: Program, param: Param) -> Value:
    """What arrives in ``param`` so: what the provider gives, or yields, or the task; nothing where none is named."""
    given = program.join(provided(program, call, scope) for call, scope in injecting(program, param))
    wired = program.join(_wired(program, node, scope) for node, scope in _said_of(program, param))
    return given | wired | _own_task(program, param) | _supplied(program, param)


def _wired(program: Program, node: ast.expr, scope: Scope) -> Value:
    """What ``Provide[Container.tool]`` stands for: what calling that provider gives."""
    if not isinstance(node, ast.Subscript):
        return NOTHING
    names = {each.name for each in program.evaluate(node.value, scope) if isinstance(each, External)}
    if names & frameworks.CLOSING:
        return _wired(program, node.slice, scope)
    if not names & frameworks.PROVIDING:
        return NOTHING
    return program.call_value(program.evaluate(node.slice, scope), node, scope, None)


def _supplied(program: Program, param: Param) -> Value:
    """What a decorator of a library gives as the first argument: the context of a command."""
    outer, found = param.scope.parent, NOTHING
    for decorator in getattr(param.scope.node, "decorator_list", ()) if param.index == 0 else ():
        for atom in program.evaluate(decorator, outer) if outer is not None else ():
            name = atom.name if isinstance(atom, External) else ""
            if isinstance(atom, Instance) and atom.cls in models.SUPPLYING:
                found |= _of_class_given(program, atom)
            if name in frameworks.SUPPLIED:
                cls, attribute = frameworks.SUPPLIED[name]
                whole: Value = frozenset({Instance(cls)})
                found |= program.attribute(whole, attribute) if attribute else whole
        if outer is not None:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            found |= _called_with(program.evaluate(called, outer))
    if param.index != _first(param.scope):
        return found
    return found | _routed(program, param.scope) | _given_to_method(program, param.scope)


def _first(scope: Scope) -> int:
    """The position of the first parameter that a call of ``scope`` as a route is given."""
    return int(scope.class_scope is not None)


def _routed(program: Program, scope: Scope) -> Value:
    """What ``scope`` is given first where it is made the function of a route or of an event, or the lifespan of an
    application: ``app.router.add_get("/", scope)``, ``app.on_startup.append(scope)``, ``FastAPI(lifespan=scope)``.
    """
    found = NOTHING
    for place in program.references(scope):
        call = place.scope.module.parents.get(place.node)
        keyword = call if isinstance(call, ast.keyword) else None
        call = place.scope.module.parents.get(keyword) if keyword is not None else call
        if not isinstance(call, ast.Call) or place.node is call.func:
            continue
        callee = program.evaluate(call.func, place.scope, place.frame)
        if keyword is None:
            found |= _called_with(callee)
        elif keyword.arg == "lifespan":
            made = {each.name for each in callee if isinstance(each, External)}
            found |= frozenset(Instance(name) for name in sorted(made & frameworks.GIVING_TO_LIFESPANS))
    return found


def _given_to_method(program: Program, scope: Scope) -> Value:
    """What a library calls the method ``scope`` with that a class of its own demands: ``dispatch(self, request)``."""
    cls = program.class_of(scope.class_scope) if scope.class_scope is not None else None
    above = (each for each in (cls.ancestors(program) if cls is not None else ()) if isinstance(each, str))
    given = [frameworks.GIVEN_TO_METHODS.get(f"{each}.{scope.name}") for each in above]
    given.append(frameworks.GIVEN_BY_CONVENTION.get(scope.name))
    return frozenset(Instance(each) for each in given if each is not None)


def _of_class_given(program: Program, decorator: Instance) -> Value:
    """An object of the class that the call which made ``decorator`` is given."""
    made = decorator.site
    given = made.node.args[:1] if made is not None and isinstance(made.node, ast.Call) else []
    known = program.join(program.evaluate(each, made.scope) for each in given if made is not None)
    return frozenset(Instance(atom.cls) for atom in known if isinstance(atom, ClassRef))


def _called_with(caller: Value) -> Value:
    """What ``@routes.get("/")``, or what makes a route or a listener of a function, has that function called with."""
    classes = {frameworks.ROUTING.get(each.name) for each in caller if isinstance(each, External)}
    for method in (each for each in caller if isinstance(each, Method)):
        while isinstance(method.owner, Method):
            method = method.owner
        cls = method.owner.cls if isinstance(method.owner, Instance) else None
        if isinstance(cls, str):
            is_heard = method.name in frameworks.LISTENING.get(cls, ())
            classes.add(cls if is_heard else frameworks.REQUESTS.get(cls))
    return frozenset(Instance(cls) for cls in classes if cls is not None)


def _own_task(program: Program, param: Param) -> Value:
    """The task itself, of the class that ``@task(bind=True, base=...)`` names."""
    if param.index != 0 or not is_given_its_task(param.scope) or param.scope.parent is None:
        return NOTHING
    named = [each.value for each in _said_of_task(param.scope) if each.arg == "base"]
    found = program.join(program.evaluate(node, param.scope.parent) for node in named)
    return frozenset(Instance(atom.cls) for atom in found if isinstance(atom, ClassRef))


def is_given_its_task(scope: Scope) -> bool:
    """Whether a task queue puts the task itself before the arguments: ``@task(bind=True)``."""
    return any(
        keyword.arg == "bind" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True
        for keyword in _said_of_task(scope)
    )


def _said_of_task(scope: Scope) -> Iterator[ast.keyword]:
    for decorator in getattr(scope.node, "decorator_list", ()):
        yield from getattr(decorator, "keywords", ())


def _providers(call: ast.Call) -> tuple[ast.expr, ...]:
    """What ``call``, one of ``Depends`` and its like, names as what gives the value."""
    return (*call.args[:1], *(keyword.value for keyword in call.keywords if keyword.arg == "dependency"))


def provided(program: Program, call: ast.Call, scope: Scope) -> Value:
    """What the provider that ``call`` names gives, or yields."""
    found: list[Value] = []
    for provider in _providers(call):
        found.append(_wired(program, provider, scope))
        for atom in program.evaluate(provider, scope):
            made = program.call_value(frozenset({atom}), provider, scope, None)
            found.append(program.iterate(made) if _yields(program, atom) else made)
    return program.join(found)


def _yields(program: Program, provider: Atom) -> bool:
    function = program.method(provider, "__call__") if isinstance(provider, Instance) else provider
    return isinstance(function, Function) and bool(function.scope.module.bound(function.scope).yields)
