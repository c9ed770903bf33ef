"""The same answer is given cold and warm, serially and in parallel, screened or not, after edits and back."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from phase12_lint import cache
from phase12_lint.config import load
from phase12_lint.engine import Request, run
from tests.laws import hosts
from tests.laws.programs import PROGRAMS, command, lay
from tests.thinning import thinned

BASES = ("", "class Plugin:\n    def run(self, page): ...\n", "class Plugin:\n    pass\n", "def broken(:\n")
PLUGINS = (
    "from app.base import Plugin\n\n\nclass Ocr(Plugin):\n    def run(self, page):\n        return page\n",
    "class Ocr:\n    def run(self, page):\n        return page\n",
    "from app import base\n\n\nclass Ocr(base.Plugin):\n    def run(self, page):\n        return page\n",
)
MAKERS = (
    "from app.plugins import Ocr\n\n\ndef make():\n    return Ocr()\n",
    "def make():\n    return open('x')\n",
    "import subprocess\n\n\ndef make():\n    return subprocess\n",
)
USERS = (
    "from app.makers import make\n\n\ndef work():\n    return make().run(1)\n",
    "from app.makers import make\n\n\ndef work(step=None):\n"
    "    step = step or make()\n    return step.run(1)  # noqa: GOV101\n",
    "def work(step):\n    return step.run(1)\n",
    "def work(plugin):\n    return plugin.run(1)\n",
)
CALLERS = (
    "from app.users import work\nfrom app.plugins import Ocr\n\nwork(Ocr())\n",
    "from app.users import work\n\nwork(4)\n",
    "from app import users, plugins\n\n\n"
    "class ToolRunner:\n    def run(self):\n        return users.work(plugins.Ocr())\n",
)
FILES = {"base": BASES, "plugins": PLUGINS, "makers": MAKERS, "users": USERS, "callers": CALLERS}
EDITS = [(f"app/{name}.py", text) for name, texts in FILES.items() for text in texts]
POLICIES = (
    "",
    "[phase12-lint]\nplugin-bases = Step\n",
    "[phase12-lint]\nplugin-methods = run, make\nplugin-names = step\n",
    "[phase12-lint]\nchoke-point = users:work\n",
    "[phase12-lint]\nexclude = app/callers.py\n",
    "[phase12-lint]\nplugin-sources = make\n",
)
NAMES = st.sampled_from(["app/base.py", "app/users.py", "app/makers.py", "app/others.py", "lib/users.py"])


@contextmanager
def settled() -> Iterator[None]:
    """Trust files from the moment they are written; each step here takes longer than a tick of the clock."""
    before = getattr(cache, "UNSETTLED_NS", 0)
    cache.UNSETTLED_NS = 0
    try:
        yield
    finally:
        cache.UNSETTLED_NS = before


class Edited(RuleBasedStateMachine):
    """A small project, edited and checked in turns, with a cache that has seen all that was before."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.root = Path(self.folder.name)

    @initialize(choices=st.tuples(*(st.sampled_from(texts) for texts in FILES.values())))
    def begin(self, choices: tuple[str, ...]) -> None:
        for name, text in zip(FILES, choices, strict=True):
            self._write(f"app/{name}.py", text)

    @rule(edit=st.sampled_from(EDITS))
    def edit(self, edit: tuple[str, str]) -> None:
        self._write(*edit)

    @rule(name=NAMES, lines=st.integers(1, 3))
    def move_lines(self, name: str, lines: int) -> None:
        path = self.root / name
        if path.exists():
            self._write(name, "# a line above\n" * lines + path.read_text())

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        (self.root / name).unlink(missing_ok=True)

    @rule(name=NAMES, to=NAMES)
    def rename(self, name: str, to: str) -> None:
        (self.root / to).parent.mkdir(exist_ok=True)
        if (self.root / name).exists():
            (self.root / name).rename(self.root / to)

    @rule(policy=st.sampled_from(POLICIES))
    def change_the_policy(self, policy: str) -> None:
        self._write("setup.cfg", policy)

    @rule(name=NAMES)
    def touch(self, name: str) -> None:
        if (self.root / name).exists():
            os.utime(self.root / name)

    @rule()
    def ask_for_paths(self) -> None:
        command(self.root, "paths")

    @invariant()
    def the_answer_is_that_of_a_cold_run(self) -> None:
        with settled():
            warm = self._checked()
            again = self._checked()
        assert warm == self._checked("--no-cache")
        assert again == warm

    def _checked(self, *options: str) -> object:
        answer, errors = command(self.root, "check", "--show-suppressed", *options)
        del answer["summary"]["elapsed_s"]
        return answer, errors

    def _write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(exist_ok=True)
        aside = path.with_suffix(".part")
        aside.write_text(text)
        aside.replace(path)

    def teardown(self) -> None:
        self.folder.cleanup()


TestEdited = Edited.TestCase
TestEdited.settings = settings(max_examples=8, stateful_step_count=12, deadline=None)


BESIDE = [(program, host) for program in PROGRAMS for host in (hosts.namesakes, None)]


@pytest.mark.parametrize(("program", "host"), thinned(BESIDE, 2), ids=lambda each: getattr(each, "name", ""))
def test_neither_the_screen_nor_processes_matter(
    tmp_path: Path, program: Path, host: hosts.Host | None
) -> None:
    lay(program, tmp_path)
    if host is not None:
        host(program, tmp_path / "host")
    request = Request(tmp_path, load(tmp_path).policies, cache=False)
    expected = run(request)
    for other in (request._replace(screen=False), request._replace(jobs=2)):
        found = run(other)
        assert found.findings == expected.findings
        assert found.suppressed == expected.suppressed
        assert found.incomplete == expected.incomplete
