"""What a module has to import so that code in it can use a name, and how the name is then written."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import libcst as cst

from phase12_lint.fixes.base import NoFix, demand
from phase12_lint.fixes.commas import last_of, with_comment_of, without_comment
from phase12_lint.fixes.draft import Draft
from phase12_lint.inspect.changes import Changes
from phase12_lint.syntax.modules import Module
from phase12_lint.syntax.scopes import Imported, Scope
from phase12_lint.values.atoms import ModuleRef
from phase12_lint.values.program import Program

_Import = ast.Import | ast.ImportFrom
FUTURE = "__future__"
_LISTED = (ast.List, ast.Tuple)  # as in __all__


def importing(draft: Draft, module: str, name: str, scope: Scope) -> str:
    """How code in ``scope`` writes ``name`` of ``module``; ``draft`` imports it where that has not been done.

    Raises ``NoFix`` where the name means something else there.
    """
    return importing_all(draft, module, (name,), scope)[0]


def importing_all(draft: Draft, module: str, names: Sequence[str], scope: Scope) -> list[str]:
    """The same for several ``names`` of ``module``."""
    known = {
        name: draft.imported.get((module, name)) or known_as(draft.module, module, name, scope)
        for name in names
    }
    new = [name for name in names if known[name] is None]
    for name in new:
        demand(not _is_bound(scope, name), f"`{name}` is something else here")
        draft.imported[module, name] = name
    if new:
        _add(draft, module, new)
    return [known[name] or name for name in names]


def drop_unused(draft: Draft, program: Program, gone: Iterable[ast.AST], written: Iterable[str]) -> None:
    """Take away what is imported at the top for nothing else than the nodes ``gone``; ``written`` is in their place."""
    host = draft.module
    inside = {each for node in gone for each in ast.walk(node)}
    kept = {each.id for text in written for each in ast.walk(ast.parse(text)) if isinstance(each, ast.Name)}
    for statement in _at_the_top(host):
        for alias in statement.names:
            local = alias.asname or alias.name.partition(".")[0]
            loads = [load for load in host.loads.get(local, ()) if isinstance(load, ast.Name)]
            if (
                loads
                and inside.issuperset(loads)
                and local not in kept
                and not _is_in_a_text(host, local)
                and not is_taken(program, host, local)
            ):
                draft.change(statement, partial(without, alias.name))


def without_unused(before: Module, after: Module, may_be_taken: Callable[[str], bool]) -> str:
    """The text of ``after`` without what it imports at its top for uses that ``before`` had and it has no more."""
    change = Changes(after)
    for statement in _at_the_top(after):
        for alias in statement.names:
            local = alias.asname or alias.name.partition(".")[0]
            if _is_read(before, local) and not _is_read(after, local) and not may_be_taken(local):
                change.change(statement, partial(without, alias.name))
    return change.text


def _is_read(module: Module, name: str) -> bool:
    """Whether the name is read in the module, or may be in a text, such as a quoted annotation."""
    loads = any(isinstance(load, ast.Name) for load in module.loads.get(name, ()))
    return loads or _is_in_a_text(module, name)


def _is_in_a_text(module: Module, name: str) -> bool:
    """Whether a text that is no docstring, or the comment of a type, has the word ``name``."""
    word = re.compile(rf"\b{re.escape(name)}\b")
    return re.search(rf"#[ \t]*type:.*{word.pattern}", module.text) is not None or any(
        isinstance(each, ast.Constant)
        and isinstance(each.value, str)
        and word.search(each.value) is not None
        and not isinstance(module.parents.get(each), ast.Expr)
        for each in ast.walk(module.tree)
    )


def is_taken(program: Program, host: Module, name: str) -> bool:
    """Whether other code takes ``name`` out of ``host``, or ``host`` offers it."""
    for module in program.project.modules_with(name):
        offered = module is host and any(
            isinstance(each, ast.Constant)
            and each.value == name
            and isinstance(host.parents.get(each), _LISTED)
            for each in ast.walk(host.tree)
        )
        found = [each.statement for each in module.imported.get(name, ())]
        stars = [each.statement for each in module.imported.get("*", ())]
        sources = [program.import_source(module, each) for each in (*found, *stars)]
        if offered or any(isinstance(each, ModuleRef) and each.module is host for each in sources):
            return True
        read = (load for load in module.loads.get(name, ()) if isinstance(load, ast.Attribute))
        for load in read:
            values = program.evaluate(load.value, module.scopes[load])
            if any(isinstance(each, ModuleRef) and each.module is host for each in values):
                return True
    return False


def without(name: str, node: Any) -> Any:
    """The import without ``name``; nothing if it imports nothing else."""
    kept = [each for each in node.names if each.evaluated_name != name]
    if not kept:
        return cst.RemoveFromParent()
    last, rpar = last_of(kept, node.names[-1].comma, getattr(node, "rpar", None))
    others = [*kept[:-1], last]
    return node.with_changes(names=others, rpar=rpar) if rpar else node.with_changes(names=others)


def dotted_name(program: Program, module: Module, host: Module) -> str:
    """The name by which ``host`` imports ``module``; raises ``NoFix`` if it has none."""
    parts = module.path.removesuffix(".py").removesuffix("/__init__").split("/")
    for first in range(len(parts)):
        name = ".".join(parts[first:])
        known = program.project.names.find(name, host.path) == module.path
        if known and all(part.isidentifier() for part in parts[first:]):
            return name
    raise NoFix(f"{module.path} cannot be imported by a name")


def importing_module(draft: Draft, module: str, scope: Scope) -> str:
    """How code in ``scope`` writes ``module``, which has no dots, imported where that has not been done."""
    for statement in _at_the_top(draft.module):
        for alias in statement.names if isinstance(statement, ast.Import) else ():
            local = alias.asname or alias.name
            if alias.name == module and _means(draft.module.bound(draft.module.scope), scope, local, alias):
                return local
    if (module, "") not in draft.imported:
        demand(not _is_bound(scope, module), f"`{module}` is something else here")
        add_import(draft, f"import {module}")
        draft.imported[module, ""] = module
    return module


def known_as(host: Module, module: str, name: str, scope: Scope) -> str | None:
    """How code in ``scope`` writes ``name`` of ``module`` already: by an import at the top of ``host``."""
    top = host.bound(host.scope)
    for statement in _at_the_top(host):
        for alias in statement.names:
            local = alias.asname or alias.name
            if isinstance(statement, ast.ImportFrom):
                if statement.level or (statement.module, alias.name) != (module, name):
                    continue
                written = local
            elif alias.name == module and (alias.asname or "." not in module):
                written = f"{local}.{name}"
            else:
                continue
            if _means(top, scope, local, alias):
                return written
    return None


def add_import(draft: Changes, text: str) -> None:
    """The import ``text`` among the imports at the top of the module, sorted among its like as far as these are."""
    new: Any = ast.parse(text).body[0]
    imports = [each for each in _at_the_top(draft.module) if not _is_future(each)]
    like = [each for each in imports if _is_local(each) == _is_local(new)]
    before = [each for each in like if _key(each) < _key(new)]
    if before:
        draft.insert_line((before[-1].end_lineno or 0) + 1, text)
    elif like and _begins_line(draft.module, like[0]):
        draft.insert_line(like[0].lineno, text)
    elif imports and not _is_local(new) and _begins_line(draft.module, imports[0]):
        draft.insert_line(imports[0].lineno, text + draft.newline)
    elif imports:
        draft.insert_line((imports[-1].end_lineno or 0) + 1, draft.newline + text)
    else:
        line, gap = _after_head(draft.module)
        draft.insert_line(line, f"{draft.newline if gap else ''}{text}")


def _add(draft: Draft, module: str, names: Sequence[str]) -> None:
    for statement in _at_the_top(draft.module):
        is_from = isinstance(statement, ast.ImportFrom) and statement.module == module and not statement.level
        if is_from and all(alias.name != "*" for alias in statement.names):
            draft.change(statement, partial(_with_names, names))
            return
    add_import(draft, f"from {module} import {', '.join(names)}")


def _with_names(names: Sequence[str], node: cst.ImportFrom) -> cst.ImportFrom:
    """The import of ``names`` as well, each before the first that it sorts before."""
    assert not isinstance(node.names, cst.ImportStar)
    found = list(node.names)
    gap = without_comment(found[-2].comma) if len(found) > 1 else None
    gap = gap if isinstance(gap, cst.Comma) else cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
    for name in names:
        at = next(
            (at for at, each in enumerate(found) if _sorted_by(each.evaluated_name) > _sorted_by(name)), None
        )
        if at is not None:
            found.insert(at, cst.ImportAlias(cst.Name(name), comma=gap))
        else:
            last = found.pop()
            comma = with_comment_of(gap, last.comma)
            found += [
                last.with_changes(comma=comma),
                cst.ImportAlias(cst.Name(name), comma=without_comment(last.comma)),
            ]
    return node.with_changes(names=found)


def _sorted_by(name: str) -> tuple[int, str]:
    """As isort sorts what a module gives: constants, classes, the rest."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2), name


def _at_the_top(host: Module) -> list[_Import]:
    return [each for each in host.tree.body if isinstance(each, (ast.Import, ast.ImportFrom))]


def _means(top: Scope, scope: Scope, local: str, alias: ast.alias) -> bool:
    """Whether ``local`` in ``scope`` is what ``alias`` imports, and nothing else anywhere."""
    definitions = top.bindings.get(local, [])
    if len(definitions) != 1 or not isinstance(definitions[0], Imported) or definitions[0].node is not alias:
        return False
    is_set = local in scope.module.global_writers
    return not is_set and not any(_binds(each, local) for each in scope.chain() if each is not top)


def _is_bound(scope: Scope, name: str) -> bool:
    return name in scope.module.global_writers or any(_binds(each, name) for each in scope.chain())


def _binds(scope: Scope, name: str) -> bool:
    return name in scope.module.bound(scope).bindings


def after_imports(host: Module) -> int:
    """The line after the last import at the top of the module."""
    head = [each for each in _at_the_top(host) if host.tree.body.index(each) <= _last_of_head(host)]
    return max((each.end_lineno or 0 for each in head), default=_after_head(host)[0] - 1) + 1


def _last_of_head(host: Module) -> int:
    """The place of the last import before the first definition."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    body = host.tree.body
    first = next((at for at, each in enumerate(body) if isinstance(each, kinds)), len(body))
    return max(
        (at for at, each in enumerate(body[:first]) if isinstance(each, (ast.Import, ast.ImportFrom))),
        default=-1,
    )


def _key(statement: _Import) -> tuple[bool, str]:
    name = statement.names[0].name if isinstance(statement, ast.Import) else statement.module or ""
    return isinstance(statement, ast.ImportFrom), name.lower()


def _is_local(statement: _Import) -> bool:
    """Whether it imports something else than what comes with Python."""
    level = statement.level if isinstance(statement, ast.ImportFrom) else 0
    return bool(level) or not _is_of_python(_key(statement)[1])


def _is_of_python(name: str) -> bool:
    return name.partition(".")[0] in sys.stdlib_module_names


def _is_future(statement: _Import) -> bool:
    return isinstance(statement, ast.ImportFrom) and statement.module == FUTURE


def _begins_line(host: Module, statement: ast.stmt) -> bool:
    return not any(other.end_lineno == statement.lineno for other in host.tree.body if other is not statement)


def _after_head(host: Module) -> tuple[int, bool]:
    """The line after the docstring and the imports from the future, and whether there are any; else the first line
    of the first statement."""
    last = 0
    for statement in host.tree.body:
        is_text = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        is_future = isinstance(statement, ast.ImportFrom) and statement.module == FUTURE
        if not (is_text or is_future):
            return (last + 1, True) if last else (min([statement.lineno, *_decorated(statement)]), False)
        last = statement.end_lineno or 0
    return last + 1, bool(last)


def _decorated(statement: ast.stmt) -> list[int]:
    return [each.lineno for each in getattr(statement, "decorator_list", ())]
