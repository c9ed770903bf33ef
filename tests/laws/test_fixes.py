"""Laws of fixes: each holds by itself, fixing again changes nothing, and how a file is written makes no difference."""

from __future__ import annotations

import ast
import codecs
import re
import tokenize
from collections import Counter
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import pytest

from phase12_lint.engine import Outcome, Request, run
from phase12_lint.fixes import is_fixable
from phase12_lint.sources import decode
from phase12_lint.sources.edits import applied
from phase12_lint.sources.suppressions import FOR_A_TOOL
from tests.doors import settings_of
from tests.fixing import fixed
from tests.fuzz import SCALE
from tests.harness import Case, Document
from tests.rules.test_cases import DOCUMENTS
from tests.thinning import thinned

PROGRAM = Path(__file__).parents[1] / "evasions" / "program"
FIXABLE = [document for document in DOCUMENTS if is_fixable(document.name)]
TRIED = [each for each in FIXABLE if SCALE > 1 or any(case.fixed for case in each.cases)]
FIXED = [case for document in FIXABLE for case in document.cases if case.fixed]
COOKIE = "# -*- coding: latin-1 -*-\n# größer\n\n"


def _tabbed(text: str) -> str:
    return re.sub(r"^(?: {4})+", lambda found: "\t" * (len(found[0]) // 4), text, flags=re.MULTILINE)


WRITTEN: dict[str, Callable[[str], bytes]] = {
    "CRLF": lambda text: text.replace("\n", "\r\n").encode(),
    "CR": lambda text: text.replace("\n", "\r").encode(),
    "tabs": lambda text: _tabbed(text).encode(),
    "two spaces": lambda text: re.sub(r"^(?: {4})+", lambda f: f[0][::2], text, flags=re.MULTILINE).encode(),
    "byte order mark": lambda text: codecs.BOM_UTF8 + text.encode(),
    "latin-1": lambda text: (COOKIE + text).encode("latin-1"),
}


# Behind a comment that ends in a carriage return alone the screen sees no code.
PAIRS = [
    (case, written)
    for case in FIXED
    for written in WRITTEN
    if written != "CR" or not any("#" in text for text in case.files.values())
]


def asked(root: Path, options: dict[str, str], overlay: dict[str, str]) -> Outcome:
    """The outcome, with fixes, of the project with other texts for some of its files."""
    settings = settings_of(root, options)
    request = Request(root, settings.policies, settings.exclude, overlay=overlay, cache=False, fixes=True)
    outcome = run(request)
    assert outcome.errors == ()
    return outcome


def counted(outcome: Outcome) -> Counter[tuple[str, str]]:
    """How many findings of each code stand in each file."""
    return Counter((each.path, each.code) for each in outcome.findings)


def comments(text: str, handled: bool = True) -> Counter[str]:
    """The comments in ``text`` that are for people, those in handlers too if ``handled``."""
    handlers = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ExceptHandler)]
    lines = {line for node in handlers for line in range(node.lineno, (node.end_lineno or 0) + 1)}
    found = [
        each for each in tokenize.generate_tokens(StringIO(text).readline) if each.type == tokenize.COMMENT
    ]
    told = (each.string for each in found if handled or each.start[0] not in lines)
    return Counter(each for each in told if not FOR_A_TOOL.search(each))


def commented(text: str) -> str:
    """``text`` with a comment on every line that has none and can have one."""
    lines, free = text.split("\n"), set(range(1, text.count("\n") + 1))
    for each in tokenize.generate_tokens(StringIO(text).readline):
        if each.type == tokenize.COMMENT or each.end[0] > each.start[0]:
            free -= set(range(each.start[0], each.end[0] + (each.type == tokenize.COMMENT)))
    told = (
        f"{line}  # line {number}" if number in free and line.strip() and not line.endswith("\\") else line
        for number, line in enumerate(lines, 1)
    )
    return "\n".join(told)


def wrong_fixes(root: Path, options: dict[str, str], name: str) -> list[str]:
    """The fixes of the rule called ``name`` that do not hold when nothing else is fixed."""
    outcome, wrong = asked(root, options, {}), []
    for finding in outcome.findings:
        if finding.fix is not None and finding.name == name:
            text = applied(decode((root / finding.path).read_bytes()), finding.fix.edits)
            after = asked(root, options, {finding.path: text})
            gone = Counter({(finding.path, finding.code): 1})
            if counted(after) - (counted(outcome) - gone):
                wrong.append(f"{finding.path}:{finding.span.line}: {dict(counted(after) - counted(outcome))}")
    return wrong


@pytest.mark.parametrize("document", TRIED, ids=lambda document: document.path.stem)
def test_every_fix_of_the_cases_holds_by_itself(document: Document, tmp_path: Path) -> None:
    wrong = []
    for number, case in enumerate(document.cases):
        case.write(tmp_path / str(number))
        found = wrong_fixes(tmp_path / str(number), case.options, document.name)
        wrong += [f"{case.title}: {each}" for each in found]
    assert wrong == []


@pytest.mark.parametrize("case", FIXED, ids=lambda case: case.id)
def test_what_was_fixed_has_less_findings_and_is_fixed_no_more(case: Case, tmp_path: Path) -> None:
    case.write(tmp_path)
    before = asked(tmp_path, case.options, {})
    done = fixed(tmp_path, case.options)
    after = asked(tmp_path, case.options, {each.path: each.after for each in done.files})
    gone = Counter((each.path, each.code) for each in done.fixed)
    left = counted(before) - gone
    assert not counted(after) - left
    assert {path for path, _ in left - counted(after)} <= {each.path for each in done.files}
    for each in done.files:
        assert not comments(each.before, handled=False) - comments(each.after)
        (tmp_path / each.path).write_bytes(each.data)
    again = fixed(tmp_path, case.options)
    assert (again.files, again.fixed, again.refused) == ((), (), ())


@pytest.mark.parametrize(
    ("case", "written"), thinned(PAIRS, 5), ids=lambda each: each if isinstance(each, str) else each.id
)
def test_how_a_file_is_written_is_kept(case: Case, written: str, tmp_path: Path) -> None:
    assert case.fixed is not None
    write = WRITTEN[written]
    for path, text in case.files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(write(text) if path.endswith(".py") else text.encode())
    done = fixed(tmp_path, case.options, lambda finding: finding.code == case.document.name[:6])
    assert {each.path: each.data for each in done.files} == {p: write(t) for p, t in case.fixed.items()}


@pytest.mark.parametrize("case", thinned(FIXED, 5), ids=lambda case: case.id)
def test_comments_stay_and_change_nothing(case: Case, tmp_path: Path) -> None:
    case.write(tmp_path)
    number = len(fixed(tmp_path, case.options).fixed)
    for path, text in case.files.items():
        if path.endswith(".py"):
            (tmp_path / path).write_text(commented(text), encoding="utf-8")
    done = fixed(tmp_path, case.options)
    assert (len(done.fixed), done.refused) == (number, ())
    for each in done.files:
        assert not comments(each.before, handled=False) - comments(each.after)
        assert not re.search(r"# line (\d+)\n(?s:.*)# line \1\n", each.after)


def test_the_evasion_program_is_left_as_it_is() -> None:
    done = fixed(PROGRAM, {})
    assert (done.files, done.refused) == ((), ())
