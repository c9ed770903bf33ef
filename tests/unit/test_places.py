"""ast and libcst agree on places: what a report underlines is told by ast, and libcst meets it there, in real files."""

from __future__ import annotations

import ast
import subprocess
import sys
import sysconfig
from pathlib import Path

import libcst
import pytest

from phase12_lint.inspect.underlined import underlined
from phase12_lint.model import Confidence, Span
from phase12_lint.rulebook import rulebook
from phase12_lint.sources import SourceError, decode
from phase12_lint.syntax.modules import Module
from phase12_lint.values.places import Evidence, Fact, RunAccess
from tests.harness import read_document
from tests.libcst_places import spans_of
from tests.thinning import thinned

LIBRARY = Path(sysconfig.get_paths()["stdlib"])
FILES = [
    *sorted(LIBRARY.glob("*.py"))[::20],
    LIBRARY / "contextlib.py",
    LIBRARY / "difflib.py",
    LIBRARY / "email" / "_header_value_parser.py",
    LIBRARY / "subprocess.py",
]
RULES = Path(__file__).parents[1] / "rules"
PAGES = [RULES / f"{code}-{entry.name}.md" for code, entry in sorted(rulebook().items())]
EVIDENCE = Evidence("x", Confidence.CERTAIN, ())
EXPRESSIONS = (ast.Attribute, ast.Call, ast.Subscript, ast.Dict)
STATEMENTS = (
    *(
        ast.FunctionDef,
        ast.AsyncFunctionDef,
        ast.ClassDef,
        ast.With,
        ast.AsyncWith,
        ast.Try,
        ast.ExceptHandler,
    ),
    *(ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr, ast.Return, ast.Raise, ast.Import, ast.ImportFrom),
    *(kind for kind in [getattr(ast, "TryStar", None)] if kind is not None),
)
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
größe.\\
run(); größe . run; größe.ﬁle.run; (größe.  # .run
  run); größe.run .\\
  other; größe.\\
\trun
class  Größe ( größe.Base ) : pass
async  def  lang[T]() : pass
'''.replace("[T]", "[T]" if sys.version_info >= (3, 12) else "")
BLOCKS = """
with (a.b): pass
with (a.b,): pass
with ((a)): pass
with (a), (b): pass
with (a, b): pass
with (a, (b),): pass
with (a) as (b): pass
with (a as b): pass
with ((a) as (b)): pass
with (a, b) as c: pass
with (a.b()) as c, (d): pass
with (yield): pass
with (x := a): pass
with (x for x in a): pass
with ((a), b,): pass
with (a).b: pass
with((a)): pass
with (a,
  b # ) :
): pass
with ( # (
 (a)
): pass
with a as b.c, d as \\
 e: pass
async def f():
    async  with (a): pass
    async with a as "日本"[(0)]: pass
try: pass
except (A, B): pass
try: pass
except (A, B, ): pass
try: pass
except (A,
   B, # )
 ): pass
except ((A)): pass
except (A,(B)) as e: pass
except (): pass
except (A.b(c)): pass
except (A, B # c
 ): pass
except(A): pass
except : pass
else: pass
finally: pass
"""
TEXTS = r'''
x = f"{1} {a.run}" f"{b.run(c.run)}", (f"{a.run}"
  "{a.run}"  # f"{a.run}"
  rf"\{a.run}{{ä}}" F"""
ä{
 a.run ( "}", ':', {1: c.run}["é"]) !r:>{b.run}.{c.run(a.run)}} {a.run=} {a.run = !s}
\N{BULLET} {(lambda: a.run)}
""")
y = f"{a.run if b.run != c.run else d.run >= 3:{e.run}}{f'{a.run} {b.run():{c.run}}'}{a.run}"
z = fR"\{a.run}\N{b.run}" "ä" u"ö" f'{a.run}' f"{{{a.run}}}" f"{a.run:%Y-{b.run}}"
'''


def _facts(module: Module) -> list[Fact]:
    facts: list[Fact] = []
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            facts.append(RunAccess(node, module.scope, EVIDENCE, False, node.attr, "called", False))
        if isinstance(node, (*EXPRESSIONS, *STATEMENTS)) and isinstance(
            getattr(node, "ctx", ast.Load()), ast.Load
        ):
            facts.append(Fact(node, module.scope, EVIDENCE, False))
    return facts


def differences(path: str, text: str) -> list[str]:
    """Where the two readers differ in ``text``."""
    module = Module(path, text, False)
    facts = _facts(module)
    met = spans_of(libcst.parse_module(text), module, facts, 0)
    wrong = []
    for fact in facts:
        span, seen = underlined(module, fact), met.get(id(fact))
        if span != seen:
            what = f"{path}:{span.line}:{span.column}: {type(fact).__name__} {type(fact.node).__name__}"
            wrong.append(f"{what} {tuple(span)} is {seen and tuple(seen)} for libcst")
    return wrong


@pytest.mark.parametrize("path", thinned(FILES, 3), ids=lambda path: path.stem)
def test_in_a_real_file(path: Path) -> None:
    assert differences(path.name, decode(path.read_bytes())) == []


@pytest.mark.parametrize("page", thinned(PAGES, 4), ids=lambda page: page.stem)
def test_in_the_cases_of_a_page(page: Path) -> None:
    texts = {
        text
        for case in read_document(page).cases
        for path, text in case.files.items()
        if path.endswith(".py")
    }
    wrong = []
    for text in sorted(texts):
        try:
            compile(text, "<case>", "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
            libcst.parse_module(text)
        except (SyntaxError, ValueError, libcst.ParserSyntaxError, SourceError):
            continue
        wrong += differences(page.stem, text)
    assert wrong == []


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("text", [HARD, BLOCKS, TEXTS], ids=["chains", "blocks", "texts"])
def test_in_a_hard_text(text: str, end: str) -> None:
    assert differences("hard.py", text.replace("\n", end)) == []


def test_places_inside_texts_are_those_of_the_source() -> None:
    module = Module("texts.py", 'x = f"{1} {a.run}" f"{b.run(c.run)}"\n', False)
    nodes = [n for n in ast.walk(module.tree) if isinstance(n, ast.Attribute)]
    facts = [Fact(node, module.scope, EVIDENCE, False) for node in nodes]
    found = {ast.unparse(fact.node): underlined(module, fact).column for fact in facts}
    assert found == {"a.run": 12, "b.run": 23, "c.run": 29}, sys.version


def test_what_libcst_cannot_be_led_to_is_underlined_all_the_same() -> None:
    text = "def \\\nlater(x): return x or(lambda: x.run())\n"
    module = Module("odd.py", text, False)
    spans = {type(fact.node).__name__: underlined(module, fact) for fact in _facts(module)}
    assert spans["FunctionDef"] == Span(2, 1, 2, 6)
    assert spans["Call"] == Span(2, 31, 2, 38)


LOADED = """
import os, sys
from phase12_lint.cli import main
sys.argv[1:] = ["check", "--no-cache", "--exit-zero"]
status = main()
sys.exit(3 if any(name.partition(".")[0] == "libcst" for name in sys.modules) else status)
"""


def test_a_plain_check_with_findings_loads_no_libcst(tmp_path: Path) -> None:
    (tmp_path / "setup.cfg").write_text("[phase12-lint]\n")
    text = "from plugins import get_plugin\nx = f'''\n{get_plugin(1).run()}'''\n"
    (tmp_path / "app.py").write_text(text)
    ran = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, "GOV101" in ran.stdout, "app.py:3:2" in ran.stdout) == (0, True, True), ran
