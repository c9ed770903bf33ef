"""ast and libcst agree on places: whatever the survey answers for, inspect meets, in real files."""

from __future__ import annotations

import ast
import sys
import sysconfig
from pathlib import Path

import libcst
import pytest

from phase12_lint.inspect.spans import spans_of
from phase12_lint.model import Confidence
from phase12_lint.sources import decode
from phase12_lint.syntax.modules import Module
from phase12_lint.values.places import Evidence, Fact

LIBRARY = Path(sysconfig.get_paths()["stdlib"])
FILES = [
    *sorted(LIBRARY.glob("*.py"))[::9],
    LIBRARY / "email" / "_header_value_parser.py",
    LIBRARY / "difflib.py",
]
KINDS = (ast.Attribute, ast.Call, ast.Subscript, ast.FunctionDef, ast.AsyncFunctionDef, ast.Assign)
HARD = '''
def größe(α, β):
    """Wide characters before every column."""
    return "日本語", α.run(β), [(α).run, (α
        .run)(β)], f"ä{α.run(β)!r:>{β.run(1)}}", f"""
    {α.run(
        β)} and {β.run(2)}""" "and " f"{α[0].run(β[1])}"


@größe.deco(α.run)
async def later(x): return (x.run for x in x.run()), lambda: (yield x.run); y = x.run  # 日本
if True: größe.run(); größe.other = größe.run
'''


def _missing(path: str, text: str) -> list[str]:
    module = Module(path, text, False)
    evidence = Evidence("x", Confidence.CERTAIN, ())
    facts = [
        Fact(node, module.scope, evidence, False)
        for node in ast.walk(module.tree)
        if isinstance(node, KINDS)
        and not (isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load))
    ]
    spans = spans_of(libcst.parse_module(text), module, facts, 0)
    wrong = []
    for fact in facts:
        span = spans.get(id(fact))
        known = module.lines.span(fact.node)
        if span is None:
            wrong.append(f"{path}:{known.line}:{known.column}: {type(fact.node).__name__} is not met")
        elif isinstance(fact.node, ast.Attribute) and not _in_text(module, fact.node) and span != known:
            wrong.append(f"{path}:{known.line}: {span} is not {known}")
    return wrong


def _in_text(module: Module, node: ast.AST) -> bool:
    current: ast.AST | None = node
    while current is not None:
        if isinstance(current, ast.JoinedStr):
            return True
        current = module.parents.get(current)
    return False


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_place_of_a_real_file_is_met(path: Path) -> None:
    assert _missing(path.name, decode(path.read_bytes())) == []


def test_every_place_of_a_hard_text_is_met() -> None:
    assert _missing("hard.py", HARD) == []


def test_places_inside_texts_are_those_of_the_source() -> None:
    module = Module("texts.py", 'x = f"{1} {a.run}" f"{b.run(c.run)}"\n', False)
    evidence = Evidence("x", Confidence.CERTAIN, ())
    nodes = [n for n in ast.walk(module.tree) if isinstance(n, ast.Attribute)]
    facts = [Fact(node, module.scope, evidence, False) for node in nodes]
    spans = spans_of(libcst.parse_module(module.text), module, facts, 0)
    found = {ast.unparse(fact.node): spans[id(fact)][1] for fact in facts}
    assert found == {"a.run": 12, "b.run": 23, "c.run": 29}, sys.version
