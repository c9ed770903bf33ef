"""No bound of the analysis is met in silence: lowered to 1, each changes nothing, or it is said what is incomplete.

Every whole number that a module of the engine names is such a bound, unless ``NOT_BOUNDS`` says what it is.
``check`` says ``phase12-lint: incomplete: ...`` beside its report without being asked, and in its JSON
``summary.incomplete``; ``paths`` says the same line, and proves nothing then.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import pytest

import phase12_lint
from tests.harness import read_document
from tests.laws.programs import EVASIONS, HERE, UNGOVERNED, command, lay
from tests.thinning import thinned

PACKAGE = Path(phase12_lint.__file__).parent
BESIDE_THE_ANALYSIS = ("adopt", "cli", "integrations", "reports", "cache")
TOLD = "phase12-lint: incomplete: "
ASSIGNED_NUMBER = re.compile(r"^\w.*=[^=]*\d", re.MULTILINE)
ENFORCEMENT = "phase12_lint.enforcement."
ENFORCED = ("GOV702-ci-step-missing-selections-and-runners", "GOV703-ci-not-blocking-conditions-and-waiting")
NOT_BOUNDS = {
    "phase12_lint.facts.api_errors._RIGHT": "a status of HTTP",
    "phase12_lint.taint.domain._PAIR": "how many a pair is",
    "phase12_lint.index.parsing._ENOUGH_RECURSION": "the interpreter's, for the parser; met, it is GOV001",
    "phase12_lint.index.syntax_check._WORTH_A_PROCESS": "when a process is started",
    "phase12_lint.taint.domain.LONGEST_WAY": "the domain's: what lies deeper in a container counts as lying there",
    "phase12_lint.values.atoms.MAX_HEIGHT": "the domain's: what is nested deeper is UNKNOWN, the top",
    "phase12_lint.values.atoms.MAX_PARTS": "the domain's: a longer dotted name is UNKNOWN, the top",
    "phase12_lint.values.atoms.MAX_TEXT": "the domain's: a longer text is UNKNOWN, the top",
    "phase12_lint.values.declared_types._FOLLOWED": "the domain's: an annotation nested deeper is UNKNOWN, the top",
    "phase12_lint.values.frames.MAX_HEIGHT": "the domain's: calls that go deeper are one, which may be any",
    "phase12_lint.values.frames.MAX_WEIGHT": "the domain's: calls with a longer story are one, which may be any",
}


class Bound(NamedTuple):
    """A whole number that a module names."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


def bounds() -> Iterator[Bound]:
    """Every bound of the analysis, as the modules' texts name them."""
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts[0] in BESIDE_THE_ANALYSIS:
            continue
        module = ".".join(("phase12_lint", *parts)).removesuffix(".__init__")
        text = path.read_text(encoding="utf-8")
        for name in _numbers(ast.parse(text)) if ASSIGNED_NUMBER.search(text) else ():
            if str(Bound(module, name)) not in NOT_BOUNDS:
                yield Bound(module, name)


def _numbers(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
        if isinstance(value, ast.Constant) and type(value.value) is int and value.value > 1:
            yield from (each.id for each in targets if isinstance(each, ast.Name))


class Answer(NamedTuple):
    findings: Counter[tuple[object, ...]]
    verdicts: Counter[tuple[object, ...]]
    incomplete: list[str] | None
    errors: str
    errors_of_paths: str


def answer(root: Path, with_paths: bool) -> Answer:
    checked, errors = command(root, "check", "--no-cache", "--extend-select", "GOV7")
    proved, errors_of_paths = command(root, "paths") if with_paths else ({"paths": []}, "")
    findings = (
        tuple(finding[key] for key in ("path", "line", "column", "code", "confidence"))
        for finding in checked["findings"]
    )
    ways = ((way["verdict"], *((hop["path"], hop["line"]) for hop in way["hops"])) for way in proved["paths"])
    incomplete = checked["summary"].get("incomplete")
    return Answer(Counter(findings), Counter(ways), incomplete, errors, errors_of_paths)


Programs = tuple[tuple[Path, bool, Answer], ...]


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Programs:
    """The programs; whether their paths are asked for; and what is said of each by the engine as it is."""
    root = tmp_path_factory.mktemp("programs")
    (root / "deep").mkdir()
    (root / "deep" / "deep.py").write_text(DEEP)
    lay(UNGOVERNED, root / "ungoverned")
    asked = [(root / "deep", True), (root / "ungoverned", True)]
    return tuple((folder, paths, answer(folder, paths)) for folder, paths in asked)


@pytest.fixture(scope="module")
def evasions(tmp_path_factory: pytest.TempPathFactory) -> Programs:
    """The program that asks the most: its findings alone, for they take long."""
    root = lay(EVASIONS, tmp_path_factory.mktemp("evasions"))
    return ((root, False, answer(root, False)),)


@pytest.fixture(scope="module")
def enforced(tmp_path_factory: pytest.TempPathFactory) -> Programs:
    """Projects that do all that the rules on the project's own files demand, in many ways."""
    root = tmp_path_factory.mktemp("enforced")
    folders: list[Path] = []
    for page in ENFORCED:
        for case in read_document(HERE / "tests" / "rules" / f"{page}.md").cases:
            if case.title.startswith("Clean: ") and not case.options.keys() & {"ignore"}:
                folders.append(root / str(len(folders)))
                case.write(folders[-1])
    return tuple((folder, False, answer(folder, False)) for folder in folders)


def lower(monkeypatch: pytest.MonkeyPatch, bound: Bound) -> None:
    """Make ``bound`` 1, in its module and in each that imports it."""
    value = getattr(import_module(bound.module), bound.name)
    for module in [each for name, each in sys.modules.items() if name.startswith("phase12_lint")]:
        if getattr(module, bound.name, None) == value:
            monkeypatch.setattr(module, bound.name, 1)


def test_the_programs_are_known_to_the_end(programs: Programs, evasions: Programs) -> None:
    for _, paths, known in programs + evasions:
        assert known.findings
        assert known.incomplete == []  # and it is said
        assert "incomplete" not in known.errors
        assert bool(known.verdicts) is paths


def test_what_is_no_bound_is_still_there() -> None:
    for name in NOT_BOUNDS:
        module, _, number = name.rpartition(".")
        assert hasattr(import_module(module), number)


BOUNDS = list(bounds())
OF_PROGRAMS = [bound for bound in BOUNDS if not bound.module.startswith(ENFORCEMENT)]


@pytest.mark.parametrize("bound", [*OF_PROGRAMS, None], ids=str)
def test_a_bound_that_is_met_is_told(
    monkeypatch: pytest.MonkeyPatch, programs: Programs, bound: Bound | None
) -> None:
    is_told(monkeypatch, bound, programs)


@pytest.mark.parametrize("bound", [each for each in BOUNDS if each not in OF_PROGRAMS], ids=str)
def test_a_bound_of_enforcement_that_is_met_is_told(
    monkeypatch: pytest.MonkeyPatch, enforced: Programs, bound: Bound
) -> None:
    is_told(monkeypatch, bound, enforced)


@pytest.mark.parametrize("bound", thinned([(bound,) for bound in OF_PROGRAMS], 4), ids=str)
def test_a_bound_that_the_evasions_meet_is_told(
    monkeypatch: pytest.MonkeyPatch, evasions: Programs, bound: Bound
) -> None:
    is_told(monkeypatch, bound, evasions)


def is_told(monkeypatch: pytest.MonkeyPatch, bound: Bound | None, asked: Programs) -> None:
    """Fail unless what ``bound``, lowered, changes in the programs is told."""
    if bound is not None:
        lower(monkeypatch, bound)
    silent = []
    for root, paths, full in asked:
        found = answer(root, paths)
        told_by_check = bool(found.incomplete) and TOLD in found.errors
        if found.findings != full.findings and not told_by_check:
            silent.append(
                f"check: lost {full.findings - found.findings}, new {found.findings - full.findings}"
            )
        told_by_paths = TOLD in found.errors_of_paths
        proved = {str(way[1]).split("'")[1].partition("/")[0] for way in found.verdicts if way[0] == "PROVED"}
        if any(f"{folder}/" in found.errors_of_paths for folder in proved):  # one folder, one program
            silent.append("paths: PROVED, and incomplete")
        if found.verdicts != full.verdicts and not told_by_paths:
            silent.append(
                f"paths: lost {full.verdicts - found.verdicts}, new {found.verdicts - full.verdicts}"
            )
    if silent:
        lines = [f"{bound} was lowered to 1, and nothing says so", *(each[:600] for each in silent)]
        pytest.fail("\n".join(lines), pytrace=False)


DEEP = """
class Plugin:
    def run(self, payload): ...


class Ocr(Plugin):
    def run(self, payload):
        return payload


class Faces(Plugin):
    def run(self, payload):
        return payload


class Holder:
    def __init__(self, inner):
        self.inner = inner

    def hand(self):
        return self.inner


def one(thing):
    return thing


def two(thing):
    return one(one(thing))


def four(thing):
    return two(two(thing))


def eight(thing):
    return four(four(thing))


def wrapped(thing):
    return Holder(Holder(Holder(Holder(thing))))


def direct():
    return eight(Ocr()).run(1)


def held():
    return wrapped(Faces()).hand().hand().hand().hand().run(1)


def in_containers():
    return {"a": [({"b": [Ocr()]},)]}["a"][0][0]["b"][0].run(1)


def either(first, second, third):
    step = Ocr() if first else Faces() if second else None
    for _ in range(3):
        step = step or (Ocr() if third else Faces())
    return step.run(1)


def named(name):
    return getattr(eight(Ocr()), "r" + "u" + "n")(1)


def bound(step):
    def inner(call):
        def innermost():
            return call(1)
        return innermost
    return inner(step)()


def start():
    return bound(four(Faces()).run)


def first_of(items):
    for item in items:
        return item


def mixed():
    items = [Ocr(), Faces()]
    items.append(Holder(Ocr()))
    others = [each for each in items if isinstance(each, Plugin)]
    first_of(others).run(1)
    return first_of(list(reversed(sorted(others)))).run(1)


def looked_up(name, table={"ocr": Ocr, "faces": Faces}):
    return table[name]().run(1)
"""
