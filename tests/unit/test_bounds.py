"""Where the work on a question is bounded, what stands nearby still counts, and the bound is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from phase12_lint.calls import paths
from phase12_lint.engine import Outcome, Request, run
from phase12_lint.policy import Policy
from phase12_lint.proofs import prove
from phase12_lint.values import solver

CODE = """
import inspect


class Plugin:
    def run(self): ...

    def again(self):
        return inspect.signature(self.run)


def named(plugin):
    other = plugin
    return other, plugin.run()


def typed(step: Plugin):
    return step.run()


def innocent(engine):
    return engine.run()
"""


def _check(root: Path) -> Outcome:
    return run(Request(root, (Policy(),), cache=False))


def _told(outcome: Outcome) -> list[tuple[int, str, str]]:
    return [(f.span.line, f.code, f.confidence.label) for f in outcome.findings]


@pytest.mark.parametrize("budget", [1, 2, 4_000])
def test_what_is_nearby_is_found_on_any_budget(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, budget: int
) -> None:
    (tmp_path / "work.py").write_text(CODE)
    monkeypatch.setattr(solver, "_MOST_STEPS", budget)
    monkeypatch.setattr(solver, "_WIDER", 0)
    outcome = _check(tmp_path)
    assert _told(outcome) == [
        (14, "GOV101", "named"),
        (18, "GOV101", "certain"),
    ]
    assert bool(outcome.incomplete) == (budget < 3)


NESTED = """
class Plugin:
    def run(self, payload): ...


class Collection:
    def __init__(self, default):
        self.default = default
        self.tasks = {}
        self.collections = {}

    def add(self, name, task):
        self.tasks[name] = task

    def nest(self, name, other):
        self.collections[name] = other

    def __getitem__(self, name=None):
        return self.with_settings(name)[0]

    def with_settings(self, name):
        if not name:
            return self[self.default], {}
        if "." in name:
            return self._nested(*name.split(".", 1))
        if name in self.collections:
            return self._nested(name, "")
        return self.tasks[name], {}

    def _nested(self, name, rest):
        task, settings = self.collections[name].with_settings(rest)
        return task, dict(settings)

    def __contains__(self, name):
        try:
            self[name]
            return True
        except KeyError:
            return False


def nightly(step: Plugin, payload):
    whole, part = Collection("ocr"), Collection("ocr")
    part.add("ocr", step)
    whole.nest("docs", part)
    whole["docs.ocr"].run(payload)
"""


def test_calls_whose_arguments_are_written_in_ever_deeper_calls_come_to_an_end(tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text(NESTED)
    outcome = _check(tmp_path)
    assert _told(outcome) == [(46, "GOV101", "inferred")]
    assert outcome.incomplete == ()


SLOW_EXPRESSIONS = """
import re


class Plugin:
    def run(self, payload): ...


def called(step: Plugin, payload, name="{text}!"):
    if re.fullmatch(r"(a+)+", name) or re.fullmatch(r"a*a*a*a*a*a*a*b", name):
        return getattr(step, name)(payload)
    return getattr(step, "run")(payload)
"""


def test_an_expression_of_the_code_that_takes_forever_is_not_tried(tmp_path: Path) -> None:
    (tmp_path / "work.py").write_text(SLOW_EXPRESSIONS.format(text="a" * 150))
    assert [(f.span.line, f.code) for f in _check(tmp_path).findings] == [
        (11, "GOV103"),
        (12, "GOV103"),
    ]


MANY = 14
RING = """
class Plugin:
    def run(self, payload): ...


class Ring:
    def __init__(self, held):
        self.held = held
        self.others = []

    def join(self, other):
        self.others.append(other)

    def __iter__(self):
        return self.others[0] if self.others else self

    def __next__(self):
        return self.held


def nightly(step: Plugin, payload):
"""


def test_iterators_that_give_each_other_are_each_asked_once(tmp_path: Path) -> None:
    rings = "".join(f"    ring{i} = Ring(step)\n" for i in range(MANY))
    joined = "".join(f"    ring{i}.join(ring{j})\n" for i in range(MANY) for j in range(MANY) if i != j)
    (tmp_path / "work.py").write_text(
        RING + rings + joined + "    for each in ring0:\n        each.run(payload)\n"
    )
    outcome = _check(tmp_path)
    last = (RING + rings + joined).count("\n") + 2
    assert _told(outcome) == [(last, "GOV101", "inferred")]
    assert outcome.incomplete == ()


REGISTRY = """
class Plugin:
    def run(self, payload): ...


REGISTRY = {}


def register(cls):
    REGISTRY[cls.name] = cls
    return cls


def use(name, payload):
    return REGISTRY[name]().run(payload)
"""


def test_a_table_of_a_thousand_plugins_is_known(tmp_path: Path) -> None:
    classes = (f"@register\nclass Plugin{i}(Plugin):\n    name = 'plugin-{i}'\n\n\n" for i in range(1_000))
    (tmp_path / "work.py").write_text(REGISTRY + "\n\n" + "".join(classes))
    outcome = _check(tmp_path)
    assert _told(outcome) == [(15, "GOV101", "inferred")]
    assert outcome.incomplete == ()


CHAIN = """
from collections.abc import Callable


class Plugin:
    def run(self): ...


class Engine:
    def run(self): ...


def twice(step: Plugin | Callable):
    return step.run(), step.run()


def neither(step: Engine | Callable):
    return step.run(), step.run()


twice(given_0())
neither(given_0())
"""


def test_what_stays_cut_is_still_known_nearby(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    links = [f"def given_{i}():\n    return given_{i + 1}()\n" for i in range(60)]
    (tmp_path / "work.py").write_text("\n\n".join([CHAIN, *links]))
    monkeypatch.setattr(solver, "_MOST_STEPS", 40)
    outcome = _check(tmp_path)
    assert [(f.span.line, f.span.column, f.code, f.confidence.label) for f in outcome.findings] == [
        (14, 12, "GOV101", "certain"),
        (14, 24, "GOV101", "certain"),
    ]
    assert outcome.incomplete


FILLED = """
from collections import defaultdict

from elsewhere import load


class Plugin:
    def run(self): ...


class Stats:
    def __init__(self):
        self.plugins = defaultdict(dict)

    def load(self, name):
        self.plugins[name] = load(name)

    def work(self, name):
        return self.plugins[name].run()


def empty(name):
    plugins = defaultdict(dict)
    return plugins[name].run()
"""


@pytest.mark.parametrize("budget", [1, 2, 4_000])
def test_what_is_put_into_a_table_elsewhere_is_not_ruled_out_on_any_budget(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, budget: int
) -> None:
    (tmp_path / "work.py").write_text(FILLED)
    monkeypatch.setattr(solver, "_MOST_STEPS", budget)
    found = [(f.span.line, f.code, f.confidence.label) for f in _check(tmp_path).findings]
    assert found == [(19, "GOV101", "named")]


CIRCLES = """
class Plugin:
    def run(self): ...


class ToolRunner:
    def __init__(self, plugin: Plugin):
        self.plugin = plugin

    def run(self):
        return self.plugin.run()


def begin(runner: ToolRunner):
    return around(runner, 3)


def around(runner: ToolRunner, left):
    return back(runner, left - 1) if left else runner.run()


def back(runner: ToolRunner, left):
    return around(runner, left)


def end(runner: ToolRunner):
    return back(runner, 0)
"""


def test_where_the_ways_are_too_many_the_shortest_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "work.py").write_text(CIRCLES)
    monkeypatch.setattr(paths, "_MOST_STEPS", 0)
    proof = prove(Request(tmp_path, (Policy(layers=()),), cache=False))
    assert [(way.verdict, [hop.name for hop in way.hops]) for way in proof.ways] == [
        ("UNRESOLVED", ["begin", "around", "ToolRunner.run", "self.plugin.run"]),
        ("UNRESOLVED", ["end", "back", "around", "ToolRunner.run", "self.plugin.run"]),
    ]
    assert any("were not all followed" in each for each in proof.incomplete)
