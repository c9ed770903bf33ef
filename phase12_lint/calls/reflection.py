"""Every place where reflection reaches a plugin's run."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from phase12_lint.calls.access import access, use_of
from phase12_lint.calls.given import given_together
from phase12_lint.index.seeds import REFLECTIVE_FUNCTIONS, REFLECTIVE_METHODS
from phase12_lint.model import Confidence
from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Assigned, Names, Scope, last_name
from phase12_lint.values import folding, spelling
from phase12_lint.values.atoms import Container, External, Function, Method, Text, Value
from phase12_lint.values.evidence import describe, evidence
from phase12_lint.values.loads import Place, place_order
from phase12_lint.values.places import Evidence, Fact, Reflection, RunAccess

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_GETATTR = {"builtins.getattr", "inspect.getattr_static"}
_GETTERS = {"operator.methodcaller", "operator.attrgetter"}
_NAMESPACES = {"builtins.vars"}
_EVALUATORS = {"builtins.eval", "builtins.exec"}
_NOT_TAKING = {"update", "keys", "clear", "__contains__", "__len__", "__setitem__"}


def reflections(program: Program, module: Module) -> Iterator[Fact]:
    """The facts that begin in ``module``: reflection used there, or made there and used elsewhere."""
    for node, scope in _mentions(module, REFLECTIVE_FUNCTIONS):
        for place in _arrivals(program, node, scope):
            yield from _use_of_function(program, place)
    for name in REFLECTIVE_METHODS:
        for node in module.loads.get(name, ()):
            if isinstance(node, ast.Attribute):
                yield from _by_name(program, node, module.scopes[node])
    for node in module.loads.get("__dict__", ()):
        if isinstance(node, ast.Attribute):
            yield from _through_namespace(program, node, module.scopes[node])


def _mentions(module: Module, names: tuple[str, ...]) -> Iterator[tuple[ast.expr, Scope]]:
    words = set(names)
    for statement, _ in module.imports:
        if isinstance(statement, ast.ImportFrom):
            words |= {alias.asname for alias in statement.names if alias.name in names and alias.asname}
    for word in sorted(words):
        for node in module.loads.get(word, ()):
            yield node, module.scopes[node]


def _arrivals(program: Program, node: ast.expr, scope: Scope) -> Iterator[Place]:
    """Where a reflective function is called: right there, or wherever an alias of it has come to."""
    parent = scope.module.parents.get(node)
    if isinstance(parent, ast.Call) and parent.func is node:
        yield Place(node, scope)
        return
    value = program.evaluate(node, scope)
    if any(
        isinstance(atom, External) and atom.name in _GETATTR | _GETTERS | _NAMESPACES | _EVALUATORS
        for atom in value
    ):
        yield from sorted(program.places(node, scope), key=place_order)


def _use_of_function(program: Program, place: Place) -> Iterator[Fact]:
    call = place.scope.module.parents.get(place.node)
    if place.wrapped or not isinstance(call, ast.Call):
        return
    if call.func is not place.node:
        yield from _handed_over(program, call, place)
        return
    if not call.args or not _may_name_method(program, call, place.node):
        return
    names = {atom.name for atom in program.evaluate(place.node, place.scope) if isinstance(atom, External)}
    if names & _GETATTR and len(call.args) > 1:
        yield from _named(program, call, call.args[0], call.args[1], place.scope, "getattr")
    elif names & _GETTERS:
        yield from _getter(program, call, place.scope)
    elif names & _NAMESPACES:
        yield from _through_namespace(program, call, place.scope)
    elif names & _EVALUATORS:
        yield from _evaluated(program, call, place.scope)


def _may_name_method(program: Program, call: ast.Call, function: ast.expr) -> bool:
    """Whether ``call``, by what it writes out, may take a governed method, if ``function`` is what its name says.

    That is asked before what ``function`` is: most that is called ``x.getattr`` is a method of some object.
    """
    called = last_name(function) or ""
    if called.startswith("getattr"):
        if len(call.args) < 2:
            return any(isinstance(argument, ast.Starred) for argument in call.args)
        named = call.args[1:2]
    else:
        named = call.args if called in ("methodcaller", "attrgetter") else []
    methods = program.policy.plugin_methods
    texts = [each.value for each in named if isinstance(each, ast.Constant)]
    return len(texts) < len(named) or not named or any(str(t).rpartition(".")[2] in methods for t in texts)


def _handed_over(program: Program, call: ast.Call, place: Place) -> Iterator[Fact]:
    """``partial(getattr, plugin, "run")``."""
    names = {atom.name for atom in program.evaluate(place.node, place.scope) if isinstance(atom, External)}
    if names & _GETATTR and len(call.args) == 2 and call.args[0] is place.node:
        for later in sorted(program.places(call, place.scope), key=place_order):
            fetch = later.call
            if fetch is not None and fetch.args:
                yield from _named(program, fetch, call.args[1], fetch.args[0], later.scope, "partial")
    if names & _GETATTR and len(call.args) > 2 and call.args[0] is place.node:
        method = _certainly(program, call.args[2], place.scope)
        if method:
            found = _governed(program, call.args[1], place.scope)
            if found is not None:
                yield _fact(program, call, place.scope, found, "`getattr`", method)


def _named(
    program: Program, node: ast.Call, owner: ast.expr, name: ast.expr, scope: Scope, how: str
) -> Iterator[Fact]:
    """Access to ``owner`` by ``name``: it counts if that is, or may be, a governed method."""
    if isinstance(name, ast.Constant) and not _certainly(program, name, scope):
        return
    if not any(spelling.may_be_written(name, method) for method in program.policy.plugin_methods):
        return
    if not program.all_hold(
        lambda: _certainly(program, name, scope) or _possibly(program, name, scope),
        lambda: _governed(program, owner, scope),
        lambda: _certainly(program, name, scope) or _is_called(program, node, scope),
        lambda: use_of(program, node, scope) != "looked",
    ):
        return
    found = _governed(program, owner, scope)
    if found is not None and _together(program, owner, name, scope):
        method = _certainly(program, name, scope) or _possibly(program, name, scope)
        yield _fact(program, node, scope, found, f"`{how}`", method)


def _certainly(program: Program, name: ast.expr, scope: Scope) -> str:
    """The governed method that ``name`` is, or is among several known names; empty if none."""
    for atom in spelling.spellings(program, name, scope):
        if isinstance(atom, Text):
            last = atom.text.rpartition(".")[2]
            if last in program.policy.plugin_methods:
                return last
    return ""


def _possibly(program: Program, name: ast.expr, scope: Scope) -> str:
    """A governed method that a name which cannot be known may be."""
    if folding.strings(spelling.spellings(program, name, scope)):
        return ""
    return next(
        (each for each in program.policy.plugin_methods if spelling.may_be(program, name, scope, each)), ""
    )


def _together(program: Program, owner: ast.expr, name: ast.expr, scope: Scope) -> bool:
    """Whether a plugin and the name of a governed method may come by the same call."""

    def is_owner(value: Value) -> bool:
        return any(
            program.governed.is_role(atom, role) for atom in value for role in ("plugin", "plugin class")
        )

    def is_name(value: Value) -> bool:
        texts = {atom.text.rpartition(".")[2] for atom in value if isinstance(atom, Text)}
        return len(texts) < len(value) or not texts.isdisjoint(program.policy.plugin_methods)

    return given_together(program, owner, name, scope, is_owner, is_name)


def _is_called(program: Program, node: ast.expr, scope: Scope) -> bool:
    return any(place.call is not None for place in program.places(node, scope))


def _governed(program: Program, owner: ast.expr, scope: Scope) -> Evidence | None:
    return evidence(program, owner, scope, "plugin") or evidence(program, owner, scope, "plugin class")


def _fact(program: Program, node: ast.expr, scope: Scope, found: Evidence, how: str, method: str) -> Fact:
    return Reflection(node, scope, found, program.is_inside(scope), how, method)


def _getter(program: Program, made: ast.Call, scope: Scope) -> Iterator[Fact]:
    """``methodcaller("run")`` and ``attrgetter("run")``, where they are applied to a plugin."""
    spelled = [
        atom.text for node in made.args for atom in program.evaluate(node, scope) if isinstance(atom, Text)
    ]
    if describe(made.func).endswith("methodcaller"):
        spelled = folding.strings(program.evaluate(made.args[0], scope))
    paths = [
        text.rpartition(".") for text in spelled if text.rpartition(".")[2] in program.policy.plugin_methods
    ]
    if not paths:
        return
    prefix, _, method = paths[0]
    for place in sorted(program.places(made, scope), key=place_order):
        call = place.scope.module.parents.get(place.node)
        if isinstance(call, ast.keyword):
            call = place.scope.module.parents.get(call)
        if place.wrapped or not isinstance(call, ast.Call) or _passes_on(program, call, place):
            continue
        name = made.args[0] if len(made.args) == 1 and place.scope is scope else None
        others = [
            argument
            for argument in call.args
            if argument is not place.node
            and (name is None or prefix or _together(program, argument, name, scope))
        ]
        found = next(
            (e for a in others if (e := _applied(program, a, place.scope, prefix)) is not None), None
        )
        if found is not None:
            yield _fact(program, call, place.scope, found, f"`{describe(made)}`", method)


def _passes_on(program: Program, call: ast.Call, place: Place) -> bool:
    """Whether ``call`` only hands the getter to a function of the program, where its use is seen."""
    if call.func is place.node:
        return False
    callee = program.evaluate(call.func, place.scope, place.frame)
    return bool(callee) and all(isinstance(atom, Function) for atom in callee)


def _applied(program: Program, argument: ast.expr, scope: Scope, prefix: str) -> Evidence | None:
    if not prefix:
        found = evidence(program, argument, scope, "plugin")
        if found is not None:
            return found
    value = program.evaluate(argument, scope)
    for part in prefix.split(".") if prefix else ():
        value = program.attribute(value, part)
    if not prefix:
        value = program.join(
            program.iterate(frozenset({atom})) for atom in value if isinstance(atom, Container)
        )
    if any(program.governed.is_role(atom, "plugin") for atom in value):
        return Evidence(describe(argument), Confidence.INFERRED, ())
    return None


def _by_name(program: Program, node: ast.Attribute, scope: Scope) -> Iterator[Fact]:
    """``p.__getattribute__("run")`` and ``object.__getattribute__(p, "run")``."""
    call = scope.module.parents.get(node)
    if not isinstance(call, ast.Call) or call.func is not node or not call.args:
        return
    how = node.attr
    if len(call.args) > 1:
        yield from _named(program, call, call.args[0], call.args[1], scope, how)
    else:
        yield from _named(program, call, node.value, call.args[0], scope, how)


def _through_namespace(program: Program, node: ast.Call | ast.Attribute, scope: Scope) -> Iterator[Fact]:
    """``vars(p)["run"]`` and ``p.__dict__["run"]``, also when the namespace is kept in a name."""
    owner = node.args[0] if isinstance(node, ast.Call) else node.value
    if _is_of_no_use(program, node, scope) or not program.project.may_be_governed(scope.module.path, owner):
        return
    owners = [
        a.owner for a in program.evaluate(node, scope) if isinstance(a, Method) and a.name == "__dict__"
    ]
    if not _any_governed(program, frozenset(owners)):
        return
    for place in sorted(program.places(node, scope), key=place_order):
        parent = place.scope.module.parents.get(place.node)
        if place.wrapped:
            continue
        found: ast.expr | None = None
        name: ast.expr | None = None
        if (
            isinstance(parent, ast.Subscript)
            and parent.value is place.node
            and isinstance(parent.ctx, ast.Load)
        ):
            found, name = parent, parent.slice
        elif isinstance(parent, ast.Attribute) and parent.attr in ("get", "pop", "__getitem__"):
            call = place.scope.module.parents.get(parent)
            if isinstance(call, ast.Call) and call.func is parent and call.args:
                found, name = call, call.args[0]
        if found is None or name is None:
            continue
        method = _certainly(program, name, place.scope)
        if not method and _is_called(program, found, place.scope):
            method = _possibly(program, name, place.scope)
        known = _governed(program, owner, scope)
        if method and known is not None and use_of(program, found, place.scope) != "looked":
            yield _fact(program, found, place.scope, known, f"`{describe(place.node)}`", method)


def _is_of_no_use(program: Program, namespace: ast.expr, scope: Scope) -> bool:
    """Whether no method is taken from ``namespace`` right where it is written, and it goes nowhere else."""
    parent = scope.module.parents.get(namespace)
    if isinstance(parent, ast.Attribute):
        return parent.attr in _NOT_TAKING
    if isinstance(parent, ast.Subscript) and parent.value is namespace:
        is_read = isinstance(parent.ctx, ast.Load)
        methods = program.policy.plugin_methods
        return not (is_read and any(spelling.may_be_written(parent.slice, method) for method in methods))
    return isinstance(parent, (ast.Compare, ast.For, ast.comprehension))


def _any_governed(program: Program, value: Value) -> bool:
    return any(
        program.governed.is_role(a, "plugin") or program.governed.is_role(a, "plugin class") for a in value
    )


def _evaluated(program: Program, call: ast.Call, scope: Scope) -> Iterator[Fact]:
    """A constant string given to ``eval`` or ``exec`` that itself reaches a plugin's run."""
    for text in folding.strings(program.evaluate(call.args[0], scope)):
        try:
            tree = scope.module.add_snippet(text, scope, call, _namespace(call, scope))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in ast.walk(tree):
            for fact in _in_snippet(program, node, scope.module):
                if not isinstance(fact, RunAccess) or fact.use in ("called", "taken"):
                    name = describe(call.func)
                    yield _fact(
                        program, call, scope, fact.evidence, f"`{name}`", getattr(fact, "method", "run")
                    )
                    return


def _namespace(call: ast.Call, scope: Scope) -> Names:
    """The names that ``eval(text, {"p": plugin})`` gives to the text, as far as they are written out."""
    given: Names = {}
    for argument in call.args[1:]:
        if isinstance(argument, ast.Dict):
            for key, value in zip(argument.keys, argument.values):
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    given[key.value] = (Assigned(key, scope, value),)
    return given


def _in_snippet(program: Program, node: ast.AST, module: Module) -> Iterator[Fact]:
    if isinstance(node, ast.Attribute) and node.attr in program.policy.plugin_methods:
        if isinstance(node.ctx, ast.Load):
            yield from access(program, node, module.scopes[node])
    elif isinstance(node, ast.Attribute) and node.attr in REFLECTIVE_METHODS:
        yield from _by_name(program, node, module.scopes[node])
    elif (
        isinstance(node, (ast.Name, ast.Attribute))
        and (getattr(node, "id", "") or getattr(node, "attr", "")) in REFLECTIVE_FUNCTIONS
        and isinstance(node.ctx, ast.Load)
    ):
        yield from _use_of_function(program, Place(node, module.scopes[node]))
    if isinstance(node, ast.Attribute) and node.attr == "__dict__":
        yield from _through_namespace(program, node, module.scopes[node])
