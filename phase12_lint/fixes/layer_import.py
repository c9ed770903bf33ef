"""GOV503: an import that only annotations need moves under ``TYPE_CHECKING``.

Sure where nothing reads the annotations when the program runs: frameworks do, of functions and classes that they are
handed or that are decorated.
"""

from __future__ import annotations

import ast
from functools import partial
from typing import Any

import libcst as cst

from phase12_lint.facts.layer_imports import LayerImport, is_in_annotation
from phase12_lint.fixes.base import Found, NoFix, demand
from phase12_lint.fixes.blocks import line_of
from phase12_lint.fixes.draft import Draft
from phase12_lint.fixes.imports import FUTURE, after_imports, importing, is_taken, without
from phase12_lint.fixes.reflected import demand_unreflected_annotations
from phase12_lint.inspect.comments import left_of
from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import last_name
from phase12_lint.values.program import Program

SAFE = True
_GUARD = "TYPE_CHECKING"
_INERT = {
    "staticmethod",
    "classmethod",
    "property",
    "setter",
    "abstractmethod",
    "override",
    "final",
    "dataclass",
}


def draft(found: Found) -> Draft:
    """The import under ``if TYPE_CHECKING``, and quotes around what would be evaluated without it."""
    fact = found.fact(LayerImport)
    statement, module = fact.node, found.module
    if not isinstance(statement, ast.ImportFrom) or statement not in module.tree.body:
        raise NoFix("it is imported otherwise")
    alias = next(each for each in statement.names if each.name == fact.evidence.what)
    local = alias.asname or alias.name
    uses = [each for each in module.loads.get(local, ()) if isinstance(each, ast.Name)]
    demand(all(is_in_annotation(use, module) for use in uses), "it is used for more than annotations")
    demand(uses or local in module.text.replace(ast.unparse(statement), ""), "it is not used")
    demand(not is_taken(found.program, module, local), "others take it from here")
    demand(not _is_looked_up(module, local), "a text names it")
    change = Draft(module, f"import `{alias.name}` for annotations only")
    for annotation in dict.fromkeys(_annotation_of(use, module) for use in uses):
        _demand_unread(found.program, annotation, module)
        if _is_evaluated(annotation, module):
            text = change.text_of(annotation)
            demand(
                '"' not in text and "\n" not in text and "\\" not in text, "the annotation cannot be quoted"
            )
            change.change(annotation, partial(_quoted, text))
    moved = f"from {'.' * statement.level}{statement.module or ''} import {alias.name}"
    moved += f" as {alias.asname}" if alias.asname else ""
    beside = _comment_beside(change, statement)
    if beside:
        change.change_line(statement, _without_beside)
    else:
        change.change(statement, partial(without, alias.name))
    guard = importing(change, "typing", _GUARD, module.scope)
    _add_guarded(change, module, guard, moved + beside)
    return change


def _is_looked_up(module: Module, name: str) -> bool:
    """Whether a text outside of annotations is ``name``, as in ``globals()["ToolRunner"]``."""
    texts = (each for each in ast.walk(module.tree) if isinstance(each, ast.Constant) and each.value == name)
    return any(not is_in_annotation(each, module) for each in texts)


def _comment_beside(change: Draft, statement: ast.ImportFrom) -> str:
    """The end of the line of an import that is moved whole, if it is a comment."""
    body = change.module.tree.body
    is_shared = any(
        each is not statement and each.lineno <= statement.lineno <= line_of(each, "end_lineno")
        for each in body
    )
    if is_shared or len(statement.names) > 1:
        return ""
    end = change.line_of(statement).trailing_whitespace
    return f"{end.whitespace.value}{end.comment.value}" if end.comment is not None else ""


def _without_beside(line: cst.SimpleStatementLine) -> Any:
    """What is left of the line, the comment beside it apart."""
    return left_of(line.with_changes(trailing_whitespace=cst.TrailingWhitespace()))


def _annotation_of(use: ast.Name, module: Module) -> ast.expr:
    """The whole annotation that ``use`` stands in."""
    node: ast.expr = use
    while isinstance(parent := module.parents[node], ast.expr):
        node = parent
    return node


def _demand_unread(program: Program, annotation: ast.expr, module: Module) -> None:
    """Raises ``NoFix`` if something may read the annotation when the program runs."""
    owner = module.parents[annotation]
    function = module.parents[module.parents[owner]] if isinstance(owner, ast.arg) else owner
    scopes = list(module.scopes[annotation].chain())
    demand_unreflected_annotations(
        program, [function, *(each.node for each in scopes if each.kind == "class")]
    )
    for scope in scopes:
        decorators = [*getattr(scope.node, "decorator_list", ())]
        decorators += getattr(function, "decorator_list", ())
        names = {last_name(each.func if isinstance(each, ast.Call) else each) for each in decorators}
        demand(names <= _INERT, "a decorator may read the annotation")
        bases = getattr(scope.node, "bases", ()) if isinstance(owner, ast.AnnAssign) else ()
        demand(not bases, "a base class may read the annotation")
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            _demand_called_alone(program, function.name, module)
        if scope.kind == "class":
            _demand_called_alone(program, scope.name, module)


def _demand_called_alone(program: Program, name: str, module: Module) -> None:
    """Raises ``NoFix`` if what is defined under ``name`` may be handed to something that inspects it."""
    for other in program.project.modules_with(name):
        for load in other.loads.get(name, ()):
            parent = other.parents[load]
            is_called = isinstance(parent, ast.Call) and parent.func is load
            is_looked_into = isinstance(parent, (ast.Attribute, ast.ClassDef))
            is_typed = isinstance(load, ast.Name) and is_in_annotation(load, other)
            demand(is_called or is_looked_into or is_typed, f"`{name}` is handed on")


def _is_evaluated(annotation: ast.expr, module: Module) -> bool:
    """Whether Python evaluates the annotation as it runs the code around it."""
    future = [each for each in module.tree.body if isinstance(each, ast.ImportFrom) and each.module == FUTURE]
    if any(alias.name == "annotations" for statement in future for alias in statement.names):
        return False
    is_local = isinstance(module.parents[annotation], ast.AnnAssign) and module.scopes[annotation].is_function
    return not is_local


def _quoted(text: str, node: cst.BaseExpression) -> cst.SimpleString:
    return cst.SimpleString(f'"{text}"')


def _add_guarded(change: Draft, module: Module, guard: str, text: str) -> None:
    for statement in module.tree.body:
        is_guard = (
            isinstance(statement, ast.If) and last_name(statement.test) == _GUARD and not statement.orelse
        )
        if is_guard and isinstance(statement, ast.If) and statement.body[0].lineno > statement.lineno:
            change.change(statement, partial(_with_import, text))
            return
    lines = [f"if {guard}:", f"{change.indent}{text}"]
    change.insert_line(after_imports(module), change.newline + change.newline.join(lines))


def _with_import(text: str, node: Any) -> Any:
    return node.with_deep_changes(node.body, body=[*node.body.body, cst.parse_statement(text)])
