"""Where the governed calls begin: the mentions of the choke point's entries, and of layers outside the program."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from phase12_lint.calls.layers import layers_of
from phase12_lint.calls.policy_calls import are_written
from phase12_lint.calls.receivers import COUNTS_BY_NAME, Mention
from phase12_lint.calls.reflected import called_by_name, taken_by_name
from phase12_lint.calls.resolution import how_known
from phase12_lint.model import Confidence
from phase12_lint.policy import last_part, spelled
from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Scope, last_name
from phase12_lint.values import parameters
from phase12_lint.values.atoms import (
    JUST_NONE,
    Atom,
    ClassRef,
    Container,
    External,
    Function,
    Instance,
    Sourced,
    Value,
)
from phase12_lint.values.choke_point import functions_of
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.evidence import describe, evidence
from phase12_lint.values.frames import parameter, shape_of
from phase12_lint.values.parameters import declared_for
from phase12_lint.values.places import Evidence
from phase12_lint.values.program import Program

_ROLES = ("runner", "runner class")
_BY_NAME = rb"\.\s*(?:run|execute|analyze|submit)\w*\b"


class Seed(NamedTuple):
    """A mention of a method of ``layer`` that reaches the entry without being looked into."""

    mention: Mention
    layer: int
    callee: Scope | None
    evidence: Evidence
    how: str


def seeds(program: Program) -> Iterator[Seed]:
    """The mentions of entries on runner values, and of methods that cannot be resolved on layers' values."""
    if not has_runners(program):
        return
    for name in sorted(program.entries):
        for module in program.project.modules_reading(name):
            for load in module.loads.get(name, ()):
                if isinstance(load, ast.Attribute):
                    yield from _of_runner(program, load, load.value, name, module.scopes[load])
    yield from _reflected(program)
    yield from _called_themselves(program)
    yield from _unresolved(program)


def entries(program: Program) -> Iterator[Scope]:
    """The entries: the methods of the choke point's classes, the functions that the policy names, and those of a
    module that it names."""
    choke = program.choke
    for owner in sorted(choke.classes, key=lambda scope: scope.module.path):
        methods = (
            program.method(Instance(program.class_of(owner)), name) for name in sorted(program.entries)
        )
        yield from (method.scope for method in methods if method is not None)
    yield from sorted(choke.functions, key=lambda scope: scope.module.path)
    for module in sorted(choke.modules, key=lambda module: module.path):
        yield from (scope for scope in functions_of(module) if scope.name in program.entries)


def named_runners(program: Program) -> dict[Scope, bool]:
    """The functions that are runners by a name of their own, and whether they give anything back: without that, such a
    function runs something only if it reaches an entry. What gives back a runner, or a function, is a factory.
    """
    found: dict[Scope, bool] = {}
    for name in program.once(_names_of_runners):
        for module in program.project.modules_with(name):
            for scope in () if module.exempt else module.functions.get(name, ()):
                made = parameters.result(program, Function(scope), None)
                if not _holds_runner(program, made) and not program.is_inside(scope):
                    found[scope] = made != JUST_NONE
    return found


def _holds_runner(program: Program, made: Value) -> bool:
    held = made | program.iterate(frozenset(atom for atom in made if isinstance(atom, Container)))
    return any(
        isinstance(atom, Function) or any(program.governed.is_role(atom, role) for role in _ROLES)
        for atom in held
    )


def has_runners(program: Program) -> bool:
    """Whether any file names the choke point, a layer, or something by a runner's name."""
    policy = program.policy
    return are_written(program, (*policy.choke_point, *policy.layers, *policy.runner_names))


def has_pipeline(program: Program) -> bool:
    """Whether any file names a part of the pipeline: what ``has_runners`` asks for, or what the choke point calls."""
    policy = program.policy
    called = (
        *policy.metrics_update,
        *policy.error_envelope,
        *policy.input_validator,
        *policy.output_validator,
    )
    return has_runners(program) or are_written(program, called)


def _of_runner(program: Program, node: ast.expr, owner: ast.expr, name: str, scope: Scope) -> Iterator[Seed]:
    for role in _ROLES:
        found = evidence(program, owner, scope, role)
        if found is not None:
            atom = next(a for a in program.evaluate(owner, scope) if program.governed.is_role(a, role))
            how = "name" if found.confidence is Confidence.NAMED else how_known(program, owner, scope).how
            entry = _method(program, atom, name)
            written = replace(found, what=describe(node))
            yield Seed(Mention(node, scope, None, atom), layers_of(program).last, entry, written, how)
            return


def _method(program: Program, atom: Atom, name: str) -> Scope | None:
    """The entry: of the value's class, or of the only choke point where the value's class is not known."""
    if isinstance(atom, Sourced) and len(program.choke.classes) == 1:
        atom = Instance(program.class_of(next(iter(program.choke.classes))))
    if isinstance(atom, (Instance, ClassRef)) and isinstance(atom.cls, ClassInfo):
        method = program.method(atom, name)
        return method.scope if method is not None else None
    return None


def _reflected(program: Program) -> Iterator[Seed]:
    """``getattr(runner, "run")`` and ``methodcaller("run")(runner)``."""

    def runs(owner: ast.expr, scope: Scope) -> bool:
        return any(evidence(program, owner, scope, role) for role in _ROLES)

    for name in sorted(program.entries):
        for node, owner, scope in taken_by_name(program, (name,), of=runs):
            yield from _of_runner(program, node, owner, name, scope)
        for node, owner, scope in called_by_name(program, name):
            for seed in _of_runner(program, node, owner, name, scope):
                yield seed._replace(mention=seed.mention._replace(calls=True))


def _called_themselves(program: Program) -> Iterator[Seed]:
    """``fast_tool_runner(...)``: a runner by its name that is called itself."""
    for name in program.once(_names_of_runners):
        for module in program.project.modules_with(name):
            for load in module.loads.get(name, ()):
                call = module.parents.get(load)
                if (
                    isinstance(call, ast.Call)
                    and call.func is load
                    and not _is_named_runner(program, call, module)
                ):
                    found = evidence(program, load, module.scopes[load], "runner")
                    if found is not None:
                        mention = Mention(load, module.scopes[load])
                        entry = _method(program, Sourced(load, True, "runner"), "run")
                        yield Seed(mention, layers_of(program).last, entry, found, "name")


def _is_named_runner(program: Program, call: ast.Call, module: Module) -> bool:
    """Whether what ``call`` gives gets a runner's name, or its entry is called: then a factory is called."""
    parent = module.parents.get(call)
    while isinstance(parent, ast.Await):
        parent = module.parents.get(parent)
    if isinstance(parent, ast.Attribute):
        return parent.attr in program.entries
    target = getattr(parent, "optional_vars", getattr(parent, "target", None))
    targets = parent.targets if isinstance(parent, ast.Assign) else [target]
    names = [getattr(parent, "arg", None), *map(last_name, filter(None, targets))]
    if any("runner" in program.governed.roles_of_name(name) for name in names if name):
        return True
    taker = module.parents.get(parent) if isinstance(parent, ast.keyword) else parent
    return isinstance(taker, ast.Call) and taker is not call and _takes_runner(program, taker, call, module)


def _takes_runner(program: Program, taker: ast.Call, given: ast.expr, module: Module) -> bool:
    """Whether what ``taker`` calls declares the parameter for which it is ``given`` an argument as a runner."""
    scope = module.scopes[taker.func]
    for atom in program.evaluate(taker.func, scope):
        function = program.method(Instance(atom.cls), "__init__") if isinstance(atom, ClassRef) else atom
        if not isinstance(function, Function):
            continue
        frame = program.call_frame(function, taker, shape_of(taker, scope, None), None)
        for name, arguments in frame.bound.items() if frame is not None else ():
            is_it = any(each.node is given for each in arguments)
            param = parameter(function.scope, name) if is_it else None
            declared = declared_for(program, param, None) if param is not None else None
            if any(program.governed.is_role(each, "runner") for each in declared or ()):
                return True
    return False


def _names_of_runners(program: Program) -> list[str]:
    wanted = re.compile(rf"\b{spelled(program.policy.runner_names)}\b".encode())
    names = program.project.texts.found_by(wanted)
    return sorted(name for name in names if "runner" in program.governed.roles_of_name(name))


def _unresolved(program: Program) -> Iterator[Seed]:
    """Methods of layers whose class, or a base of it, stands outside the program: they count by their names."""
    layers = layers_of(program)
    if not any(_is_open(program, entry) for entry in (*program.policy.layers, *program.policy.choke_point)):
        return
    wanted = re.compile(_BY_NAME)
    for module in program.project.modules_matching(wanted):
        for name in [name for name in module.loads if COUNTS_BY_NAME.fullmatch(name)]:
            for load in module.loads[name]:
                if isinstance(load, ast.Attribute):
                    yield from _by_name(program, load, module, layers.last)


def _is_open(program: Program, entry: str) -> bool:
    """Whether the class that ``entry`` names is mentioned and is not wholly in the program."""
    last = last_part(entry)
    modules = program.project.modules_with(last)
    scopes = [s for module in modules for s in module.classes.get(last, ()) if s.goes_by(entry)]
    if not scopes:  # unless it names a function or a module
        return bool(modules) and entry not in program.choke.found
    return any(_has_foreign_base(program, program.class_of(scope)) for scope in scopes)


def _has_foreign_base(program: Program, cls: ClassInfo) -> bool:
    return any(
        isinstance(base, str) and not program.governed.is_known_external(base)
        for base in cls.ancestors(program)
    )


def _by_name(program: Program, load: ast.Attribute, module: Module, last: int) -> Iterator[Seed]:
    scope = module.scopes[load]
    for atom in program.evaluate(load.value, scope):
        cls = getattr(atom, "cls", None) if isinstance(atom, (Instance, ClassRef)) else None
        if isinstance(atom, External):
            cls = atom.name
        number = layers_of(program).of_class(cls) if isinstance(cls, (ClassInfo, str)) else None
        if number is None or not isinstance(cls, (ClassInfo, str)):
            continue
        if isinstance(cls, ClassInfo) and (
            program.method(Instance(cls), load.attr) is not None or not _has_foreign_base(program, cls)
        ):
            continue
        if number == last and load.attr in program.entries:
            continue
        known = how_known(program, load.value, scope)
        found = Evidence(describe(load.value), known.confidence, ())
        yield Seed(Mention(load, scope, None, atom), number, None, found, known.how)
        return
