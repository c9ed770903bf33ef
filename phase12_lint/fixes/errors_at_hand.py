"""What code that answers with an error has at hand: the exception, the plugin's name, the envelope builder."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import libcst as cst

from phase12_lint.calls.envelope_builder import is_builder, is_of_builder
from phase12_lint.calls.governed_calls import governed_calls
from phase12_lint.calls.layer_code import nodes_within
from phase12_lint.calls.policy_calls import names_one_of
from phase12_lint.fixes.at_hand import name_of_plugin, parameters_of
from phase12_lint.fixes.base import NoFix
from phase12_lint.fixes.blocks import handler_around, names_in
from phase12_lint.fixes.draft import Draft
from phase12_lint.fixes.imports import dotted_name, importing
from phase12_lint.policy import last_part
from phase12_lint.syntax.scopes import Param, Scope, home_of
from phase12_lint.values.atoms import Function
from phase12_lint.values.parameters import is_self
from phase12_lint.values.program import Program

_EXCEPTIONS = {"exc", "e", "ex", "err", "error", "exception"}
_CAUGHT = "exc"


def exception_given(scope: Scope) -> str | None:
    """The parameter of the function that is an exception."""
    params = [each.node for each in scope.module.bound(scope).params]
    typed = [
        each.arg
        for each in params
        if each.annotation is not None and "Exception" in ast.unparse(each.annotation)
    ]
    named = [each.arg for each in params if each.annotation is None and each.arg in _EXCEPTIONS]
    found = typed or named or [each for each in _put_under("type", scope) if each not in _bare("type", scope)]
    return found[0] if len(found) == 1 else None


def exception_caught(change: Draft, scope: Scope, node: ast.AST) -> str:
    """What the handler around ``node`` calls the exception; ``change`` names it where it has no name."""
    handler = handler_around(scope, node)
    if handler is None or handler.type is None:
        raise NoFix("no exception is caught here")
    if handler.name is not None:
        return handler.name
    if home_of(scope, _CAUGHT) is not None and not _is_only_caught(scope):
        raise NoFix(f"`{_CAUGHT}` is something else here")
    change.change(handler, _named)
    return _CAUGHT


def _put_under(key: str, scope: Scope) -> list[str]:
    """The parameters of ``scope`` that the values of ``key`` in its dicts are made of."""
    read = {name.id for value in _values_of(key, scope) for name in names_in(value)}
    return [each.node.arg for each in scope.module.bound(scope).params if each.node.arg in read]


def _bare(key: str, scope: Scope) -> set[str]:
    """Those that are such a value themselves."""
    return {value.id for value in _values_of(key, scope) if isinstance(value, ast.Name)}


def _values_of(key: str, scope: Scope) -> Iterator[ast.expr]:
    for node in nodes_within(scope):
        for each, value in zip(node.keys, node.values) if isinstance(node, ast.Dict) else ():
            if isinstance(each, ast.Constant) and each.value == key:
                yield value


def plugin_given(program: Program, scope: Scope) -> str | None:
    """The parameter of ``scope`` that is the plugin's name: by the key it is put under, by its own, or as it is called
    or calls with it.
    """
    params = {each.node.arg for each in scope.module.bound(scope).params}
    put = params & _bare("plugin", scope) if is_of_builder(program, scope) else set()
    if len(put) == 1:
        return put.pop()
    name = name_of_plugin(program)
    if name in params:
        return name
    found = set(_handed_on(program, scope, name))
    if not found:
        frames = program.ask(("frames", scope)) if scope.is_function else ()
        given = [(param, each) for frame in frames for param, args in frame.bound.items() for each in args]
        found = {param for param, each in given if getattr(each.node, "id", "") == name}
    return found.pop() if len(found) == 1 and found <= params else None


def _own_name(program: Program, builder: Scope, param: str, scope: Scope) -> str | None:
    """The attribute of ``self`` that all code of the same class gives the builder as ``param``."""
    owner = _owner(scope)
    frames = [
        each for each in program.ask(("frames", builder)) if owner and _owner(each.shape.where) is owner
    ]
    given = [argument.node for frame in frames for argument in frame.bound.get(param, ())]
    texts = {ast.unparse(node) for node in given}
    are_own = all(isinstance(node, ast.Attribute) and is_self(node.value, scope) for node in given)
    return texts.pop() if len(texts) == 1 and are_own else None


def _owner(scope: Scope | None) -> Scope | None:
    """The class whose method ``scope`` is, or stands in."""
    return scope.method.class_scope if scope is not None and scope.method is not None else None


def _handed_on(program: Program, scope: Scope, name: str) -> Iterator[str]:
    """What ``scope`` calls the plugin's ``name`` that it gives in governed calls."""
    calls = governed_calls(program)
    for node in nodes_within(scope):
        first = node.args[0] if isinstance(node, ast.Call) and node in calls and node.args else None
        if isinstance(node, ast.Call) and isinstance(first, ast.Name):
            called = (each.scope for each in program.evaluate(node.func, scope) if isinstance(each, Function))
            if any(parameters_of(each)[:1] == [name] for each in called):
                yield first.id


def plugin_named(program: Program, scope: Scope) -> str:
    """The parameter that is the plugin's name; raises ``NoFix`` if there is none, or it is set anew."""
    name = plugin_given(program, scope) or name_of_plugin(program)
    home = home_of(scope, name)
    definitions = home.bindings[name] if home is not None else []
    if len(definitions) != 1 or not isinstance(definitions[0], Param):
        raise NoFix("the plugin's name is not at hand")
    return name


def built(change: Draft, program: Program, scope: Scope, node: ast.AST) -> str:
    """The call of the envelope builder for what is caught around ``node``."""
    exception = exception_caught(change, scope, node)
    builders = list(_builders(program))
    if len(builders) == 1 and builders[0].parent is builders[0].module.scope:
        written = _written(change, program, builders[0], scope)
        return f"{written}({', '.join(_arguments(program, builders[0], scope, exception))})"
    if builders:
        raise NoFix("there are several envelope builders")
    return _as_elsewhere(change, program, scope, exception)


def _named(node: cst.ExceptHandler) -> cst.ExceptHandler:
    return node.with_changes(
        name=cst.AsName(cst.Name(_CAUGHT), cst.SimpleWhitespace(" "), cst.SimpleWhitespace(" "))
    )


def _is_only_caught(scope: Scope) -> bool:
    home = home_of(scope, _CAUGHT)
    nodes = [each.node for each in home.bindings[_CAUGHT]] if home is scope else [None]
    return all(isinstance(each, ast.ExceptHandler) for each in nodes)


def _builders(program: Program) -> Iterator[Scope]:
    for entry in program.policy.error_envelope:
        for module in program.project.modules_with(last_part(entry)):
            for scope in module.functions.get(last_part(entry), ()):
                if not module.exempt and is_builder(program, scope):
                    yield scope


def _written(change: Draft, program: Program, builder: Scope, scope: Scope) -> str:
    if builder.module is scope.module:
        return builder.name
    return importing(change, dotted_name(program, builder.module, scope.module), builder.name, scope)


def _arguments(program: Program, builder: Scope, scope: Scope, exception: str) -> Iterator[str]:
    caught, plugin = exception_given(builder), plugin_given(program, builder)
    for param in builder.module.bound(builder).params:
        if param.node.arg == caught:
            given = exception
        elif param.node.arg == plugin:
            given = _own_name(program, builder, param.node.arg, scope) or plugin_named(program, scope)
        elif param.default is not None or param.kind in ("star", "starstar"):
            continue
        else:
            raise NoFix(f"it is not known what `{param.node.arg}` is to be")
        yield f"{param.node.arg}={given}" if param.kind == "keyword" else given


def _as_elsewhere(change: Draft, program: Program, scope: Scope, exception: str) -> str:
    """As the module calls a builder of another program already, with names that mean the same here."""
    for entry in program.policy.error_envelope:
        for load in scope.module.loads.get(last_part(entry), ()):
            call, where = scope.module.parents[load], scope.module.scopes[load]
            if not isinstance(call, ast.Call) or call.func is not load or call.keywords:
                continue
            if names_one_of(program, load, where, None, program.policy.error_envelope):
                return f"{change.text_of(load)}({', '.join(_given(call, where, scope, exception))})"
    raise NoFix("no envelope builder is at hand")


def _given(call: ast.Call, where: Scope, scope: Scope, exception: str) -> Iterator[str]:
    handler = handler_around(where, call)
    for each in call.args:
        if not isinstance(each, ast.Name):
            raise NoFix("the envelope builder is given something else elsewhere")
        if handler is not None and each.id == handler.name:
            yield exception
        elif home_of(scope, each.id) is home_of(where, each.id) or each.id in parameters_of(scope):
            yield each.id
        else:
            raise NoFix(f"`{each.id}` is not at hand")
