"""Names: lexical lookup, module globals, imports, and what a definition stands for."""

from __future__ import annotations

import ast
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import (
    Assigned,
    Defined,
    Definition,
    Imported,
    Param,
    Phi,
    Raw,
    Rebound,
    Refined,
    Scope,
    last_name,
)
from phase12_lint.values import (
    container_methods,
    containers,
    declared_types,
    folding,
    narrowing,
    parameters,
    plugin_sources,
    stored_elsewhere,
    targets,
)
from phase12_lint.values.atoms import (
    ANYTHING,
    ELSE,
    NONE,
    NOTHING,
    UNKNOWN,
    Atom,
    ClassRef,
    External,
    Function,
    Instance,
    Method,
    ModuleRef,
    Site,
    Text,
    TypeExpression,
    Value,
)
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import Argument, Frame, Shape
from phase12_lint.values.loads import calls_under
from phase12_lint.values.ordering import frame_order

if TYPE_CHECKING:
    from phase12_lint.values.program import Program


UNRESOLVED = "<unresolved>"
_NAMESPACES = {"globals", "locals", "vars", "__dict__"}


def lexical(program: Program, name: str, scope: Scope, frame: Frame | None) -> Value:
    """``name`` as seen from ``scope`` where no definition of the scope itself reaches."""
    module = scope.module
    inner: Scope | None = None
    current, where = scope, frame
    skip_to_module = False
    while True:
        module.bound(current)
        if name in current.declared_global:
            skip_to_module = True
        if current.kind == "module":
            break
        visible = current is scope or current.kind != "class"
        if visible and not skip_to_module:
            if name in current.type_parameters:
                return frozenset({TypeExpression(current.type_parameters[name], current)})
            if name in current.bindings and name not in current.declared_nonlocal:
                return _closure(program, name, current, inner, where)
            if name in current.captured and current.kind == "snippet":
                return program.join(program.define(d, where) for d in current.captured[name])
        if current.is_function:
            where = where.closure if where is not None else None
        inner = current
        assert current.parent is not None
        current = current.parent
    value: Value = program.ask(("global", module, name))
    if value:
        return value
    if name in program.builtins:
        return frozenset({External(f"builtins.{name}")})
    return frozenset({External(f"{UNRESOLVED}.{name}")})


def _closure(program: Program, name: str, scope: Scope, inner: Scope | None, frame: Frame | None) -> Value:
    """A variable of an enclosing function: what reached the inner ``def``, and what is bound after it."""
    bindings = scope.bindings[name]
    if inner is None:
        return program.join(program.define(d, frame) for d in bindings)
    reaching = inner.captured.get(name, ())
    line = getattr(inner.node, "lineno", 0)
    later = [d for d in bindings if getattr(d.node, "lineno", 0) > line] if reaching else bindings
    chosen = dict.fromkeys([*reaching, *later])
    return program.join(program.define(d, frame) for d in chosen) | _set_inside(program, scope, name, frame)


def _set_inside(program: Program, scope: Scope, name: str, frame: Frame | None) -> Value:
    """What functions inside ``scope`` make of its variable, or of a module's, where ``frame`` calls ``scope``."""
    return program.join(
        program.define(definition, call)
        for definition in _rebound(scope, name)
        for call in _calls_within(program, definition.scope, scope, frame)
    )


def _calls_within(
    program: Program, inner: Scope, scope: Scope, frame: Frame | None
) -> Collection[Frame | None]:
    if frame is None or any(call.closure is None for call in program.ask(("frames", inner))):
        return (None,)
    return sorted(calls_under(program, inner, scope, frame), key=frame_order) or (None,)


def _rebound(scope: Scope, name: str) -> list[Definition]:
    """Bindings through ``nonlocal`` in functions inside ``scope``; of a module, through ``global``."""
    if scope.kind == "module":
        return _set_as_global(scope.module, name)
    found: list[Definition] = []
    for child in scope.children:
        scope.module.bound(child)
        if name in child.declared_nonlocal:
            found += child.bindings.get(name, [])
        if child.children and name not in child.bindings:
            found += _rebound(child, name)
    return found


def _set_as_global(module: Module, name: str) -> list[Definition]:
    writers = (each for each in module.global_writers.get(name, ()) if each is not module.scope)
    return [definition for writer in writers for definition in module.bound(writer).bindings.get(name, ())]


def module_global(program: Program, module: Module, name: str) -> Value:
    """The attribute ``name`` of ``module`` as it is after the module has run; nothing if it has none."""
    value: Value = program.ask(("global", module, name))
    if value or name.startswith("__"):
        return value
    return _stored_from_outside(program, module, name) or _made_on_request(program, module, name)


def compute_global(program: Program, module: Module, name: str) -> Value:
    """What code of ``module`` itself has under the global ``name``: ``__getattr__`` is not asked for that."""
    scope = module.bound(module.scope)
    definitions: list[Definition] = []
    definitions += scope.final.get(name) or tuple(scope.bindings.get(name, ()))
    definitions += _set_as_global(module, name)
    if definitions:
        value = program.join(program.define(d, None) for d in dict.fromkeys(definitions))
        return value if value - {NONE, UNKNOWN} else value | _stored_from_outside(program, module, name)
    put = _put_by_name(program, module, name)
    if put:
        return put
    for statement in reversed(scope.stars):
        value = _from_star(program, module, statement, name)
        if value:
            return value
    if module.is_package:
        path, dotted = program.project.names.relative(module.path, 1, name)
        if path is not None:
            return _module(program, path, dotted, module)
    if name in ("__name__", "__file__", "__doc__", "__package__"):
        return _about(module, name)
    return NOTHING


def _about(module: Module, name: str) -> Value:
    """What Python itself says in a module of the module."""
    whole = module.whole_name("").strip(".")
    if name == "__name__":
        return frozenset({Text(whole)})
    return (
        frozenset({Text(whole if module.is_package else whole.rpartition(".")[0])})
        if name == "__package__"
        else ELSE
    )


def _made_on_request(program: Program, module: Module, name: str) -> Value:
    """What the module's ``__getattr__`` gives for ``name``; nothing if it has none, or none for that name."""
    getters = module.bound(module.scope).final.get("__getattr__", ())
    asked = Argument(program.written(name), module.scope, None)
    getter = program.join(program.define(definition, None) for definition in getters)
    return program.join(
        program.apply(atom, module.tree, module.scope, None, Shape((asked,), ())) for atom in getter
    )


def _put_by_name(program: Program, module: Module, name: str) -> Value:
    """What ``globals()[name] = ...`` in the module binds to the name; what ``__getattr__`` keeps is what it gives."""
    found: set[Atom] = set()
    own = Method(ModuleRef(module.whole_name("").strip("."), module, module), "__dict__")
    for store in module.subscript_stores if module.loads.keys() & _NAMESPACES else ():
        scope = module.scopes[store]
        taken = store.value.func if isinstance(store.value, ast.Call) else store.value
        if last_name(taken) not in _NAMESPACES or scope.name == "__getattr__":
            continue
        names = folding.strings(program.evaluate(store.slice, scope))
        if name in names and own in program.evaluate(store.value, scope):
            found |= targets.stored(program, store, scope, None)
    return frozenset(found)


def _stored_from_outside(program: Program, module: Module, name: str) -> Value:
    """What other modules assign to ``module.name``."""
    found: set[Atom] = set()
    for owner, scope, put in stored_elsewhere.foreign_stores(program.project.modules_storing(name), name):
        known = program.evaluate(owner, scope)
        if any(isinstance(atom, ModuleRef) and atom.module is module for atom in known):
            found |= targets.stored(program, put, scope, None)
    return frozenset(found)


def _from_star(program: Program, module: Module, statement: ast.ImportFrom, name: str) -> Value:
    source = source_of(program, module, statement)
    if isinstance(source, ModuleRef):
        if source.module is None or not _exports(program, source.module, name):
            return NOTHING
        return module_global(program, source.module, name)
    if name.startswith("_"):
        return NOTHING
    if name in program.builtins or source is None:
        return NOTHING
    return frozenset({External(f"{source.name}.{name}")})


def _exports(program: Program, module: Module, name: str) -> bool:
    """Whether ``from module import *`` binds ``name``: as ``__all__`` says, which may be put together anywhere."""
    if "__all__" not in module.bound(module.scope).bindings:
        return not name.startswith("_")
    listed = program.iterate(module_global(program, module, "__all__"))
    return any(not isinstance(atom, Text) or atom.text == name for atom in listed)


def source_of(program: Program, module: Module, statement: ast.ImportFrom) -> ModuleRef | External | None:
    """The module that ``from ... import`` reads."""
    name = statement.module or ""
    if statement.level:
        path, dotted = program.project.names.relative(module.path, statement.level, name)
        if path is not None:
            return _module_ref(program, path, dotted, module)
        return ModuleRef(dotted, None, module)
    return _absolute(program, name, module)


def _absolute(program: Program, name: str, importer: Module) -> ModuleRef | External | None:
    path = program.project.names.find(name, importer.path)
    if path is not None:
        return _module_ref(program, path, name, importer)
    first = name.partition(".")[0]
    if first not in program.stdlib and program.project.names.is_namespace(name, importer.path):
        return ModuleRef(name, None, importer)
    return External(name)


def named(program: Program, name: str, importer: Module, level: int = 0) -> Value:
    """The module that an import of ``name`` in ``importer`` loads, ``level`` folders up (0: from the top)."""
    if level:
        path, dotted = program.project.names.relative(importer.path, level, name)
        return _module(program, path, dotted, importer) if path is not None else ANYTHING
    found = _absolute(program, name, importer)
    return frozenset({found}) if found is not None else ANYTHING


def _module_ref(program: Program, path: str, name: str, importer: Module) -> ModuleRef | External | None:
    module = program.project.module(path)
    if module is None or (module.exempt and not importer.exempt):
        return None
    return ModuleRef(name, module, importer)


def _module(program: Program, path: str, name: str, importer: Module) -> Value:
    found = _module_ref(program, path, name, importer)
    return frozenset({found}) if found is not None else ANYTHING


def submodule(program: Program, reference: ModuleRef, name: str) -> Value:
    """The attribute ``name`` of a module or namespace package of the program."""
    if reference.module is not None:
        value = module_global(program, reference.module, name)
        if value or not reference.module.is_package:
            return value or ANYTHING
    found = _absolute(program, f"{reference.name}.{name}", reference.importer)
    return frozenset({found}) if isinstance(found, ModuleRef) else ANYTHING


def define(program: Program, definition: Definition, frame: Frame | None) -> Value:
    """What the name that ``definition`` defines is, right after it; nothing where ``frame`` does not come to it."""
    if frame is not None and not narrowing.is_come_to(program, definition, definition.scope, frame):
        return NOTHING
    if isinstance(definition, Param):
        return parameters.parameter_value(program, definition, frame)
    if isinstance(definition, Assigned):
        return _assigned(program, definition, frame)
    if isinstance(definition, Imported):
        return _imported(program, definition)
    if isinstance(definition, Defined):
        return defined(program, definition, frame)
    if isinstance(definition, Refined):
        before = program.join(program.define(d, frame) for d in definition.previous)
        return narrowing.refine(
            program, before, definition.test, definition.positive, definition.scope, frame
        )
    if isinstance(definition, Phi):
        return program.join(program.define(d, frame) for d in definition.previous)
    if isinstance(definition, Rebound):
        return _set_inside(program, definition.scope, definition.name, frame)
    assert isinstance(definition, Raw)
    return program.evaluate_raw(definition.node, definition.scope, frame)


def _assigned(program: Program, definition: Assigned, frame: Frame | None) -> Value:
    if definition.annotation is not None:
        declared = declared_types.instance(program, definition.annotation, definition.scope, frame)
        if isinstance(definition.value, ast.expr) and _is_type_alias(definition):
            names_it = isinstance(definition.value, (ast.Name, ast.Attribute))
            known = program.evaluate(definition.value, definition.scope) if names_it else NOTHING
            return known or frozenset({TypeExpression(definition.value, definition.scope)})
        flows = (
            containers.take(program, definition.value, definition.path, definition.scope, frame)
            if definition.value is not None
            else NOTHING
        )
        texts = frozenset(atom for atom in flows if isinstance(atom, Text))
        if texts and texts == flows and definition.scope.kind != "class":
            return texts
        value = (
            declared_types.reconcile_stored(program, declared, flows, definition.scope.is_function) | texts
        )
        return program.told_apart(value, definition.node, definition.scope)
    if isinstance(definition.node, ast.AugAssign) or definition.value is None:
        return container_methods.augmented(program, definition, frame)
    return containers.take(program, definition.value, definition.path, definition.scope, frame)


def _is_type_alias(definition: Assigned) -> bool:
    node = definition.annotation
    return isinstance(node, (ast.Name, ast.Attribute)) and last_name(node) == "TypeAlias"


def _imported(program: Program, definition: Imported) -> Value:
    module, alias = definition.scope.module, definition.node
    if isinstance(definition.statement, ast.Import):
        found = _absolute(program, alias.name if alias.asname else alias.name.partition(".")[0], module)
        return frozenset({found}) if found is not None else ANYTHING
    source = source_of(program, module, definition.statement)
    if source is None:
        return ANYTHING
    if isinstance(source, External):
        return program.attribute(frozenset({source}), alias.name)
    if source.module is module:
        path, dotted = program.project.names.relative(module.path, 1, alias.name)
        if path is not None and alias.name not in module.bound(module.scope).bindings:
            return _module(program, path, dotted, module)
        if path is not None and path != module.path:
            return _module(program, path, dotted, module)
    return submodule(program, source, alias.name)


def defined(program: Program, definition: Defined, frame: Frame | None) -> Value:
    """A ``def`` or ``class`` as its name has it, decorators included where the program defines them."""
    scope = definition.scope.module.scope_of_node[definition.node]
    return under(program, scope, definition.node.decorator_list, definition.scope, frame)


def under(
    program: Program, scope: Scope, decorators: Sequence[ast.expr], outer: Scope, frame: Frame | None
) -> Value:
    """What the last ``decorators`` of the function or class ``scope``, which stands in ``outer``, make of it."""
    bare: Value = frozenset({Function(scope, None, frame)})
    if scope.kind == "class":
        bare = frozenset({ClassRef(program.class_of(scope))})
    for decorator in decorators:
        if scope.is_function:
            bare |= plugin_sources.decorated(program, decorator, outer, frame)
        for atom in program.evaluate(decorator, outer, frame):
            if (function := parameters.called(program, atom)) is not None:
                made = parameters.result(program, function, program.decoration(function, decorator, scope))
                kept = frozenset(a for a in made if isinstance(a, (Function, Instance, ClassRef)))
                return kept if kept == made and kept else kept | bare
            if isinstance(atom, ClassRef) and scope.is_function and _is_callable(program, atom):
                return frozenset({Instance(atom.cls, Site.of(decorator, outer, frame))})
    return bare


def _is_callable(program: Program, cls: ClassRef) -> bool:
    names = ("__call__", "__get__") if isinstance(cls.cls, ClassInfo) else ()
    return any(program.method(Instance(cls.cls), name) is not None for name in names)
