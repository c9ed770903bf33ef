"""Every place that replaces the choke point's entry, or a plugin's run from outside."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from phase12_lint.calls.replaced import entry_method, governed_names, is_entry, set_by_name, spelled, targets
from phase12_lint.model import Confidence
from phase12_lint.syntax import by_text
from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Assigned, Defined, Scope
from phase12_lint.values import folding
from phase12_lint.values.atoms import (
    ClassRef,
    Container,
    External,
    Function,
    Instance,
    Method,
    ModuleRef,
    Value,
)
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.evidence import describe
from phase12_lint.values.loads import place_order
from phase12_lint.values.made_classes import made_by_call
from phase12_lint.values.ordering import order
from phase12_lint.values.places import Evidence, Fact, Replacement

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

_MOCK_PATCH = re.compile(r"(?:.*\bmock(?:er)?\.)?patch(?:\.object|\.multiple)?")
_SETTERS = {"setattr", "__setattr__"}
_PATCHERS = {"patch", "object", "multiple"}
_WRAPPERS = {"wrap_function_wrapper", "patch_function_wrapper", "wrap_object", "patch_object"}  # of wrapt


def replacements(program: Program, module: Module) -> Iterator[Fact]:
    """The facts of ``module`` about what is replaced."""
    yield from _stores(program, module)
    yield from _set_by_name(program, module)
    yield from _patched(program, module)
    yield from _wrapped(program, module)
    yield from _in_namespace(program, module)
    yield from _updated(program, module)
    yield from _overrides(program, module)


def _fact(
    program: Program, node: ast.AST, scope: Scope, found: Evidence, target: str, how: str
) -> Iterator[Fact]:
    yield Replacement(node, scope, found, program.is_inside(scope), target, how)


def _stores(program: Program, module: Module) -> Iterator[Fact]:
    for name in sorted(program.once(governed_names)):
        for node in module.stores.get(name, ()):
            if isinstance(node.ctx, ast.Store):
                scope = module.scopes[node]
                for found, target in targets(program, node.value, name, scope):
                    yield from _fact(program, module.statement(node), scope, found, target, "an assignment")


def _set_by_name(program: Program, module: Module) -> Iterator[Fact]:
    """``setattr(x, "run", f)``, ``x.__setattr__("run", f)``, ``monkeypatch.setattr(...)``."""
    for word in sorted(_SETTERS | _aliases(module, "setattr")):
        for node in module.loads.get(word, ()):
            call = module.parents.get(node)
            if not isinstance(call, ast.Call) or call.func is not node:
                call = None
            scope = module.scopes[node]
            calls = [call] if call is not None else _alias_calls(program, node, scope)
            for each in calls:
                if not any(isinstance(a, Function) for a in program.evaluate(each.func, scope)):
                    yield from _by_name(program, each, module.scopes.get(each, scope), "`setattr`")


def _aliases(module: Module, name: str) -> set[str]:
    return {
        alias.asname
        for statement, _ in module.imports
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
        if alias.name == name and alias.asname
    }


def _alias_calls(program: Program, node: ast.expr, scope: Scope) -> list[ast.Call]:
    if External("builtins.setattr") not in program.evaluate(node, scope):
        return []
    places = sorted(program.places(node, scope), key=place_order)
    return [place.call for place in places if place.call is not None and place.scope.module is scope.module]


def _by_name(program: Program, call: ast.Call, scope: Scope, how: str) -> Iterator[Fact]:
    arguments = call.args
    if not arguments:
        return
    owners = (arguments[0], call.func.value) if isinstance(call.func, ast.Attribute) else arguments[:1]
    if not any(
        isinstance(owner, ast.Constant) or program.project.may_be_governed(scope.module.path, owner)
        for owner in owners
    ):
        return
    statement = scope.module.statement(call)
    if isinstance(call.func, ast.Attribute):
        paths = [name for name in spelled(program, arguments[0], scope) if "." in name]
        if paths:
            for found, target in _resolved(program, paths[0], scope):
                yield from _fact(program, statement, scope, found, target, how)
            return
    if len(arguments) > 2 or (len(arguments) == 2 and call.keywords):
        owner, name = arguments[:2]
    elif len(arguments) == 2 and isinstance(call.func, ast.Attribute):
        owner, name = call.func.value, arguments[0]
    else:
        return
    for found, target in set_by_name(program, owner, name, scope):
        yield from _fact(program, statement, scope, found, target, how)


def _patched(program: Program, module: Module) -> Iterator[Fact]:
    """``mock.patch("app.runner.ToolRunner.run")``, ``patch.object(ToolRunner, "run")``, ``patch.multiple``."""
    for word in sorted(_PATCHERS | _aliases(module, "patch")):
        for node in module.loads.get(word, ()):
            call = module.parents.get(node)
            if isinstance(call, ast.Call) and call.func is node:
                scope = module.scopes[node]
                if _is_patcher(program, node, scope):
                    yield from _patch(program, call, node, scope)


def _wrapped(program: Program, module: Module) -> Iterator[Fact]:
    """``wrapt.wrap_function_wrapper(app.runner, "ToolRunner.run", wrapper)``, and with the module as a text."""
    for node in (each for word in sorted(_WRAPPERS) for each in module.loads.get(word, ())):
        call, scope = module.parents.get(node), module.scopes[node]
        if not isinstance(call, ast.Call) or call.func is not node or len(call.args) < 2:
            continue
        if not any(isinstance(a, External) and "wrapt" in a.name for a in program.evaluate(node, scope)):
            continue
        owners = program.evaluate(call.args[0], scope)
        for name in spelled(program, call.args[1], scope):
            found = [
                each
                for path in folding.strings(owners)
                for each in _resolved(program, f"{path}.{name}", scope)
            ]
            for part in name.split(".")[:-1]:
                owners = program.attribute(owners, part)
            found += _named_target(program, owners, name.rpartition(".")[2], name)
            for evidence_of, target in found:
                yield from _fact(program, call, scope, evidence_of, target, f"`{describe(node)}`")


def _is_patcher(program: Program, node: ast.expr, scope: Scope) -> bool:
    """Whether ``node`` is ``mock.patch``, ``patch.object`` or ``patch.multiple``, by import or by its name."""
    for atom in program.evaluate(node, scope):
        if isinstance(atom, External):
            if ".patch" in f".{atom.name}":
                return True
        elif not isinstance(atom, (Function, ClassRef, Method, Container)) and _MOCK_PATCH.fullmatch(
            describe(node)
        ):
            return True
    return False


def _patch(program: Program, call: ast.Call, node: ast.Name | ast.Attribute, scope: Scope) -> Iterator[Fact]:
    kind = node.attr if isinstance(node, ast.Attribute) and node.attr in ("object", "multiple") else "patch"
    given = {keyword.arg or "": keyword.value for keyword in call.keywords}
    subject = call.args[0] if call.args else given.pop("target", None)
    if subject is None:
        return
    names = list(given)
    attribute = call.args[1] if len(call.args) > 1 else given.get("attribute")
    paths = spelled(program, subject, scope)
    if kind == "object":
        names = spelled(program, attribute, scope) if attribute is not None and paths else []
    if kind == "patch":
        found = [each for path in paths for each in _resolved(program, path, scope)]
    elif paths:
        found = [
            each for path in paths for name in names for each in _resolved(program, f"{path}.{name}", scope)
        ]
    elif kind == "object":
        found = list(set_by_name(program, subject, attribute, scope)) if attribute is not None else []
    else:
        found = [each for name in names for each in targets(program, subject, name, scope)]
    for evidence_of, target in found:
        yield from _fact(program, call, scope, evidence_of, target, f"`{describe(node)}`")


def _resolved(program: Program, text: str, scope: Scope) -> Iterator[tuple[Evidence, str]]:
    """What a dotted path such as ``app.runner.ToolRunner.run`` names, if that is governed."""
    parts = text.split(".")
    for split in range(len(parts) - 1, 0, -1):
        path = program.project.names.find(".".join(parts[:split]), scope.module.path)
        module = program.project.module(path) if path is not None else None
        if module is None:
            continue
        value: Value = frozenset({ModuleRef(".".join(parts[:split]), module, scope.module)})
        for part in parts[split:-1]:
            value = program.attribute(value, part)
        yield from _named_target(program, value, parts[-1], text)
        return
    if (
        len(parts) > 1
        and parts[-1] in program.entries
        and program.governed.is_runner_name(".".join(parts[:-1]))
    ):
        yield Evidence(text, Confidence.NAMED, ()), text


def _named_target(program: Program, value: Value, name: str, text: str) -> Iterator[tuple[Evidence, str]]:
    for atom in value:
        runner = program.governed.is_role(atom, "runner class") or program.governed.is_role(atom, "runner")
        plugin = program.governed.is_role(atom, "plugin class") or program.governed.is_role(atom, "plugin")
        governed = (runner and name in program.entries) or (plugin and name in program.policy.plugin_methods)
        if governed or entry_method(program, frozenset({atom}), name) is not None:
            yield Evidence(text, Confidence.CERTAIN, ()), ".".join(text.split(".")[-2:])
            return
        if isinstance(atom, ModuleRef) and atom.module is not None:
            inner = program.attribute(frozenset({atom}), name)
            names_choke = any(program.governed.is_role(a, "runner class") for a in inner)
            if names_choke or is_entry(program, atom.module, name) or _is_entry_function(program, inner):
                yield Evidence(text, Confidence.CERTAIN, ()), ".".join(text.split(".")[-2:])
                return


def _is_entry_function(program: Program, value: Value) -> bool:
    return any(isinstance(atom, Function) and atom.scope in program.choke.functions for atom in value)


def _in_namespace(program: Program, module: Module) -> Iterator[Fact]:
    """``vars(x)["run"] = f`` and ``x.__dict__["run"] = f``."""
    for node in module.subscript_stores:
        scope = module.scopes[node]
        owner = by_text.owner_of(node.value)
        if owner is None:
            continue
        for name in spelled(program, node.slice, scope):
            for found, target in targets(program, owner, name, scope):
                yield from _fact(
                    program, module.statement(node), scope, found, target, f"`{describe(node.value)}`"
                )


def _updated(program: Program, module: Module) -> Iterator[Fact]:
    """``vars(x).update(run=f)`` and ``x.__dict__.setdefault("run", f)``."""
    for word, call, owner in by_text.put(module):
        scope = module.scopes[call.func]
        keys = [key for a in call.args if isinstance(a, ast.Dict) for key in a.keys if key is not None]
        keys += call.args[:1] if word != "update" else []
        names = [name for key in keys for name in spelled(program, key, scope)]
        for name in (*names, *(keyword.arg or "" for keyword in call.keywords)):
            for found, target in targets(program, owner, name, scope):
                how = f"`{describe(call.func)}`"
                yield from _fact(program, module.statement(call), scope, found, target, how)


def _overrides(program: Program, module: Module) -> Iterator[Fact]:
    """A subclass of the choke point that defines one of its entries anew; what plugins are to define is none."""
    yield from _method_overrides(program, module)
    for cls in _classes(program, module):
        if (
            cls.scope in program.choke.classes
            or not cls.node.bases
            or not program.governed.is_runner_class(cls)
        ):
            continue
        made = made_by_call(cls.node, cls.scope)
        own = program.policy.plugin_methods if program.governed.is_declared_plugin_class(cls) else ()
        for name in sorted(program.entries.difference(own)):
            for definition in cls.members(name) if _is_had_above(program, cls, name) else ():
                node = definition.node
                if isinstance(definition, Assigned):
                    node = module.statement(node if made is None else made)
                elif not isinstance(definition, Defined):
                    continue
                base = next(describe(b) for b in cls.node.bases)
                found = Evidence(cls.name, Confidence.CERTAIN, ())
                how = f"an override in `{cls.name}`"
                yield Replacement(node, cls.scope, found, False, f"{base}.{name}", how)


def _classes(program: Program, module: Module) -> Iterator[ClassInfo]:
    """The classes of ``module``: those with a statement of their own, and those that ``type`` makes of a table."""
    for scopes in module.classes.values():
        yield from map(program.class_of, scopes)
    for node in module.loads.get("type", ()):
        call = module.parents.get(node)
        if isinstance(call, ast.Call) and call.func is node and len(call.args) > 2:
            known = program.evaluate(call, module.scopes[node])
            classes = [a.cls for a in known if isinstance(a, ClassRef) and isinstance(a.cls, ClassInfo)]
            yield from (cls for cls in classes if made_by_call(cls.node, cls.scope) is call)


def _is_had_above(program: Program, cls: ClassInfo, name: str) -> bool:
    """Whether a class of the choke point above ``cls`` has ``name``: of a class of a library that is not known."""
    above = [program.class_of(owner) for owner in program.choke.classes]
    above = [each for each in above if program.is_subclass(cls, each)]
    return not above or any(program.method(Instance(each), name) is not None for each in above)


def _method_overrides(program: Program, module: Module) -> Iterator[Fact]:
    """A subclass that defines the method that is the choke point anew, and does not call it with ``super()``; what
    plugins are to define is none."""
    for method in sorted(program.choke.functions, key=lambda scope: order(scope, scope.node)):
        owner = method.class_scope if method.name not in program.policy.plugin_methods else None
        for cls in program.subclasses(program.class_of(owner)) if owner is not None else ():
            own = cls.method(method.name) if cls.module is module else None
            if own is not None and not program.choke.holds(own):
                found = Evidence(cls.name, Confidence.CERTAIN, ())
                how = f"an override in `{cls.name}`"
                yield Replacement(own.node, cls.scope, found, False, method.qualified_name, how)


OF_A_MODULE = (replacements,)
