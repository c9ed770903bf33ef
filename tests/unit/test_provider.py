"""libcst is led to every expression and definition that the program reads with ast, and to nothing else."""

from __future__ import annotations

import ast
from pathlib import Path

import libcst as cst
import pytest
from libcst.metadata import MetadataWrapper

from phase12_lint.inspect.provider import Known, ProgramProvider
from phase12_lint.policy import Policy
from phase12_lint.sources import decode
from phase12_lint.syntax.modules import Module
from phase12_lint.values.program import Program
from phase12_lint.values.project import Project
from tests.thinning import thinned
from tests.unit.test_places import BLOCKS, FILES, HARD, TEXTS

SAME = {
    *(
        "Name",
        "Attribute",
        "Call",
        "Subscript",
        "Await",
        "Lambda",
        "List",
        "Set",
        "Dict",
        "Tuple",
        "ListComp",
    ),
    *("SetComp", "DictComp", "GeneratorExp", "NamedExpr", "FunctionDef", "ClassDef"),
}
OTHERS = {
    "AsyncFunctionDef": "FunctionDef",
    "YieldFrom": "Yield",
    "Yield": "Yield",
    "IfExp": "IfExp",
    "BoolOp": "BooleanOperation",
    "BinOp": "BinaryOperation",
    "UnaryOp": "UnaryOperation",
    "Compare": "Comparison",
    "Starred": "StarredElement",
}
AS_THEIR_VALUE = (cst.Element, cst.Arg)
BRACKETS = """
t = (a.run, (b.run), *c), ((a, b), c), (((a, b)), c), (a,), ((a),), a[b, c], a[b:c, (d)], a[(b, c)]
g = f(x for x in y), (x for x in y), ((x for x in y) for z in w), [*(x for x in y)], f((x for x in y), *a, **b)
for i, (j, k) in (l, m), n: pass
q = a and b and c or not d, a < b < (c), (a if b else (c)), -(a), ((a)), (yield), (yield from (a)), (z := (a))
r = (a).b((c))[(d)](e)(f), (a
  .b(  # c
  )), a.b . c \\
  .d, "ä".join(α).run("日本", α . run), {**a, b: (c)}, {*a, (b)}, lambda x=(a): (x, y), [a for a, b in c if (d) if e]
@a.b((c))
async def f(x: a.b = (c), *, y: "a.b" = d, **z: e) -> f.g:
    async with a.b as (c, d), e: await (a.b)()
    async for x in (a): return await a, b
    del (a), b[c]; print(*a, sep=b, **c)
@(a.b)
class C(a.b, metaclass=(c)):
    def m(self): return self.m, lambda: (yield)
with (a.b() as c, d): pass
match a.b(c):
    case x.y | (1): pass
"""


def met_in(path: str, text: str) -> tuple[Module, dict[cst.CSTNode, Known]]:
    """The module, and what is known of each node of its tree in libcst."""
    program = Program(Project({path: text.encode()}, frozenset()), Policy())
    module = Module(path, text, False)
    wrapper = MetadataWrapper(
        cst.parse_module(text), unsafe_skip_copy=True, cache={ProgramProvider: (program, module)}
    )
    return module, dict(wrapper.resolve(ProgramProvider))


def differences(path: str, text: str) -> list[str]:
    module, met = met_in(path, text)
    found: dict[ast.AST, list[cst.CSTNode]] = {}
    for node, known in met.items():
        if known._node is not None:
            found.setdefault(known._node, []).append(node)
    wrong = []
    for each in ast.walk(module.tree):
        kind = type(each).__name__
        wanted = kind if kind in SAME else OTHERS.get(kind)
        if wanted is None or _has_no_counterpart(module, each):
            continue
        kinds = [type(node).__name__ for node in found.get(each, ()) if not isinstance(node, AS_THEIR_VALUE)]
        if kinds != [wanted]:
            wrong.append(f"{path}:{getattr(each, 'lineno', 0)}: {ast.unparse(each)[:50]}: {kind} is {kinds}")
        elif isinstance(each, ast.expr) and met[found[each][-1]]._scope is not module.scopes[each]:
            wrong.append(f"{path}:{each.lineno}: {ast.unparse(each)[:50]}: in another scope")
    return wrong


def _has_no_counterpart(module: Module, node: ast.AST) -> bool:
    """What libcst has no expression for: the items of a subscript, a star in a call, empty brackets, patterns."""
    parent = module.parents.get(node)
    if isinstance(node, ast.Tuple):
        return not node.elts or (isinstance(parent, ast.Subscript) and parent.slice is node)
    if isinstance(node, ast.Starred):
        return isinstance(parent, (ast.Call, ast.ClassDef, ast.Subscript)) or (
            isinstance(parent, ast.Tuple) and _has_no_counterpart(module, parent)
        )
    return False


@pytest.mark.parametrize("path", thinned(FILES, 3), ids=lambda path: path.stem)
def test_in_a_real_file(path: Path) -> None:
    assert differences(path.name, decode(path.read_bytes())) == []


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    "text", [HARD, BLOCKS, TEXTS, BRACKETS], ids=["chains", "blocks", "texts", "brackets"]
)
def test_in_a_hard_text(text: str, end: str) -> None:
    assert differences("hard.py", text.replace("\n", end)) == []
