"""What was concluded is kept with all that it was made from: an edit of a file that had no part in it redoes nothing,
and one that takes a part in it is noticed, absences included.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from phase12_lint.config import load
from phase12_lint.engine import Outcome, Request, run
from phase12_lint.index import programs
from tests.laws.programs import GOVERNED, lay
from tests.laws.test_same_answer import settled
from tests.thinning import thinned

APART = "def mean(values):\n    return sum(values) / len(values)\n"
WITHOUT_A_PART = [
    APART,
    "",
    "import math\n\n\nclass Mean:\n    @staticmethod\n    def weigh(values):\n        return math.fsum(values)\n",
    "def mean(values):  # of all that is given\n    return sum(values) / len(values)\n",
    "def mean(values):\n    '''The mean of all that is given.'''\n    return sum(values) / len(values)\n",
    "Größe = 3\n\n\ndef größe(werte):\n    return Größe * len(werte)\n",
]
WITH_A_PART = [
    "def broken(:\n",
    "import governed_thing\n",
    "def check(plugin):\n    return plugin.run(1)\n",
    "def check(tool_runner):\n    return tool_runner.plugin.run(1)\n",
    "def check(step):\n    return step.run(1)\n",
    "def check(step, name):\n    return getattr(step, name)(1)\n",
    "def check(step):\n    return getattr(step, 'run')(1)\n",
    "def check(step):\n    return getattr(step, 'ｒun')(1)\n",
    "def check(step):\n    return step.ｒun(1)\n",
    "from {module} import *\n\n\ndef check(step: {cls}):\n    return step.run(1)\n",
    "from {module} import {cls}\n\n\nclass Other({cls}):\n    def run(self):\n        pass\n\n\nOther().run()\n",
    "from {module} import {cls} as Step\n\n\ndef check(step: Step):\n    return step.run(1)\n",
    "import {module} as made\n\nmade.{cls}.run = lambda *given: 1\n",
    "import {module} as made\n\nsetattr(made.{cls}, 'run', print)\n",
    "import {module}\n\n\ndef check():\n    return {module}.{cls}().run(1)\n",
    "class {cls}:\n    def run(self, *given):\n        return 1\n",
    "from unittest import mock\n\nmock.patch('{module}.{cls}.run').start()\n",
    "import importlib\n\nmade = importlib.import_module('{module}')\nmade.{cls}().run(1)\n",
]
GUESSED = {
    "lib/__init__.py": "",
    "lib/made.py": "class Step:\n    def run(self, *given):\n        return 1\n",
    "lib/use.py": "from lib.made import Step\n\n\ndef work(plugin, count=3):\n    return plugin.run(count)\n",
}


def governed(root: Path) -> tuple[str, str]:
    """A program with a choke point; a file that has no part in it, and the class of a plugin with its module."""
    lay(GOVERNED, root)
    return "documents/apart.py", "documents.plugins.ocr:OcrPlugin"


def guessed(root: Path) -> tuple[str, str]:
    """The same of a program in which a name alone tells that a plugin is run."""
    (root / "lib").mkdir()
    for path, text in GUESSED.items():
        (root / path).write_text(text)
    return "lib/apart.py", "lib.made:Step"


def judged(root: Path, cache: bool) -> Outcome:
    settings = load(root)
    with settled():
        return run(Request(root, settings.policies, settings.exclude, cache=cache))


@pytest.fixture(params=[programs.LARGE, 0], ids=["small", "large"])
def size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The programs are judged whole, or as those that are too large for that."""
    monkeypatch.setattr(programs, "LARGE", request.param)


PAIRS = [
    (programs.LARGE, governed),
    (programs.LARGE, guessed),
    (0, guessed),
    (0, governed),
]


@pytest.mark.usefixtures("size")
@pytest.mark.parametrize(("size", "program"), thinned(PAIRS, 2), indirect=["size"])
def test_an_edit_matters_if_it_has_a_part_in_what_was_concluded(
    tmp_path: Path, program: Callable[[Path], tuple[str, str]]
) -> None:
    path, cls = program(tmp_path)
    module, _, name = cls.partition(":")
    apart = tmp_path / path
    between = itertools.chain.from_iterable((text, APART) for text in WITH_A_PART)
    for text in (*WITHOUT_A_PART, *between, *WITHOUT_A_PART):
        written = text.replace("{module}", module).replace("{cls}", name)
        apart.write_text(written)
        warm = judged(tmp_path, cache=True)
        assert warm._replace(timings=()) == judged(tmp_path, cache=False)._replace(timings=()), written


@pytest.mark.usefixtures("size")
@pytest.mark.parametrize("program", [governed, guessed])
@pytest.mark.parametrize("text", WITHOUT_A_PART)
def test_an_edit_without_a_part_in_it_makes_no_tree(
    tmp_path: Path, parsed: list[str], program: Callable[[Path], tuple[str, str]], text: str
) -> None:
    path, _ = program(tmp_path)
    (tmp_path / path).write_text(APART)
    judged(tmp_path, cache=True)
    assert parsed, "nothing is counted: has Module moved?"
    parsed.clear()
    (tmp_path / path).write_text(text)
    judged(tmp_path, cache=True)
    assert parsed == []


def test_a_file_that_was_looked_into_is_looked_into_again(tmp_path: Path, parsed: list[str]) -> None:
    governed(tmp_path)
    judged(tmp_path, cache=True)
    parsed.clear()
    edited = tmp_path / "documents" / "tool_runner.py"
    edited.write_text(edited.read_text() + "\n# a remark\n")
    judged(tmp_path, cache=True)
    assert "documents/tool_runner.py" in parsed
