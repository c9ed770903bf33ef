"""Calls of builtins and the standard library that mean something of their own: ``cast``, ``getattr``, ``super``."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from phase12_lint.syntax.scopes import Scope
from phase12_lint.values import (
    declared_types,
    folding,
    import_machinery,
    made_classes,
    metaclasses,
    models,
    spelling,
)
from phase12_lint.values.atoms import (
    ANYTHING,
    JUST_NONE,
    NOTHING,
    Atom,
    ClassRef,
    Container,
    Getter,
    Instance,
    Method,
    Partial,
    Site,
    Sourced,
    Super,
    Text,
    TypeExpression,
    Value,
)
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import Argument, Frame, Shape

if TYPE_CHECKING:
    from phase12_lint.values.program import Program

Special = Callable[["Program", ast.Call, Scope, Frame | None, Shape], Value]


def _cast(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    if len(node.args) < 2:
        return ANYTHING
    declared = declared_types.instance(program, node.args[0], scope, frame)
    return declared_types.reconcile(program, declared, program.argument(shape.positional[1]))


def _getattr(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    if len(node.args) < 2:
        return ANYTHING
    names = folding.strings(program.evaluate(node.args[1], scope, frame))
    pattern = None if names else spelling.spelled(node.args[1], scope)
    if not names and pattern is None:
        return ANYTHING
    owner = program.argument(shape.positional[0])
    if pattern is not None:
        spelled = (program.attribute(owner, name) for name in _named_so(program, owner, pattern))
        return ANYTHING.union(*spelled)
    found = program.join(program.attribute(owner, name) for name in names)
    return found | (program.argument(shape.positional[2]) if len(shape.positional) > 2 else NOTHING)


def _named_so(program: Program, owner: Value, pattern: re.Pattern[str]) -> list[str]:
    """The attributes of the classes of ``owner`` whose names fit ``pattern``."""
    classes = [atom.cls for atom in owner if isinstance(atom, (Instance, ClassRef))]
    line = [base for cls in classes if isinstance(cls, ClassInfo) for base in cls.ancestors(program)]
    scopes = [base.module.bound(base.scope) for base in line if isinstance(base, ClassInfo)]
    return sorted({each for base in scopes for each in base.bindings if pattern.fullmatch(each)})


def _type(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    if len(node.args) != 1:
        return made_classes.with_bases(program, node, scope, frame, shape)
    found: set[Atom] = set()
    for atom in program.argument(shape.positional[0]):
        if isinstance(atom, Instance):
            found.add(ClassRef(atom.cls, True, atom.arguments))
        elif isinstance(atom, Sourced) and atom.role == "plugin":
            found.add(Sourced(atom.node, atom.named, "plugin class"))
        else:
            found |= ANYTHING
    return frozenset(found)


def _new(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    """``object.__new__(cls)``: an instance, made by no call of the class."""
    found: set[Atom] = set()
    for atom in program.argument(shape.positional[0]) if shape.positional else ():
        if isinstance(atom, ClassRef):
            made = _classes_made_by(program, atom)
            found |= made or {Instance(atom.cls, None, atom.arguments)}
        elif isinstance(atom, Sourced) and atom.role == "plugin class":
            found.add(Sourced(atom.node, atom.named))
        else:
            found |= ANYTHING
    return frozenset(found) or ANYTHING


def _classes_made_by(program: Program, atom: ClassRef) -> Value:
    if isinstance(atom.cls, str) or not metaclasses.is_metaclass(program, atom.cls):
        return NOTHING
    return metaclasses.classes_of(program, atom.cls)


def _vars(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    owner = program.argument(shape.positional[0]) if shape.positional else NOTHING
    if not shape.positional:
        return import_machinery.own_namespace(program, node, scope, frame, shape)
    return frozenset(Method(atom, "__dict__") for atom in owner) or ANYTHING


def _partial(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    return frozenset({Partial(Site.of(node, scope, frame))}) if node.args else ANYTHING


def _getter(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    return frozenset({Getter(Site.of(node, scope, frame))}) if node.args else ANYTHING


def _item(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    if len(node.args) < 2:
        return ANYTHING
    return program.item(program.argument(shape.positional[0]), node.args[1], scope, frame)


def _super(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    method_scope = scope.method
    owner = method_scope.class_scope if method_scope is not None else None
    if owner is None:
        return ANYTHING
    cls = program.class_of(owner)
    if len(node.args) == 2:
        found: set[Atom] = set()
        for atom in program.evaluate(node.args[0], scope, frame):
            for receiver in program.evaluate(node.args[1], scope, frame):
                known = isinstance(receiver, (Instance, ClassRef))
                if known and isinstance(atom, ClassRef) and isinstance(atom.cls, ClassInfo):
                    found.add(Super(atom.cls, receiver))
        return frozenset(found) or ANYTHING
    receiver_frame = frame if frame is not None and frame.scope is method_scope else None
    if receiver_frame is not None and isinstance(receiver_frame.receiver, (Instance, ClassRef)):
        return frozenset({Super(cls, receiver_frame.receiver)})
    return frozenset({Super(cls, Instance(cls))})


def _type_variable(
    program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape
) -> Value:
    return frozenset({TypeExpression(node, scope)})


def _new_type(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    if len(node.args) != 2:
        return ANYTHING
    return program.evaluate(node.args[1], scope, frame)


def _called(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    callee = program.argument(shape.positional[0]) if shape.positional else NOTHING
    rest = shape.without(1)
    return program.join(program.apply(atom, node, scope, frame, rest) for atom in callee) or ANYTHING


def _reduce(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    if len(shape.positional) < 2:
        return ANYTHING
    function, over, *initial = shape.positional
    element = Argument(over.node, over.scope, over.frame, (*over.path, ("element", None)))
    given = Shape((initial[0] if initial else element, element), ())
    atoms = program.argument(function)
    return program.join(program.apply(atom, node, scope, frame, given) for atom in atoms) or ANYTHING


def _wait(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    if not shape.positional:
        return ANYTHING
    tasks = frozenset({Container("list", None, (program.iterate(program.argument(shape.positional[0])),))})
    return frozenset({Container("tuple", None, (tasks, tasks), True)})


def _type_arguments(
    program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape
) -> Value:
    """``get_args(Action)``: the texts of a ``Literal``."""
    said = declared_types.instance(program, node.args[0], scope, frame) if node.args else NOTHING
    is_literal = bool(said) and all(isinstance(atom, Text) for atom in said)
    return frozenset({Container("list", None, (said,))}) if is_literal else ANYTHING


def _channel(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    end: Value = frozenset({Container("list", replace(Site.of(node, scope, frame), within=1))})
    return frozenset({Container("tuple", None, (end, end), True)})


def _proxy(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    """What stands behind a proxy that is given a function, or a variable of a context."""
    known = program.argument(shape.positional[0]) if shape.positional else NOTHING
    held = frozenset(atom for atom in known if isinstance(atom, Container))
    made = models.product(program, known - held, shape.positional[0]) if known else ANYTHING
    return program.iterate(held) | made


def _open(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    return ANYTHING


def _none(program: Program, node: ast.Call, scope: Scope, frame: Frame | None, shape: Shape) -> Value:
    return JUST_NONE


SPECIAL: dict[str, Special] = {
    "typing.cast": _cast,
    "typing_extensions.cast": _cast,
    "builtins.getattr": _getattr,
    "inspect.getattr_static": _getattr,
    "builtins.type": _type,
    "builtins.vars": _vars,
    "builtins.object.__new__": _new,
    "builtins.type.__new__": _new,
    **dict.fromkeys(("types.new_class", "abc.ABCMeta"), made_classes.with_bases),
    **dict.fromkeys(
        (
            *("collections.namedtuple", "typing.NamedTuple", "typing_extensions.NamedTuple"),
            *("typing.TypedDict", "typing_extensions.TypedDict", "dataclasses.make_dataclass"),
            *("attr.make_class", "attrs.make_class", "pydantic.create_model"),
        ),
        made_classes.with_fields,
    ),
    **dict.fromkeys(
        ("enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag", "enum.IntFlag"), made_classes.with_members
    ),
    "functools.partial": _partial,
    "functools.partialmethod": _partial,
    "operator.methodcaller": _getter,
    "operator.attrgetter": _getter,
    "operator.itemgetter": _getter,
    "operator.getitem": _item,
    "builtins.super": _super,
    "typing.TypeVar": _type_variable,
    "typing_extensions.TypeVar": _type_variable,
    "typing.ParamSpec": _type_variable,
    "typing_extensions.ParamSpec": _type_variable,
    "typing.NewType": _new_type,
    "typing_extensions.NewType": _new_type,
    **dict.fromkeys(models.CALLING, _called),
    **dict.fromkeys(("typing.get_args", "typing_extensions.get_args"), _type_arguments),
    **dict.fromkeys(models.CHANNELS, _channel),
    **dict.fromkeys(models.PROXIES, _proxy),
    "functools.wraps": _open,
    "functools.reduce": _reduce,
    "asyncio.wait": _wait,
    "concurrent.futures.wait": _wait,
    "builtins.__import__": import_machinery.dunder_import,
    "importlib.__import__": import_machinery.dunder_import,
    "importlib.import_module": import_machinery.import_module,
    "importlib.util.find_spec": import_machinery.find_spec,
    "importlib.util.module_from_spec": import_machinery.module_from_spec,
    "pkgutil.resolve_name": import_machinery.resolve_name,
    "pydoc.locate": import_machinery.resolve_name,
    "django.utils.module_loading.import_string": import_machinery.resolve_name,
    "werkzeug.utils.import_string": import_machinery.resolve_name,
    "sys.modules.get": import_machinery.loaded,
    "sys.modules.pop": import_machinery.loaded,
    "builtins.globals": import_machinery.own_namespace,
    "builtins.locals": import_machinery.own_namespace,
    "builtins.setattr": _none,
    "builtins.print": _none,
}
