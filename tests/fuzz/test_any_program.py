"""Generated programs and mutated files of the standard library, beside a program whose findings are known."""

from __future__ import annotations

import ast
import keyword
import random
import re
import sys
import sysconfig
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesmith
from hypothesis import given
from hypothesis import strategies as st

from phase12_lint.engine import Outcome, Request, run
from phase12_lint.policy import Policy
from tests.fuzz import tried

BASE = "class Plugin:\n    def run(self, image): ...\n"
WORK = "from base import Plugin\n\n\ndef go(tool: Plugin, image):\n    return tool.run(image)\n"
KNOWN = ("work.py", 5, "GOV101")
GOVERNED = (
    "Plugin",
    "plugin",
    "run",
    "tool_runner",
    "ToolRunner",
    "AnalysisService",
    "getattr",
    "partial",
    "functools",
)
_WORD = re.compile(r"\b[A-Za-z_]\w*\b")
_MOST = 40_000  # characters of a file that is mutated


def library() -> st.SearchStrategy[Path]:
    """The files of the standard library that are not too long."""
    paths = Path(sysconfig.get_paths()["stdlib"]).glob("**/*.py")
    short = (path for path in paths if "site-packages" not in path.parts and path.stat().st_size < _MOST)
    return st.sampled_from(sorted(short))


INSERTED = (
    "from base import Plugin\n",
    "from base import *\n",
    "async def _(plugin): return await plugin.run(1)\n",
    "(lambda plugin=Plugin(): plugin.run)()(1)\n",
    "class _(Plugin, metaclass=type): run = property(lambda self: self.run)\n",
    "try: ToolRunner().run(1)\nexcept* Exception: raise\n",
    "match Plugin():\n    case Plugin(run=r) | [*r] | {**r}: r(1)\n",
    "@staticmethod\n",
    "    ",
    "\\\n",
    "\f",
    "\ufeff",
    "'''",
    "f'{plugin.run(1)!r:{tool_runner}}'\n",
    "type T[P: Plugin] = P\n",
    "global plugin; plugin = plugin.run\n",
    "# noqa: GOV101\n",
)


def outcome_of(text: str) -> Outcome:
    """What is found in a program that ``text`` is a file of."""
    with TemporaryDirectory() as name:
        root = Path(name)
        (root / "base.py").write_text(BASE)
        (root / "work.py").write_text(WORK)
        (root / "fuzzed.py").write_bytes(text.encode("utf-8", "surrogatepass"))
        depth = sys.getrecursionlimit()
        try:
            return run(Request(root, (Policy(),), cache=False))
        finally:
            sys.setrecursionlimit(depth)  # which the analysis raises for the process that it has for itself


def python_reads(text: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(text.encode("utf-8"))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return False
    return True


def holds(text: str) -> None:
    """What must be so whatever ``text`` is."""
    found = outcome_of(text)
    assert found.errors == ()
    assert KNOWN in [(each.path, each.span.line, each.code) for each in found.findings]
    unread = [each for each in found.findings if (each.path, each.code) == ("fuzzed.py", "GOV001")]
    assert bool(unread) is not python_reads(text)
    lines = text.count("\n") + text.count("\r") + 1
    for each in found.findings:
        assert each.fingerprint
        assert each.span[:2] <= each.span[2:]
        assert each.path != "fuzzed.py" or each.span.end_line <= lines + 1
    assert len({each.fingerprint for each in found.findings}) == len(found.findings)


@tried(25)
@given(st.deferred(hypothesmith.from_grammar), st.randoms(use_true_random=False))
def test_a_program_by_the_grammar(text: str, choose: random.Random) -> None:
    holds(with_governed_names(text, choose, 0.5))


@tried(2)
@given(hypothesmith.from_node(), st.randoms(use_true_random=False))
def test_a_program_by_its_nodes(text: str, choose: random.Random) -> None:
    holds(with_governed_names(text, choose, 0.5))


@tried(40)
@given(st.deferred(library), st.randoms(use_true_random=False), st.integers(0, 6))
def test_a_mutated_file_of_the_standard_library(path: Path, choose: random.Random, changes: int) -> None:
    text = with_governed_names(path.read_text("utf-8", "replace"), choose, 0.02)
    for _ in range(changes):
        text = mutated(text, choose)
    holds(text)


def with_governed_names(text: str, choose: random.Random, share: float) -> str:
    """``text`` with a ``share`` of its names replaced by what is governed, each name by the same."""
    names = sorted({word for word in _WORD.findall(text) if not keyword.iskeyword(word)})
    governed = {name: choose.choice(GOVERNED) for name in names if choose.random() < share}
    return _WORD.sub(lambda found: governed.get(found[0], found[0]), text)


def mutated(text: str, choose: random.Random) -> str:
    """``text`` with one line taken out, doubled, moved, cut, indented or put in."""
    lines = text.splitlines(keepends=True) or [""]
    at, other = choose.randrange(len(lines)), choose.randrange(len(lines))
    match choose.randrange(6):
        case 0:
            del lines[at]
        case 1:
            lines.insert(other, lines[at])
        case 2:
            lines[at], lines[other] = lines[other], lines[at]
        case 3:
            lines[at] = lines[at][: choose.randrange(len(lines[at]) + 1)]
        case 4:
            lines[at] = choose.choice(("    ", "\t", "")) + lines[at].lstrip()
        case _:
            indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())].rstrip("\r\n")
            lines.insert(at, indent + choose.choice(INSERTED))
    return "".join(lines)
