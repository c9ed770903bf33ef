"""The calls that make a response, an exception that the framework answers with, or that abort with one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from enum import Enum

from phase12_lint.calls.outcomes import Assumption
from phase12_lint.syntax.scopes import Scope, last_name
from phase12_lint.taint.statuses import OPEN, Statuses, of_exception, statuses
from phase12_lint.values.atoms import ClassRef, External, Function, Instance
from phase12_lint.values.classes import ClassInfo
from phase12_lint.values.frames import Frame, shape_of
from phase12_lint.values.program import Program

_RESPONDING = {"jsonify", "make_response", "json_response", "render_template", "redirect", "send_file"}
_RESPONDING |= {"send_from_directory", "render_template_string"}
_RESPONDING_OF_LIBRARIES = {"django.shortcuts.render"} | {
    f"{module}.{name}"
    for module in ("sanic", "sanic.response")
    for name in ("json", "text", "html", "raw", "empty", "redirect")
}
_ABORTING = {"abort", "http_abort", "send_error"}
_ERROR_MODULES = ("werkzeug.exceptions.", "aiohttp.web.", "aiohttp.web_exceptions.", "sanic.exceptions.")
_STATUS_WORDS = {"status_code", "status", "code"}
_FLASK_BODIES = {"make_response"}


class Maker(Enum):
    """What a call makes."""

    RESPONSE = "a response"
    EXCEPTION = "an HTTP exception"
    ABORT = "an HTTP exception that is raised at once"


def maker_of(program: Program, call: ast.Call, scope: Scope, frame: Frame | None) -> Maker | None:
    """What ``call`` makes, if it makes an answer."""
    known = False
    for atom in program.evaluate(call.func, scope, frame):
        if isinstance(atom, Function):
            known = True
        for name in names_of(program, atom):
            made = _by_name(name)
            if made is not None:
                return made
    return None if known else _by_last_name(last_name(call.func) or "")


def names_of(program: Program, atom: object) -> Iterator[str]:
    """The qualified names of what is called and of its bases outside the program."""
    if isinstance(atom, External):
        yield atom.name
    elif isinstance(atom, ClassRef):
        line = atom.cls.ancestors(program) if isinstance(atom.cls, ClassInfo) else (atom.cls,)
        yield from (each for each in line if isinstance(each, str))


def _by_name(name: str) -> Maker | None:
    last = name.rpartition(".")[2]
    if name.startswith(_ERROR_MODULES) and of_exception(last) is not None:
        return Maker.EXCEPTION
    return Maker.RESPONSE if name in _RESPONDING_OF_LIBRARIES else _by_last_name(last)


def _by_last_name(last: str) -> Maker | None:
    if last.endswith("HTTPException") or last == "HTTPError":
        return Maker.EXCEPTION
    if last in _ABORTING:
        return Maker.ABORT
    if last in _RESPONDING or (last.endswith("Response") and last[:1].isupper()):
        return Maker.RESPONSE
    return None


def status_of(
    program: Program, call: ast.Call, scope: Scope, frame: Frame | None, maker: Maker, assumed: Assumption
) -> Statuses:
    """The status of what ``call`` makes."""
    for atom in program.evaluate(call.func, scope, frame):
        if isinstance(atom, ClassRef) and isinstance(atom.cls, ClassInfo):
            found = _by_constructor(program, atom.cls, call, scope, frame, maker, assumed)
            if found is not None:
                return found
        for name in names_of(program, atom):
            fixed = of_exception(name.rpartition(".")[2])
            if fixed is not None and maker is Maker.EXCEPTION:
                return frozenset({fixed})
    return written_status(program, call, scope, frame, maker, assumed)


def written_status(
    program: Program, call: ast.Call, scope: Scope, frame: Frame | None, maker: Maker, assumed: Assumption
) -> Statuses:
    """The status as an argument of ``call`` says it, or what goes without saying."""
    for keyword in call.keywords:
        if keyword.arg in _STATUS_WORDS:
            return statuses(program, keyword.value, scope, frame, assumed)
    if any(keyword.arg is None for keyword in call.keywords):
        return OPEN
    position = 0 if maker is not Maker.RESPONSE else 1
    if (last_name(call.func) or "") in ("jsonify", "render_template", "render_template_string"):
        return frozenset({200})
    if any(isinstance(argument, ast.Starred) for argument in call.args[: position + 1]):
        return OPEN
    if len(call.args) > position:
        return statuses(program, call.args[position], scope, frame, assumed)
    if (last_name(call.func) or "") in _FLASK_BODIES and len(call.args) == 1:
        return _of_inner(program, call.args[0], scope, frame, assumed)
    return OPEN if maker is not Maker.RESPONSE else frozenset({200})


def _of_inner(
    program: Program, body: ast.expr, scope: Scope, frame: Frame | None, assumed: Assumption
) -> Statuses:
    """``make_response((body, 400))``."""
    if isinstance(body, ast.Tuple) and len(body.elts) > 1:
        return statuses(program, body.elts[1], scope, frame, assumed)
    return frozenset({200})


def _by_constructor(
    program: Program,
    cls: ClassInfo,
    call: ast.Call,
    scope: Scope,
    frame: Frame | None,
    maker: Maker,
    assumed: Assumption,
) -> Statuses | None:
    """The status that a class of the program passes to its base, or declares as ``code`` or ``status_code``."""
    init = program.method(Instance(cls), "__init__")
    if init is not None:
        called = program.call_frame(init, call, shape_of(call, scope, frame), frame)
        for inner in _super_calls(init.scope):
            return written_status(program, inner, init.scope, called, maker, assumed)
    for name in ("code", "status_code"):
        for definition in cls.members(name):
            value = getattr(definition, "value", None)
            if isinstance(value, ast.expr):
                return statuses(program, value, cls.scope, None)
    return None


def _super_calls(scope: Scope) -> Iterator[ast.Call]:
    for load in scope.module.loads.get("__init__", ()):
        call = scope.module.parents.get(load)
        if scope.module.scopes[load] is scope and isinstance(call, ast.Call) and call.func is load:
            yield call
