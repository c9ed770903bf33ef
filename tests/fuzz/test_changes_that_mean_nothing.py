"""A governed program keeps its findings under changes that keep its meaning, in any number and order."""

from __future__ import annotations

import ast
import builtins
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from phase12_lint.config import load
from phase12_lint.engine import Request, run
from tests.fuzz import tried
from tests.laws.programs import GOVERNED, UNGOVERNED, lay

POLICIES = "".join((program / "setup.cfg").read_text() for program in (GOVERNED, UNGOVERNED))
Sources = dict[str, str]
Change = Callable[[Sources], Sources]
_GOVERNED_WORDS = ("plugin", "runner", "tool", "executor")  # a name alone may be evidence
_PLAIN = (ast.FunctionDef, ast.ClassDef, ast.ImportFrom, ast.Import, ast.Expr)
_ON_FILES = ("GOV0", "GOV7")  # about comments and the project's own files, which a change may take away


def reformatted(sources: Sources) -> Sources:
    """As a formatter with no taste would write it."""
    return {path: ast.unparse(ast.parse(text)) + "\n" for path, text in sources.items()}


def with_other_locals(sources: Sources) -> Sources:
    """Every plain local variable renamed."""
    return {path: ast.unparse(_Renaming().visit(ast.parse(text))) + "\n" for path, text in sources.items()}


class _Renaming(ast.NodeTransformer):
    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Rename what is only assigned and read here, in no function within."""
        inner = [
            each for each in ast.walk(node) if isinstance(each, (ast.FunctionDef, ast.Lambda, ast.ClassDef))
        ]
        outside = {
            name
            for each in ast.walk(node)
            if isinstance(each, (ast.Global, ast.Nonlocal))
            for name in each.names
        }
        stored = {
            each.id
            for each in ast.walk(node)
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
        }
        chosen = {
            name
            for name in stored - outside - set(dir(builtins))
            if not any(word in name for word in _GOVERNED_WORDS)
        }
        if len(inner) == 1:
            for each in ast.walk(node):
                if isinstance(each, ast.Name) and each.id in chosen:
                    each.id = f"{each.id}_here"
        return node


def with_aliased_imports(sources: Sources) -> Sources:
    """Every ``from x import Y`` within a function's or module's reach as ``Y as _Y``, with one name for it."""
    changed = {}
    for path, text in sources.items():
        tree = ast.parse(text)
        if path.endswith("__init__.py") or "__all__" in text:
            changed[path] = text
            continue
        for node in list(tree.body):
            if isinstance(node, ast.ImportFrom) and node.module != "__future__":
                for alias in node.names:
                    if alias.asname is None and alias.name != "*":
                        alias.asname = f"{alias.name}_imported"
                        given = ast.Assign(
                            [ast.Name(alias.name, ast.Store())], ast.Name(alias.asname, ast.Load())
                        )
                        tree.body.insert(tree.body.index(node) + 1, given)
        changed[path] = ast.unparse(ast.fix_missing_locations(tree)) + "\n"
    return changed


def moved_and_exported(sources: Sources) -> Sources:
    """Every module in a package moved beside itself, and all of its names imported back.

    One that a policy names stays: the class is known by where it is defined.
    """
    changed = {}
    for path, text in sources.items():
        folder, _, name = path.rpartition("/")
        tree = ast.parse(text)
        defined = [node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
        plain = all(isinstance(node, _PLAIN) for node in tree.body)
        is_named = f"{path.removesuffix('.py').replace('/', '.')}." in POLICIES
        if (
            not is_named
            and f"{folder}/__init__.py" in sources
            and name != "__init__.py"
            and plain
            and defined
        ):
            stem = name.removesuffix(".py")
            changed[f"{folder}/{stem}_moved.py"] = text
            changed[path] = f"from .{stem}_moved import {', '.join(defined)}\n"
        else:
            changed[path] = text
    return changed


def beside_other_code(sources: Sources) -> Sources:
    """A package more, and a function more in each module, that have nothing to do with it."""
    other = "\n\ndef _unrelated(values):\n    total = 0\n    for each in values:\n        total += each\n"
    return {**{path: text + other for path, text in sources.items()}, "beside/__init__.py": other}


CHANGES = (reformatted, with_other_locals, with_aliased_imports, moved_and_exported, beside_other_code)


@cache
def known(program: Path) -> Counter[str]:
    """What is found in ``program`` as it is."""
    return found_in(program, ())


def found_in(program: Path, changes: tuple[Change, ...]) -> Counter[str]:
    """How often each rule finds something in ``program`` after ``changes``."""
    with TemporaryDirectory() as name:
        root = lay(program, Path(name))
        paths = [path for path in sorted(root.rglob("*.py")) if "tests" not in path.parts]
        sources = {path.relative_to(root).as_posix(): path.read_text() for path in paths}
        for change in changes:
            sources = change(sources)
        for path, text in sources.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        depth = sys.getrecursionlimit()
        try:
            outcome = run(Request(root, load(root).policies, cache=False))
        finally:
            sys.setrecursionlimit(depth)
        assert outcome.errors == ()
        every = [*outcome.findings, *(each.finding for each in outcome.suppressed)]
        return Counter(each.code for each in every if not each.code.startswith(_ON_FILES))


@tried(6)
@given(
    st.sampled_from((GOVERNED, UNGOVERNED)),
    st.lists(st.sampled_from(CHANGES), min_size=1, max_size=4, unique=True),
)
def test_findings_do_not_change_with_the_writing(program: Path, changes: list[Change]) -> None:
    assert found_in(program, tuple(changes)) == known(program)


def test_there_is_something_to_lose() -> None:
    assert len(known(UNGOVERNED)) >= 5
    assert sum(known(GOVERNED).values()) == 0
