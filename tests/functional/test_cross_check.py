"""The cross-check as users run it: pytest in processes of their own, on the runtime, an example and small programs."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.cross_check import HERE, RUNNER, SERVICES, TEST, checked, program

WHOLE = "1 of 1 path walked, by 1 different stack"
BARCODE = """
from documents.app import build_analysis, build_registry

def test_barcode():
    result, envelope = build_analysis(build_registry()).analyze("barcode", b"page", "image/png")
    assert result == {"mime_type": "image/png", "count": 0}
"""


def executed(body: str, top: str = "") -> dict[str, str]:
    """The services with another ``PluginManagementService.execute`` behind ``top``."""
    text = SERVICES.replace("class PluginManagementService", f"{top}\n\nclass PluginManagementService")
    begin, end = text.index("    def execute"), text.index("\nclass JobManagementService")
    return {"app/services.py": f"{text[:begin]}{body}\n{text[end:]}"}


def test_the_tests_of_the_runtime_walk_the_ways_that_paths_lists() -> None:
    told = checked(HERE, "-p", "pytest_asyncio.plugin", "tests/phase_12/test_paths.py", status=0)
    assert re.search(r"\d+ passed", told)
    assert "1 of 2 paths walked, by 2 different stacks" in told  # from the route down into a worker process
    (unwalked,) = re.findall(r"not walked: (\S+) ", told)
    assert (
        unwalked == "reference_runtime.__main__"
    )  # the tests of the service start it in a process of its own


CARRIED = """
import multiprocessing
import pickle
import time

def carry(function, page):
    context = multiprocessing.get_context(METHOD)
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, pickle.dumps(function), page))
    process.start()
    try:
        return ours.recv()
    finally:
        process.kill()
        process.join()

def _serve(channel, function, page):
    channel.send(_answer(function, page))
    time.sleep(60)

def _answer(function, page):
    return pickle.loads(function)(page)
"""
USED_ELSEWHERE = "from app.carry import carry\n\ndef size(page):\n    return carry(len, page)\n"


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_a_stack_goes_on_beyond_the_start_of_a_process_which_may_be_killed(
    method: str, tmp_path: Path
) -> None:
    runner = RUNNER.replace("return plugin.run(page)", "return carry(plugin.run, page)")
    changed = {
        "app/carry.py": CARRIED.replace("METHOD", repr(method)),
        "app/other.py": USED_ELSEWHERE,
        "app/runner.py": f"from app.carry import carry\n{runner}",
    }
    assert WHOLE in checked(program(tmp_path, changed), status=0)


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_a_process_that_runs_a_plugin_itself_has_an_edge_that_no_way_has(method: str, tmp_path: Path) -> None:
    sneak = (
        "import importlib\nimport multiprocessing\n\ndef sneak(words):\n"
        "    made = getattr(importlib.import_module(words[0]), words[1])()\n"
        "    getattr(made, words[2])(b'')\n"
    )
    body = (
        "    def execute(self, name, page):\n"
        f"        context = multiprocessing.get_context({method!r})\n"
        "        words = 'app.plugins Ocr run'.split()\n"
        "        process = context.Process(target=sneak, args=(words,))\n"
        "        process.start()\n        process.join()\n        return self.runner.run(name, page)\n"
    )
    told = checked(program(tmp_path, executed(body, sneak)), status=1)
    assert "`sneak` calls `Ocr.run`" in told
    assert "AnalysisService.analyze" in told  # the chain goes on to who has started the process
    assert "in tests/test_app.py::test_analyze" in told


def test_what_a_process_is_given_is_no_run_of_the_choke_point(tmp_path: Path) -> None:
    """It is handed a bound method past the choke point, and no function further out has that edge."""
    body = (
        "    def execute(self, name, page):\n"
        "        made = getattr(importlib.import_module('app.' + 'plugins'), 'Ocr')()\n"
        "        carry(getattr(made, 'r' + 'un'), page)\n        return self.runner.run(name, page)\n"
    )
    changed = executed(body, "import importlib\nfrom app.carry import carry\n")
    changed |= {"app/carry.py": CARRIED.replace("METHOD", "'forkserver'"), "app/other.py": USED_ELSEWHERE}
    assert "cross-check of the paths: FAILED" in checked(program(tmp_path, changed), status=1)


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    """A copy of the governed example with a test."""
    shutil.copytree(HERE / "examples" / "governed", tmp_path, dirs_exist_ok=True)
    (tmp_path / "conftest.py").write_text("")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_documents.py").write_text(BARCODE)
    return tmp_path


def test_the_governed_example_passes_and_its_unwalked_ways_are_listed(documents: Path) -> None:
    told = checked(documents, status=0)
    assert "0 of 2 paths walked, by 1 different stack" in told
    unwalked = [line for line in told.splitlines() if line.startswith("not walked: ")]
    assert len(unwalked) == 2
    assert unwalked[0].startswith(
        "not walked: analyze > AnalysisService.analyze > JobManagementService.submit > "
    )
    assert unwalked[1] == "not walked: Agent.observe > ToolExecutor.run > tool.invoke"


def test_it_is_off_unless_asked_for(documents: Path) -> None:
    assert "cross-check" not in checked(documents, status=0, plugin=False)


@pytest.mark.parametrize(
    ("bypass", "call", "edge"),
    [
        pytest.param(
            "import importlib\n\ndef bypass(words):\n"
            "    thing = getattr(importlib.import_module(words[0]), words[1])()\n"
            "    return words[2](thing)(b'', 'x')\n",
            "bypass(('documents.plugins', 'BarcodePlugin', __import__('operator').attrgetter('run')))",
            "documents/side.py:5: `bypass` calls `BarcodePlugin.run`",
            id="a class and its method from data",
        ),
        pytest.param(
            "def bypass(verb):\n    space = {}\n"
            "    exec('from documents.plugins import BarcodePlugin as B\\n'\n"
            "         'out = B().' + verb + '(b\"\", \"x\")', space)\n"
            "    return space['out']\n",
            "bypass('run')",
            "documents/side.py:3: `bypass` calls `BarcodePlugin.run`",
            id="exec of a composed text",
        ),
        pytest.param(
            "import functools\nfrom documents import tool_runner\n\ndef bypass(table):\n"
            "    for owner, name in table:\n"
            "        cls = vars(tool_runner)[owner]\n"
            "        setattr(cls, name, traced(vars(cls)[name]))\n\n"
            "def traced(function):\n    @functools.wraps(function)\n    def around(*arguments):\n"
            "        return function(*arguments)\n    return around\n",
            "bypass([('ToolRunner', 'run')])",
            "documents/side.py:12: `traced.around` calls `ToolRunner.run`",
            id="an attribute replaced as data says",
        ),
    ],
)
def test_a_bypass_that_no_analysis_can_see_fails_and_is_named(
    documents: Path, bypass: str, call: str, edge: str
) -> None:
    (documents / "documents" / "side.py").write_text(bypass)
    test = (
        BARCODE
        + f"\ndef test_bypass():\n    from documents.side import bypass\n    {call}\n    test_barcode()\n"
    )
    (documents / "tests" / "test_documents.py").write_text(test)
    told = checked(documents, status=1)
    assert "2 passed" in told
    assert "cross-check of the paths: FAILED" in told
    assert f"{edge}, and no path of `paths` has that edge" in told
    assert "in tests/test_documents.py::test_bypass" in told


CASES = {
    "plain": {},
    "a helper that is given a function": executed(
        "    def execute(self, name, page):\n        return retry(lambda: self.runner.run(name, page))\n",
        "def retry(function):\n    return function()\n",
    ),
    "a decorator": executed(
        "    @timed\n    def execute(self, name, page):\n        return self.runner.run(name, page)\n",
        "import functools\n\ndef timed(function):\n    @functools.wraps(function)\n    def inner(*arguments):\n"
        "        return function(*arguments)\n    return inner\n",
    ),
    "a decorator with arguments that is a class": executed(
        "    @Timed\n    def execute(self, name, page):\n        return self.runner.run(name, page)\n",
        "class Timed:\n    def __init__(self, function):\n        self.function = function\n\n"
        "    def __get__(self, owner, kind):\n        return lambda *arguments: self.function(owner, *arguments)\n",
    ),
    "comprehensions": executed(
        "    def execute(self, name, page):\n"
        "        return all([self.runner.run(each, page) for each in [name]]) and (\n"
        "            all(self.runner.run(each, page) for each in [name])\n        )\n"
    ),
    "a generator that another function reads": executed(
        "    def execute(self, name, page):\n        return first(self.each(name, page))\n\n"
        "    def each(self, name, page):\n        yield self.runner.run(name, page)\n",
        "def first(items):\n    for item in items:\n        return item\n",
    ),
    "a context manager": executed(
        "    def execute(self, name, page):\n        with self.opened(name, page) as result:\n"
        "            return result\n\n    @contextlib.contextmanager\n    def opened(self, name, page):\n"
        "        yield self.runner.run(name, page)\n",
        "import contextlib\n",
    ),
    "a partial and a callable object": executed(
        "    def execute(self, name, page):\n        job = functools.partial(Job(self.runner), name)\n"
        "        return job(page)\n",
        "import functools\n\nclass Job:\n    def __init__(self, runner: ToolRunner):\n        self.runner = runner\n\n"
        "    def __call__(self, name, page):\n        return self.runner.run(name, page)\n",
    ),
    "recursion": executed(
        "    def execute(self, name, page, again=2):\n        if again:\n"
        "            return self.execute(name, page, again - 1)\n        return self.runner.run(name, page)\n"
    ),
    "two lambdas on a line": executed(
        "    def execute(self, name, page):\n"
        "        return (lambda: 1)() and (lambda: self.runner.run(name, page))()\n"
    ),
    "a thread": executed(
        "    def execute(self, name, page):\n        done = []\n"
        "        thread = threading.Thread(target=self.work, args=(name, page, done))\n"
        "        thread.start()\n        thread.join()\n        return done\n\n"
        "    def work(self, name, page, done):\n        done.append(self.runner.run(name, page))\n",
        "import threading\n",
    ),
    "a pool": executed(
        "    def execute(self, name, page):\n        with ThreadPoolExecutor() as pool:\n"
        "            return pool.submit(self.runner.run, name, page).result()\n",
        "from concurrent.futures import ThreadPoolExecutor\n",
    ),
    "tasks": executed(
        "    def execute(self, name, page):\n        return asyncio.run(self.all(name, page))\n\n"
        "    async def all(self, name, page):\n"
        "        await asyncio.gather(self.one(name, page))\n"
        "        await asyncio.create_task(self.one(name, page))\n"
        "        await asyncio.wait_for(self.one(name, page), 5)\n"
        "        return await shielded(self.one(name, page))\n\n"
        "    async def one(self, name, page):\n        await asyncio.sleep(0)\n"
        "        return await asyncio.to_thread(self.runner.run, name, page)\n",
        "import asyncio\n\nasync def shielded(work):\n    return await work\n",
    ),
}


@pytest.mark.parametrize("title", CASES)
def test_what_runs_is_what_paths_lists(title: str, tmp_path: Path) -> None:
    told = checked(program(tmp_path, CASES[title]), status=0)
    assert " path walked" in told or " paths walked" in told
    assert "not walked" not in told
    assert "walked only" not in told


ASYNC = {
    "app/base.py": "class Plugin:\n    async def run(self, page):\n        return {}\n",
    "app/plugins.py": (
        "import asyncio\nfrom app.base import Plugin\n\n\nclass Ocr(Plugin):\n    async def run(self, page):\n"
        "        await asyncio.sleep(0)\n        return {'page': page}\n"
    ),
    "app/runner.py": (
        "from app.base import Plugin\n\nclass ToolRunner:\n    def __init__(self, plugins: dict[str, Plugin]):\n"
        "        self.plugins = plugins\n\n    async def run(self, name, page):\n"
        "        return await self.plugins[name].run(page)\n"
    ),
    "app/api.py": (
        "from fastapi import APIRouter\nfrom app.services import service\nrouter = APIRouter()\n\n"
        "@router.post('/v1')\nasync def analyze(name: str):\n"
        "    return {'pair': await service.analyze(name, b'')}\n"
    ),
}
AWAITED = (
    "import asyncio\nfrom app.api import analyze\n\ndef test_analyze():\n    asyncio.run(analyze('ocr'))\n"
)


def test_coroutines_that_await_one_another_are_one_stack(tmp_path: Path) -> None:
    """The services give the coroutine on without awaiting it, so they are over when it runs."""
    assert WHOLE in checked(program(tmp_path, ASYNC, AWAITED), status=0)


@pytest.mark.parametrize(
    ("side", "edge"),
    [
        pytest.param(
            "async def bypass(table):\n    return await vars(table[0])[table[1]]['ocr'].run(b'')\n",
            "app/side.py:2: `bypass` calls `Ocr.run`",
            id="awaited",
        ),
        pytest.param(
            "import asyncio\n\nasync def bypass(table):\n"
            "    return await asyncio.create_task(vars(table[0])[table[1]]['ocr'].run(b''))\n",
            "app/side.py:4: `bypass` calls `Ocr.run`",
            id="as a task",
        ),
        pytest.param(
            "import asyncio, threading\n\nasync def bypass(table):\n    loop = asyncio.get_running_loop()\n"
            "    def work():\n        made = vars(table[0])[table[1]]['ocr'].run(b'')\n"
            "        asyncio.run_coroutine_threadsafe(made, loop).result()\n"
            "    await asyncio.to_thread(work)\n",
            "app/side.py:7: `bypass.work` calls `Ocr.run`",
            id="sent to the loop from a thread",
        ),
    ],
)
def test_a_bypass_by_coroutines_fails(tmp_path: Path, side: str, edge: str) -> None:
    test = (
        "import asyncio\nfrom app.services import runner\nfrom app.side import bypass\n\n"
        "def test_bypass():\n    asyncio.run(bypass((runner, 'plugins')))\n"
    )
    told = checked(program(tmp_path, ASYNC | {"app/side.py": side}, test), status=1)
    assert f"{edge}, and no path" in told


@pytest.mark.parametrize(
    ("side", "said"),
    [
        pytest.param(
            "import threading\n\ndef bypass(table):\n"
            "    thread = threading.Thread(target=vars(table[0])[table[1]]['ocr'].run, args=(b'',))\n"
            "    thread.start()\n    thread.join()\n",
            "app/side.py:5: `bypass` calls `Ocr.run`",
            id="thread",
        ),
        pytest.param(
            "from concurrent.futures import ThreadPoolExecutor\n\ndef bypass(table):\n"
            "    with ThreadPoolExecutor() as pool:\n"
            "        pool.submit(vars(table[0])[table[1]]['ocr'].run, b'').result()\n",
            "app/side.py:5: `bypass` calls `Ocr.run`",
            id="pool",
        ),
        pytest.param(
            "import queue, sched, threading\n\ndef bypass(table):\n    later = sched.scheduler()\n"
            "    later.enter(0, 0, vars(table[0])[table[1]]['ocr'].run, (b'',))\n"
            "    thread = threading.Thread(target=later.run)\n    thread.start()\n    thread.join()\n",
            "a stack begins at `Ocr.run`, where no path of `paths` begins",
            id="a scheduler in a thread",
        ),
    ],
)
def test_a_bypass_through_a_thread_fails(tmp_path: Path, side: str, said: str) -> None:
    test = (
        "from app.services import runner\nfrom app.side import bypass\n\n"
        "def test_bypass():\n    bypass((runner, 'plugins'))\n"
    )
    assert said in checked(program(tmp_path, {"app/side.py": side}, test), status=1)


def test_a_test_may_begin_in_the_middle_and_with_a_plugin_of_its_own(tmp_path: Path) -> None:
    test = (
        "import threading\nfrom app.base import Plugin\nfrom app.plugins import Ocr\n"
        "from app.runner import ToolRunner\nfrom app.services import service\n\n\n"
        "class Fake(Plugin):\n    def run(self, page):\n        return super().run(page)\n\n\n"
        "def test_plugin():\n    assert Ocr().run(b'')\n\n\n"
        "def test_runner():\n    assert ToolRunner({'fake': Fake()}).run('fake', b'') == {}\n\n\n"
        "def test_thread():\n    thread = threading.Thread(target=service.analyze, args=('ocr', b''))\n"
        "    thread.start()\n    thread.join()\n"
    )
    told = checked(program(tmp_path, {}, test), status=0)
    assert "0 of 1 path walked, by 3 different stacks" in told
    assert "not walked: analyze > AnalysisService.analyze > " in told


@pytest.mark.thorough
def test_the_workers_of_xdist_are_judged_together(tmp_path: Path) -> None:
    side = "def bypass(table):\n    return vars(table[0])[table[1]]['ocr'].run(b'')\n"
    test = TEST + (
        "\n\ndef test_bypass():\n    from app.services import runner\n    from app.side import bypass\n"
        "    bypass((runner, 'plugins'))\n"
    )
    root = program(tmp_path, {"app/side.py": side}, test)
    told = checked(root, "-n", "2", status=1)
    assert told.count("cross-check of the paths") == 1
    assert "1 of 1 path walked, by 2 different stacks" in told
    assert "app/side.py:2: `bypass` calls `Ocr.run`, and no path" in told
    assert "in tests/test_app.py::test_bypass" in told
    assert WHOLE in checked(root, "-n", "2", "-k", "analyze", status=0)


def test_a_worker_that_dies_is_told(tmp_path: Path) -> None:
    test = TEST + "\n\ndef test_death():\n    import os\n    os._exit(3)\n"
    told = checked(program(tmp_path, {}, test), "-n", "1", "--max-worker-restart", "0", status=1)
    assert "the worker gw0 ended without reporting what it recorded" in told


def test_without_a_run_it_says_so(tmp_path: Path) -> None:
    told = checked(program(tmp_path, {}, "def test_nothing():\n    pass\n"), status=0)
    assert "no plugin was run" in told
    assert "0 of 1 path walked, by 0 different stacks" in told
    assert "cross-check" not in checked(tmp_path, "--collect-only", status=0)


def test_a_failing_test_stays_the_reason(tmp_path: Path) -> None:
    told = checked(program(tmp_path, {}, TEST + "    assert False\n"), status=1)
    assert "1 failed" in told
    assert "FAILED ===" not in told.replace("FAILED tests", "")


def test_ways_that_are_not_proved_are_told(tmp_path: Path) -> None:
    side = "from app.plugins import Ocr\n\ndef shortcut():\n    return Ocr().run(b'')\n"
    test = "from app.side import shortcut\n\ndef test_shortcut():\n    assert shortcut()\n"
    root = program(tmp_path, {"app/side.py": side, "app/broken.py": "def (:\n    runner.run()\n"}, test)
    told = checked(root, status=0)
    assert "1 path of `paths` UNRESOLVED: app/broken.py cannot be parsed" in told
    assert "1 path of `paths` VIOLATED: `Ocr().run` runs a plugin outside `ToolRunner`" in told
    assert "1 of 2 paths walked" in told


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--phase12-root", "nowhere"], "ERROR: --phase12-root: no such folder: nowhere"),
        (["--phase12-config", "other.cfg"], "ERROR: phase12-lint: "),
        ([], "ERROR: phase12-lint: setup.cfg:2: unknown key 'layer'"),
    ],
)
def test_a_wrong_set_up_is_a_usage_error_in_one_line(tmp_path: Path, options: list[str], said: str) -> None:
    files = {"setup.cfg": "[phase12-lint]\nlayer = A\n"} if not options else {}
    told = checked(program(tmp_path, files), *options, status=4)
    assert told.strip().startswith(said)
    assert "\n" not in told.strip()


def test_the_project_may_be_another_folder_with_another_policy(tmp_path: Path) -> None:
    root = program(tmp_path / "inner", {"policy.cfg": "[phase12-lint]\nplugin-methods = scan\n"})
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    told = checked(tmp_path, "--phase12-root", "inner", "inner/tests", status=0)
    assert WHOLE in told
    options = ("--phase12-config", str(root / "policy.cfg"), "--phase12-root", str(root), "inner/tests")
    assert "no plugin was run" in checked(tmp_path, *options, status=0)
